//! The jobs that tests create.

use serde_json::{Value, json};

/// The example of the 7.0 documentation's page on the call, which README.md and the official clients send, too.
pub const TOTAL_REQUESTS: &str = include_str!("../../jobs/total-requests.json");

/// The same on one line.
pub fn total_requests() -> String {
    let example: Value = serde_json::from_str(TOTAL_REQUESTS).expect("JSON");
    example.to_string()
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
