//! The plugin's face to the proxy: its name, routes and limits, and the two halves of its work.

use crate::admission::engine::Call;
use crate::admission::{Admitted, Candidate, Verdict};
use crate::es::version::Version;
use crate::plugin::{Commit, Deprecation, LockPlace, Permission, Plugin, PluginError, Profile, Recording, Route, Tail};
use crate::store::{IndexDefinition, IndexName, Store};
use crate::xcontent::json::Node;

use super::{AnomalyJob, TakesTurns, commit};

/// Other calls of Elasticsearch whose last segment stands where a job's id would (http.md §1.1).
const NOT_IDS: &[&str] = &["_stats", "_validate", "_estimate_model_memory"];

/// The two spellings of the call (create-job.md §1, http.md §1.2).
const ROUTES: &[Route] = &[
    Route {
        method: "PUT",
        prefix: "_ml/anomaly_detectors",
        tail: Tail::Variable,
        reserved: NOT_IDS,
        allowed: &["DELETE", "GET", "PUT"],
        deprecation: None,
    },
    Route {
        method: "PUT",
        prefix: "_xpack/ml/anomaly_detectors",
        tail: Tail::Variable,
        reserved: NOT_IDS,
        allowed: &["DELETE", "GET", "PUT"],
        deprecation: Some(Deprecation {
            compatible_only_since: Version::new(8, 0, 0),
            removed_in: Version::new(9, 0, 0),
            warning: "[PUT /_xpack/ml/anomaly_detectors/{job_id}] is deprecated! \
                      Use [PUT /_ml/anomaly_detectors/{job_id}] instead.",
        }),
    },
];

/// Who may create a job (create-job.md §6).
const PERMISSION: Permission = Permission {
    action: "cluster:admin/xpack/ml/job/put",
    privilege: "manage_ml",
    granted_by: "manage_ml,manage,all",
};

/// The index's settings and mapping (create-job.md §5.2): of every field of a job, none guessed.
pub(super) const INDEX: &str = include_str!("../../../schemas/index/anomaly-detectors.json");

/// A job as people write them.
const EXAMPLE: &str = r#"{
  "description": "Checkouts that take longer than usual",
  "analysis_config": {
    "bucket_span": "15m",
    "detectors": [{ "function": "high_mean", "field_name": "responsetime", "by_field_name": "service" }],
    "influencers": ["service"]
  },
  "data_description": { "time_field": "@timestamp", "time_format": "epoch_ms" }
}"#;

/// Elasticsearch's `http.max_content_length`, in bytes (http.md §2.7).
pub const BODY_LIMIT: usize = 100 * 1024 * 1024;

const PROFILE: Profile = Profile {
    name: "anomaly_job",
    routes: ROUTES,
    permission: PERMISSION,
    body_limit: BODY_LIMIT,
};

/// The call, and the index that it stores jobs in.
#[derive(Debug)]
pub struct AnomalyJobPlugin {
    pub(super) call: AnomalyJob,
    pub(super) index: IndexDefinition,
    turns: TakesTurns,
}

impl AnomalyJobPlugin {
    /// The plugin, storing jobs in this index.
    pub fn new(index: IndexName) -> Result<Self, PluginError> {
        let call = AnomalyJob::new(Version::BASE)?;
        let index = IndexDefinition::new(index, serde_json::from_str(INDEX)?);
        let turns = TakesTurns::No;
        Ok(Self { call, index, turns })
    }

    /// The same, where jobs are not made while others of their id are changed.
    #[must_use]
    pub fn taking_turns(self, turns: TakesTurns) -> Self {
        Self { turns, ..self }
    }
}

impl Call for AnomalyJobPlugin {
    fn admit(&self, candidate: &Candidate<'_>) -> Verdict {
        self.call.admit(candidate)
    }

    fn groups(&self, document: Node<'_>) -> Vec<String> {
        self.call.groups(document)
    }
}

impl Plugin for AnomalyJobPlugin {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn example(&self) -> &'static str {
        EXAMPLE
    }

    fn dry_run<'a>(&'a self, admitted: Admitted, store: Store<'a>) -> Commit<'a> {
        Box::pin(commit::dry_run(&self.index, admitted, store))
    }

    fn commit<'a>(&'a self, admitted: Admitted, store: Store<'a>) -> Commit<'a> {
        Box::pin(commit::commit(&self.index, admitted, store))
    }

    fn takes_turns(&self) -> bool {
        self.turns != TakesTurns::No
    }

    fn lock(&self, id: &str, _: Version) -> Option<LockPlace> {
        self.turns.lock(&self.index, id)
    }

    fn record<'a>(&'a self, admitted: Admitted, store: Store<'a>) -> Recording<'a> {
        Box::pin(commit::record(&self.index, admitted, store))
    }
}
