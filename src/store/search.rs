//! Finds documents of an index that the gateway keeps, as they were when the index was last refreshed or as they are now.

use std::time::Duration;

use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Store;
use super::error::StoreError;
use super::found_index::FoundIndex;
use crate::admission::DocumentVersion;
use crate::cluster::reply::{Reply, ReplyError};
use crate::xcontent::json::{Document, Node, Token};

/// How often, and how far apart, an index is asked whose shards are not started yet: another gateway has just made it.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// A document that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its id in the index.
    pub id: String,
    /// What was asked for of it.
    pub source: Value,
}

impl Store<'_> {
    /// The sources of the documents that a search finds.
    pub async fn search(self, index: &FoundIndex, body: &Value) -> Result<Vec<Value>, StoreError> {
        let hits = self.find(index, body).await?;
        Ok(hits.into_iter().map(|hit| hit.source).collect())
    }

    /// The documents that a search finds: what was written or deleted since the last refresh, it does not know.
    pub async fn find(self, index: &FoundIndex, body: &Value) -> Result<Vec<Hit>, StoreError> {
        hits(self.searched(index, body).await?)
    }

    /// The answer to a search, as soon as the index can be searched.
    pub(super) async fn searched(self, index: &FoundIndex, body: &Value) -> Result<Reply, StoreError> {
        let path = format!("{}/_search", index.path);
        for _ in 1..TRIES {
            let reply = self.ask(&path, body).await?;
            if reply.status != StatusCode::SERVICE_UNAVAILABLE {
                return Ok(reply);
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.ask(&path, body).await
    }

    /// Fields of a document as it is now; none if there is no such document now.
    pub async fn current(self, index: &FoundIndex, id: &str, fields: &[&str]) -> Result<Option<Value>, StoreError> {
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        let path = format!("{}/_doc/{id}?_source_includes={}", index.path, fields.join(","));
        let asked = self.cluster.call(Method::GET, &path, None, self.caller).await;
        present(asked.map_err(StoreError::NotSent)?)
    }

    /// A document as it is now, and which version of it that is; none if there is no such document now.
    pub async fn document(self, index: &FoundIndex, id: &str) -> Result<Option<(String, DocumentVersion)>, StoreError> {
        let path = format!("{}/_doc/{}", index.path, utf8_percent_encode(id, NON_ALPHANUMERIC));
        let asked = self.cluster.call(Method::GET, &path, None, self.caller).await;
        whole(asked.map_err(StoreError::NotSent)?, id)
    }

    async fn ask(self, path: &str, body: &Value) -> Result<Reply, StoreError> {
        let body = Some(body.to_string().into());
        let asked = self.cluster.ask(Method::POST, path, body, self.caller).await;
        asked.map_err(StoreError::NotSent)
    }
}

fn hits(reply: Reply) -> Result<Vec<Hit>, StoreError> {
    if reply.status != StatusCode::OK {
        return Err(ReplyError::from(reply).into());
    }
    let mut found = reply.json();
    // A shard that failed, or was not waited for, may hold what was looked for.
    let failed = found.pointer("/_shards/failed").and_then(Value::as_u64);
    let timed_out = found.get("timed_out").and_then(Value::as_bool);
    let is_whole = failed == Some(0) && timed_out != Some(true);
    let hits = found.pointer_mut("/hits/hits").and_then(Value::as_array_mut);
    let hits = hits.filter(|_| is_whole).map(std::mem::take);
    let hits = hits.and_then(|hits| hits.into_iter().map(hit).collect());
    hits.ok_or_else(|| ReplyError::from(reply).into())
}

/// A document as the cluster shows it.
fn hit(mut document: Value) -> Option<Hit> {
    let id = document.get("_id")?.as_str()?.to_owned();
    let source = document.get_mut("_source")?.take();
    Some(Hit { id, source })
}

fn present(reply: Reply) -> Result<Option<Value>, StoreError> {
    let mut told = reply.json();
    let found = told.get("found").and_then(Value::as_bool);
    let source = told.get_mut("_source").filter(|source| source.is_object());
    match (reply.status, found, source) {
        (StatusCode::OK, Some(true), Some(source)) => Ok(Some(source.take())),
        (StatusCode::NOT_FOUND, Some(false), _) => Ok(None),
        _ => Err(ReplyError::from(reply).into()),
    }
}

/// A document whose text is the one that is stored, number by number.
fn whole(reply: Reply, id: &str) -> Result<Option<(String, DocumentVersion)>, StoreError> {
    // Read where it lies: it may be long.
    let told = {
        let body = Document::read(&reply.body);
        let root = body.root().filter(|_| body.fault().is_none());
        let member = |name: &str| root.and_then(|root| root.member(name));
        let number = |name: &str| member(name)?.as_number()?.parse().ok();
        let source = member("_source").filter(|source| source.token() == Token::Object);
        let is_it = member("_id").and_then(Node::as_text).is_some_and(|told| told == id);
        let version = number("_seq_no").zip(number("_primary_term"));
        let whole = source.zip(version).filter(|_| is_it);
        (
            member("found").and_then(Node::as_boolean),
            whole.map(|(source, (sequence, term))| (source.raw().to_owned(), DocumentVersion { sequence, term })),
        )
    };
    match (reply.status, told) {
        (StatusCode::OK, (Some(true), Some(whole))) => Ok(Some(whole)),
        (StatusCode::NOT_FOUND, (Some(false), _)) => Ok(None),
        _ => Err(ReplyError::from(reply).into()),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn reply(status: StatusCode, body: &Value) -> Reply {
        Reply {
            method: Method::POST,
            target: "/jobs/_search".to_owned(),
            status,
            headers: HeaderMap::new(),
            body: body.to_string().into(),
        }
    }

    #[test]
    fn the_documents_are_what_is_found() {
        let body = json!({"_shards": {"failed": 0}, "hits": {"hits": [{"_id": "x", "_source": {"job_id": "a"}}]}});
        let hit = Hit {
            id: "x".to_owned(),
            source: json!({"job_id": "a"}),
        };
        assert_eq!(hits(reply(StatusCode::OK, &body)).expect("an answer"), [hit]);
    }

    #[test]
    fn half_an_answer_is_none() {
        for body in [
            json!({"_shards": {"failed": 1}, "hits": {"hits": []}}),
            json!({"_shards": {"failed": 0}, "timed_out": true, "hits": {"hits": []}}),
            json!({"_shards": {"failed": 0}}),
            json!({"_shards": {"failed": 0}, "hits": {"hits": [{"_id": "x"}]}}),
            json!({}),
        ] {
            let found = hits(reply(StatusCode::OK, &body));
            assert!(matches!(found, Err(StoreError::NotSent(_))), "{body}");
        }
        let refused = hits(reply(StatusCode::FORBIDDEN, &json!({})));
        assert!(matches!(refused, Err(StoreError::Refused(_))));
    }

    #[test]
    fn a_document_is_known_with_its_version_and_its_numbers() {
        let told = |status: StatusCode, body: &'static str| {
            let reply = Reply {
                body: body.into(),
                ..reply(status, &json!({}))
            };
            whole(reply, "x")
        };
        let there = r#"{"_id":"x","_seq_no":7,"_primary_term":2,"found":true,"_source":{"a":1.00,"b":12345678901234567890123}}"#;
        let version = DocumentVersion { sequence: 7, term: 2 };
        let text = r#"{"a":1.00,"b":12345678901234567890123}"#.to_owned();
        assert_eq!(told(StatusCode::OK, there).expect("an answer"), Some((text, version)));
        assert_eq!(
            told(StatusCode::NOT_FOUND, r#"{"_id":"x","found":false}"#).expect("an answer"),
            None
        );
        for body in [
            r#"{"_id":"x","found":true,"_source":{}}"#,
            r#"{"_id":"y","_seq_no":7,"_primary_term":2,"found":true,"_source":{}}"#,
            r#"{"_id":"x","_seq_no":7,"_primary_term":2,"found":true}"#,
            r#"{"_id":"x","_seq_no":7,"_primary_term":2,"found":true,"_source":[]}"#,
        ] {
            assert!(told(StatusCode::OK, body).is_err(), "{body}");
        }
        assert!(
            told(
                StatusCode::NOT_FOUND,
                r#"{"error":{"type":"index_not_found_exception"}}"#
            )
            .is_err()
        );
    }

    #[test]
    fn a_document_is_there_or_it_is_not() {
        let told = |status: StatusCode, body: Value| present(reply(status, &body));
        let there = json!({"_id": "x", "found": true, "_source": {"job_id": "a"}});
        assert_eq!(
            told(StatusCode::OK, there).expect("an answer"),
            Some(json!({"job_id": "a"}))
        );
        let gone = json!({"_id": "x", "found": false});
        assert_eq!(told(StatusCode::NOT_FOUND, gone).expect("an answer"), None);
        for (status, body) in [
            (StatusCode::OK, json!({"_id": "x", "found": true})),
            (StatusCode::OK, json!({})),
            (
                StatusCode::NOT_FOUND,
                json!({"error": {"type": "index_not_found_exception"}, "status": 404}),
            ),
            (StatusCode::SERVICE_UNAVAILABLE, json!({})),
        ] {
            assert!(told(status, body.clone()).is_err(), "{status} {body}");
        }
    }
}
