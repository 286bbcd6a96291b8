//! `anomaly-gateway schema`: prints what a version of the API accepts as a body, what it stores and answers, and what the
//! gateway's own files may have, as plain JSON Schema.

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use super::{Exit, console, generated};
use crate::config::{self, Api, policies};
use crate::es::version::Version;
use crate::plugin::anomaly_job::AnomalyJob;
use crate::telemetry::alerts;
use crate::telemetry::dashboard::dashboard;
use crate::telemetry::page::page;

/// Reads the version that is asked for, as `jobs.api` is read; there is no cluster to take it from.
pub(super) fn version(text: &str) -> Result<Version, String> {
    match Api::parse(text) {
        Ok(Api::Fixed(version)) => Ok(version),
        Ok(Api::Auto) => Err("no cluster is asked for its version: name one such as `7.17` or `8`".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The flags of `schema`.
#[derive(Debug, Args)]
pub(super) struct SchemaFlags {
    /// What to describe, if not a job: one of the gateway's own files, a page of the documentation, or what watches its metrics
    #[arg(value_name = "WHAT", conflicts_with = "api")]
    what: Option<What>,
    /// The version of Elasticsearch, such as `7.17`; `8` is its newest line that is known
    #[arg(long, value_name = "VERSION", value_parser = version, required_unless_present = "what")]
    api: Option<Version>,
    /// The job as the index has it, instead of the body of a request
    #[arg(long, requires = "api")]
    stored: bool,
    /// The whole call, as a document of `OpenAPI` 3.1
    #[arg(long, requires = "api", conflicts_with = "stored")]
    openapi: bool,
}

/// What has a schema besides a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// A file of policies
    Policies,
    /// The configuration file
    Config,
    /// Every key of the configuration file, as Markdown
    Keys,
    /// Every key of policy files and of their tests, as Markdown
    PolicyKeys,
    /// Every subcommand and its flags, as Markdown
    Commands,
    /// Every rule of a job, as Markdown
    Rules,
    /// Metrics and log events, as Markdown
    Telemetry,
    /// Alerts on the metrics, as a file of rules of Prometheus
    Alerts,
    /// A dashboard of the metrics, for Grafana
    Dashboard,
}

/// Prints what is asked for.
pub(super) fn run(flags: &SchemaFlags) -> Result<Exit> {
    console::print(&printed(flags)?);
    Ok(Exit::Fine)
}

fn printed(flags: &SchemaFlags) -> Result<String> {
    let schema = match (flags.what, flags.api) {
        (Some(What::Policies), _) => policies::schema(),
        (Some(What::Config), _) => config::schema(),
        (Some(What::Commands), _) => return Ok(generated::page()),
        (Some(What::Keys), _) => return Ok(config::page()),
        (Some(What::PolicyKeys), _) => return Ok(policies::page()),
        (Some(What::Rules), _) => return call(Version::BASE)?.page_of_rules().context(UNUSABLE),
        (Some(What::Telemetry), _) => return Ok(page()),
        (Some(What::Alerts), _) => return Ok(alerts::file()),
        (Some(What::Dashboard), _) => dashboard(),
        (None, Some(api)) if flags.stored => call(api)?.stored_schema(api).context(UNUSABLE)?,
        (None, Some(api)) if flags.openapi => call(api)?.openapi(api).context(UNUSABLE)?,
        (None, Some(api)) => call(api)?.printed_schema(api).context(UNUSABLE)?,
        (None, None) => anyhow::bail!("no version is named"),
    };
    Ok(format!("{schema:#}\n"))
}

const UNUSABLE: &str = "the product's own schema cannot be used";

fn call(api: Version) -> Result<AnomalyJob> {
    AnomalyJob::new(api).context(UNUSABLE)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn schema(api: Version) -> Result<Value> {
        call(api)?.printed_schema(api).context(UNUSABLE)
    }

    fn is_valid(api: &str, body: &Value) -> bool {
        let schema = schema(version(api).unwrap()).unwrap();
        jsonschema::validator_for(&schema).unwrap().is_valid(body)
    }

    /// The example of the documentation's page (create-job.md).
    fn example() -> Value {
        serde_json::from_str(include_str!("../../tests/jobs/total-requests.json")).unwrap()
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

    /// Contract oracle: what is filled in and printed fits.
    #[test]
    fn what_is_stored_and_answered_fits_its_schema() {
        for api in ["7.0", "7.10", "7.17", "8", "9"] {
            let api = version(api).unwrap();
            let call = call(api).unwrap();
            for schema in [call.stored_schema(api).unwrap(), call.openapi(api).unwrap()] {
                assert!(!schema.to_string().contains("\"x-"), "{api}");
            }
            let stored = call.stored_schema(api).unwrap();
            assert!(jsonschema::meta::validate(&stored).is_ok(), "{api}");
            let document = call.openapi(api).unwrap();
            assert_eq!(document["openapi"], "3.1.0");
            let operation = &document["paths"]["/_ml/anomaly_detectors/{job_id}"]["put"];
            assert!(operation["responses"]["400"].is_object());
            for name in ["job", "answer", "error"] {
                let schema = &document["components"]["schemas"][name];
                assert!(jsonschema::meta::validate(schema).is_ok(), "{api}: {name}");
                assert!(jsonschema::validator_for(schema).is_ok(), "{api}: {name}");
            }
        }
    }

    /// What stands in the repository for others to take is what the program prints: `cargo xtask schema --publish` writes
    /// it anew.
    #[test]
    fn what_is_published_is_what_is_printed() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let is_current = |file: &str, printed: &str| {
            let published = std::fs::read_to_string(root.join(file)).unwrap_or_default();
            assert!(
                published == printed,
                "{file} is stale: run `cargo xtask schema --publish`"
            );
        };
        for api in ["7.0", "7.17", "8.19", "9.5"] {
            let schema = schema(version(api).unwrap()).unwrap();
            assert!(jsonschema::meta::validate(&schema).is_ok(), "{api}");
            let file = format!("schemas/published/put_job-{api}.schema.json");
            is_current(&file, &format!("{schema:#}\n"));
        }
        is_current("docs/rules.md", &call(Version::BASE).unwrap().page_of_rules().unwrap());
        is_current("docs/reference/configuration.md", &config::page());
        is_current("docs/reference/command-line.md", &generated::page());
        is_current("docs/reference/policies.md", &policies::page());
        is_current(
            "schemas/gateway/policies.schema.json",
            &format!("{:#}\n", policies::schema()),
        );
        is_current("docs/reference/telemetry.md", &page());
        is_current("deploy/prometheus/anomaly-gateway.rules.yml", &alerts::file());
        is_current("deploy/grafana/anomaly-gateway.json", &format!("{:#}\n", dashboard()));
    }
}
