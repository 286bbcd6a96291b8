//! Lines in both formats: every field, nothing that is a secret, and nothing that ends a line.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::super::entry::RequestHead;
use super::*;
use crate::telemetry::outcome::{MethodClass, Outcome, Verdict};
use crate::telemetry::request_record::clock::Times;
use crate::telemetry::request_record::finished::Finished;
use crate::telemetry::request_record::{ClaimNote, Origin};

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
            times: Times {
                total: Duration::from_micros(1_002_003),
                own: Duration::from_micros(5),
                node: Duration::from_millis(2),
            },
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
