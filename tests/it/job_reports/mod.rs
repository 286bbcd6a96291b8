//! What people have reported of jobs, as it is with the whole gateway: before real nodes where it is theirs to say, and
//! before scripted ones where it is the version that matters.

mod nodes;

use std::fs;

use serde_json::{Value, json};

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::StandIn;
use crate::support::wire::Answer;

/// A job with one detector.
fn job_of(detector: &Value) -> Value {
    json!({"analysis_config": {"detectors": [detector]}, "data_description": {}})
}

/// The types of an answer's exceptions, from the outermost.
fn chain(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let exceptions = std::iter::successors(Some(&body["error"]), |exception| exception.get("caused_by"));
    let types = exceptions.filter_map(|exception| exception["type"].as_str());
    types.map(str::to_owned).collect()
}

/// Elasticsearch 8.15.0 refuses the action, 8.16.0 stores it (elastic/elasticsearch#110974).
#[test]
fn rules_shift_time_from_8_16_on() {
    let rule = json!({
        "actions": ["force_time_shift"],
        "params": {"force_time_shift": {"time_shift_amount": 3600}},
        "conditions": [{"applies_to": "time", "operator": "gte", "value": 1}]
    });
    let body = job_of(&json!({"function": "mean", "field_name": "m", "custom_rules": [rule]})).to_string();
    for (version, status) in [("8.15.0", 400), ("8.16.0", 200), ("9.5.3", 200)] {
        let cluster = StandIn::elasticsearch(version);
        let answer = Gateway::before(&[cluster.url()]).create_job("j", &body);
        assert_eq!(answer.status(), status, "{version}: {}", answer.text());
        let stored = cluster.requests("PUT /anomaly%2Ddetectors/_create/");
        if status != 200 {
            assert!(stored.is_empty());
            continue;
        }
        let shift = "/analysis_config/detectors/0/custom_rules/0/params/force_time_shift/time_shift_amount";
        let document: Value = serde_json::from_str(&stored[0].1).expect("JSON");
        for document in [&document, &answer.json()] {
            assert_eq!(document.pointer(shift), Some(&3600.into()), "{version}: {document}");
        }
    }
}

/// Elasticsearch reads the options before the body, from 7.15 on (elastic/elasticsearch-specification#1882).
#[test]
fn index_options_are_judged_before_the_body() {
    for version in ["7.17.28", "8.19.21", "9.5.3"] {
        let cluster = StandIn::elasticsearch(version);
        let gateway = Gateway::before(&[cluster.url()]);
        for (query, expected) in [
            ("expand_wildcards=bad", &["illegal_argument_exception"][..]),
            ("ignore_throttled=yes", &["illegal_argument_exception"; 2]),
            ("allow_no_indices=1", &["illegal_argument_exception"; 2]),
            ("ignore_unavailable=maybe", &["illegal_argument_exception"; 2]),
        ] {
            for body in ["{", r#"{"x": 1}"#, &job::smallest()] {
                let answer = gateway.create_job(&format!("j?{query}"), body);
                assert_eq!(answer.status(), 400, "{version} {query} {body}: {}", answer.text());
                assert_eq!(chain(&answer), expected, "{version} {query} {body}: {}", answer.text());
                let name = query.split('=').next().expect("a name");
                assert!(answer.text().contains(&format!("[{name}]")), "{}", answer.text());
            }
        }
        assert!(cluster.creates().is_empty());
    }
}

/// A version that does not know them says so.
#[test]
fn index_options_are_unknown_before_7_15() {
    let cluster = StandIn::elasticsearch("7.14.2");
    let answer = Gateway::before(&[cluster.url()]).create_job("j?ignore_throttled=true", &job::smallest());
    assert_eq!(answer.status(), 400);
    assert!(
        answer.text().contains("unrecognized parameter: [ignore_throttled]"),
        "{}",
        answer.text()
    );
}

/// `IndicesOptions.fromRequest` of 7.15.2, 7.16.0, 7.17.28, 8.19.21 and 9.5.3.
#[test]
fn an_option_of_frozen_indices_earns_a_warning() {
    for (version, deprecated) in [
        ("7.15.2", 0),
        ("7.16.0", 1),
        ("7.17.28", 1),
        ("8.19.21", 1),
        ("9.5.3", 1),
    ] {
        let cluster = StandIn::elasticsearch(version);
        let gateway = Gateway::before(&[cluster.url()]);
        for (query, warned) in [("ignore_throttled=true", deprecated), ("ignore_unavailable=true", 0)] {
            let answer = gateway.create_job(&format!("j?{query}"), &job::smallest());
            assert_eq!(answer.status(), 200, "{}", answer.text());
            let warnings = answer.values("warning");
            assert_eq!(warnings.len(), warned, "{version} {query}: {warnings:?}");
            let start = format!("299 Elasticsearch-{version}-");
            let names = |warning: &&str| warning.starts_with(&start) && warning.contains("[ignore_throttled]");
            assert!(warnings.iter().all(names), "{version}: {warnings:?}");
        }
    }
}

/// 7.12.0, 7.13.2 and 7.14.2 end in the number alone, 7.15.1 wraps it (elastic/kibana#74030).
#[test]
fn an_unknown_unit_of_memory_ends_in_the_number_before_7_15() {
    let mut body: Value = serde_json::from_str(&job::smallest()).expect("JSON");
    let wrapper = "x_content_parse_exception";
    let number = "number_format_exception";
    for (version, expected, root) in [
        ("7.12.0", &[wrapper, wrapper, number][..], wrapper),
        ("7.13.2", &[wrapper, wrapper, number], wrapper),
        ("7.14.2", &[wrapper, wrapper, number], wrapper),
        (
            "7.15.1",
            &[wrapper, wrapper, "parse_exception", number],
            "parse_exception",
        ),
    ] {
        let cluster = StandIn::elasticsearch(version);
        let gateway = Gateway::before(&[cluster.url()]);
        for limit in ["512MiB", "512xb"] {
            body["analysis_limits"] = json!({ "model_memory_limit": limit });
            let answer = gateway.create_job("j", &body.to_string());
            assert_eq!(answer.status(), 400);
            assert_eq!(chain(&answer), expected, "{version}: {}", answer.text());
            assert_eq!(answer.json()["error"]["root_cause"][0]["type"], root, "{version}");
        }
    }
}

/// Elasticsearch 8.10.0 knows no later version (elastic/elasticsearch#37987).
#[test]
fn a_version_later_than_8_10_is_refused_at_8_10() {
    let mut body: Value = serde_json::from_str(&job::smallest()).expect("JSON");
    for (sent, status) in [("8.11.0", 400), ("8.9.0", 200), ("10.0.0", 200)] {
        body["job_version"] = sent.into();
        let cluster = StandIn::elasticsearch("8.10.0");
        let answer = Gateway::before(&[cluster.url()]).create_job("j", &body.to_string());
        assert_eq!(answer.status(), status, "{sent}: {}", answer.text());
        if status == 400 {
            let body = answer.json();
            assert_eq!(body["error"]["type"], "x_content_parse_exception");
            let reason = body["error"]["reason"].as_str().expect("a reason");
            assert!(
                reason.ends_with("[job_details] failed to parse field [job_version]"),
                "{reason}"
            );
        }
    }
}

/// A value that nobody sent has come from somewhere.
#[test]
fn a_violation_of_a_default_says_whose_it_is() {
    let policies = "\
policies:
  - name: generous
    enforcement: enforce
    match: { job_id: ['web-*'] }
    defaults: { analysis_limits: { model_memory_limit: 800mb } }
  - name: budget
    enforcement: enforce
    schema:
      properties:
        analysis_limits: { properties: { model_memory_limit: { x-max-bytes: 512mb } } }
";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policies.yml");
    fs::write(&file, policies).expect("a file");
    let cluster = StandIn::elasticsearch("8.19.21");
    let config = format!("policies: {{ files: ['{}'] }}\n", file.display());
    let gateway = Gateway::configured(&[cluster.url()], &config);
    let mut sent: Value = serde_json::from_str(&job::smallest()).expect("JSON");
    sent["analysis_limits"] = json!({"model_memory_limit": "1gb"});
    for (id, body, expected) in [
        (
            "db",
            job::smallest(),
            "is [1024mb], Elasticsearch's default, which is more than [512mb]",
        ),
        (
            "web-1",
            job::smallest(),
            "is [800mb], the default of policy [generous], which is more than [512mb]",
        ),
        ("db", sent.to_string(), "is [1024mb], which is more than [512mb]"),
    ] {
        let answer = gateway.create_job(id, &body);
        assert_eq!(answer.status(), 400, "{}", answer.text());
        let reason = answer.json()["error"]["root_cause"][0]["reason"]
            .as_str()
            .expect("a reason")
            .to_owned();
        assert!(reason.contains(expected), "{reason}");
    }
}
