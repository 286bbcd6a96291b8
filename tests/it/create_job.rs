//! The main job before a real node: created, stored as documented, found, and refused a second time.

use serde_json::{Value, json};

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;

const INDEX: &str = "/anomaly-detectors";

fn gateway() -> Gateway {
    Gateway::before(&[node::shared_url()])
}

fn stored(gateway: &Gateway, id: &str) -> Value {
    let answer = gateway.call("GET", &format!("{INDEX}/_doc/anomaly_detector-{id}"), "");
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()["_source"].clone()
}

/// The example of the 7.0 documentation's page and the answer that the page gives for it. The fields that depend on
/// the time and the version are checked apart.
#[test]
fn the_documented_example_has_the_documented_answer() {
    let gateway = gateway();
    let id = node::fresh_id("total-requests");
    let answer = gateway.create_job(&id, &job::total_requests());
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let created = answer.json();
    assert!(
        created["create_time"]
            .as_i64()
            .is_some_and(|millis| millis > 1_700_000_000_000),
        "{created}"
    );
    assert_eq!(created["job_version"], "7.0.0");
    let documented = json!({
        "job_id": id,
        "job_type": "anomaly_detector",
        "description": "Total sum of requests",
        "analysis_config": {
            "bucket_span": "10m",
            "detectors": [{
                "detector_description": "Sum of total",
                "function": "sum",
                "field_name": "total",
                "detector_index": 0
            }],
            "influencers": []
        },
        "analysis_limits": {"model_memory_limit": "1024mb", "categorization_examples_limit": 4},
        "data_description": {"time_field": "timestamp", "time_format": "epoch_ms"},
        "model_snapshot_retention_days": 1,
        "results_index_name": "shared"
    });
    assert_eq!(job::without(created, &["create_time", "job_version"]), documented);
}

/// create-job.md §5.2: what is stored is the answer without each detector's index.
#[test]
fn the_stored_document_is_the_answer_less_detector_index() {
    let gateway = gateway();
    let id = node::fresh_id("stored");
    let mut expected = gateway.create_job(&id, &job::total_requests()).json();
    expected["analysis_config"]["detectors"][0]
        .as_object_mut()
        .expect("a detector")
        .shift_remove("detector_index");
    assert_eq!(stored(&gateway, &id), expected);
}

/// All fields that version 7.0 takes, in one job (create-job.md §2.2 to §2.8), and all that the mapping must take.
#[test]
fn a_job_with_every_field_is_stored_field_by_field() {
    let gateway = gateway();
    let id = node::fresh_id("every-field");
    let body = json!({
        "job_id": id,
        "groups": ["web", "ops"],
        "description": "every field",
        "analysis_config": {
            "bucket_span": "1h",
            "latency": "30s",
            "categorization_field_name": "message",
            "categorization_filters": ["\\d+"],
            "summary_count_field_name": "doc_count",
            "influencers": ["host", "mlcategory"],
            "multivariate_by_fields": true,
            "detectors": [{
                "function": "high_sum",
                "field_name": "bytes",
                "by_field_name": "mlcategory",
                "over_field_name": "host",
                "partition_field_name": "dc",
                "use_null": true,
                "exclude_frequent": "ALL",
                "custom_rules": [{
                    "actions": ["skip_model_update"],
                    "scope": {"host": {"filter_id": "hosts", "filter_type": "exclude"}},
                    "conditions": [{"applies_to": "actual", "operator": "gt", "value": 10}]
                }]
            }]
        },
        "analysis_limits": {"model_memory_limit": "2gb", "categorization_examples_limit": 8},
        "data_description": {"time_field": "@timestamp", "time_format": "epoch", "format": "delimited", "field_delimiter": ";", "quote_character": "'"},
        "model_plot_config": {"enabled": true, "terms": "a,b"},
        "background_persist_interval": "2h",
        "renormalization_window_days": 3,
        "results_retention_days": 30,
        "model_snapshot_retention_days": 7,
        "custom_settings": {"owner": {"team": "web", "pager": [1, 2.5, null]}},
        "results_index_name": "web"
    });
    let answer = gateway.create_job(&id, &body.to_string());
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let created = answer.json();
    // The document, member by member: sent, expanded by a default, or normalised as documented.
    let mut expected = body;
    expected["job_type"] = json!("anomaly_detector");
    expected["job_version"] = json!("7.0.0");
    expected["create_time"] = created["create_time"].clone();
    expected["analysis_limits"]["model_memory_limit"] = json!("2048mb");
    expected["results_index_name"] = json!("custom-web");
    let detector = &mut expected["analysis_config"]["detectors"][0];
    detector["detector_description"] =
        json!("high_sum(bytes) by mlcategory over host usenull=true partitionfield=dc excludefrequent=all");
    detector["exclude_frequent"] = json!("all");
    detector["custom_rules"][0]["conditions"][0]["value"] = json!(10.0);
    assert_eq!(stored(&gateway, &id), expected);
    expected["analysis_config"]["detectors"][0]["detector_index"] = json!(0);
    assert_eq!(created, expected);
}

#[test]
fn a_job_is_found_as_soon_as_it_is_answered() {
    let gateway = gateway();
    for round in 0..10 {
        let id = node::fresh_id(&format!("found-{round}"));
        assert_eq!(gateway.create_job(&id, &job::smallest()).status(), 200);
        let found = gateway
            .call("GET", &format!("{INDEX}/_search?q=job_id:{id}"), "")
            .json();
        assert_eq!(found["hits"]["total"]["value"], 1, "round {round}: {found}");
    }
}

/// create-job.md §4.5: ids and groups share one space of names.
#[test]
fn ids_and_groups_do_not_clash() {
    let gateway = gateway();
    let (id, group) = (node::fresh_id("clash"), node::fresh_id("group"));
    let in_group = |groups: &[&str]| {
        let mut body: Value = serde_json::from_str(&job::smallest()).expect("JSON");
        body["groups"] = json!(groups);
        body.to_string()
    };
    assert_eq!(gateway.create_job(&id, &in_group(&[&group])).status(), 200);
    assert_eq!(
        gateway
            .create_job(&node::fresh_id("same-group"), &in_group(&[&group]))
            .status(),
        200
    );

    let group_as_id = gateway.create_job(&group, &job::smallest());
    let id_as_group = gateway.create_job(&node::fresh_id("clash"), &in_group(&["fine", &id]));
    for (refused, name) in [(group_as_id, &group), (id_as_group, &id)] {
        assert_eq!(refused.status(), 400, "{}", refused.text());
        let error = refused.json()["error"].clone();
        assert_eq!(error["type"], "resource_already_exists_exception");
        assert!(
            error["reason"].as_str().expect("a reason").contains(name.as_str()),
            "{error}"
        );
    }
}

#[test]
fn a_bad_body_is_refused_in_elasticsearchs_envelope_and_nothing_is_stored() {
    let gateway = gateway();
    let id = node::fresh_id("bad");
    let body = r#"{"analysis_config":{"detectors":[{"function":"count"}],"bucket_spam":"5m"},"data_description":{}}"#;
    let refused = gateway.create_job(&id, body);
    assert_eq!(refused.status(), 400);
    let error = refused.json()["error"].clone();
    assert_eq!(error["type"], "x_content_parse_exception");
    assert_eq!(
        error["reason"],
        "[1:56] [job_details] failed to parse field [analysis_config]"
    );
    assert_eq!(
        error["caused_by"]["reason"],
        "[1:56] [analysis_config] unknown field [bucket_spam], parser not found"
    );
    assert_eq!(
        gateway
            .call("GET", &format!("{INDEX}/_doc/anomaly_detector-{id}"), "")
            .status(),
        404
    );
}

#[test]
fn the_index_has_the_explicit_mapping_and_settings() {
    let gateway = gateway();
    assert_eq!(
        gateway.create_job(&node::fresh_id("index"), &job::smallest()).status(),
        200
    );
    let mapping = gateway.call("GET", &format!("{INDEX}/_mapping"), "").json();
    let expected: Value =
        serde_json::from_str(include_str!("../../schemas/index/anomaly-detectors.json")).expect("JSON");
    let mapping = &mapping["anomaly-detectors"]["mappings"];
    for (name, field) in expected["mappings"]["properties"].as_object().expect("fields") {
        if field.get("enabled").is_none() {
            assert_eq!(&mapping["properties"][name], field, "{name}");
        }
    }
    // The cluster prints booleans of a mapping as text in some versions.
    assert_eq!(mapping["dynamic"].to_string().trim_matches('"'), "false");
    assert_eq!(mapping["properties"]["custom_settings"]["enabled"], false);
    let settings = gateway.call("GET", &format!("{INDEX}/_settings"), "").json();
    let settings = &settings["anomaly-detectors"]["settings"]["index"];
    assert_eq!(settings["number_of_shards"], "1");
    assert_eq!(settings["auto_expand_replicas"], "0-1");
    assert_eq!(
        settings["translog"]["durability"]
            .as_str()
            .expect("a setting")
            .to_lowercase(),
        "request"
    );
}
