//! Finds documents of an index that the gateway keeps.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::Value;

use super::Store;
use super::error::StoreError;
use super::found_index::FoundIndex;
use super::reply::{Reply, ReplyError};

/// How often, and how far apart, an index is asked whose shards are not started yet: another gateway has just made it.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);

impl Store<'_> {
    /// The sources of the documents that a search finds.
    pub async fn search(self, index: &FoundIndex, body: &Value) -> Result<Vec<Value>, StoreError> {
        let path = format!("{}/_search", index.path);
        for _ in 1..TRIES {
            let reply = self.ask(&path, body).await?;
            if reply.status != StatusCode::SERVICE_UNAVAILABLE {
                return sources(reply);
            }
            tokio::time::sleep(PAUSE).await;
        }
        sources(self.ask(&path, body).await?)
    }

    async fn ask(self, path: &str, body: &Value) -> Result<Reply, StoreError> {
        let body = Some(body.to_string().into());
        let asked = self.cluster.ask(Method::POST, path, body, self.caller).await;
        asked.map_err(StoreError::NotSent)
    }
}

fn sources(reply: Reply) -> Result<Vec<Value>, StoreError> {
    if reply.status != StatusCode::OK {
        return Err(ReplyError::from(reply).into());
    }
    let mut found = reply.json();
    // A shard that failed, or was not waited for, may hold what was looked for.
    let failed = found.pointer("/_shards/failed").and_then(Value::as_u64);
    let timed_out = found.get("timed_out").and_then(Value::as_bool);
    let is_whole = failed == Some(0) && timed_out != Some(true);
    let hits = found.pointer_mut("/hits/hits").and_then(Value::as_array_mut);
    let Some(hits) = hits.filter(|_| is_whole).map(std::mem::take) else {
        return Err(ReplyError::from(reply).into());
    };
    Ok(hits
        .into_iter()
        .filter_map(|mut hit| Some(hit.get_mut("_source")?.take()))
        .collect())
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
    fn the_sources_are_what_is_found() {
        let body = json!({"_shards": {"failed": 0}, "hits": {"hits": [{"_id": "x", "_source": {"job_id": "a"}}]}});
        assert_eq!(
            sources(reply(StatusCode::OK, &body)).expect("an answer"),
            [json!({"job_id": "a"})]
        );
    }

    #[test]
    fn half_an_answer_is_none() {
        for body in [
            json!({"_shards": {"failed": 1}, "hits": {"hits": []}}),
            json!({"_shards": {"failed": 0}, "timed_out": true, "hits": {"hits": []}}),
            json!({"_shards": {"failed": 0}}),
            json!({}),
        ] {
            let found = sources(reply(StatusCode::OK, &body));
            assert!(matches!(found, Err(StoreError::NotSent(_))), "{body}");
        }
        let refused = sources(reply(StatusCode::FORBIDDEN, &json!({})));
        assert!(matches!(refused, Err(StoreError::Refused(_))));
    }
}
