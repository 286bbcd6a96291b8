//! A cluster that jobs are to be created in, asked by the command `validate` for what only it knows.

use tokio::runtime::Runtime;

use super::stored_jobs::{StoredJobs, StoredJobsError};
use crate::config::Config;
use crate::es::version::Version;
use crate::http::caller::Caller;
use crate::plugin::anomaly_job::{JobNames, Lookup};
use crate::proxy::CommitMode;
use crate::store::Store;

/// A cluster, and who asks it.
pub struct Deployment {
    runtime: Runtime,
    jobs: StoredJobs,
    caller: Caller,
    commit: CommitMode,
}

impl Deployment {
    /// The cluster of a configuration. It is not called yet.
    pub fn of(config: Config) -> Result<Self, StoredJobsError> {
        let commit = config.jobs.commit;
        let (runtime, jobs) = StoredJobs::open(config)?;
        let caller = jobs.caller()?;
        Ok(Self {
            runtime,
            jobs,
            caller,
            commit,
        })
    }

    /// The version that a gateway in front of it judges as.
    pub fn version(&self) -> Result<Version, StoredJobsError> {
        self.runtime.block_on(self.jobs.version(&self.caller))
    }

    /// The names that are in use: of the gateway's own jobs, or where the cluster creates jobs itself, of the cluster's.
    pub fn names(&self) -> Result<Vec<JobNames>, StoredJobsError> {
        let StoredJobs { plugin, .. } = &self.jobs;
        let store = self.store();
        let names = self.runtime.block_on(async {
            match self.commit {
                CommitMode::Store => plugin.stored_names(store).await,
                CommitMode::Forward | CommitMode::Both => plugin.native_names(store).await,
            }
        });
        names.map_err(StoredJobsError::Unread)
    }

    /// Whether it can make the analyzer of a job, by the question that the job leaves open.
    pub fn look_up_analyzer(&self, question: String) -> Result<Lookup, StoredJobsError> {
        let asked = self.jobs.plugin.look_up_analyzer(question, self.store());
        self.runtime.block_on(asked).map_err(StoredJobsError::NotLookedUp)
    }

    const fn store(&self) -> Store<'_> {
        Store {
            cluster: &self.jobs.cluster,
            caller: &self.caller,
        }
    }
}

impl std::fmt::Debug for Deployment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deployment")
            .field("commit", &self.commit)
            .finish_non_exhaustive()
    }
}
