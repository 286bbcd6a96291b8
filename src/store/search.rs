//! Finds documents of an index that the gateway keeps.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::Value;

use super::cluster::{Cluster, Reply};
use super::index::FoundIndex;
use super::write::StoreError;
use crate::es::caller::Caller;

/// How often, and how far apart, an index is asked whose shards are not started yet: another gateway has just made it.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// The sources of the documents that a search finds.
pub async fn search(
    cluster: &Cluster,
    index: &FoundIndex,
    body: &Value,
    caller: &Caller,
) -> Result<Vec<Value>, StoreError> {
    let path = format!("{}/_search", index.path);
    for _ in 1..TRIES {
        let reply = ask(cluster, &path, body, caller).await?;
        if reply.status != StatusCode::SERVICE_UNAVAILABLE {
            return sources(reply);
        }
        tokio::time::sleep(PAUSE).await;
    }
    sources(ask(cluster, &path, body, caller).await?)
}

async fn ask(cluster: &Cluster, path: &str, body: &Value, caller: &Caller) -> Result<Reply, StoreError> {
    let asked = cluster
        .ask(Method::POST, path, Some(body.to_string().into()), caller)
        .await;
    asked.map_err(StoreError::NotSent)
}

fn sources(reply: Reply) -> Result<Vec<Value>, StoreError> {
    if reply.status != StatusCode::OK {
        return Err(StoreError::Refused(Box::new(reply)));
    }
    let mut found = reply.json();
    // A shard that failed may hold what was looked for.
    let failed = found.pointer("/_shards/failed").and_then(Value::as_u64);
    if failed != Some(0) {
        return Err(StoreError::Refused(Box::new(reply)));
    }
    let hits = found.pointer_mut("/hits/hits").and_then(Value::as_array_mut);
    let hits = hits.map(std::mem::take).unwrap_or_default();
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
        let body = json!({"_shards": {"failed": 1}, "hits": {"hits": []}});
        assert!(matches!(
            sources(reply(StatusCode::OK, &body)),
            Err(StoreError::Refused(_))
        ));
        assert!(matches!(
            sources(reply(StatusCode::FORBIDDEN, &json!({}))),
            Err(StoreError::Refused(_))
        ));
    }
}
