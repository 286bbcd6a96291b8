//! The jobs that tests create.

use serde_json::{Value, json};

/// The example of the 7.0 documentation's page on the call.
pub fn total_requests() -> String {
    json!({
        "description": "Total sum of requests",
        "analysis_config": {
            "bucket_span": "10m",
            "detectors": [{"detector_description": "Sum of total", "function": "sum", "field_name": "total"}]
        },
        "data_description": {"time_field": "timestamp", "time_format": "epoch_ms"}
    })
    .to_string()
}

/// The smallest job there is.
pub fn smallest() -> String {
    json!({"analysis_config": {"detectors": [{"function": "count"}]}, "data_description": {}}).to_string()
}

/// A JSON document less the members that no two runs have alike.
pub fn without(mut document: Value, members: &[&str]) -> Value {
    let object = document.as_object_mut().expect("an object");
    for member in members {
        assert!(object.shift_remove(*member).is_some(), "{member} is missing");
    }
    document
}
