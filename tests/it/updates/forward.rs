//! Modes `forward` and `both`: the cluster keeps the jobs, shows them to the gateway, and updates them.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{Cluster, Governed, POLICIES, error_type, job, send};
use crate::support::gateway::Gateway;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::Connection;

const JUDGED: &str = "commit: forward, updates: judge";

/// jobs-api.md §3.2: up to 9.2 whoever touches the number of examples resets the memory.
#[test]
fn an_update_is_judged_on_the_job_that_would_come_of_it() {
    let body = r#"{"analysis_limits":{"categorization_examples_limit":4}}"#;
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, JUDGED);
    let answer = governed.update("web-1", body);
    assert_eq!(
        (answer.status(), &*error_type(&answer)),
        (400, "policy_violation_exception"),
        "{}",
        answer.text()
    );
    let cause = &answer.json()["error"]["root_cause"][0];
    assert_eq!(cause["pointer"], "/analysis_limits/model_memory_limit");
    assert_eq!(cause["value"], "1024mb");
    assert_eq!(cause["origin"], "Elasticsearch's default");
    assert_eq!(cluster.updates().len(), 0);

    let cluster = Cluster::with("9.5.3", job());
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, JUDGED);
    assert_eq!(governed.update("web-1", body).status(), 200);
    assert_eq!(cluster.updates().len(), 1);
    let too_much = r#"{"analysis_limits":{"model_memory_limit":"1gb"}}"#;
    assert_eq!(
        error_type(&governed.update("web-1", too_much)),
        "policy_violation_exception"
    );
    assert_eq!(cluster.updates().len(), 1);
}

#[test]
fn an_admitted_update_goes_on_as_it_came() {
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, JUDGED);
    let body = "{ \"description\" : \"new\",\n \"job_id\": \"another\" /* kept */ }";
    let mut connection = Connection::to(governed.gateway.address);
    let head = format!(
        "POST /_ml/anomaly_detectors/%77eb-1/_update//?timeout=5s&pretty HTTP/1.1\r\nHost: orig:9200\r\n\
         aUTHORIZATION: ApiKey abc\r\nContent-Length: {}\r\nX-Opaque-Id: me\r\nContent-Type: application/json\r\n\r\n",
        body.len()
    );
    connection.send(head.as_bytes());
    connection.send(body.as_bytes());
    let answer = connection.read();
    assert_eq!(answer.values("x-of-the-cluster"), ["1"], "{}", answer.text());
    let updates = cluster.updates();
    let [(sent_head, sent)] = updates.as_slice() else {
        panic!("{updates:?}")
    };
    assert_eq!(sent, body);
    let fields = |head: &str| {
        let mut fields: Vec<String> = head
            .lines()
            .map(str::to_lowercase)
            .filter(|line| !line.is_empty())
            .collect();
        fields[1..].sort();
        fields
    };
    assert_eq!(fields(sent_head), fields(&head));
    // It was looked up in the client's name.
    let looks = cluster.stand_in.requests("GET /_ml/anomaly_detectors/web%2D1 ");
    assert!(
        looks
            .iter()
            .all(|(head, _)| head.to_lowercase().contains("authorization: apikey abc"))
    );
    assert!(!looks.is_empty());
}

#[test]
fn a_body_in_another_form_keeps_it() {
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, JUDGED);
    let yaml = "description: new\n";
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(yaml.as_bytes()).expect("memory takes everything");
    let gzip = gzip.finish().expect("memory takes everything");
    let mut connection = Connection::to(governed.gateway.address);
    connection.send(
        b"POST /_ml/anomaly_detectors/web-1/_update HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n\
          Transfer-Encoding: chunked\r\nContent-Type: application/yaml\r\n\r\n",
    );
    connection.send(format!("{:x}\r\n", gzip.len()).as_bytes());
    connection.send(&gzip);
    connection.send(b"\r\n0\r\n\r\n");
    assert_eq!(connection.read().status(), 200);
    let (head, body) = cluster.updates().pop().expect("it is asked");
    assert_eq!(body, yaml);
    let head = head.to_lowercase();
    assert!(
        head.contains("content-type: application/yaml") && head.contains(&format!("content-length: {}", yaml.len()))
    );
    assert!(
        !head.contains("content-encoding") && !head.contains("transfer-encoding"),
        "{head}"
    );
}

/// No field that a client chooses, and no spelling, gets an update past the policies.
#[test]
fn a_forbidden_update_is_refused_however_it_is_sent() {
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, JUDGED);
    let body = r#"{"description":"why?"}"#;
    for target in [
        "/_ml/anomaly_detectors/web-1/_update",
        "/_ml/anomaly_detectors/web-1/_update///",
        "/_ml/anomaly_detectors/%77eb-1/_update?pretty&timeout=1s",
        "/_xpack/ml/anomaly_detectors/web-1/_update",
        "_ml/anomaly_detectors/web-1/_update",
        "http://h/_ml/anomaly_detectors/web-1/_update",
    ] {
        for fields in [
            &[("content-type", "application/json")][..],
            &[("content-type", "application/vnd.elasticsearch+json;compatible-with=8")],
            &[("content-type", "application/json; charset=utf-16")],
            &[("content-type", "text/plain")],
            &[("content-type", "application/x-ndjson")],
            &[],
        ] {
            let answer = send(&governed.gateway, target, fields, body);
            assert!(answer.status() >= 400, "{target} {fields:?}: {}", answer.text());
        }
    }
    assert_eq!(cluster.updates().len(), 0);
}

#[test]
fn what_names_no_single_job_is_not_forwarded() {
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, JUDGED);
    for (id, kind) in [
        ("", "resource_not_found_exception"),
        ("*", "resource_not_found_exception"),
        ("web-1,web-2", "resource_not_found_exception"),
        ("web-*", "resource_not_found_exception"),
        ("web", "resource_not_found_exception"),
        ("WEB-1", "resource_not_found_exception"),
        ("web-1%2F..", "resource_not_found_exception"),
        ("no-such-job", "resource_not_found_exception"),
        ("_all", "status_exception"),
    ] {
        let answer = governed.update(id, r#"{"description":"new"}"#);
        assert_eq!(error_type(&answer), kind, "{id}: {}", answer.text());
        let status = if id == "_all" { 400 } else { 404 };
        assert_eq!(answer.status(), status, "{id}");
        // jobs-api.md §3.1: a fault of the body wins over it.
        let answer = governed.update(id, r#"{"descriptions":"new"}"#);
        assert_eq!(
            (answer.status(), &*error_type(&answer)),
            (400, "x_content_parse_exception"),
            "{id}"
        );
    }
    assert_eq!(cluster.updates().len(), 0);
}

#[test]
fn a_job_that_cannot_be_looked_up_is_not_updated() {
    let not_json = with_fields("200 OK", &[], "<html>");
    let cut_off = with_fields("200 OK", &[], r#"{"count":1,"jobs":[{"job_id":"web-1""#);
    let another = with_fields("200 OK", &[], r#"{"count":1,"jobs":[{"job_id":"web-2"}]}"#);
    let broken = with_fields("200 OK", &[], r#"{"count":1,"jobs":[{"job_id":"web-1"}]}"#);
    let answers = [
        (with_fields("401 Unauthorized", &[], "{}"), 401),
        (with_fields("403 Forbidden", &[], "{}"), 403),
        (with_fields("503 Service Unavailable", &[], "{}"), 503),
        (not_json, 502),
        (cut_off, 502),
        (another, 404),
        (broken, 400),
    ];
    for (look, status) in answers {
        let shown = look.clone();
        let cluster = StandIn::answering("8.19.21", move |(line, _)| {
            line.starts_with("GET /_ml/anomaly_detectors/").then(|| shown.clone())
        });
        let governed = Governed::before(cluster.url(), POLICIES, JUDGED);
        let answer = governed.update("web-1", r#"{"description":"new"}"#);
        assert_eq!(answer.status(), status, "{look}: {}", answer.text());
        assert_eq!(cluster.requests("POST ").len(), 0, "{look}");
    }
}

/// What is held of a job is bounded.
#[test]
fn a_job_beyond_all_measure_is_not_updated() {
    let mut large = job();
    large["custom_settings"] = json!({"x": "x".repeat(5 * 1024 * 1024)});
    let cluster = Cluster::with("8.19.21", large);
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, JUDGED);
    let answer = governed.update("web-1", r#"{"description":"new"}"#);
    assert_eq!(answer.status(), 502, "{}", answer.text());
    assert_eq!(cluster.updates().len(), 0);
}

#[test]
fn by_default_an_update_is_forwarded_as_any_call() {
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, "commit: forward");
    let answer = governed.update("web-1", r#"{"description":"why?"}"#);
    assert_eq!(answer.status(), 200);
    assert_eq!(cluster.stand_in.received().len(), 1, "nothing else is asked");
}

/// Whoever changes something else need not repair first what was wrong before.
#[test]
fn what_a_job_violated_before_is_warned_of() {
    let mut before = job();
    before["description"] = "why?".into();
    before["analysis_limits"]["model_memory_limit"] = "2048mb".into();
    let cluster = Cluster::with("8.19.21", before.clone());
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, JUDGED);
    let answer = governed.update("web-1", r#"{"results_retention_days":5}"#);
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let warnings = answer.values("warning").join("\n");
    assert!(
        warnings.contains("[/description] is [why?], as it was before"),
        "{warnings}"
    );
    assert!(
        warnings.contains("memory-budget") && warnings.contains("2048mb"),
        "{warnings}"
    );
    // What is touched is enforced, whether or not it gets worse.
    for body in [
        r#"{"description":"what?"}"#,
        r#"{"analysis_limits":{"model_memory_limit":"1gb"}}"#,
    ] {
        assert_eq!(
            error_type(&governed.update("web-1", body)),
            "policy_violation_exception",
            "{body}"
        );
    }
    assert_eq!(
        governed.update("web-1", r#"{"description":"that is why"}"#).status(),
        200
    );
    assert_eq!(cluster.updates().len(), 2);

    let all = POLICIES.replace("enforcement: enforce\n", "enforcement: enforce\n    on_update: all\n");
    let cluster = Cluster::with("8.19.21", before);
    let governed = Governed::before(cluster.stand_in.url(), &all, JUDGED);
    let answer = governed.update("web-1", r#"{"results_retention_days":5}"#);
    assert_eq!(error_type(&answer), "policy_violation_exception");
    assert_eq!(
        answer.json()["error"]["root_cause"].as_array().map(Vec::len),
        Some(2),
        "{}",
        answer.text()
    );
    assert_eq!(cluster.updates().len(), 0);
}

/// A job that comes under a policy by its new group has not violated it before.
#[test]
fn a_policy_that_begins_to_concern_a_job_is_enforced() {
    let policies = "policies:\n  - { name: described, enforcement: enforce, match: { groups: [prod] }, schema: { required: [custom_settings] } }\n";
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), policies, JUDGED);
    assert_eq!(governed.update("web-1", r#"{"description":"x"}"#).status(), 200);
    let answer = governed.update("web-1", r#"{"groups":["prod"]}"#);
    assert_eq!(error_type(&answer), "policy_violation_exception");
    let both = r#"{"groups":["prod"],"custom_settings":{"owner":"me"}}"#;
    assert_eq!(governed.update("web-1", both).status(), 200);
}

/// What operators fill in where clients leave something out is for new jobs.
#[test]
fn defaults_of_policies_are_not_filled_into_updates() {
    let policies = "policies:\n  - { name: d, enforcement: enforce, defaults: { description: filled in } }\n";
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), policies, JUDGED);
    assert_eq!(
        governed.update("web-1", r#"{"results_retention_days":5}"#).status(),
        200
    );
    assert_eq!(cluster.updates()[0].1, r#"{"results_retention_days":5}"#);
}

#[test]
fn an_update_can_be_tried_out() {
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, JUDGED);
    let answer = governed.gateway.call(
        "POST",
        "/_ml/anomaly_detectors/web-1/_update?dry_run",
        r#"{"description":"new","groups":[]}"#,
    );
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let answer: Value = answer.json();
    assert_eq!(answer["description"], "new");
    assert_eq!(answer["dry_run"], true);
    let expected = json!([
        {"op": "replace", "path": "/description", "value": "new", "origin": "update"},
        {"op": "remove", "path": "/groups", "origin": "update"}
    ]);
    assert_eq!(answer["changes"], expected);
    let answer = governed.gateway.call(
        "POST",
        "/_ml/anomaly_detectors/web-1/_update?dry_run=true",
        r#"{"description":"why?"}"#,
    );
    assert_eq!(error_type(&answer), "policy_violation_exception");
    assert_eq!(cluster.updates().len(), 0);
}

/// In `both` the record follows the job.
#[test]
fn an_updated_job_is_recorded_anew() {
    let recorded = |line: &str| line.starts_with("PUT /anomaly%2Ddetectors/_doc/anomaly_detector-web-1?");
    let shown = with_fields("200 OK", &[], &json!({"count": 1, "jobs": [job()]}).to_string());
    let cluster = StandIn::answering("8.19.21", move |(line, _)| {
        if line.starts_with("GET /_ml/anomaly_detectors/") {
            return Some(shown.clone());
        }
        if line.starts_with("POST /_ml/anomaly_detectors/") {
            return Some(with_fields("200 OK", &[], "{}"));
        }
        let body = json!({"_index": "anomaly-detectors", "_id": "anomaly_detector-web-1", "result": "updated"});
        recorded(line).then(|| with_fields("200 OK", &[], &body.to_string()))
    });
    let governed = Governed::before(cluster.url(), POLICIES, "commit: both, updates: judge");
    assert_eq!(governed.update("web-1", r#"{"description":"new"}"#).status(), 200);
    let records = cluster.requests("PUT /anomaly%2Ddetectors/_doc/");
    let [(_, record)] = records.as_slice() else {
        panic!("{records:?}")
    };
    let record: Value = serde_json::from_str(record).expect("JSON");
    let mut expected = job();
    expected["description"] = "new".into();
    assert_eq!(record, expected);
}

#[test]
fn without_policies_an_update_is_judged_as_elasticsearch_does() {
    let cluster = Cluster::with("8.19.21", job());
    let gateway = Gateway::configured(&[cluster.stand_in.url()], "jobs: { commit: forward, updates: judge }\n");
    let update = |body: &str| gateway.call("POST", "/_ml/anomaly_detectors/web-1/_update", body);
    let answer = update(r#"{"detectors":[{"detector_index":1}]}"#);
    assert_eq!((answer.status(), &*error_type(&answer)), (400, "status_exception"));
    assert_eq!(cluster.updates().len(), 0);
    assert_eq!(
        update(r#"{"detectors":[{"detector_index":0,"description":"x"}]}"#).status(),
        200
    );
    assert_eq!(cluster.updates().len(), 1);
}
