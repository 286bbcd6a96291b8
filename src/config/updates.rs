//! Whether updates of jobs are judged, and which requests about one job then wait for each other.

use std::fmt;

use serde_json::Value;

use super::form;
use super::setting::{Fault, Setting, one_of};
use super::{Config, Serve};
use crate::admission::policy::Enforcement;
use crate::proxy::CommitMode;

/// What becomes of updates of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updates {
    /// They are forwarded as any call that nobody claims.
    Forward,
    /// They are judged on the job that would come of them.
    Judge,
}

impl Updates {
    const ALL: [Self; 2] = [Self::Forward, Self::Judge];
}

/// Within what changes of one job take turns where updates are judged and the cluster keeps the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateTurns {
    /// The cluster: all of its gateways, by a lock in the index of jobs.
    Cluster,
    /// This gateway.
    Gateway,
}

impl UpdateTurns {
    const ALL: [Self; 2] = [Self::Cluster, Self::Gateway];
}

impl Config {
    /// What the operator should know of updates: policies enforce something of jobs, and whoever may update a job is not held
    /// to it.
    #[must_use]
    pub fn unjudged_updates(&self) -> Option<&'static str> {
        let mut policies = self.policies.sets.active.policies().iter();
        let is_enforced = policies.any(|policy| policy.enforcement == Enforcement::Enforce);
        if self.jobs.updates != Updates::Forward || !is_enforced {
            return None;
        }
        match (self.jobs.serve, self.jobs.commit) {
            (Serve::All, _) => Some(
                "policies are enforced when a job is created, and not when it is updated: `POST \
                 _ml/anomaly_detectors/<job_id>/_update` is done unjudged; set `jobs.updates` to `judge`",
            ),
            // Nobody else has these jobs, so that no update of them is done.
            (Serve::Create, CommitMode::Store) => None,
            (Serve::Create, _) => Some(
                "policies are enforced when a job is created, and not when it is updated: `POST \
                 _ml/anomaly_detectors/<job_id>/_update` is forwarded unjudged; set `jobs.updates` to `judge`",
            ),
        }
    }
}

impl fmt::Display for Updates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forward => "forward",
            Self::Judge => "judge",
        })
    }
}

impl Setting for Updates {
    const EXPECTED: &'static str = "`forward` or `judge`";
    const PLACEHOLDER: &'static str = "MODE";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }
}

impl fmt::Display for UpdateTurns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cluster => "cluster",
            Self::Gateway => "gateway",
        })
    }
}

impl Setting for UpdateTurns {
    const EXPECTED: &'static str = "`cluster` or `gateway`";
    const PLACEHOLDER: &'static str = "SCOPE";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }
}
