//! Removes a document that somebody has looked at, and no other.

use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{condition, is_conflict};
use crate::admission::DocumentVersion;
use crate::cluster::reply::{Reply, ReplyError};
use crate::store::{FoundIndex, Store, StoreError};

impl Store<'_> {
    /// Removes this version of a document, and returns once no search finds it. If there is another version of it by now, or
    /// none, nothing is done.
    pub async fn remove(self, index: &FoundIndex, id: &str, version: DocumentVersion) -> Result<(), StoreError> {
        let encoded = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let path = format!("{}/_doc/{encoded}?{}&refresh=true", index.path, condition(version));
        let reply = self.change(Method::DELETE, &path, None).await?;
        read(reply, &index.index, id)
    }
}

fn read(reply: Reply, index: &str, id: &str) -> Result<(), StoreError> {
    let said = reply.json();
    let is = |name: &str, expected: &str| said.get(name).and_then(Value::as_str) == Some(expected);
    if is_conflict(&reply) || reply.status == StatusCode::NOT_FOUND && is("result", "not_found") {
        return Err(StoreError::Outdated);
    }
    if reply.status == StatusCode::OK && is("result", "deleted") && is("_index", index) && is("_id", id) {
        return Ok(());
    }
    Err(ReplyError::from(reply).into())
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn told(status: StatusCode, body: &Value) -> Result<(), StoreError> {
        let reply = Reply {
            method: Method::DELETE,
            target: "/jobs/_doc/x".to_owned(),
            status,
            headers: HeaderMap::new(),
            body: body.to_string().into(),
        };
        read(reply, "jobs", "x")
    }

    #[test]
    fn only_what_the_cluster_says_it_has_removed_is_removed() {
        let removed = json!({"_index": "jobs", "_id": "x", "result": "deleted"});
        told(StatusCode::OK, &removed).expect("it is removed");
        let conflict = json!({"error": {"type": "version_conflict_engine_exception"}, "status": 409});
        let missing = json!({"_index": "jobs", "_id": "x", "result": "not_found"});
        for (status, body) in [(StatusCode::CONFLICT, conflict), (StatusCode::NOT_FOUND, missing)] {
            assert!(matches!(told(status, &body), Err(StoreError::Outdated)), "{body}");
        }
        for (status, body) in [
            (StatusCode::OK, json!({})),
            (
                StatusCode::OK,
                json!({"_index": "jobs", "_id": "y", "result": "deleted"}),
            ),
            (
                StatusCode::OK,
                json!({"_index": "other", "_id": "x", "result": "deleted"}),
            ),
            (StatusCode::OK, json!({"_index": "jobs", "_id": "x", "result": "noop"})),
            (
                StatusCode::NOT_FOUND,
                json!({"error": {"type": "index_not_found_exception"}}),
            ),
            (StatusCode::FORBIDDEN, json!({"error": {"type": "security_exception"}})),
        ] {
            let refused = told(status, &body).expect_err("it is not removed");
            assert!(!matches!(refused, StoreError::Outdated), "{body}");
        }
    }
}
