//! A request as JSON, by the names of the Elastic Common Schema.

use std::time::Duration;

use http::Version;
use serde_json::{Map, Value, json};

use super::Entry;
use crate::telemetry::outcome::Outcome;

/// The version of the Elastic Common Schema whose names are used.
const ECS_VERSION: &str = "8.11.0";

/// The object of a line. What the schema has no name for is under `anomaly_gateway`.
pub(super) fn json(entry: &Entry, target: &str) -> Value {
    let (head, finished) = (&entry.head, &entry.finished);
    let is_success = finished.outcome == Outcome::Complete
        && finished
            .status
            .is_some_and(|status| !status.is_client_error() && !status.is_server_error());
    let mut request = Map::from_iter([("body".to_owned(), json!({ "bytes": finished.received }))]);
    request.extend(
        head.method
            .as_ref()
            .map(|method| ("method".to_owned(), method.as_str().into())),
    );
    let mut response = Map::from_iter([("body".to_owned(), json!({ "bytes": finished.sent }))]);
    response.extend(
        finished
            .status
            .map(|status| ("status_code".to_owned(), status.as_u16().into())),
    );
    let mut http = Map::from_iter([
        ("request".to_owned(), request.into()),
        ("response".to_owned(), response.into()),
    ]);
    let version = head
        .version
        .map(|version| if version == Version::HTTP_10 { "1.0" } else { "1.1" });
    http.extend(version.map(|version| ("version".to_owned(), version.into())));
    let mut own = Map::from_iter([
        ("outcome".to_owned(), finished.outcome.name().into()),
        ("own_duration".to_owned(), nanos(finished.times.own)),
        ("node_duration".to_owned(), nanos(finished.times.node)),
        ("retries".to_owned(), finished.retries.into()),
    ]);
    own.extend(entry.node.as_deref().map(|node| ("node".to_owned(), node.into())));
    if let Some(claim) = &finished.claim {
        own.insert("plugin".to_owned(), claim.plugin.into());
        own.insert("verdict".to_owned(), claim.verdict.name().into());
        own.insert("dry_run".to_owned(), claim.is_dry_run.into());
    }
    let mut line = json!({
        "@timestamp": humantime::format_rfc3339_millis(entry.at).to_string(),
        "ecs": { "version": ECS_VERSION },
        "event": {
            "kind": "event",
            "category": ["web"],
            "type": ["access"],
            "dataset": "anomaly_gateway.access",
            "outcome": if is_success { "success" } else { "failure" },
            "reason": finished.outcome.name(),
            "duration": nanos(finished.times.total),
        },
        "service": { "name": "anomaly-gateway", "type": "anomaly_gateway" },
        "client": { "ip": head.origin.address.ip().to_string(), "port": head.origin.address.port() },
        "http": http,
        "anomaly_gateway": own,
    });
    if let Value::Object(line) = &mut line {
        if !target.is_empty() {
            line.insert("url".to_owned(), url(target));
        }
        line.extend(head.opaque_id.as_ref().map(|id| {
            let field = json!({ "http": { "request": { "x_opaque_id": id } } });
            ("elasticsearch".to_owned(), field)
        }));
        line.extend(
            head.trace_id
                .as_ref()
                .map(|id| ("trace".to_owned(), json!({ "id": id }))),
        );
        line.extend(head.origin.tls.map(|version| {
            let field = json!({ "version": version, "version_protocol": "tls", "established": true });
            ("tls".to_owned(), field)
        }));
    }
    line
}

fn url(target: &str) -> Value {
    match target.split_once('?') {
        Some((path, query)) => json!({ "original": target, "path": path, "query": query }),
        None => json!({ "original": target, "path": target }),
    }
}

fn nanos(time: Duration) -> Value {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).into()
}
