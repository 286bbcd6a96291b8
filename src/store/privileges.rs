//! Asks Elasticsearch's security whether a caller has a privilege (contract http.md §5.2).

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::cluster::{CallError, Cluster, Reply};
use crate::es::caller::Caller;

const PATH: &str = "/_security/user/_has_privileges";

/// Why a caller may not do something, or why that is not known. Nobody is let through on a guess.
#[derive(Debug, thiserror::Error)]
pub enum PrivilegeError {
    /// The caller lacks the privilege.
    #[error("the user [{user}] lacks the privilege")]
    Lacking {
        /// Who the cluster says the caller is.
        user: String,
    },
    /// The cluster refused the question; its answer says why. Usual cause: credentials that it does not know.
    #[error("the cluster answered the question for privileges with {}", .0.status)]
    Refused(Box<Reply>),
    /// The cluster did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Succeeds if the caller has this cluster privilege, or if the cluster's security is off.
pub async fn check(cluster: &Cluster, privilege: &str, caller: &Caller) -> Result<(), PrivilegeError> {
    let question = json!({ "cluster": [privilege] }).to_string();
    let reply = cluster.ask(Method::POST, PATH, Some(question.into()), caller).await?;
    judge(reply)
}

fn judge(reply: Reply) -> Result<(), PrivilegeError> {
    let answer = reply.json();
    match (reply.status, answer.get("has_all_requested").and_then(Value::as_bool)) {
        (StatusCode::OK, Some(false)) => {
            let user = answer.get("username").and_then(Value::as_str).unwrap_or_default();
            Err(PrivilegeError::Lacking { user: user.to_owned() })
        }
        // Security that is off has no such call, and what the path means then depends on the version.
        (StatusCode::OK, Some(true))
        | (StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED, None) => Ok(()),
        _ => Err(PrivilegeError::Refused(Box::new(reply))),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn judged(status: u16, body: &'static str) -> Result<(), PrivilegeError> {
        judge(Reply {
            target: PATH.to_owned(),
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: body.into(),
        })
    }

    #[test]
    fn the_answer_decides() {
        assert!(judged(200, r#"{"username":"u","has_all_requested":true}"#).is_ok());
        let lacking = judged(200, r#"{"username":"u","has_all_requested":false}"#);
        assert!(matches!(lacking, Err(PrivilegeError::Lacking { user }) if user == "u"));
    }

    #[test]
    fn security_that_is_off_lets_everybody_do_everything() {
        for (status, body) in [
            (
                400,
                r#"{"error":"no handler found for uri [/_security/user/_has_privileges] and method [POST]"}"#,
            ),
            (400, r#"{"error":{"type":"invalid_index_name_exception"},"status":400}"#),
            (404, "{}"),
            (405, ""),
        ] {
            assert!(judged(status, body).is_ok(), "{status} {body}");
        }
    }

    #[test]
    fn anything_else_lets_nobody_through() {
        for (status, body) in [
            (200, "{}"),
            (401, ""),
            (403, "{}"),
            (500, "{}"),
            (503, "{}"),
            (429, "{}"),
        ] {
            assert!(
                matches!(judged(status, body), Err(PrivilegeError::Refused(_))),
                "{status} {body}"
            );
        }
    }
}
