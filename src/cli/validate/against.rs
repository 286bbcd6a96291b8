//! What only a cluster knows of the jobs of a run: which names are in use, and which analyzers it can make.

use std::path::PathBuf;

use clap::Args;

use super::names::Taken;
use super::report::Judged;
use crate::admission::Unsettled;
use crate::cli::engine::Outcome;
use crate::cli::serve_flags::with_cluster;
use crate::config::{Config, ServeFlags};
use crate::es::error::{Exception, Kind};
use crate::plugin::anomaly_job::Lookup;
use crate::server::{Deployment, StoredJobsError};

/// The flags that name a cluster.
#[derive(Debug, Args)]
pub(super) struct AgainstFlags {
    /// A node of a cluster: compares the jobs with those that are stored in it, as the configuration says, and asks it for
    /// analyzers; may be repeated
    #[arg(long, value_name = "URL")]
    against: Vec<String>,
    /// Who has to have signed the certificates of nodes, as `upstream.tls.ca`
    #[arg(long, value_name = "FILE", requires = "against")]
    upstream_tls_ca: Option<String>,
    /// The index that jobs are stored in
    #[arg(long, value_name = "INDEX", requires = "against")]
    jobs_index: Option<String>,
    /// The file with the value of `Authorization` to ask the cluster with
    #[arg(long, value_name = "FILE", requires = "against")]
    authorization: Option<PathBuf>,
}

impl AgainstFlags {
    /// The flags of `serve` that mean the same, added to others.
    pub(super) fn typed(&self, typed: ServeFlags) -> ServeFlags {
        with_cluster(
            typed,
            &self.against,
            self.upstream_tls_ca.as_ref(),
            self.jobs_index.as_ref(),
        )
    }

    /// The cluster, if one is named.
    pub(super) fn deployment(&self, mut config: Config) -> Result<Option<Deployment>, StoredJobsError> {
        if self.against.is_empty() {
            return Ok(None);
        }
        let authorization = &mut config.policies.blast_radius.authorization;
        *authorization = self.authorization.clone().or_else(|| authorization.take());
        Deployment::of(config).map(Some)
    }
}

/// Refuses the jobs that are in each other's way, or in whose way the cluster is; in the order in which the gateway would.
pub(super) fn compare(judged: &mut [Judged], deployment: Option<&Deployment>) -> Result<(), StoredJobsError> {
    let mut taken = match deployment {
        Some(deployment) => Taken::by_stored(deployment.names()?),
        None => Taken::default(),
    };
    for judged in judged {
        let at = judged.at();
        let Ok((_, outcome)) = &mut judged.outcome else {
            continue;
        };
        let Some(names) = outcome.names().cloned() else {
            continue;
        };
        judged.not_looked_up = look_up(outcome, deployment)?;
        if outcome.names().is_some()
            && let Err(reason) = taken.claim(&names, judged.exists, at)
        {
            outcome.refuse(Exception::new(Kind::ResourceAlreadyExists, reason));
        }
    }
    Ok(())
}

/// Refuses a job whose analyzer the cluster cannot make. Says why it is not known, if it is not.
fn look_up(outcome: &mut Outcome, deployment: Option<&Deployment>) -> Result<Option<String>, StoredJobsError> {
    let Some(deployment) = deployment else {
        return Ok(outcome.unsettled());
    };
    let Some(Unsettled { about, question }) = outcome.take_unsettled() else {
        return Ok(None);
    };
    match deployment.look_up_analyzer(question)? {
        Lookup::Fine => Ok(None),
        Lookup::NotTold => Ok(Some(format!(
            "{about} were not looked up: the cluster does not let this caller ask"
        ))),
        Lookup::Impossible(exception) => {
            outcome.refuse(exception);
            Ok(None)
        }
    }
}
