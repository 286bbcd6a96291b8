//! What Terraform's provider sends for a job over its life (jobs-api.md §8): what it reads back is what it has asked for, so
//! that there is nothing to change after an apply.

use serde_json::{Value, json};

use super::{Serving, is};
use crate::support::wire::{self, Answer};

/// The fields of the client that the provider is made with.
const FIELDS: [(&str, &str); 2] = [
    ("accept", "application/vnd.elasticsearch+json;compatible-with=8"),
    ("content-type", "application/vnd.elasticsearch+json;compatible-with=8"),
];

fn send(serving: &Serving, method: &str, rest: &str, body: &str) -> Answer {
    let target = format!("/_ml/anomaly_detectors/{rest}");
    let fields = if body.is_empty() { &FIELDS[..1] } else { &FIELDS };
    let answer = wire::call(serving.gateway.address, method, &target, fields, body);
    // Its client refuses every success that does not say so.
    assert_eq!(
        answer.values("x-elastic-product"),
        ["Elasticsearch"],
        "{}",
        answer.text()
    );
    assert_eq!(
        answer.values("content-type"),
        ["application/vnd.elasticsearch+json;compatible-with=8"]
    );
    answer
}

/// What the provider plans to change: members of the configuration that are read back otherwise.
fn planned(configured: &Value, read: &Value) -> Vec<String> {
    match (configured, read) {
        (Value::Object(configured), Value::Object(read)) => {
            let of = |(name, value): (&String, &Value)| {
                let inner = planned(value, read.get(name).unwrap_or(&Value::Null));
                inner
                    .into_iter()
                    .map(|path| format!("{name}.{path}"))
                    .collect::<Vec<_>>()
            };
            configured.iter().flat_map(of).collect()
        }
        (Value::Array(configured), Value::Array(read)) if configured.len() == read.len() => {
            let places = configured.iter().zip(read).enumerate();
            places
                .flat_map(|(place, (configured, read))| {
                    let inner = planned(configured, read);
                    inner.into_iter().map(move |path| format!("{place}.{path}"))
                })
                .collect()
        }
        _ if configured == read => Vec::new(),
        _ => vec![format!("{read} for {configured}")],
    }
}

/// A job that was read as the provider reads it.
fn read(serving: &Serving) -> Value {
    let answer = send(serving, "GET", "web-shop?allow_no_match=true", "");
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["count"], 1, "{answer}");
    answer["jobs"][0].clone()
}

#[test]
fn after_an_apply_there_is_nothing_to_change() {
    let serving = Serving::version("8.19");
    // Before: it is not there.
    is(
        &send(&serving, "GET", "web-shop?allow_no_match=true", ""),
        404,
        "resource_not_found_exception",
    );
    let mut configured = json!({
        "description": "Requests of the web shop",
        "groups": ["web", "shop"],
        "analysis_config": {
            "bucket_span": "15m",
            "categorization_field_name": "message",
            "detectors": [
                {"function": "count", "by_field_name": "mlcategory", "detector_description": "by category"},
                {
                    "function": "mean", "field_name": "responsetime", "partition_field_name": "region",
                    "use_null": true, "exclude_frequent": "all",
                    "custom_rules": [{
                        "actions": ["skip_result"],
                        "conditions": [{"applies_to": "actual", "operator": "lt", "value": 10.0}]
                    }]
                }
            ],
            "influencers": ["region", "mlcategory"],
            "per_partition_categorization": {"enabled": false}
        },
        "analysis_limits": {"model_memory_limit": "256mb", "categorization_examples_limit": 4},
        "data_description": {"time_field": "@timestamp", "time_format": "epoch_ms"},
        "model_plot_config": {"enabled": true, "annotations_enabled": true, "terms": "a,b"},
        "allow_lazy_open": true,
        "background_persist_interval": "3h",
        "custom_settings": {"team": "shop", "urls": [{"name": "x", "value": 1.5}]},
        "daily_model_snapshot_retention_after_days": 3,
        "model_snapshot_retention_days": 7,
        "renormalization_window_days": 30,
        "results_index_name": "custom-shop",
        "results_retention_days": 60
    });
    // Create.
    let answer = send(&serving, "PUT", "web-shop", &configured.to_string());
    assert_eq!(answer.status(), 200, "{}", answer.text());
    assert_eq!(planned(&configured, &read(&serving)), [""; 0]);
    // Nothing that it has not asked for is there either, but for what the provider knows as computed.
    let computed = [
        "job_id",
        "job_type",
        "job_version",
        "create_time",
        "model_snapshot_min_version",
    ];
    let job = read(&serving);
    let others = job.as_object().expect("a job").keys();
    let others: Vec<&String> = others
        .filter(|name| configured.get(name).is_none() && !computed.contains(&name.as_str()))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    // Update, with what has changed.
    let changed = json!({
        "description": "Requests and responses of the web shop",
        "groups": ["web"],
        "analysis_limits": {"model_memory_limit": "512mb", "categorization_examples_limit": 4},
        "model_plot_config": {"enabled": false, "annotations_enabled": false, "terms": "a"},
        "allow_lazy_open": false,
        "custom_settings": {"team": "web"},
        "results_retention_days": 90
    });
    let answer = send(&serving, "POST", "web-shop/_update", &changed.to_string());
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let members = changed.as_object().expect("members").clone();
    configured.as_object_mut().expect("an object").extend(members);
    assert_eq!(planned(&configured, &read(&serving)), [""; 0]);
    assert_eq!(read(&serving)["custom_settings"], configured["custom_settings"]);
    // Delete: that no job runs only earns a warning.
    let close = send(
        &serving,
        "POST",
        "web-shop/_close",
        r#"{"allow_no_match":true,"force":true}"#,
    );
    is(&close, 501, "status_exception");
    is(&send(&serving, "GET", "web-shop/_stats", ""), 501, "status_exception");
    assert_eq!(
        send(&serving, "DELETE", "web-shop", "").json(),
        json!({"acknowledged": true})
    );
    is(
        &send(&serving, "GET", "web-shop?allow_no_match=true", ""),
        404,
        "resource_not_found_exception",
    );
    is(
        &send(&serving, "DELETE", "web-shop?force=true", ""),
        404,
        "resource_not_found_exception",
    );
    // And anew: what cannot be updated is deleted and created.
    configured["analysis_config"]["bucket_span"] = "5m".into();
    assert_eq!(send(&serving, "PUT", "web-shop", &configured.to_string()).status(), 200);
    assert_eq!(planned(&configured, &read(&serving)), [""; 0]);
}
