//! Mode `store`: the gateway keeps the jobs in its index, and updates them there.

use serde_json::{Value, json};

use super::{Governed, POLICIES, error_type, job};
use crate::support::job::smallest;
use crate::support::node;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Answer};

/// A gateway with an index of its own in the shared node.
fn governed() -> (Governed, String) {
    let index = node::fresh_id("updates");
    let jobs = format!("index: {index}, updates: judge");
    (Governed::before(node::shared_url(), POLICIES, &jobs), index)
}

fn stored(index: &str, id: &str) -> Value {
    let node = wire::address_of(node::shared_url());
    let answer = wire::call(node, "GET", &format!("/{index}/_doc/anomaly_detector-{id}"), &[], "");
    answer.json()["_source"].clone()
}

fn is(answer: &Answer, status: u16, kind: &str) {
    assert_eq!(
        (answer.status(), &*error_type(answer)),
        (status, kind),
        "{}",
        answer.text()
    );
}

/// jobs-api.md §3.1, §3.7.
#[test]
fn a_stored_job_is_updated_and_answered_whole() {
    let (governed, index) = governed();
    let body = json!({
        "groups": ["web"],
        "analysis_config": {"detectors": [{"function": "mean", "field_name": "t"}]},
        "analysis_limits": {"model_memory_limit": "256mb"},
        "data_description": {}
    });
    assert_eq!(governed.gateway.create_job("a", &body.to_string()).status(), 200);
    let before = stored(&index, "a");
    let update = json!({
        "description": "new",
        "groups": ["ops"],
        "detectors": [{"detector_index": 0, "description": "mine"}],
        "custom_settings": {"x": 1}
    });
    let answer = governed.update("a", &update.to_string());
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let mut expected = before;
    expected["description"] = "new".into();
    expected["groups"] = json!(["ops"]);
    expected["custom_settings"] = json!({"x": 1});
    expected["analysis_config"]["detectors"][0]["detector_description"] = "mine".into();
    expected["analysis_config"]["detectors"][0]["detector_index"] = 0.into();
    assert_eq!(answer.json(), expected);
    assert_eq!(stored(&index, "a"), expected);
    // Once more, from what the first one has written.
    let answer = governed.update("a", r#"{"groups":[]}"#);
    expected.as_object_mut().expect("an object").shift_remove("groups");
    assert_eq!(answer.json(), expected);
}

#[test]
fn a_refused_update_leaves_the_job_as_it_was() {
    let (governed, index) = governed();
    let answer = governed.update("a", "{}");
    is(&answer, 404, "resource_not_found_exception");
    let small = smallest().replace(
        "\"data_description\"",
        "\"analysis_limits\":{\"model_memory_limit\":\"1mb\"},\"data_description\"",
    );
    for id in ["a", "b"] {
        assert_eq!(governed.gateway.create_job(id, &small).status(), 200);
    }
    let before = stored(&index, "a");
    is(&governed.update("c", "{}"), 404, "resource_not_found_exception");
    is(&governed.update("*", "{}"), 404, "resource_not_found_exception");
    is(&governed.update("a,b", "{}"), 404, "resource_not_found_exception");
    is(&governed.update("", "{}"), 404, "resource_not_found_exception");
    is(&governed.update("_all", "{}"), 400, "status_exception");
    is(&governed.update("a", ""), 400, "parse_exception");
    is(
        &governed.update("a", r#"{"description":"why?"}"#),
        400,
        "policy_violation_exception",
    );
    is(
        &governed.update("a", r#"{"analysis_limits":{}}"#),
        400,
        "policy_violation_exception",
    );
    // jobs-api.md §3.6: a group that is the id of a job is refused before it is known whether the job exists.
    is(
        &governed.update("a", r#"{"groups":["x","b"]}"#),
        400,
        "resource_already_exists_exception",
    );
    is(
        &governed.update("c", r#"{"groups":["b"]}"#),
        400,
        "resource_already_exists_exception",
    );
    let tried = governed.gateway.call(
        "POST",
        "/_ml/anomaly_detectors/a/_update?dry_run",
        r#"{"description":"x"}"#,
    );
    assert_eq!(
        (tried.status(), &tried.json()["dry_run"]),
        (200, &json!(true)),
        "{}",
        tried.text()
    );
    assert_eq!(stored(&index, "a"), before);
}

/// What the cluster says of the job's document.
fn cluster(written: &'static str, status: &'static str) -> StandIn {
    let found = json!({
        "_index": "anomaly-detectors", "_id": "anomaly_detector-web-1", "_seq_no": 7, "_primary_term": 3, "found": true,
        "_source": job()
    });
    let index = json!({"anomaly-detectors": {
        "aliases": {},
        "mappings": {"_meta": {"anomaly_gateway": {"revision": 1000}}},
        "settings": {"index": {"default_pipeline": "_none", "final_pipeline": "_none"}}
    }});
    StandIn::answering("8.19.21", move |(line, _)| {
        if line == "GET /anomaly%2Ddetectors HTTP/1.1" {
            return Some(with_fields("200 OK", &[], &index.to_string()));
        }
        if line.starts_with("GET /anomaly%2Ddetectors/_doc/anomaly%5Fdetector%2Dweb%2D1 ") {
            return Some(with_fields("200 OK", &[], &found.to_string()));
        }
        line.starts_with("PUT /anomaly%2Ddetectors/_doc/")
            .then(|| with_fields(status, &[], written))
    })
}

const WRITES: &str = "PUT /anomaly%2Ddetectors/_doc/anomaly_detector-web-1?if_seq_no=7&if_primary_term=3&";

#[test]
fn only_the_version_that_was_judged_is_replaced() {
    let done = r#"{"_index":"anomaly-detectors","_id":"anomaly_detector-web-1","result":"updated"}"#;
    let cluster = cluster(done, "200 OK");
    let governed = Governed::before(cluster.url(), POLICIES, "updates: judge");
    let answer = governed.update("web-1", r#"{"description":"new"}"#);
    assert_eq!(answer.status(), 200, "{}", answer.text());
    assert_eq!(cluster.requests(WRITES).len(), 1);
}

#[test]
fn a_job_that_others_change_all_the_time_is_given_up() {
    let conflict = r#"{"error":{"type":"version_conflict_engine_exception","reason":"x"},"status":409}"#;
    let cluster = cluster(conflict, "409 Conflict");
    let governed = Governed::before(cluster.url(), POLICIES, "updates: judge");
    let answer = governed.update("web-1", r#"{"description":"new"}"#);
    is(&answer, 409, "version_conflict_engine_exception");
    let tries = cluster.requests(WRITES).len();
    assert!((2..=16).contains(&tries), "{tries} tries");
}

/// What is judged twice is warned of once.
#[test]
fn a_job_that_others_have_changed_is_judged_again() {
    let conflict = r#"{"error":{"type":"version_conflict_engine_exception","reason":"x"},"status":409}"#;
    let cluster = cluster(conflict, "409 Conflict");
    let warns = POLICIES.replace("enforcement: enforce", "enforcement: warn");
    let governed = Governed::before(cluster.url(), &warns, "updates: judge");
    let answer = governed.update("web-1", r#"{"description":"why?"}"#);
    is(&answer, 409, "version_conflict_engine_exception");
    assert_eq!(answer.values("warning").len(), 1, "{:?}", answer.fields);
}

#[test]
fn a_write_whose_outcome_is_unknown_is_not_repeated() {
    let cluster = cluster("{}", "502 Bad Gateway");
    let governed = Governed::before(cluster.url(), POLICIES, "updates: judge");
    let answer = governed.update("web-1", r#"{"description":"new"}"#);
    is(&answer, 500, "outcome_unknown_exception");
    assert_eq!(cluster.requests(WRITES).len(), 1);
}
