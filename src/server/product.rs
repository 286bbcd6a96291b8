//! Whether the cluster is one before which jobs can be served as the configuration wants them served.

use std::time::Duration;

use tokio::time::timeout;

use super::ServerError;
use super::certificates::Account;
use crate::cluster::identity::IdentityCache;
use crate::cluster::{Cluster, Product};
use crate::config::{Config, Serve};
use crate::http::caller::Caller;
use crate::telemetry::events::cluster::ProductUnknown;

/// How long the start waits for the cluster. It is no condition of a start that there is one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Fails if jobs are to be served in place of a cluster that has machine learning. As long as it is not known what the cluster
/// is, no request about jobs is answered, and once it is, each is refused that must not be.
pub(super) async fn check(config: &Config, account: Option<&Account>, cluster: &Cluster) -> Result<(), ServerError> {
    if config.jobs.serve == Serve::Create {
        return Ok(());
    }
    let caller = account.map_or_else(Caller::default, |account| Caller::clone(&account.caller.get()));
    match timeout(PATIENCE, IdentityCache::default().ask(cluster, &caller)).await {
        Ok(Ok(identity)) if identity.product == Product::Elasticsearch => Err(ServerError::HasMachineLearning),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            ProductUnknown { error: &error }.log();
            Ok(())
        }
        Err(_) => {
            let error = format!("no answer within {PATIENCE:?}");
            ProductUnknown { error: &error }.log();
            Ok(())
        }
    }
}
