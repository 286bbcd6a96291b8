//! Adds many documents to an index with one call, and tells what became of each.

use std::fmt::Write as _;

use http::{Method, StatusCode};
use serde_json::Value;

use super::OPTIONS_OF_MANY;
use crate::cluster::CallError;
use crate::cluster::reply::ReplyError;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::index::ReadyIndex;
use crate::telemetry::asked::shortened;

/// What became of one of several documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// It is in the index, from now on or since an earlier call.
    Stored,
    /// The cluster cannot take it at the moment, and says why; it may later.
    NotNow(String),
    /// The cluster does not take it, and says why.
    Refused(String),
}

impl Store<'_> {
    /// Adds documents, each an id and JSON on one line, and says of each what became of it. No id needs escaping in JSON.
    ///
    /// A document whose id is there already is left as it is and counts as stored, so that a call can be repeated whose answer
    /// was lost.
    pub async fn add(self, index: &ReadyIndex, documents: &[(&str, &str)]) -> Result<Vec<Added>, StoreError> {
        let mut body = String::new();
        for (id, document) in documents {
            // Writing to a string does not fail.
            let _ = writeln!(body, "{{\"create\":{{\"_id\":\"{id}\"}}}}\n{document}");
        }
        let path = format!("{}/_bulk?{OPTIONS_OF_MANY}", index.path);
        let reply = self.change(Method::POST, &path, Some(body.into())).await?;
        if reply.status != StatusCode::OK {
            return Err(ReplyError::from(reply).into());
        }
        let said = reply.json();
        let items = said.get("items").and_then(Value::as_array).into_iter().flatten();
        let added: Vec<Added> = items.map(|item| became(item, &index.index)).collect();
        if added.len() != documents.len() {
            return Err(StoreError::OutcomeUnknown(CallError::Unexpected {
                method: reply.method,
                target: reply.target,
                status: reply.status,
            }));
        }
        Ok(added)
    }
}

/// What the cluster says of one document.
fn became(item: &Value, index: &str) -> Added {
    let said = item.get("create").unwrap_or(&Value::Null);
    let status = said.get("status").and_then(Value::as_u64).unwrap_or_default();
    let text = |pointer: &str| said.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let reason = || {
        let (kind, reason) = (text("/error/type"), text("/error/reason"));
        shortened(&format!("{status} {kind}: {reason}"))
    };
    match status {
        409 if text("/error/type") == "version_conflict_engine_exception" => Added::Stored,
        200..=299 if text("/_index") == index => Added::Stored,
        200..=299 => Added::Refused(format!("it went to the index [{}]", text("/_index"))),
        400..=499 if !matches!(status, 401 | 403 | 404 | 408 | 409 | 429) => Added::Refused(reason()),
        _ => Added::NotNow(reason()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_does_not() {
        let item = |status: u64, kind: &str| {
            let error = json!({"type": kind, "reason": "because"});
            became(
                &json!({"create": {"_index": "decisions", "status": status, "error": error}}),
                "decisions",
            )
        };
        for (status, kind) in [
            (429, "es_rejected_execution_exception"),
            (429, "cluster_block_exception"),
            (403, "cluster_block_exception"),
            (403, "security_exception"),
            (404, "index_not_found_exception"),
            (500, "exception"),
            (503, "unavailable_shards_exception"),
        ] {
            assert_eq!(item(status, kind), Added::NotNow(format!("{status} {kind}: because")));
        }
        for (status, kind) in [(400, "mapper_parsing_exception"), (413, "too_large")] {
            assert_eq!(item(status, kind), Added::Refused(format!("{status} {kind}: because")));
        }
        assert_eq!(item(409, "version_conflict_engine_exception"), Added::Stored);
    }

    #[test]
    fn a_document_is_stored_where_it_was_to_be_stored() {
        let item = json!({"create": {"_index": "decisions", "_id": "a-1", "status": 201, "result": "created"}});
        assert_eq!(became(&item, "decisions"), Added::Stored);
        assert!(matches!(became(&item, "other"), Added::Refused(_)));
        assert!(matches!(became(&json!({"index": {}}), "decisions"), Added::NotNow(_)));
    }
}
