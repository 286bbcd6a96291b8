//! `jobs.commit`: who keeps an admitted job, and whose answer the client has.

mod both;
mod forward;

use serde_json::{Value, json};

use crate::support::gateway::Gateway;

fn gateway(url: &str, mode: &str) -> Gateway {
    Gateway::with(&[url], &["--jobs-commit", mode])
}

/// What the example of the documentation becomes in 7.0, as a client may send it (create-job.md §2, §3).
fn total_requests(id: &str) -> Value {
    json!({
        "job_id": id,
        "description": "Total sum of requests",
        "analysis_config": {
            "bucket_span": "10m",
            "detectors": [{"detector_description": "Sum of total", "function": "sum", "field_name": "total"}],
            "influencers": []
        },
        "analysis_limits": {"model_memory_limit": "1024mb", "categorization_examples_limit": 4},
        "data_description": {"time_field": "timestamp", "time_format": "epoch_ms"},
        "model_snapshot_retention_days": 1,
        "results_index_name": "shared"
    })
}

/// Whether a request is the client's that creates a job.
fn creates_a_job(line: &str) -> bool {
    line.starts_with("PUT /_ml/anomaly_detectors/")
}
