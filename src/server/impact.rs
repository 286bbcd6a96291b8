//! What another set of policies would do to the jobs that a cluster has, asked by a running gateway before it takes the
//! set, and by the command `impact`.

use std::sync::Arc;

use serde_json::Value;

use super::stored_jobs::{StoredJobs, StoredJobsError};
use crate::admission::now_millis;
use crate::admission::policy::PolicySet;
use crate::admission::policy::impact::Impact;
use crate::config::Config;
use crate::store::{IndexDefinition, IndexName, Store};

/// What `after` would do to the jobs in the cluster of a configuration, whose policies hold before.
pub fn impact(config: Config, after: &PolicySet) -> Result<Impact, StoredJobsError> {
    let before = Arc::clone(&config.policies.sets.active);
    let index = config.jobs.index.clone();
    let (runtime, jobs) = StoredJobs::open(config)?;
    runtime.block_on(async {
        // Whoever asks by hand has mistyped a name more often than they ask about nothing.
        jobs.look_for(index).await?;
        jobs.impact(&before, after).await
    })
}

impl StoredJobs {
    /// Fails if their index is not there.
    async fn look_for(&self, index: IndexName) -> Result<(), StoredJobsError> {
        let caller = self.caller()?;
        // What is wrong with the cluster as a whole is told as that.
        self.version(&caller).await?;
        let store = Store {
            cluster: &self.cluster,
            caller: &caller,
        };
        let found = IndexDefinition::new(index.clone(), Value::Null).find(store).await;
        let found = found.map_err(StoredJobsError::Unread)?;
        found.map(|_| ()).ok_or(StoredJobsError::NoIndex(index))
    }

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
