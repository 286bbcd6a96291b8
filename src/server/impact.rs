//! What another set of policies would do to the jobs that a cluster has, asked by a running gateway before it takes the
//! set, and by the command `impact`.

use super::stored_jobs::{StoredJobs, StoredJobsError};
use crate::admission::now_millis;
use crate::admission::policy::PolicySet;
use crate::admission::policy::impact::Impact;
use crate::config::Config;
use crate::store::Store;

/// What `after` would do to the jobs in the cluster of a configuration, whose policies hold before.
pub fn impact(config: Config, after: &PolicySet) -> Result<Impact, StoredJobsError> {
    let before = std::sync::Arc::clone(&config.policies.sets.active);
    let (runtime, jobs) = StoredJobs::open(config)?;
    runtime.block_on(jobs.impact(&before, after))
}

impl StoredJobs {
    /// What the set `after` would do to them that `before` does not.
    pub(super) async fn impact(&self, before: &PolicySet, after: &PolicySet) -> Result<Impact, StoredJobsError> {
        let caller = self.caller()?;
        let api = self.version(&caller).await?;
        let store = Store {
            cluster: &self.cluster,
            caller: &caller,
        };
        let asked = self.plugin.impact([before, after], api, now_millis(), store);
        asked.await.map_err(StoredJobsError::Unread)
    }
}
