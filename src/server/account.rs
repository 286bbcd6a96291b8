//! The gateway's own account: what workers need to act with it, and whether it can be of use at all.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::ServerError;
use super::certificates::Account;
use crate::cluster::identity::{Identity, IdentityCache};
use crate::cluster::{Cluster, Product};
use crate::config;
use crate::es::user::User;
use crate::proxy::{Access, NoRandomness, PermitCache, ServiceAccess};
use crate::telemetry::events::cluster::{AccountUnanswered, AccountUnknown};
use crate::upstream::{Connector, Nodes, OwnCalls};

/// How long the start waits for the cluster. It is no condition of a start that there is one.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the workers' access is made of.
#[derive(Clone)]
pub(super) struct AccessParts {
    account: Option<Account>,
    roles: Arc<[String]>,
    permits: PermitCache<User>,
}

impl AccessParts {
    /// Of the account, if there is one, and what the configuration says of callers.
    pub(super) fn new(account: Option<Account>, config: &config::Access) -> Result<Self, NoRandomness> {
        Ok(Self {
            account,
            roles: config.roles.as_slice().into(),
            permits: PermitCache::new(config.cache.0)?,
        })
    }

    /// The access of one worker, whose runtime its connections use.
    pub(super) fn access(&self, nodes: &Arc<Nodes>, connector: &Connector, idle: Duration) -> Access {
        let Some(account) = &self.account else {
            return Access::Caller;
        };
        Access::Service(ServiceAccess {
            account: account.caller.clone(),
            cluster: Arc::new(cluster(account, nodes, connector, idle)),
            roles: Arc::clone(&self.roles),
            permits: self.permits.clone(),
        })
    }

    /// Fails if it is certain that nobody could ever create a job, and warns of what may be wrong.
    pub(super) async fn check(
        &self,
        nodes: &Arc<Nodes>,
        connector: &Connector,
        idle: Duration,
    ) -> Result<(), ServerError> {
        let Some(account) = &self.account else {
            return Ok(());
        };
        let cluster = cluster(account, nodes, connector, idle);
        let (identities, caller) = (IdentityCache::default(), account.caller.get());
        match timeout(PATIENCE, identities.ask(&cluster, &caller)).await {
            Ok(Ok(Identity {
                product: Product::OpenSearch,
                ..
            })) if self.roles.is_empty() => Err(ServerError::NoRoles),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                AccountUnknown { error: &error }.log();
                Ok(())
            }
            Err(_) => {
                AccountUnanswered {}.log();
                Ok(())
            }
        }
    }
}

fn cluster(account: &Account, nodes: &Arc<Nodes>, connector: &Connector, idle: Duration) -> Cluster {
    let connector = connector.with_tls(account.tls.clone());
    Cluster::new(Arc::clone(nodes), OwnCalls::new(connector, idle))
}
