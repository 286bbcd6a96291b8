//! Which names lead to the index, who is told what, and what is counted.

use std::io::Write;

use serde_json::json;

use super::{knows_the_names, protecting};
use crate::support::authority::Files;
use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::{ScriptedUpstream, field, read_body};
use crate::support::stand_in::with_fields;
use crate::support::wire::{self, Answer, Connection};

const PAGE: &str = r#"{"version":{"number":"8.19.21","build_hash":"abc"}}"#;
const NO_INDEX: &str = r#"{"error":{"type":"index_not_found_exception","reason":"x"},"status":404}"#;

/// A cluster that answers the question for the aliases like this, given its head.
fn cluster(aliases: impl Fn(&str) -> (&'static str, String) + Send + Sync + 'static) -> ScriptedUpstream {
    ScriptedUpstream::new(move |head, stream| {
        read_body(head, stream);
        let line = head.lines().next().expect("a request line");
        let answer = match line {
            "GET / HTTP/1.1" => with_fields("200 OK", &["X-elastic-product: Elasticsearch"], PAGE),
            _ if line.contains("%2Ddetectors/_alias ") => {
                let (status, body) = aliases(head);
                with_fields(status, &[], &body)
            }
            _ => with_fields("200 OK", &[], r#"{"did":"it"}"#),
        };
        let _ = stream.write_all(answer.as_bytes());
    })
}

fn answering(status: &'static str, body: &'static str) -> ScriptedUpstream {
    cluster(move |_| (status, body.to_owned()))
}

fn reason(answer: &Answer) -> String {
    answer.json()["error"]["reason"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_refused_write_is_answered_in_the_clusters_form() {
    let upstream = answering("200 OK", r#"{"anomaly-detectors":{"aliases":{"watched":{}}}}"#);
    let gateway = protecting(&upstream.url);
    knows_the_names(&gateway);
    let mut connection = Connection::to(gateway.address);
    let fields = [("X-Opaque-Id", "mine"), ("Content-Type", "application/json")];
    connection.send(&wire::request(
        "PUT",
        "/watched/_doc/1?pretty=false",
        &fields,
        r#"{"a":1}"#,
    ));
    let answer = connection.read();
    let reason = "the index [anomaly-detectors] is protected by [jobs.protect], and this request could write to it: \
                  [watched] in its path could name it; create jobs by PUT _ml/anomaly_detectors/<job_id>";
    let cause = json!({"type": "security_exception", "reason": reason});
    let body = json!({"error": {"root_cause": [cause], "type": "security_exception", "reason": reason}, "status": 403});
    assert_eq!((answer.status(), answer.json()), (403, body));
    assert_eq!(answer.values("x-opaque-id"), ["mine"]);
    assert_eq!(answer.values("content-type"), ["application/json"]);
    // Elasticsearch leaves it out where the caller may be nobody.
    assert!(answer.values("x-elastic-product").is_empty());
    // The body was read, so the connection serves the next request.
    connection.send(&wire::request("GET", "/watched/_doc/1", &[], ""));
    assert_eq!(connection.read().text(), r#"{"did":"it"}"#);
    assert_eq!(
        upstream
            .heads()
            .iter()
            .filter(|head| head.starts_with("PUT /watched"))
            .count(),
        0
    );
}

#[test]
fn protection_is_off_unless_it_is_switched_on() {
    let upstream = answering("200 OK", "{}");
    for yaml in ["", "jobs: { protect: auto }", "jobs: { protect: false }"] {
        let gateway = Gateway::configured(&[&upstream.url], yaml);
        let answer = gateway.call("DELETE", "/anomaly-detectors", "");
        assert_eq!(answer.text(), r#"{"did":"it"}"#, "{yaml}");
    }
    assert!(
        !upstream.heads().iter().any(|head| head.contains("_alias")),
        "nobody asks for aliases"
    );
}

#[test]
fn an_index_that_does_not_exist_has_no_other_names_and_is_made_by_nobody_else() {
    let gateway_before = answering("404 Not Found", NO_INDEX);
    let gateway = protecting(&gateway_before.url);
    knows_the_names(&gateway);
    for (method, target, body) in [
        ("PUT", "/anomaly-detectors", ""),
        ("PUT", "/other", r#"{"aliases":{"anomaly-detectors":{}}}"#),
        ("PUT", "/_index_template/t", r#"{"index_patterns":["anomaly-*"]}"#),
    ] {
        assert_eq!(gateway.call(method, target, body).status(), 403, "{method} {target}");
    }
    assert_eq!(gateway.call("PUT", "/other", "").status(), 200);
}

#[test]
fn the_index_behind_an_alias_is_protected_too() {
    let upstream = answering(
        "200 OK",
        r#"{"records-000001":{"aliases":{"anomaly-detectors":{},"watched":{}}}}"#,
    );
    let gateway = protecting(&upstream.url);
    knows_the_names(&gateway);
    for target in ["/records-000001", "/rec*", "/watched", "/anomaly-detectors"] {
        assert_eq!(gateway.call("DELETE", target, "").status(), 403, "{target}");
    }
    assert_eq!(gateway.call("DELETE", "/records-000002", "").status(), 200);
}

#[test]
fn while_the_names_are_unknown_writes_to_any_index_get_503() {
    for (status, body) in [
        (
            "403 Forbidden",
            r#"{"error":{"type":"security_exception"},"status":403}"#,
        ),
        ("404 Not Found", "not the cluster"),
        ("200 OK", "{}"),
        ("503 Service Unavailable", ""),
    ] {
        let upstream = answering(status, body);
        let gateway = protecting(&upstream.url);
        let refused = gateway.call("PUT", "/other/_doc/1", "{}");
        assert_eq!(
            (refused.status(), refused.values("retry-after")),
            (503, vec!["1"]),
            "{status}"
        );
        assert!(
            reason(&refused).contains("its aliases are not known"),
            "{}",
            refused.text()
        );
        let bulk = gateway.call("POST", "/_bulk", "{\"delete\":{\"_index\":\"other\",\"_id\":\"1\"}}\n");
        assert_eq!(bulk.status(), 503, "{status}");
        assert_eq!(
            gateway.call("DELETE", "/anomaly-detectors", "").status(),
            403,
            "{status}"
        );
        for (method, target) in [
            ("POST", "/other/_search"),
            ("GET", "/other"),
            ("PUT", "/_cluster/settings"),
        ] {
            assert_eq!(gateway.call(method, target, "{}").status(), 200, "{status} {target}");
        }
        gateway.logged(&["set access.authorization"]);
    }
}

#[test]
fn the_names_are_asked_for_with_the_credentials_of_a_file() {
    let upstream = cluster(|head| match field(head, "authorization").as_deref() {
        Some("ApiKey c2VjcmV0") => (
            "200 OK",
            r#"{"anomaly-detectors":{"aliases":{"watched":{}}}}"#.to_owned(),
        ),
        _ => ("401 Unauthorized", String::new()),
    });
    let files = Files::new();
    files.write("authorization", "ApiKey b3V0ZGF0ZWQ=\n");
    let yaml = format!(
        "jobs: {{ protect: true }}\naccess: {{ authorization: {:?} }}",
        files.path("authorization")
    );
    let gateway = Gateway::configured(&[&upstream.url], &yaml);
    assert_eq!(gateway.call("PUT", "/other", "").status(), 503);
    files.write("authorization", "ApiKey c2VjcmV0\n");
    knows_the_names(&gateway);
    assert_eq!(gateway.call("DELETE", "/watched", "").status(), 403);
    assert_eq!(gateway.call("DELETE", "/other", "").status(), 200);
    let heads = upstream.heads();
    let with = |secret: &str| -> Vec<&String> { heads.iter().filter(|head| head.contains(secret)).collect() };
    // Refused credentials are not shown again: some clusters count failed logins, and lock the address out.
    assert_eq!(with("b3V0ZGF0ZWQ").len(), 1);
    let is_question = |head: &&String| head.starts_with("GET /anomaly%2Ddetectors/_alias ");
    assert!(with("c2VjcmV0").iter().all(is_question), "for nothing else");
    assert!(!gateway.log().contains("c2VjcmV0"));
}

#[test]
fn a_caller_whom_the_cluster_does_not_know_is_told_nothing_of_the_protection() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        read_body(head, stream);
        let answer = if head.contains("_alias ") {
            with_fields("404 Not Found", &[], NO_INDEX)
        } else {
            with_fields(
                "401 Unauthorized",
                &["WWW-Authenticate: Basic"],
                r#"{"error":"who are you?","status":401}"#,
            )
        };
        let _ = stream.write_all(answer.as_bytes());
    });
    let gateway = protecting(&upstream.url);
    for (target, body) in [
        ("/anomaly-detectors/_doc", "{}"),
        ("/_bulk", "{\"delete\":{\"_index\":\"anom*\"}}\n"),
    ] {
        let answer = gateway.call("POST", target, body);
        assert_eq!(
            (answer.status(), answer.values("www-authenticate")),
            (401, vec!["Basic"])
        );
        assert!(!answer.text().contains("protect"), "{}", answer.text());
    }
    let deletes = upstream.heads().into_iter().filter(|head| head.starts_with("POST "));
    assert_eq!(deletes.count(), 0);
}

#[test]
fn refusals_are_counted_and_logged_once_a_second_at_most() {
    let upstream = answering("404 Not Found", NO_INDEX);
    let gateway = protecting(&upstream.url);
    knows_the_names(&gateway);
    let begun = std::time::Instant::now();
    for _ in 0..50 {
        assert_eq!(gateway.call("DELETE", "/anom*", "").status(), 403);
    }
    assert_eq!(
        gateway
            .call("POST", "/_bulk", "{\"delete\":{\"_index\":\"anomaly-detectors\"}}\n")
            .status(),
        403
    );
    assert_eq!(gateway.call("POST", "/_bulk/stream", "").status(), 403);
    assert_eq!(gateway.call("DELETE", "/x?index=anom*", "").status(), 403);
    let seconds = begun.elapsed().as_secs();
    let metrics = gateway.ask_admin("GET", "/metrics").text();
    for (reason, count) in [("path", 50), ("body", 1), ("unjudged", 1), ("query", 1)] {
        let line = format!("anomaly_gateway_protected_index_refusals_total{{reason=\"{reason}\"}} {count}");
        assert!(metrics.contains(&line), "{line} is not in {metrics}");
    }
    gateway.logged(&["could write to a protected index was refused"]);
    let log = gateway.log();
    let lines = log
        .lines()
        .filter(|line| line.contains("could write to a protected index was refused"));
    assert!((1..=seconds + 2).contains(&(lines.count() as u64)), "{log}");
}
