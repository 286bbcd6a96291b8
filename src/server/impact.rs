//! What another set of policies would do to the jobs that a cluster has, asked by a running gateway before it takes the
//! set, and by the command `impact`.

use std::io;
use std::path::PathBuf;

use super::certificates::{Certificates, FileError};
use crate::admission::now_millis;
use crate::admission::policy::PolicySet;
use crate::admission::policy::impact::Impact;
use crate::config::{Api, Config};
use crate::es::caller::Caller;
use crate::http::authorization::CredentialsError;
use crate::plugin::PluginError;
use crate::plugin::anomaly_job::AnomalyJobPlugin;
use crate::store::account::read_credentials;
use crate::store::identity::{IdentityCache, IdentityError};
use crate::store::{Cluster, Store, StoreError};
use crate::upstream::{Client, Connector, Nodes};

/// Why it is not known what a set would do.
#[derive(Debug, thiserror::Error)]
pub enum ImpactError {
    /// The file with the credentials for stored jobs cannot be used.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// Usual cause: the cluster, or the credentials.
    #[error("the stored jobs cannot be read: {0}")]
    Unread(#[source] StoreError),
    /// Usual cause: the cluster, or the credentials.
    #[error("it is not known which version the cluster has: {0}")]
    Unidentified(#[source] IdentityError),
    /// Certificates, or credentials, cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The process may do no more.
    #[error("no runtime could be started")]
    Start(#[source] io::Error),
    /// A fault of the gateway.
    #[error(transparent)]
    Plugin(#[from] PluginError),
}

/// What `after` would do to the jobs in the cluster of a configuration, whose policies hold before.
pub fn impact(mut config: Config, after: &PolicySet) -> Result<Impact, ImpactError> {
    // No client is met.
    config.tls = None;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ImpactError::Start)?;
    let connector = Connector::new(Certificates::load(&config)?.to_nodes, config.upstream.connect_timeout.0)
        .naming(config.upstream.host.clone());
    let client = Client::new(connector, config.upstream.idle_timeout.0);
    let jobs = StoredJobs {
        plugin: AnomalyJobPlugin::new(config.jobs.index)?,
        api: config.jobs.api,
        cluster: Cluster::new(Nodes::new(config.upstream.nodes, None), client),
        authorization: config.policies.blast_radius.authorization,
    };
    runtime.block_on(jobs.impact(&config.policies.sets.active, after))
}

/// The jobs of a cluster, and who may read them.
pub(super) struct StoredJobs {
    pub(super) plugin: AnomalyJobPlugin,
    pub(super) api: Api,
    pub(super) cluster: Cluster,
    /// The file with the value of `Authorization`, if the cluster needs one. Read anew each time: it may be exchanged.
    pub(super) authorization: Option<PathBuf>,
}

impl StoredJobs {
    /// What the set `after` would do to them that `before` does not.
    pub(super) async fn impact(&self, before: &PolicySet, after: &PolicySet) -> Result<Impact, ImpactError> {
        let caller = match &self.authorization {
            Some(file) => read_credentials(file)?,
            None => Caller::default(),
        };
        let api = match self.api {
            Api::Fixed(version) => version,
            Api::Auto => {
                let identity = IdentityCache::default().identity(&self.cluster, &caller).await;
                identity.map_err(ImpactError::Unidentified)?.api()
            }
        };
        let sets = [before, after];
        let store = Store {
            cluster: &self.cluster,
            caller: &caller,
        };
        let asked = self.plugin.impact(sets, api, now_millis(), store);
        asked.await.map_err(ImpactError::Unread)
    }
}
