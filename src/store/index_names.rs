//! By which names an index can be reached: its aliases, and the indices that it is an alias of itself.

use http::{Method, StatusCode};
use serde_json::Value;

use super::index_name::IndexName;
use crate::cluster::reply::Reply;
use crate::cluster::{CallError, Cluster};
use crate::http::caller::Caller;

/// Why it is not known by which names an index can be reached. Not knowing one is not having none.
#[derive(Debug, thiserror::Error)]
pub enum IndexNamesError {
    /// The cluster did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The cluster does not say. Usual cause: the caller lacks the privilege `view_index_metadata` on the index
    /// (OpenSearch: `indices:admin/aliases/get`).
    #[error("the cluster answered {0} when asked for the aliases of the index")]
    Refused(StatusCode),
    /// The answer is none.
    #[error("the cluster's answer with the aliases of the index names no index")]
    Unreadable,
}

/// The names that lead to an index, besides its own: none where there is no such index.
pub async fn index_names(
    cluster: &Cluster,
    index: &IndexName,
    caller: &Caller,
) -> Result<Vec<String>, IndexNamesError> {
    let encoded = percent_encoding::utf8_percent_encode(index.as_str(), percent_encoding::NON_ALPHANUMERIC);
    let path = format!("/{encoded}/_alias");
    read(&cluster.call(Method::GET, &path, None, caller).await?)
}

fn read(reply: &Reply) -> Result<Vec<String>, IndexNamesError> {
    match reply.status {
        StatusCode::OK => names(&reply.json()).ok_or(IndexNamesError::Unreadable),
        StatusCode::NOT_FOUND if reply.error_type().as_deref() == Some("index_not_found_exception") => Ok(Vec::new()),
        refused => Err(IndexNamesError::Refused(refused)),
    }
}

/// The indices of an answer, each with its aliases. There is at least one.
fn names(answer: &Value) -> Option<Vec<String>> {
    let indices = answer.as_object().filter(|indices| !indices.is_empty())?;
    let mut names = Vec::new();
    for (index, found) in indices {
        names.push(index.clone());
        names.extend(found.get("aliases")?.as_object()?.keys().cloned());
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn read_as(status: u16, body: &'static str) -> Option<Vec<String>> {
        let reply = Reply {
            method: Method::GET,
            target: "/jobs/_alias".to_owned(),
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: body.into(),
        };
        read(&reply).ok()
    }

    #[test]
    fn the_index_and_its_aliases_are_names() {
        let names = read_as(
            200,
            r#"{"jobs-1":{"aliases":{"jobs":{},"detectors":{"filter":{}}}},"jobs-2":{"aliases":{}}}"#,
        );
        assert_eq!(names.expect("names"), ["jobs-1", "jobs", "detectors", "jobs-2"]);
        let none = read_as(404, r#"{"error":{"type":"index_not_found_exception"},"status":404}"#);
        assert_eq!(none.expect("names"), [""; 0]);
    }

    #[test]
    fn nothing_else_is_an_answer() {
        for (status, body) in [
            (200, "{}"),
            (200, "[]"),
            (200, r#"{"jobs":{}}"#),
            (200, ""),
            (404, ""),
            (404, r#"{"error":"alias [x] missing","status":404}"#),
            (401, ""),
            (403, r#"{"error":{"type":"security_exception"}}"#),
            (503, ""),
        ] {
            assert_eq!(read_as(status, body), None, "{status} {body}");
        }
    }
}
