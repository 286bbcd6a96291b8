//! The plugin's face to the proxy: its name, routes and limits, and the two halves of its work.

use crate::admission::{Admitted, Candidate, Decision};
use crate::es::caller::Caller;
use crate::es::version::Version;
use crate::plugin::{Commit, Plugin};
use crate::route::{Deprecation, Route};
use crate::store::{Cluster, IndexDefinition, IndexName};

use super::commit;

/// Other calls of Elasticsearch whose last segment stands where a job's id would (contract http.md §1.1).
const NOT_IDS: &[&str] = &["_stats", "_validate", "_estimate_model_memory"];

/// The two spellings of the call (contract job.md §1, http.md §1.2).
const ROUTES: &[Route] = &[
    Route {
        method: "PUT",
        prefix: "_ml/anomaly_detectors",
        reserved: NOT_IDS,
        deprecation: None,
    },
    Route {
        method: "PUT",
        prefix: "_xpack/ml/anomaly_detectors",
        reserved: NOT_IDS,
        deprecation: Some(Deprecation {
            compatible_only_since: Version::new(8, 0, 0),
            removed_in: Version::new(9, 0, 0),
            warning: "[PUT /_xpack/ml/anomaly_detectors/{job_id}] is deprecated! \
                      Use [PUT /_ml/anomaly_detectors/{job_id}] instead.",
        }),
    },
];

/// Elasticsearch's `http.max_content_length`, in bytes (contract http.md §2.7).
const BODY_LIMIT: usize = 100 * 1024 * 1024;

/// Create anomaly detection job.
#[derive(Debug)]
pub struct AnomalyJob {
    index: IndexDefinition,
}

impl AnomalyJob {
    /// The plugin, storing jobs in this index.
    pub fn new(index: IndexName) -> Result<Self, serde_json::Error> {
        Ok(Self {
            index: commit::index(index)?,
        })
    }
}

impl Plugin for AnomalyJob {
    fn name(&self) -> &'static str {
        "anomaly_job"
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn admit(&self, candidate: &Candidate<'_>) -> Decision {
        super::admit(candidate)
    }

    fn commit<'a>(&'a self, admitted: Admitted, cluster: &'a Cluster, caller: &'a Caller) -> Commit<'a> {
        Box::pin(commit::commit(&self.index, admitted, cluster, caller))
    }
}
