//! Validating jobs and detectors that nobody wants created (jobs-api.md §4).

use serde_json::{Value, json};

use super::{Serving, is, kind, to_node};
use crate::support::job::smallest;
use crate::support::wire::Answer;

fn validate(serving: &Serving, body: &Value) -> Answer {
    let target = "/_ml/anomaly_detectors/_validate";
    serving.gateway.call("POST", target, &body.to_string())
}

fn detector(serving: &Serving, body: &Value) -> Answer {
    let target = "/_ml/anomaly_detectors/_validate/detector";
    serving.gateway.call("POST", target, &body.to_string())
}

/// The smallest job with these members.
fn with(members: &Value) -> Value {
    let mut job: Value = serde_json::from_str(&smallest()).expect("JSON");
    let members = members.as_object().expect("members").clone();
    job.as_object_mut().expect("an object").extend(members);
    job
}

#[test]
fn a_job_that_can_be_created_is_acknowledged_and_not_stored() {
    for version in ["7.0", "7.17", "8.19", "9.5"] {
        let serving = Serving::version(version);
        for members in [
            json!({}),
            json!({"job_id": "a"}),
            json!({"groups": ["web"], "description": "d"}),
        ] {
            let answer = validate(&serving, &with(&members));
            assert_eq!(
                (answer.status(), answer.text().as_str()),
                (200, r#"{"acknowledged":true}"#),
                "{version} {members}"
            );
        }
        let index = to_node("GET", &format!("/{}", serving.index), "");
        assert_eq!(index.status(), 404, "{}", index.text());
    }
}

/// What is wrong with a body is told as a create tells it.
#[test]
fn a_job_that_cannot_be_created_is_refused_as_a_create_is() {
    for version in ["7.0", "7.17", "8.19", "9.5"] {
        let serving = Serving::version(version);
        let two = json!({"detectors": [{"function": "count"}, {"function": "count"}]});
        // Before 7.2 nobody looks for that.
        let twice = (version != "7.0").then(|| with(&json!({ "analysis_config": two })));
        let bodies = [
            with(&json!({"unknown": 1})),
            with(&json!({"description": []})),
            with(&json!({"analysis_config": {"detectors": [{"function": "mean"}]}})),
            with(&json!({"analysis_config": {"bucket_span": "0s", "detectors": [{"function": "count"}]}})),
            with(&json!({"analysis_config": {"detectors": []}})),
            with(&json!({"analysis_limits": {"model_memory_limit": "x"}})),
            with(&json!({"groups": ["A B"]})),
            with(&json!({"create_time": 1})),
            with(&json!({"results_retention_days": -1})),
            with(&json!({"datafeed_config": {"indices": []}})),
            json!([]),
        ];
        for body in bodies.into_iter().chain(twice) {
            let [validated, created] = [
                validate(&serving, &body),
                serving.gateway.create_job("ok", &body.to_string()),
            ];
            assert_eq!(created.status(), 400, "{version} {body}: {}", created.text());
            assert_eq!(
                (validated.status(), validated.json()),
                (created.status(), created.json()),
                "{version} {body}"
            );
        }
    }
}

#[test]
fn a_job_without_an_id_is_called_ok() {
    let serving = Serving::version("8.19");
    is(
        &validate(&serving, &with(&json!({"groups": ["ok"]}))),
        400,
        "resource_already_exists_exception",
    );
    let named = with(&json!({"groups": ["ok"], "job_id": "a"}));
    assert_eq!(validate(&serving, &named).status(), 200);
    is(
        &validate(&serving, &with(&json!({"job_id": "A"}))),
        400,
        "illegal_argument_exception",
    );
    let feed = |job_id: &str| with(&json!({"datafeed_config": {"job_id": job_id, "indices": ["x"]}}));
    assert_eq!(validate(&serving, &feed("ok")).status(), 200);
    is(&validate(&serving, &feed("a")), 400, "illegal_argument_exception");
}

#[test]
fn a_body_is_needed_and_parameters_are_few() {
    let serving = Serving::version("8.19");
    let call = |rest: &str, body: &str| {
        let target = format!("/_ml/anomaly_detectors/_validate{rest}");
        serving.gateway.call("POST", &target, body)
    };
    is(&call("", ""), 400, "parse_exception");
    is(&call("/detector", ""), 400, "parse_exception");
    is(&call("?timeout=1s", &smallest()), 400, "illegal_argument_exception");
    assert_eq!(call("/?pretty&human", &smallest()).status(), 200);
    let source = percent_encoding::utf8_percent_encode(&smallest(), percent_encoding::NON_ALPHANUMERIC).to_string();
    let typed = format!("?source={source}&source_content_type=application/json");
    assert_eq!(call(&typed, "").status(), 200);
    is(&call(&format!("?source={source}"), ""), 500, "illegal_state_exception");
    is(&call(&typed, &smallest()), 400, "illegal_argument_exception");
    // Whatever there is in the cluster.
    serving.create("a", &json!({}));
    let taken = with(&json!({"job_id": "a", "groups": ["b"]}));
    assert_eq!(validate(&serving, &taken).status(), 200);
    // jobs-api.md §4.1.
    for (version, status, expected) in [
        ("7.0", 400, "illegal_argument_exception"),
        ("7.17", 500, "null_pointer_exception"),
        ("9.5", 500, "null_pointer_exception"),
    ] {
        let answer = validate(&serving.as_version(version), &json!({}));
        is(&answer, status, expected);
    }
}

/// jobs-api.md §4.2.
#[test]
fn a_detector_is_judged_by_itself() {
    for version in ["7.0", "8.19", "9.5"] {
        let serving = Serving::version(version);
        for body in [
            json!({"function": "count"}),
            json!({"function": "mean", "field_name": "t", "by_field_name": "host", "detector_index": 7}),
            json!({"function": "rare", "by_field_name": "x", "use_null": true, "detector_description": "d"}),
        ] {
            let answer = detector(&serving, &body);
            assert_eq!(answer.text(), r#"{"acknowledged":true}"#, "{version} {body}");
        }
        for body in [
            json!({}),
            json!({"function": "mean"}),
            json!({"function": "count", "field_name": "x"}),
            json!({"function": "mean", "field_name": "x", "by_field_name": "a", "over_field_name": "a"}),
        ] {
            let answer = detector(&serving, &body);
            is(&answer, 400, "status_exception");
            assert!(
                answer.json()["error"]["caused_by"].is_null(),
                "{version} {}",
                answer.text()
            );
        }
        for body in [
            json!({"unknown": 1}),
            json!({"use_null": {}}),
            json!({"function": "count", "custom_rules": null}),
        ] {
            let answer = detector(&serving, &body);
            assert_eq!(
                (answer.status(), &*kind(&answer)),
                (400, "x_content_parse_exception"),
                "{version} {body}"
            );
        }
        let shifted = json!({"function": "count", "custom_rules": [{
            "actions": ["force_time_shift"], "params": {"force_time_shift": {"time_shift_amount": 3600}},
            "conditions": [{"applies_to": "actual", "operator": "gt", "value": 1}]
        }]});
        let expected = if version == "7.0" { 400 } else { 200 };
        assert_eq!(detector(&serving, &shifted).status(), expected, "{version}");
    }
}
