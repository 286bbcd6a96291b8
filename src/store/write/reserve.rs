//! Documents that are stored ahead of the one that they belong to, and taken back where that one is not stored: each is known
//! by its version, so that nobody's but the writer's own is ever touched.

use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{OPTIONS, condition, is_conflict, version_in};
use crate::admission::DocumentVersion;
use crate::cluster::reply::{Reply, ReplyError};
use crate::store::{FoundIndex, ReadyIndex, Store, StoreError};
use crate::xcontent::elided_text::ElidedText;

/// A document that is there now.
#[derive(Debug, Clone, PartialEq)]
pub struct Reserved {
    /// The fields that were asked for.
    pub source: Value,
    /// Its version.
    pub version: DocumentVersion,
}

impl Store<'_> {
    /// Stores `document` under `id` if no document has that id, as [`Self::create`] does, and tells its version.
    pub async fn reserve(
        self,
        index: &ReadyIndex,
        id: &str,
        document: ElidedText,
    ) -> Result<DocumentVersion, StoreError> {
        let path = format!("{}/_create/{id}?{OPTIONS}", index.path);
        let reply = self.write(&path, document).await?;
        if is_conflict(&reply) {
            return Err(StoreError::Exists);
        }
        self.confirm_version(reply, index, id, "created").await
    }

    /// Stores `document` under `id` in the place of this version of it, as [`Self::replace_version`] does, and tells its
    /// version.
    pub async fn reserve_instead(
        self,
        index: &ReadyIndex,
        id: &str,
        document: ElidedText,
        before: DocumentVersion,
    ) -> Result<DocumentVersion, StoreError> {
        let reply = self.write_over(index, id, document, before).await?;
        self.confirm_version(reply, index, id, "updated").await
    }

    /// Fields of a document as it is now, and its version; none if there is no such document now.
    pub async fn reserved(self, index: &FoundIndex, id: &str, fields: &[&str]) -> Result<Option<Reserved>, StoreError> {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let path = format!("{}/_doc/{id}?_source_includes={}", index.path, fields.join(","));
        let asked = self.cluster.call(Method::GET, &path, None, self.caller).await;
        read(asked.map_err(StoreError::NotSent)?)
    }

    /// Removes this version of a document. Another one, or none, is left as it is.
    pub async fn withdraw(self, index: &FoundIndex, id: &str, version: DocumentVersion) -> Result<(), StoreError> {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let path = format!("{}/_doc/{id}?{}&refresh=true", index.path, condition(version));
        let asked = self.cluster.call(Method::DELETE, &path, None, self.caller).await;
        let reply = asked.map_err(StoreError::OutcomeUnknown)?;
        if reply.status.is_success() || reply.status == StatusCode::NOT_FOUND || is_conflict(&reply) {
            return Ok(());
        }
        Err(ReplyError::from(reply).into())
    }
}

fn read(reply: Reply) -> Result<Option<Reserved>, StoreError> {
    let mut told = reply.json();
    let found = told.get("found").and_then(Value::as_bool);
    let version = version_in(&told);
    let source = told.get_mut("_source").filter(|source| source.is_object());
    match (reply.status, found, source, version) {
        (StatusCode::OK, Some(true), Some(source), Some(version)) => Ok(Some(Reserved {
            source: source.take(),
            version,
        })),
        (StatusCode::NOT_FOUND, Some(false), ..) => Ok(None),
        _ => Err(ReplyError::from(reply).into()),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn told(status: StatusCode, body: &Value) -> Result<Option<Reserved>, StoreError> {
        read(Reply {
            method: Method::GET,
            target: "/jobs/_doc/x".to_owned(),
            status,
            headers: HeaderMap::new(),
            body: body.to_string().into(),
        })
    }

    #[test]
    fn a_document_is_known_by_its_version() {
        let there = json!({"found": true, "_seq_no": 7, "_primary_term": 2, "_source": {"job_id": "a"}});
        let reserved = Reserved {
            source: json!({"job_id": "a"}),
            version: DocumentVersion { sequence: 7, term: 2 },
        };
        assert_eq!(told(StatusCode::OK, &there).expect("an answer"), Some(reserved));
        let gone = json!({"_id": "x", "found": false});
        assert_eq!(told(StatusCode::NOT_FOUND, &gone).expect("an answer"), None);
        for (status, body) in [
            (StatusCode::OK, json!({"found": true, "_source": {}})),
            (StatusCode::OK, json!({"found": true, "_seq_no": 7, "_primary_term": 2})),
            (StatusCode::NOT_FOUND, json!({"error": {}})),
            (StatusCode::SERVICE_UNAVAILABLE, json!({})),
        ] {
            assert!(told(status, &body).is_err(), "{status} {body}");
        }
    }
}
