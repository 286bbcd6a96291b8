//! Documents that are stored ahead of the one that they belong to, and taken back where that one is not stored: each is known
//! by its version, so that nobody's but the writer's own is ever touched.

use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::OPTIONS;
use crate::cluster::reply::{Reply, ReplyError};
use crate::http::excerpt::Excerpt;
use crate::store::{FoundIndex, ReadyIndex, Store, StoreError};

/// The version of a document that was stored, or found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    sequence: u64,
    term: u64,
}

/// A document that is there now.
#[derive(Debug, Clone, PartialEq)]
pub struct Reserved {
    /// The fields that were asked for.
    pub source: Value,
    /// Its version.
    pub reservation: Reservation,
}

impl Reservation {
    fn read(said: &Value) -> Option<Self> {
        let number = |name: &str| said.get(name).and_then(Value::as_u64);
        Some(Self {
            sequence: number("_seq_no")?,
            term: number("_primary_term")?,
        })
    }

    /// The parameters by which a write is of this version only.
    fn condition(self) -> String {
        format!("if_seq_no={}&if_primary_term={}", self.sequence, self.term)
    }
}

impl Store<'_> {
    /// Stores `document` under `id` if no document has that id, as [`Self::create`] does, and tells its version.
    pub async fn reserve(self, index: &ReadyIndex, id: &str, document: Excerpt) -> Result<Reservation, StoreError> {
        let path = format!("{}/_create/{id}?{OPTIONS}", index.path);
        self.reserve_at(&path, index, id, document, "created").await
    }

    /// Stores `document` under `id` in the place of this version of it, and of no other.
    ///
    /// The id must need no escaping in a path.
    pub async fn reserve_instead(
        self,
        index: &ReadyIndex,
        id: &str,
        document: Excerpt,
        before: Reservation,
    ) -> Result<Reservation, StoreError> {
        let path = format!("{}/_doc/{id}?{}&{OPTIONS}", index.path, before.condition());
        self.reserve_at(&path, index, id, document, "updated").await
    }

    async fn reserve_at(
        self,
        path: &str,
        index: &ReadyIndex,
        id: &str,
        document: Excerpt,
        result: &str,
    ) -> Result<Reservation, StoreError> {
        let reply = self.write(path, document).await?;
        if is_conflict(&reply) {
            return Err(StoreError::Exists);
        }
        let reservation = Reservation::read(&reply.json());
        let shown = reply.clone();
        self.confirm(reply, index, id, &[result]).await?;
        // Every node that there is tells the version of what it has stored.
        reservation.ok_or_else(|| ReplyError::from(shown).into())
    }

    /// Fields of a document as it is now, and its version; none if there is no such document now.
    pub async fn reserved(self, index: &FoundIndex, id: &str, fields: &[&str]) -> Result<Option<Reserved>, StoreError> {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let path = format!("{}/_doc/{id}?_source_includes={}", index.path, fields.join(","));
        let asked = self.cluster.call(Method::GET, &path, None, self.caller).await;
        read(asked.map_err(StoreError::NotSent)?)
    }

    /// Removes this version of a document. Another one, or none, is left as it is.
    pub async fn withdraw(self, index: &ReadyIndex, id: &str, reservation: Reservation) -> Result<(), StoreError> {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let path = format!("{}/_doc/{id}?{}&refresh=true", index.path, reservation.condition());
        let asked = self.cluster.call(Method::DELETE, &path, None, self.caller).await;
        let reply = asked.map_err(StoreError::OutcomeUnknown)?;
        if reply.status.is_success() || reply.status == StatusCode::NOT_FOUND || is_conflict(&reply) {
            return Ok(());
        }
        Err(ReplyError::from(reply).into())
    }
}

/// Whether there is another document of the id than was expected.
fn is_conflict(reply: &Reply) -> bool {
    reply.status == StatusCode::CONFLICT && reply.error_type().as_deref() == Some("version_conflict_engine_exception")
}

fn read(reply: Reply) -> Result<Option<Reserved>, StoreError> {
    let mut told = reply.json();
    let found = told.get("found").and_then(Value::as_bool);
    let reservation = Reservation::read(&told);
    let source = told.get_mut("_source").filter(|source| source.is_object());
    match (reply.status, found, source, reservation) {
        (StatusCode::OK, Some(true), Some(source), Some(reservation)) => Ok(Some(Reserved {
            source: source.take(),
            reservation,
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
            reservation: Reservation { sequence: 7, term: 2 },
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
