//! The jobs of a cluster, for what looks at them outside of a client's request.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use http::StatusCode;
use tokio::runtime::{Builder, Runtime};

use super::certificates::{Certificates, FileError};
use crate::cluster::account::read_credentials;
use crate::cluster::identity::{IdentityCache, IdentityError};
use crate::cluster::{Cluster, ReplyError};
use crate::config::{Api, Config};
use crate::es::version::Version;
use crate::http::authorization::CredentialsError;
use crate::http::caller::Caller;
use crate::plugin::PluginError;
use crate::plugin::anomaly_job::AnomalyJobPlugin;
use crate::store::{IndexName, StoreError};
use crate::upstream::{Connector, Nodes, OwnCalls};

/// Why the jobs of a cluster cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum StoredJobsError {
    /// The file with the credentials for stored jobs cannot be used.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// Usual cause: a slip in `jobs.index`, or the cluster of somebody else.
    #[error("there is no index [{0}], and so there are no stored jobs to judge")]
    NoIndex(IndexName),
    /// Usual cause: the cluster, or the credentials.
    #[error("the stored jobs cannot be read: {0}")]
    Unread(#[source] StoreError),
    /// Usual cause: the cluster, or the credentials.
    #[error("the cluster did not say whether it can build an analyzer: {0}")]
    NotLookedUp(#[source] StoreError),
    /// Usual cause: the cluster, or the credentials.
    #[error("the cluster's version is not known: {0}")]
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

impl StoredJobsError {
    /// Whether asking again may be answered without anybody changing something: the cluster is down, or busy. Whoever goes
    /// on asking with credentials that were refused is locked out in the end.
    pub(super) fn may_pass(&self) -> bool {
        let is_passing = |status: StatusCode| status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        match self {
            Self::Unread(error) | Self::NotLookedUp(error) => match error {
                StoreError::Refused(refused) => is_passing(refused.reply().status),
                error => matches!(error, StoreError::NotSent(_) | StoreError::OutcomeUnknown(_)),
            },
            Self::Unidentified(IdentityError::Reply(ReplyError::Refused(refused))) => {
                is_passing(refused.reply().status)
            }
            Self::Unidentified(_) => true,
            Self::NoIndex(_) | Self::Credentials(_) | Self::File(_) | Self::Start(_) | Self::Plugin(_) => false,
        }
    }
}

/// The jobs of a cluster, and who may read them.
pub(super) struct StoredJobs {
    pub(super) plugin: Arc<AnomalyJobPlugin>,
    pub(super) api: Api,
    pub(super) cluster: Cluster,
    /// The file with the value of `Authorization`, if the cluster needs one. Read anew each time: it may be exchanged.
    pub(super) authorization: Option<PathBuf>,
}

impl StoredJobs {
    /// Those in the cluster of a configuration, and what to ask for them on.
    pub(super) fn open(mut config: Config) -> Result<(Runtime, Self), StoredJobsError> {
        // No client is met.
        config.tls = None;
        let runtime = Builder::new_current_thread().enable_all().build();
        let connector = Connector::new(Certificates::load(&config)?.to_nodes, config.upstream.connect_timeout.0)
            .naming(config.upstream.host.clone());
        let calls = OwnCalls::new(connector, config.upstream.idle_timeout.0);
        let cluster = Cluster::new(Nodes::new(config.upstream.nodes.clone(), None), calls);
        let plugin = Arc::new(AnomalyJobPlugin::new(config.jobs.index.clone())?);
        let jobs = Self::of(&config, plugin, cluster);
        Ok((runtime.map_err(StoredJobsError::Start)?, jobs))
    }

    /// Those of this configuration, in this cluster.
    pub(super) fn of(config: &Config, plugin: Arc<AnomalyJobPlugin>, cluster: Cluster) -> Self {
        Self {
            plugin,
            api: config.jobs.api,
            cluster,
            authorization: config.policies.blast_radius.authorization.clone(),
        }
    }

    /// Who reads them.
    pub(super) fn caller(&self) -> Result<Caller, CredentialsError> {
        let file = self.authorization.as_ref();
        file.map_or_else(|| Ok(Caller::default()), |file| read_credentials(file))
    }

    /// The version to judge as: the configured one, or the cluster's.
    pub(super) async fn version(&self, caller: &Caller) -> Result<Version, StoredJobsError> {
        match self.api {
            Api::Fixed(version) => Ok(version),
            Api::Auto => {
                let identity = IdentityCache::default().identity(&self.cluster, caller).await;
                Ok(identity.map_err(StoredJobsError::Unidentified)?.api())
            }
        }
    }
}
