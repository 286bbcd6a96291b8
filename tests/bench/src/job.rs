//! The jobs that are measured.

use serde_json::{Value, json};

/// The example of the documentation's page.
#[must_use]
pub fn example() -> String {
    let example: Value =
        serde_json::from_str(include_str!("../../jobs/total-requests.json")).expect("the example is JSON");
    example.to_string()
}

/// A job with so many detectors as most jobs have them.
#[must_use]
pub fn plain(detectors: usize) -> String {
    let detectors: Vec<_> = (0..detectors)
        .map(|number| json!({"function": "mean", "field_name": format!("field-{number}"), "by_field_name": "client"}))
        .collect();
    let analysis = json!({"bucket_span": "5m", "detectors": detectors, "influencers": ["client"]});
    json!({"analysis_config": analysis, "data_description": {}}).to_string()
}

/// A job with so many detectors, each with a rule that has a scope and a condition.
#[must_use]
pub fn with_rules(detectors: usize) -> String {
    let detectors: Vec<_> = (0..detectors)
        .map(|number| {
            json!({
                "function": "high_mean",
                "field_name": format!("field-{number}"),
                "by_field_name": "client",
                "partition_field_name": "host.name",
                "use_null": true,
                "custom_rules": [{
                    "actions": ["skip_result"],
                    "scope": {"client": {"filter_id": "safe"}},
                    "conditions": [{"applies_to": "actual", "operator": "lt", "value": 10}]
                }]
            })
        })
        .collect();
    let analysis = json!({"bucket_span": "5m", "detectors": detectors, "influencers": ["client", "host.name"]});
    json!({"analysis_config": analysis, "data_description": {}}).to_string()
}

/// The same body with a mistake at its end.
#[must_use]
pub fn broken(body: &str) -> String {
    format!("{},\"unknown\":1}}", body.strip_suffix('}').expect("an object"))
}
