//! `anomaly-gateway schema`: prints what a version of the API accepts as a body, as plain JSON Schema.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{Exit, console};
use crate::admission::plain_schema;
use crate::config::Api;
use crate::es::version::Version;
use crate::plugin::anomaly_job::AnomalyJob;

/// The name of the call, as Elasticsearch's specifications have it.
const CALL: &str = "ml.put_job";

/// Reads the version that is asked for, as `jobs.api` is read; there is no cluster to take it from.
pub(super) fn version(text: &str) -> Result<Version, String> {
    match Api::parse(text) {
        Ok(Api::Fixed(version)) => Ok(version),
        Ok(Api::Auto) => Err("no cluster is asked for its version: name one such as `7.17` or `8`".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Prints the schema.
pub(super) fn run(api: Version) -> Result<Exit> {
    console::print(&format!("{:#}\n", schema(api)?));
    Ok(Exit::Fine)
}

fn schema(api: Version) -> Result<Value> {
    let call = AnomalyJob::new(api).context("the product's own schema cannot be used")?;
    let schema = call.schema(api).context("the product's own schema cannot be used")?;
    Ok(plain_schema::plain(&schema, CALL))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_valid(api: &str, body: &Value) -> bool {
        let schema = schema(version(api).unwrap()).unwrap();
        jsonschema::validator_for(&schema).unwrap().is_valid(body)
    }

    /// The example of the documentation's page (create-job.md).
    fn example() -> Value {
        json!({
            "description": "Total sum of requests",
            "analysis_config": {
                "bucket_span": "10m",
                "detectors": [{"detector_description": "Sum of total", "function": "sum", "field_name": "total"}]
            },
            "data_description": {"time_field": "timestamp", "time_format": "epoch_ms"}
        })
    }

    #[test]
    fn every_versions_schema_is_one_of_draft_2020_12_and_plain() {
        for api in ["7.0", "7.4", "7.10", "7", "8.0", "8.13", "8", "9.0", "9"] {
            let schema = schema(version(api).unwrap()).unwrap();
            assert!(jsonschema::meta::validate(&schema).is_ok(), "{api}");
            assert!(!schema.to_string().contains("\"x-"), "{api}");
            let id = schema["$id"].as_str().unwrap();
            assert!(id.starts_with("urn:anomaly-gateway:schema:ml.put_job:"), "{id}");
            assert!(schema["title"].is_string() && schema["description"].is_string());
        }
    }

    #[test]
    fn the_example_fits_and_a_mistake_in_it_does_not() {
        for api in ["7.0", "7.17", "8", "9"] {
            assert!(is_valid(api, &example()), "{api}");
            for (place, mistake) in [
                ("/analysis_config/detectors/0/function", json!("summ")),
                ("/analysis_config/detectors", json!("sum")),
                ("/data_description", json!({"time_feild": "timestamp"})),
                ("/data_description", json!(null)),
            ] {
                let mut body = example();
                *body.pointer_mut(place).unwrap() = mistake;
                assert!(!is_valid(api, &body), "{api}: {place}");
            }
        }
    }

    /// create-job.md §2.7: the case of these values does not matter, and of operators no blanks around them.
    #[test]
    fn values_of_any_case_stay_values_of_any_case() {
        let with = |operator: &str, frequent: &str| {
            let rule = json!({"conditions": [{"applies_to": "Actual", "operator": operator, "value": 1}]});
            let mut body = example();
            body["analysis_config"]["detectors"][0]["custom_rules"] = json!([rule]);
            body["analysis_config"]["detectors"][0]["exclude_frequent"] = json!(frequent);
            body
        };
        assert!(is_valid("8", &with(" GTE ", "All")));
        assert!(!is_valid("8", &with("ge", "All")));
        assert!(!is_valid("8", &with("gte", " all")));
    }

    #[test]
    fn a_version_has_its_own_fields_only() {
        let mut body = example();
        body["model_plot_config"] = json!({"enabled": true, "annotations_enabled": true});
        assert!(!is_valid("7.8", &body));
        assert!(is_valid("7.9", &body));
    }

    #[test]
    fn auto_and_unknown_versions_are_refused() {
        for text in ["auto", "6.8", "9.6", "x"] {
            assert!(version(text).is_err(), "{text}");
        }
    }
}
