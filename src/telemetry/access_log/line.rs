//! A request as one line: as text for people, or as JSON with the names of the Elastic Common Schema.

use std::fmt::Write as _;
use std::time::Duration;

use http::Version;
use serde_json::{Map, Value, json};

use super::Format;
use super::entry::Entry;
use super::redaction::redacted;
use crate::telemetry::fields::is_unsafe;
use crate::telemetry::outcome::Outcome;

/// The version of the Elastic Common Schema whose names are used.
const ECS_VERSION: &str = "8.11.0";

/// What is written where there is nothing to write.
const NOTHING: &str = "-";

/// The line of a request, with its end.
pub(super) fn line(entry: &Entry, format: Format, secrets: &[String]) -> String {
    let target = redacted(&entry.head.target, secrets);
    let mut line = match format {
        Format::Text => text(entry, &target),
        Format::Json => escaped(&json(entry, &target).to_string(), |line, character| {
            // In JSON such characters are in strings only.
            let _ = write!(line, "\\u{:04x}", u32::from(character));
        }),
    };
    line.push('\n');
    line
}

/// `time client "METHOD target" status name=value …`: the same fields on every line, in the same order.
fn text(entry: &Entry, target: &str) -> String {
    let (head, finished) = (&entry.head, &entry.finished);
    let method = head.method.as_ref().map_or(NOTHING, http::Method::as_str);
    let target = if target.is_empty() { NOTHING } else { target };
    let status = finished.status.map(|status| status.as_u16().to_string());
    let mut line = format!(
        "{} {} {} {} outcome={} received={} sent={} duration={} own={} node_duration={} node={} retries={}",
        humantime::format_rfc3339_millis(entry.at),
        head.origin.address,
        quoted(&format!("{method} {target}")),
        status.as_deref().unwrap_or(NOTHING),
        finished.outcome.name(),
        finished.received,
        finished.sent,
        seconds(finished.total),
        seconds(finished.own),
        seconds(finished.node),
        entry.node.as_deref().unwrap_or(NOTHING),
        finished.retries,
    );
    let claim = finished.claim.as_ref();
    // Writing to a string does not fail.
    let _ = write!(
        line,
        " plugin={} verdict={} dry_run={} opaque_id={} trace_id={} tls={}",
        claim.map_or(NOTHING, |claim| claim.plugin),
        claim.map_or(NOTHING, |claim| claim.verdict.name()),
        claim.is_some_and(|claim| claim.is_dry_run),
        head.opaque_id.as_deref().map_or_else(|| NOTHING.to_owned(), quoted),
        head.trace_id.as_deref().unwrap_or(NOTHING),
        head.origin.tls.unwrap_or(NOTHING),
    );
    line
}

/// The same by the names of the Elastic Common Schema; what it has no name for is under `anomaly_gateway`.
fn json(entry: &Entry, target: &str) -> Value {
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
        ("own_duration".to_owned(), nanos(finished.own)),
        ("node_duration".to_owned(), nanos(finished.node)),
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
            "duration": nanos(finished.total),
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

fn seconds(time: Duration) -> String {
    format!("{}.{:06}", time.as_secs(), time.subsec_micros())
}

fn nanos(time: Duration) -> Value {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).into()
}

/// A text in quotation marks that it cannot end.
fn quoted(text: &str) -> String {
    let mut marked = String::with_capacity(text.len() + 2);
    marked.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => marked.extend(['\\', character]),
            other => marked.push(other),
        }
    }
    marked.push('"');
    escaped(&marked, |line, character| {
        let _ = write!(line, "{}", character.escape_default());
    })
}

/// A text in which those characters are escaped that could end a line or change what a terminal shows.
fn escaped(text: &str, escape: impl Fn(&mut String, char)) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            escape(&mut safe, character);
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use http::{Request, StatusCode};

    use super::super::entry::RequestHead;
    use super::*;
    use crate::telemetry::outcome::{MethodClass, Verdict};
    use crate::telemetry::request_record::{ClaimNote, Finished, Origin};

    fn entry(target: &str, opaque_id: &str) -> Entry {
        let request = Request::get(target)
            .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            .header("authorization", "Basic planted")
            .header("cookie", "sid=planted");
        let mut request = request.body(()).expect("a request");
        let id = http::HeaderValue::from_bytes(opaque_id.as_bytes()).expect("a value");
        request.headers_mut().insert("x-opaque-id", id);
        let origin = Origin {
            address: "[::1]:5000".parse().expect("an address"),
            tls: Some("1.3"),
        };
        Entry {
            head: Box::new(RequestHead::of(origin, &request)),
            finished: Finished {
                outcome: Outcome::Complete,
                status: Some(StatusCode::OK),
                method: MethodClass::Get,
                total: Duration::from_micros(1_002_003),
                own: Duration::from_micros(5),
                node: Duration::from_millis(2),
                received: 3,
                sent: 4,
                retries: 1,
                claim: Some(ClaimNote {
                    plugin: "p",
                    verdict: Verdict::Admitted,
                    is_dry_run: true,
                }),
            },
            node: Some("http://es-1:9200".into()),
            at: UNIX_EPOCH,
        }
    }

    #[test]
    fn a_line_of_text_has_every_field() {
        let line = line(
            &entry("/a?api_key=planted&q=1", "kib\"\\ana"),
            Format::Text,
            &["api_key".to_owned()],
        );
        assert_eq!(
            line,
            "1970-01-01T00:00:00.000Z [::1]:5000 \"GET /a?api_key=[redacted]&q=1\" 200 outcome=complete received=3 sent=4 \
             duration=1.002003 own=0.000005 node_duration=0.002000 node=http://es-1:9200 retries=1 plugin=p \
             verdict=admitted dry_run=true opaque_id=\"kib\\\"\\\\ana\" trace_id=4bf92f3577b34da6a3ce929d0e0e4736 tls=1.3\n"
        );
    }

    #[test]
    fn a_head_that_was_not_read_has_dashes() {
        let read = entry("/", "");
        let unread = Entry {
            head: Box::new(RequestHead::unreadable(read.head.origin)),
            finished: Finished {
                status: None,
                claim: None,
                outcome: Outcome::Refused,
                ..read.finished
            },
            node: None,
            at: SystemTime::UNIX_EPOCH,
        };
        let text = line(&unread, Format::Text, &[]);
        assert!(
            text.contains(" \"- -\" - outcome=refused ") && text.contains(" node=- "),
            "{text}"
        );
        let json: Value = serde_json::from_str(&line(&unread, Format::Json, &[])).expect("JSON");
        assert_eq!(json["http"]["request"], json!({ "body": { "bytes": 3 } }));
        assert_eq!(json["event"]["outcome"], "failure");
        assert!(json.get("url").is_none(), "{json}");
    }

    #[test]
    fn no_value_ends_a_line_or_reaches_the_terminal() {
        // What a head may hold in UTF-8: C1 controls, separators, changes of direction.
        let hostile = "a\u{9b}31m\u{85}\u{2028}\u{202e}\"} ü";
        for format in [Format::Text, Format::Json] {
            let line = line(&entry("/", hostile), format, &[]);
            let line = line.strip_suffix('\n').expect("one line");
            assert!(!line.chars().any(is_unsafe), "{line:?}");
            assert!(line.contains('ü'), "{line}");
        }
        let line = line(&entry("/", hostile), Format::Json, &[]);
        let json: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(json["elasticsearch"]["http"]["request"]["x_opaque_id"], hostile);
    }

    #[test]
    fn no_header_field_that_is_a_secret_is_in_a_line() {
        for format in [Format::Text, Format::Json] {
            let line = line(&entry("/a?token=planted", "id"), format, &["token".to_owned()]);
            assert!(!line.contains("planted"), "{line}");
        }
    }
}
