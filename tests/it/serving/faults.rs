//! What is answered where the cluster fails, refuses, or changes things meanwhile.

use serde_json::{Value, json};

use super::{is, reason};
use crate::support::gateway::Gateway;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Answer};

const ERROR_403: &str = r#"{"error":{"root_cause":[{"type":"security_exception","reason":"no permissions for [indices:data/read/search]"}],"type":"security_exception","reason":"no permissions for [indices:data/read/search]"},"status":403}"#;

/// An OpenSearch with an index of one job, in which a call of this beginning has another answer.
fn cluster(special: &'static str, status: &'static str, body: &'static str) -> StandIn {
    let index = json!({"anomaly-detectors": {
        "aliases": {},
        "mappings": {"_meta": {"anomaly_gateway": {"revision": 1000}}},
        "settings": {"index": {"default_pipeline": "_none", "final_pipeline": "_none"}}
    }});
    let found = json!({
        "_index": "anomaly-detectors", "_id": "anomaly_detector-a", "_seq_no": 7, "_primary_term": 3, "found": true,
        "_source": {"create_time": 5}
    });
    StandIn::of_opensearch(move |(line, _)| {
        if line.starts_with(special) {
            return Some(with_fields(status, &[], body));
        }
        let ok = |body: &Value| Some(with_fields("200 OK", &[], &body.to_string()));
        if line == "GET /anomaly%2Ddetectors HTTP/1.1" {
            ok(&index)
        } else if line.starts_with("GET /anomaly%2Ddetectors/_doc/") {
            ok(&found)
        } else {
            None
        }
    })
}

/// What is answered to a call before such a cluster, and how often the special one was made.
fn call(
    method: &str,
    target: &str,
    special: &'static str,
    status: &'static str,
    body: &'static str,
) -> (Answer, usize) {
    let cluster = cluster(special, status, body);
    let gateway = Gateway::with(&[cluster.url()], &["--jobs-serve", "all"]);
    let answer = wire::call(gateway.address, method, target, &[], "");
    (answer, cluster.requests(special).len())
}

const LIST: &str = "/_ml/anomaly_detectors";
const ONE: &str = "/_ml/anomaly_detectors/a";
const REMOVAL: &str =
    "DELETE /anomaly%2Ddetectors/_doc/anomaly%5Fdetector%2Da?if_seq_no=7&if_primary_term=3&refresh=true";
const SEARCH: &str = "POST /anomaly%2Ddetectors/_search";

#[test]
fn the_clusters_refusal_is_handed_on() {
    for (method, target, special) in [
        ("GET", LIST, "GET /anomaly%2Ddetectors "),
        ("GET", LIST, SEARCH),
        ("GET", ONE, SEARCH),
        ("DELETE", ONE, "GET /anomaly%2Ddetectors/_doc/"),
        ("DELETE", ONE, SEARCH),
        ("DELETE", ONE, REMOVAL),
    ] {
        let (answer, asked) = call(method, target, special, "403 Forbidden", ERROR_403);
        is(&answer, 403, "security_exception");
        assert!(
            reason(&answer).contains("indices:data/read/search"),
            "{}",
            answer.text()
        );
        assert_eq!(asked, 1, "{method} {special}");
    }
    let unknown = r#"{"error":{"type":"security_exception","reason":"who"},"status":401}"#;
    for (method, target) in [
        ("GET", LIST),
        ("DELETE", ONE),
        ("POST", "/_ml/anomaly_detectors/a/_open"),
    ] {
        let (answer, _) = call(method, target, "GET / ", "401 Unauthorized", unknown);
        assert_eq!(answer.status(), 401, "{method}: {}", answer.text());
    }
}

#[test]
fn a_search_of_which_a_part_is_missing_is_no_list() {
    let part = r#"{"_shards":{"failed":1},"hits":{"hits":[]}}"#;
    let (answer, _) = call("GET", LIST, SEARCH, "200 OK", part);
    is(&answer, 502, "upstream_failure_exception");
}

#[test]
fn a_deletion_whose_outcome_is_unknown_is_not_repeated() {
    let (answer, asked) = call("DELETE", ONE, REMOVAL, "502 Bad Gateway", "{}");
    is(&answer, 500, "outcome_unknown_exception");
    assert_eq!(asked, 1);
}

#[test]
fn a_job_that_others_change_all_the_time_is_given_up() {
    let conflict = r#"{"error":{"type":"version_conflict_engine_exception","reason":"x"},"status":409}"#;
    let (answer, asked) = call("DELETE", ONE, REMOVAL, "409 Conflict", conflict);
    is(&answer, 409, "version_conflict_engine_exception");
    assert!((2..=16).contains(&asked), "{asked} tries");
}

/// A datafeed that stays behind counts for nothing, so that the job is deleted all the same.
#[test]
fn a_datafeed_that_cannot_be_removed_is_told_of() {
    let hits = r#"{"_shards":{"failed":0},"hits":{"hits":[
        {"_id":"datafeed-d","_seq_no":9,"_primary_term":1,"_source":{"job_id":"a","create_time":5}},
        {"_id":"datafeed-left","_seq_no":2,"_primary_term":1,"_source":{"job_id":"a","create_time":4}}]}}"#;
    let removed = r#"{"_index":"anomaly-detectors","_id":"anomaly_detector-a","result":"deleted"}"#;
    let index = json!({"anomaly-detectors": {"aliases": {}, "mappings": {}, "settings": {"index": {}}}}).to_string();
    let found = r#"{"_seq_no":7,"_primary_term":3,"found":true,"_source":{"create_time":5}}"#;
    let cluster = StandIn::of_opensearch(move |(line, _)| {
        let ok = |body: &str| Some(with_fields("200 OK", &[], body));
        match line {
            "GET /anomaly%2Ddetectors HTTP/1.1" => ok(&index),
            line if line.starts_with("GET /anomaly%2Ddetectors/_doc/") => ok(found),
            line if line.starts_with(SEARCH) => ok(hits),
            line if line.starts_with(REMOVAL) => ok(removed),
            line if line.starts_with("DELETE ") => Some(with_fields("403 Forbidden", &[], ERROR_403)),
            _ => None,
        }
    });
    let gateway = Gateway::with(&[cluster.url()], &["--jobs-serve", "all"]);
    let answer = wire::call(gateway.address, "DELETE", ONE, &[], "");
    assert_eq!(
        (answer.status(), answer.text().as_str()),
        (200, r#"{"acknowledged":true}"#)
    );
    gateway.logged(&["a document could not be removed again", "datafeed-d"]);
    let removals = cluster.requests("DELETE ");
    let lines: Vec<&str> = removals.iter().filter_map(|(head, _)| head.lines().next()).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with(REMOVAL), "{lines:?}");
    assert!(
        lines[1].contains("/_doc/datafeed%2Dd?if_seq_no=9&if_primary_term=1"),
        "{lines:?}"
    );
}
