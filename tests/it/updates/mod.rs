//! `jobs.updates: judge`: an update is judged on the job that would come of it, before stand-ins that keep jobs themselves and
//! before a real node in which the gateway keeps them.

mod configuration;
mod forward;
mod races;
mod store;
mod turns;

use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::gateway::Gateway;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Answer};

/// Memory up to 512 MB, and a description that is not a question.
const POLICIES: &str = "\
policies:
  - name: memory-budget
    enforcement: enforce
    schema:
      properties:
        analysis_limits: { properties: { model_memory_limit: { x-max-bytes: 512mb } } }
  - name: no-questions
    enforcement: enforce
    schema: { properties: { description: { not: { pattern: '[?]$' } } } }
";

/// A gateway with policies.
struct Governed {
    gateway: Gateway,
    _folder: TempDir,
}

impl Governed {
    fn before(url: &str, policies: &str, jobs: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("policies.yml"), policies).expect("a file");
        let config = folder.path().join("gateway.yml");
        let text = format!("policies: {{ files: [policies.yml] }}\njobs: {{ {jobs} }}\n");
        fs::write(&config, text).expect("a file");
        let gateway = Gateway::with(&[url], &["--config", config.to_str().expect("a path")]);
        Self {
            gateway,
            _folder: folder,
        }
    }

    fn update(&self, id: &str, body: &str) -> Answer {
        self.gateway
            .call("POST", &format!("/_ml/anomaly_detectors/{id}/_update"), body)
    }
}

/// A job as a cluster of 8.19 shows it.
fn job() -> Value {
    json!({
        "job_id": "web-1",
        "job_type": "anomaly_detector",
        "job_version": "12.0.0",
        "create_time": 1_500_000_000_000_i64,
        "groups": ["web"],
        "description": "fine",
        "analysis_config": {
            "bucket_span": "5m",
            "detectors": [{"detector_description": "count", "function": "count", "detector_index": 0}],
            "influencers": [],
            "model_prune_window": "30d"
        },
        "analysis_limits": {"model_memory_limit": "256mb", "categorization_examples_limit": 8},
        "data_description": {"time_field": "time", "time_format": "epoch_ms"},
        "model_snapshot_retention_days": 10,
        "daily_model_snapshot_retention_after_days": 1,
        "results_index_name": "shared",
        "allow_lazy_open": false
    })
}

/// A cluster with machine learning that has one job, which it shows under its id and under that of its group, and updates as
/// far as the members of the job itself go.
struct Cluster {
    stand_in: StandIn,
    /// The job, and every state that it has had.
    states: Arc<Mutex<Vec<Value>>>,
}

impl Cluster {
    fn with(version: &str, job: Value) -> Self {
        Self::first_asking(version, job, |_, _| None)
    }

    /// The same, but for the calls for which `first` has an answer, by their line and body.
    fn first_asking(
        version: &str,
        job: Value,
        first: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let states = Arc::new(Mutex::new(vec![job]));
        let kept = Arc::clone(&states);
        let stand_in = StandIn::reading(version, move |(line, _), body| {
            if let Some(answer) = first(line, body) {
                return Some(answer);
            }
            let mut kept = kept.lock().expect("no test thread panicked");
            let job = kept.last().expect("a job").clone();
            let (id, group) = (job["job_id"].as_str()?, job["groups"][0].as_str()?);
            let path = line.split(' ').nth(1)?;
            let named = wire_decoded(path.strip_prefix("/_ml/anomaly_detectors/")?);
            if line.starts_with("GET ") {
                let shown = json!({"count": 1, "jobs": [job]}).to_string();
                let is_shown = named == id || named == group || ["", "*", "_all"].contains(&&*named);
                return Some(if is_shown {
                    with_fields("200 OK", &[], &shown)
                } else {
                    let error =
                        json!({"error": {"type": "resource_not_found_exception", "reason": "x"}, "status": 404});
                    with_fields("404 Not Found", &[], &error.to_string())
                });
            }
            if line.starts_with("PUT ") && named == id {
                return Some(with_fields("200 OK", &[], &job.to_string()));
            }
            if line.starts_with("POST ") && named.starts_with(&format!("{id}/_update")) {
                let mut changed = job;
                if let Ok(Value::Object(update)) = serde_json::from_str::<Value>(body) {
                    changed.as_object_mut().expect("an object").extend(update);
                }
                kept.push(changed.clone());
                return Some(with_fields("200 OK", &["x-of-the-cluster: 1"], &changed.to_string()));
            }
            None
        });
        Self { stand_in, states }
    }

    /// The updates that have reached it: their heads and bodies.
    fn updates(&self) -> Vec<(String, String)> {
        let mut requests = self.stand_in.requests("POST ");
        requests.retain(|(head, _)| head.lines().next().is_some_and(|line| line.contains("/_update")));
        requests
    }
}

fn wire_decoded(text: &str) -> String {
    let text = text.split('?').next().unwrap_or_default();
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

fn error_type(answer: &Answer) -> String {
    let answer: Value = answer.json();
    answer["error"]["type"].as_str().unwrap_or_default().to_owned()
}

/// Makes one call, with these fields.
fn send(gateway: &Gateway, target: &str, fields: &[(&str, &str)], body: &str) -> Answer {
    wire::call(gateway.address, "POST", target, fields, body)
}
