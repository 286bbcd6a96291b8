//! Whether the API takes the values that policies fill in, by its own schema.
//!
//! A value that no version takes would make the policy one that cannot be evaluated, for every job. What only the rules of a
//! whole job say of a value is not asked: it may be fine beside what a client sends.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::job_members::VERSIONS;
use crate::admission::schema_fault::first_fault;
use crate::es::error::Exception;
use crate::es::version::Version;
use crate::plugin::anomaly_job::AnomalyJob;
use crate::xcontent::json::Document;

/// The call; none if the product's own schema cannot be used, which others tell.
static CALL: LazyLock<Option<AnomalyJob>> = LazyLock::new(|| AnomalyJob::new(Version::BASE).ok());

/// Why no version takes a value of the member at this path of a body, if none does.
pub(super) fn fault(path: &[&str], value: &Value) -> Option<String> {
    let call = CALL.as_ref()?;
    let mut body = smallest(path);
    merge(&mut body, nested(path, value.clone()));
    let body = body.to_string();
    let mut last = None;
    for version in VERSIONS {
        let schema = call.schema(version).ok()?;
        let fault = first_fault(&schema, &Document::read(body.as_bytes()))?.exception;
        // One that does not know the member says nothing of its value.
        if last.is_none() || !fault.rule().is_some_and(|rule| rule.ends_with("unknown_field")) {
            last = Some(reason(&fault));
        }
    }
    last
}

/// The smallest body that the schema takes, with what it asks for beside the member.
fn smallest(path: &[&str]) -> Value {
    let mut body = json!({"analysis_config": {"detectors": [{"function": "count"}]}, "data_description": {}});
    if path.first() == Some(&"datafeed_config") {
        merge(&mut body, json!({"datafeed_config": {"indices": ["a"]}}));
    }
    body
}

/// The value, as the member at this path.
fn nested(path: &[&str], value: Value) -> Value {
    path.iter().rev().fold(value, |value, name| {
        Value::Object(Map::from_iter([((*name).to_owned(), value)]))
    })
}

/// Puts one value into another; what both have comes from the second one.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// What is wrong, without what is around it and without the place, which is one of a body that nobody has written.
fn reason(exception: &Exception) -> String {
    let causes = std::iter::successors(Some(exception), |exception| exception.cause.as_deref());
    let reason = causes.last().map_or("", |cause| cause.reason.as_str());
    let place = reason.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    let is_place = |text: &str| {
        text.chars()
            .all(|character| character.is_ascii_digit() || character == ':')
    };
    match place {
        Some((place, rest)) if is_place(place) => rest.to_owned(),
        _ => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_some_version_takes_is_fine() {
        for (path, value) in [
            (&["groups"][..], json!(["a"])),
            (&["description"], json!("x")),
            (&["analysis_limits", "model_memory_limit"], json!("256mb")),
            (&["analysis_config", "bucket_span"], json!("15m")),
            (&["analysis_config", "model_prune_window"], json!("30d")),
            (
                &["analysis_config", "detectors"],
                json!([{"function": "mean", "field_name": "a"}]),
            ),
            (&["datafeed_config", "indices"], json!(["logs-*"])),
            (&["datafeed_config", "scroll_size"], json!(500)),
            // What only the rules of a whole job refuse.
            (&["results_retention_days"], json!(-1)),
        ] {
            assert_eq!(fault(path, &value), None, "{path:?}");
        }
    }

    #[test]
    fn one_that_none_takes_is_not() {
        for (path, value) in [
            (&["description"][..], json!({"a": 1})),
            (&["analysis_limits", "model_memory_limit"], json!("256 megabytes")),
            (&["analysis_config", "bucket_span"], json!("quarter of an hour")),
            (
                &["analysis_config", "detectors"],
                json!([{"function": "meen", "field_name": "a"}]),
            ),
            (&["results_retention_days"], json!("many")),
            (&["datafeed_config", "scroll_size"], json!("many")),
            (&["model_plot_config", "enabled"], json!("yes")),
        ] {
            assert!(fault(path, &value).is_some(), "{path:?}");
        }
    }
}
