//! The job index: every field of a job is mapped as create-job.md §5.2 says, and none by guessing.

use serde_json::{Value, json};

use crate::support::gateway::Gateway;
use crate::support::node;

/// A job with every field that some version from 7.0 to 8.13 stores; 7.17 takes them all.
fn job_with_every_field() -> Value {
    json!({
        "groups": ["web"],
        "description": "every field",
        "analysis_config": {
            "bucket_span": "1h",
            "latency": "30s",
            "model_prune_window": "30d",
            "categorization_field_name": "message",
            "categorization_analyzer": {"tokenizer": "standard"},
            "per_partition_categorization": {"enabled": true, "stop_on_warn": true},
            "summary_count_field_name": "doc_count",
            "influencers": ["host"],
            "multivariate_by_fields": true,
            "detectors": [{
                "function": "high_sum",
                "field_name": "bytes",
                "by_field_name": "mlcategory",
                "over_field_name": "host",
                "partition_field_name": "dc",
                "use_null": true,
                "exclude_frequent": "all",
                "custom_rules": [{
                    "scope": {"host": {"filter_id": "hosts"}},
                    "conditions": [{"applies_to": "actual", "operator": "gt", "value": 10.5}]
                }]
            }]
        },
        "analysis_limits": {"model_memory_limit": "2gb", "categorization_examples_limit": 8},
        "data_description": {"format": "delimited", "field_delimiter": ";", "quote_character": "'"},
        "model_plot_config": {"enabled": true, "terms": "a,b", "annotations_enabled": true},
        "background_persist_interval": "2h",
        "renormalization_window_days": 3,
        "results_retention_days": 30,
        "model_snapshot_retention_days": 7,
        "daily_model_snapshot_retention_after_days": 2,
        "model_snapshot_min_version": "7.0.0",
        "custom_settings": {"owner": {"team": "web", "pager": [1, "x", {"y": null}]}},
        "results_index_name": "web",
        "allow_lazy_open": true,
        "deleting": true,
        "blocked": {"reason": "reset", "task_id": "node:1"}
    })
}

/// The paths of all plain values in a document, without places in lists.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let inner = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                leaves(member, &inner, found);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| leaves(element, path, found)),
        _ => found.push(path.to_owned()),
    }
}

/// The mapping of a path: that of the field, or of the object around it that is not looked into.
fn mapped<'m>(mapping: &'m Value, path: &str) -> Option<&'m Value> {
    let mut field = mapping;
    for name in path.split('.') {
        if field["enabled"] == false {
            break;
        }
        field = field.get("properties")?.get(name)?;
    }
    Some(field)
}

#[test]
fn every_field_of_a_job_is_mapped() {
    let gateway = Gateway::with(&[node::shared_url()], &["--jobs-api", "7.17"]);
    let id = node::fresh_id("mapped");
    let answer = gateway.create_job(&id, &job_with_every_field().to_string());
    assert_eq!(answer.status(), 200, "{}", answer.text());

    let document = gateway
        .call("GET", &format!("/anomaly-detectors/_doc/anomaly_detector-{id}"), "")
        .json();
    let mut paths = Vec::new();
    leaves(&document["_source"], "", &mut paths);
    assert!(paths.len() > 45, "{paths:?}");
    let mapping = gateway.call("GET", "/anomaly-detectors/_mapping", "").json();
    let mapping = &mapping["anomaly-detectors"]["mappings"];
    let unmapped: Vec<_> = paths.iter().filter(|path| mapped(mapping, path).is_none()).collect();
    assert!(unmapped.is_empty(), "not mapped: {unmapped:?}");

    // Some of the documented types, one of each kind.
    for (path, kind) in [
        ("job_id", "keyword"),
        ("description", "text"),
        ("create_time", "date"),
        ("results_retention_days", "long"),
        ("analysis_config.multivariate_by_fields", "boolean"),
        ("analysis_config.detectors.custom_rules", "nested"),
        ("analysis_config.detectors.custom_rules.conditions.value", "double"),
    ] {
        assert_eq!(mapped(mapping, path).expect(path)["type"], kind, "{path}");
    }
    for path in [
        "custom_settings.owner",
        "analysis_config.categorization_analyzer.tokenizer",
    ] {
        assert_eq!(mapped(mapping, path).expect(path)["enabled"], false, "{path}");
    }
}

/// Each value that is mapped to be looked up is found by it.
#[test]
fn a_job_is_found_by_its_fields() {
    let gateway = Gateway::with(&[node::shared_url()], &["--jobs-api", "7.17"]);
    let id = node::fresh_id("looked-up");
    assert_eq!(
        gateway.create_job(&id, &job_with_every_field().to_string()).status(),
        200
    );
    for (field, value) in [
        ("groups", json!("web")),
        ("results_index_name", json!("custom-web")),
        ("analysis_config.bucket_span", json!("1h")),
        ("analysis_config.detectors.function", json!("high_sum")),
        ("analysis_config.detectors.use_null", json!(true)),
        ("analysis_limits.model_memory_limit", json!("2048mb")),
        ("model_plot_config.annotations_enabled", json!(true)),
    ] {
        let query = json!({"query": {"bool": {"filter": [{"term": {"job_id": id}}, {"term": {field: value}}]}}});
        let found = gateway
            .call("POST", "/anomaly-detectors/_search", &query.to_string())
            .json();
        assert_eq!(found["hits"]["total"]["value"], 1, "{field}: {found}");
    }
}
