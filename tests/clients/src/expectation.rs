//! What the steps that create jobs must show: create-job.md §5.1 and §7.2, http.md §1.2.

use anyhow::ensure;
use serde_json::{Value, json};

use crate::{
    catalogue::{Client, Server},
    transcript::{Step, Transcript},
};

/// The old path's warning (http.md §1.2).
const OLD_PATH: &str = "[PUT /_xpack/ml/anomaly_detectors/{job_id}] is deprecated! \
                        Use [PUT /_ml/anomaly_detectors/{job_id}] instead.";

/// The warning of the policy in `policies.yml`.
const OWNER_POLICY: &str =
    "policy [owner]: the job does not keep its rule. Say who owns it. (https://example.org/owners)";

/// The steps that the gateway answers itself; the others are the cluster's.
#[must_use]
pub fn created_here(server: Server) -> Vec<&'static str> {
    let mut steps = vec![
        "create job",
        "create job again",
        "create invalid job",
        "create deprecated job",
    ];
    if has_the_old_path(server) {
        steps.push("create job by the old path");
    }
    steps
}

/// Clients of 8 and later ask for their own version of the API, which has that path no more.
const fn has_the_old_path(server: Server) -> bool {
    !matches!(server, Server::Elasticsearch8 | Server::Elasticsearch9)
}

/// Fails where a transcript that was made through the gateway does not show what it must.
pub fn check(client: &Client, transcript: &Transcript) -> anyhow::Result<()> {
    let server = client.server;
    is_created(transcript.step("create job")?, &complete_job(server))?;
    is_refused(
        transcript.step("create job again")?,
        &["resource_already_exists_exception"],
    )?;
    is_refused(
        transcript.step("create invalid job")?,
        &[
            "x_content_parse_exception",
            "x_content_parse_exception",
            "status_exception",
        ],
    )?;

    let deprecated = transcript.step("create deprecated job")?;
    ensure!(deprecated.exception().is_none(), "{deprecated:?}");
    for (text, is_earned) in [
        (
            "Fractional bytes values are deprecated. Use non-fractional bytes values instead: [1.5gb] found for \
             setting [model_memory_limit]",
            server != Server::Elasticsearch9,
        ),
        // The gateway's own words (docs/deviations.md), of the same occasion as Elasticsearch's from 8.1 on.
        ("[bucket_span] is [7m]", !has_the_old_path(server)),
        (OWNER_POLICY, true),
    ] {
        shows(client, deprecated, text, is_earned)?;
    }
    if has_the_old_path(server) {
        let by_the_old_path = transcript.step("create job by the old path")?;
        ensure!(by_the_old_path.exception().is_none(), "{by_the_old_path:?}");
        shows(client, by_the_old_path, OLD_PATH, true)?;
    }
    Ok(())
}

fn is_created(step: &Step, expected: &Value) -> anyhow::Result<()> {
    ensure!(
        step.exception().is_none() && step.status().is_none_or(|status| status == 200),
        "{step:?}"
    );
    let mut job = step.body().clone();
    let created = job
        .as_object_mut()
        .and_then(|members| members.shift_remove("create_time"));
    ensure!(
        created.is_some_and(|time| time.is_u64()),
        "no `create_time`, or no parsed answer: {step:?}"
    );
    ensure!(job == *expected, "{job} instead of {expected}");
    Ok(())
}

fn is_refused(step: &Step, types: &[&str]) -> anyhow::Result<()> {
    ensure!(step.exception().is_some(), "no exception: {step:?}");
    ensure!(step.status() == Some(400), "{step:?}");
    let error = step.body().get("error");
    let chain = std::iter::successors(error, |exception| exception.get("caused_by"));
    let chain: Vec<&str> = chain.filter_map(|exception| exception.get("type")?.as_str()).collect();
    ensure!(chain == types, "{chain:?} instead of {types:?}");
    Ok(())
}

fn shows(client: &Client, step: &Step, text: &str, is_earned: bool) -> anyhow::Result<()> {
    // 7.0.0 does not look at the field yet.
    let is_shown = is_earned && client.version != "7.0.0";
    let found = step.warnings().iter().filter(|warning| warning.contains(text)).count();
    ensure!(
        found == usize::from(is_shown),
        "`{text}` is shown {found} times: {step:?}"
    );
    Ok(())
}

/// The answer to the documentation's example, less `create_time`, as each version fills it in.
fn complete_job(server: Server) -> Value {
    let mut job = json!({
        "job_id": "complete",
        "job_type": "anomaly_detector",
        "job_version": match server {
            Server::OpenSearch => "7.0.0",
            Server::Elasticsearch7_10 => "7.10.2",
            Server::Elasticsearch7_17 => "7.17.29",
            Server::Elasticsearch8 | Server::Elasticsearch9 => "12.0.0",
        },
        "description": "Total sum of requests",
        "analysis_config": {
            "bucket_span": "10m",
            "detectors": [{
                "detector_description": "Sum of total", "function": "sum", "field_name": "total", "detector_index": 0
            }],
            "influencers": []
        },
        "analysis_limits": { "model_memory_limit": "1024mb", "categorization_examples_limit": 4 },
        "data_description": { "time_field": "timestamp", "time_format": "epoch_ms" },
        "model_snapshot_retention_days": 10,
        "daily_model_snapshot_retention_after_days": 1,
        "results_index_name": "shared",
        "allow_lazy_open": false
    });
    let mut set = |pointer: &str, member: &str, value: Option<Value>| {
        if let Some(object) = job.pointer_mut(pointer).and_then(Value::as_object_mut) {
            match value {
                Some(value) => object.insert(member.to_owned(), value),
                None => object.shift_remove(member),
            };
        }
    };
    match server {
        Server::OpenSearch => {
            set("", "model_snapshot_retention_days", Some(json!(1)));
            set("", "daily_model_snapshot_retention_after_days", None);
            set("", "allow_lazy_open", None);
        }
        Server::Elasticsearch7_10 | Server::Elasticsearch7_17 => {}
        Server::Elasticsearch8 | Server::Elasticsearch9 => {
            set("/analysis_config", "model_prune_window", Some(json!("30d")));
        }
    }
    job
}
