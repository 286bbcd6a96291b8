//! Keeps the guard of the protected index in step with what the cluster says of the index's names.

use std::time::{Duration, Instant};

use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::certificates::Account;
use crate::cluster::Cluster;
use crate::cluster::account::read_credentials;
use crate::config::Config;
use crate::guard::{BELIEVED_FOR, IndexGuard, Terms};
use crate::http::authorization::CredentialsError;
use crate::http::caller::Caller;
use crate::proxy::Protection;
use crate::store::{IndexName, IndexNamesError, index_names};
use crate::telemetry::events::cluster::{AliasesKnown, AliasesUnknown};

/// How often the cluster is asked. An alias that was added without the gateway is unknown so long.
const INTERVAL: Duration = Duration::from_secs(2);

/// How long the cluster may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the first answer is waited for before clients are served: without it, writes are refused.
const FIRST_PATIENCE: Duration = Duration::from_secs(2);

/// How long credentials that the cluster has refused are not shown to it again. A cluster may lock an address out for
/// some failed logins an hour, and behind the gateway's are all of its clients.
const REFUSED_PAUSE: Duration = Duration::from_secs(600);

/// The same for asking without credentials, which a cluster that wants some refuses until somebody configures them.
const ANONYMOUS_REFUSED_PAUSE: Duration = Duration::from_secs(3600);

/// What is said to those whose write to the protected index is refused.
const TERMS: Terms = Terms {
    rule: "jobs.protect",
    remedy: "create jobs by PUT _ml/anomaly_detectors/<job_id>",
};

/// Who asks. Made anew each time, since what it is made of may be exchanged.
pub(super) type Asker = Box<dyn Fn() -> Result<Caller, CredentialsError>>;

/// Why the names are not known.
#[derive(Debug, thiserror::Error)]
enum NamesError {
    #[error("the credentials to ask with cannot be used: {0}")]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Asked(#[from] IndexNamesError),
    #[error("the cluster did not answer within {0:?}")]
    TimedOut(Duration),
}

/// What protects the index of jobs, if the configuration wants it protected, and what keeps that in step with the cluster.
pub(super) async fn protect(
    config: &Config,
    account: Option<Account>,
    cluster: Cluster,
) -> Option<(IndexNameKeeper, Protection)> {
    if !config.jobs.protect.is_on(config.access.mode) {
        return None;
    }
    let index = config.jobs.index.clone();
    let guard = IndexGuard::new(index.as_str(), TERMS);
    let authorization = config.access.authorization.clone();
    let asker = move || match (&account, &authorization) {
        (Some(account), _) => Ok(Caller::clone(&account.caller.get())),
        (None, Some(file)) => read_credentials(file),
        (None, None) => Ok(Caller::default()),
    };
    let (mut keeper, guard) = IndexNameKeeper::new(guard, index, cluster, Box::new(asker));
    keeper.renew(FIRST_PATIENCE).await;
    Some((keeper, Protection::new(guard)))
}

/// Keeps the guard in step for ever, if there is one.
pub(super) async fn keep(keeper: Option<IndexNameKeeper>) {
    if let Some(keeper) = keeper {
        keeper.keep().await;
    }
}

/// Asks for the names, and tells the workers.
pub(super) struct IndexNameKeeper {
    index: IndexName,
    cluster: Cluster,
    asker: Asker,
    guard: watch::Sender<IndexGuard>,
    /// Whether the last answer was none, which was logged then.
    is_at_a_loss: bool,
    /// The credentials that the cluster has refused, and when.
    refused: Option<(HeaderMap, Instant)>,
}

impl IndexNameKeeper {
    /// A keeper of this guard, and where the guard is found.
    fn new(guard: IndexGuard, index: IndexName, cluster: Cluster, asker: Asker) -> (Self, watch::Receiver<IndexGuard>) {
        let (sender, receiver) = watch::channel(guard);
        let keeper = Self {
            index,
            cluster,
            asker,
            guard: sender,
            is_at_a_loss: false,
            refused: None,
        };
        (keeper, receiver)
    }

    /// Asks for ever.
    async fn keep(mut self) {
        loop {
            sleep(INTERVAL).await;
            self.renew(PATIENCE).await;
        }
    }

    /// What is not answered leaves the guard with what it knows, which it stops to believe by itself.
    async fn renew(&mut self, patience: Duration) {
        // The names are as old as the question.
        let at = Instant::now();
        match self.ask(patience).await {
            Ok(names) => {
                if std::mem::take(&mut self.is_at_a_loss) {
                    AliasesKnown { index: &self.index }.log();
                }
                self.guard.send_modify(|guard| *guard = guard.knowing(names, at));
            }
            Err(error) if !std::mem::replace(&mut self.is_at_a_loss, true) => {
                let event = AliasesUnknown {
                    index: &self.index,
                    error: &error,
                    refusing_after: &humantime::format_duration(BELIEVED_FOR),
                };
                event.log();
            }
            Err(error) => tracing::debug!(index = %self.index, %error, "the aliases are still not known"),
        }
    }

    async fn ask(&mut self, patience: Duration) -> Result<Vec<String>, NamesError> {
        let caller = (self.asker)()?;
        if let Some((fields, at)) = &self.refused
            && fields == caller.headers()
            && at.elapsed() < pause_after_refusal(fields)
        {
            return Err(IndexNamesError::Refused(StatusCode::UNAUTHORIZED).into());
        }
        let asked = timeout(patience, index_names(&self.cluster, &self.index, &caller)).await;
        let answer = asked.map_err(|_| NamesError::TimedOut(patience))?;
        self.refused = match answer {
            Err(IndexNamesError::Refused(StatusCode::UNAUTHORIZED)) => Some((caller.headers().clone(), Instant::now())),
            _ => None,
        };
        Ok(answer?)
    }
}

/// How long these fields are not shown to a cluster that has refused them.
pub(super) fn pause_after_refusal(fields: &HeaderMap) -> Duration {
    if fields.contains_key(AUTHORIZATION) {
        REFUSED_PAUSE
    } else {
        ANONYMOUS_REFUSED_PAUSE
    }
}
