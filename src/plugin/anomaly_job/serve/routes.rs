//! The paths of jobs, each in its two spellings (jobs-api.md §0, §7).

use crate::es::version::Version;
use crate::plugin::{Deprecation, Route, Tail};

/// Other calls of Elasticsearch whose last segment stands where a job's id would.
const NOT_IDS: &[&str] = &["_stats", "_validate", "_estimate_model_memory"];

/// What stands where an id does and is none: before a further segment everything is an id.
const fn reserved(tail: Tail) -> &'static [&'static str] {
    match tail {
        Tail::Variable => NOT_IDS,
        _ => &[],
    }
}

/// Routes of `METHOD <path><tail>` below `_ml/` and, as it was called before 7.0, below `_xpack/ml/`; the name is what warnings
/// of the older spelling call the tail.
macro_rules! spelled {
    ($($method:literal $path:literal $tail:expr, $name:literal, $allowed:expr;)*) => {
        &[$(
            Route {
                method: $method,
                prefix: concat!("_ml/", $path),
                tail: $tail,
                reserved: reserved($tail),
                allowed: $allowed,
                deprecation: None,
            },
            Route {
                method: $method,
                prefix: concat!("_xpack/ml/", $path),
                tail: $tail,
                reserved: reserved($tail),
                allowed: $allowed,
                deprecation: Some(Deprecation {
                    compatible_only_since: Version::new(8, 0, 0),
                    removed_in: Version::new(9, 0, 0),
                    warning: concat!(
                        "[", $method, " /_xpack/ml/", $path, $name, "] is deprecated! Use [", $method, " /_ml/", $path, $name,
                        "] instead."
                    ),
                }),
            },
        )*]
    };
}

/// The methods of the path of all jobs, and of that of one.
const OF_ALL: &[&str] = &["GET"];
const OF_ONE: &[&str] = &["DELETE", "GET", "PUT"];
const OF_VALIDATION: &[&str] = &["POST"];
/// Of others no answer tells them.
const OF_OTHERS: &[&str] = &[];

pub(super) const GET: &[Route] = spelled! {
    "GET" "anomaly_detectors" Tail::Nothing, "", OF_ALL;
    "GET" "anomaly_detectors" Tail::Variable, "/{job_id}", OF_ONE;
};

pub(super) const DELETE: &[Route] = spelled! {
    "DELETE" "anomaly_detectors" Tail::Variable, "/{job_id}", OF_ONE;
};

pub(super) const VALIDATE: &[Route] = spelled! {
    "POST" "anomaly_detectors/_validate" Tail::Nothing, "", OF_VALIDATION;
};

pub(super) const VALIDATE_DETECTOR: &[Route] = spelled! {
    "POST" "anomaly_detectors/_validate/detector" Tail::Nothing, "", OF_VALIDATION;
};

/// Elasticsearch routes no HEAD to what it answers a GET of.
pub(super) const HEAD: &[Route] = spelled! {
    "HEAD" "anomaly_detectors" Tail::Nothing, "", OF_ALL;
    "HEAD" "anomaly_detectors" Tail::Variable, "/{job_id}", OF_ONE;
};

/// Calls of running jobs, of what they have found, and of what feeds them.
pub(super) const OF_RUNNING_JOBS: &[Route] = spelled! {
    "POST" "anomaly_detectors" Tail::VariableThen("_open"), "/{job_id}/_open", OF_OTHERS;
    "POST" "anomaly_detectors" Tail::VariableThen("_close"), "/{job_id}/_close", OF_OTHERS;
    "POST" "anomaly_detectors" Tail::VariableThen("_flush"), "/{job_id}/_flush", OF_OTHERS;
    "POST" "anomaly_detectors" Tail::VariableThen("_data"), "/{job_id}/_data", OF_OTHERS;
    "POST" "anomaly_detectors" Tail::VariableThen("_reset"), "/{job_id}/_reset", OF_OTHERS;
    "POST" "anomaly_detectors" Tail::VariableThen("_forecast"), "/{job_id}/_forecast", OF_OTHERS;
    "DELETE" "anomaly_detectors" Tail::VariableThenBelow("_forecast"), "/{job_id}/_forecast", OF_OTHERS;
    "GET" "anomaly_detectors/_stats" Tail::Nothing, "", OF_OTHERS;
    "GET" "anomaly_detectors" Tail::VariableThen("_stats"), "/{job_id}/_stats", OF_OTHERS;
    "GET" "anomaly_detectors" Tail::VariableThenBelow("results"), "/{job_id}/results", OF_OTHERS;
    "POST" "anomaly_detectors" Tail::VariableThenBelow("results"), "/{job_id}/results", OF_OTHERS;
    "GET" "anomaly_detectors" Tail::VariableThenBelow("model_snapshots"), "/{job_id}/model_snapshots", OF_OTHERS;
    "POST" "anomaly_detectors" Tail::VariableThenBelow("model_snapshots"), "/{job_id}/model_snapshots", OF_OTHERS;
    "DELETE" "anomaly_detectors" Tail::VariableThenBelow("model_snapshots"), "/{job_id}/model_snapshots", OF_OTHERS;
    "GET" "datafeeds" Tail::Below, "", OF_OTHERS;
    "PUT" "datafeeds" Tail::Below, "", OF_OTHERS;
    "POST" "datafeeds" Tail::Below, "", OF_OTHERS;
    "DELETE" "datafeeds" Tail::Below, "", OF_OTHERS;
};
