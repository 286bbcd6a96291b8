//! Empties a cluster between tests, as the vendors' runner does, always past whatever stands before the node.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use serde_json::{Map, Value, json};

use crate::{request::encoded, wire::Connection};

/// Where the cluster's state tells of what a test may have left, and what removes it, in an order that the cluster
/// takes; each name in turn takes the place of `{}`.
const LEFT: [(&str, &str); 11] = [
    ("/metadata/repositories", "/_snapshot/{}/*"),
    ("/metadata/repositories", "/_snapshot/{}"),
    ("/metadata/data_stream/data_stream", "/_data_stream/*"),
    ("/metadata/indices", "/*?expand_wildcards=all"),
    ("/metadata/index_template/index_template", "/_index_template/*"),
    ("/metadata/templates", "/_template/*"),
    (
        "/metadata/component_template/component_template",
        "/_component_template/*",
    ),
    ("/metadata/ingest/pipeline", "/_ingest/pipeline/*"),
    ("/metadata/search_pipeline/pipeline", "/_search/pipeline/*"),
    ("/metadata/stored_scripts", "/_scripts/{}"),
    (
        "/metadata/cluster_coordination/voting_config_exclusions",
        "/_cluster/voting_config_exclusions?wait_for_removal=false",
    ),
];

/// A cluster's node.
pub(crate) struct Cleaning(Connection);

impl Cleaning {
    pub(crate) fn of(node: SocketAddr) -> Self {
        Self(Connection::to(node))
    }

    /// Removes indices, templates, pipelines, scripts, repositories with their snapshots, and settings.
    pub(crate) fn run(&mut self) -> anyhow::Result<()> {
        let state = self.call("GET", "/_cluster/state/metadata", None)?;
        for (place, removal) in LEFT {
            for target in removals(state.pointer(place), removal) {
                self.call("DELETE", &target, None)?;
            }
        }
        self.reset_settings()
    }

    fn reset_settings(&mut self) -> anyhow::Result<()> {
        let settings = self.call("GET", "/_cluster/settings?flat_settings=true", None)?;
        let is_set = |level: &str| {
            settings
                .get(level)
                .and_then(Value::as_object)
                .is_some_and(|set| !set.is_empty())
        };
        if !is_set("persistent") && !is_set("transient") {
            return Ok(());
        }
        let unset = |level: &str| -> Value {
            let set = settings
                .get(level)
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(Map::keys);
            Value::Object(set.map(|name| (name.clone(), Value::Null)).collect())
        };
        let body = json!({"persistent": unset("persistent"), "transient": unset("transient")});
        self.call("PUT", "/_cluster/settings", Some(&body)).map(|_| ())
    }

    fn call(&mut self, method: &str, target: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = self.0.exchange(request.as_bytes())?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status()? < 400, "{method} {target}: {text}");
        serde_json::from_str(&text).with_context(|| format!("{method} {target}: {text}"))
    }
}

/// The calls that remove what is left: one each where the call is for a name, else one for all.
fn removals(left: Option<&Value>, removal: &str) -> Vec<String> {
    let is_empty = match left {
        Some(Value::Object(members)) => members.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        _ => true,
    };
    match left {
        _ if is_empty => Vec::new(),
        Some(Value::Object(members)) if removal.contains("{}") => members
            .keys()
            .map(|name| removal.replace("{}", &encoded(name)))
            .collect(),
        _ => vec![removal.to_owned()],
    }
}
