//! The policies of a running gateway, kept in step with their files: checked, then exchanged whole, or not at all.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::reload::{Cause, Trigger};
use super::stored_jobs::{StoredJobs, StoredJobsError};
use crate::admission::policy::impact::{Impact, Threshold};
use crate::admission::policy::set_changes::SetChanges;
use crate::admission::policy::{Enforcement, PolicySet, PolicySets};
use crate::config::{Policies, Problems};
use crate::telemetry::events::policies::{PoliciesInUse, PoliciesRefused, counting};

/// Why a set of policies is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReloadError {
    /// The files have problems, or are not there.
    #[error("{0}")]
    Unusable(Rendered),
    /// What the set would do to the stored jobs is not known.
    #[error(transparent)]
    Unknown(#[from] StoredJobsError),
    /// It would refuse more of them than it may.
    #[error("it {impact}, over the threshold of {threshold}: {}", ids(impact))]
    TooMuch { impact: Impact, threshold: Threshold },
}

/// Problems as people read them, without colours.
#[derive(Debug)]
pub(super) struct Rendered(String);

impl fmt::Display for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim())
    }
}

impl ReloadError {
    /// Whether the same files may be taken later without a change of theirs.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Unknown(error) if error.may_pass())
    }
}

impl From<Problems> for ReloadError {
    fn from(problems: Problems) -> Self {
        Self::Unusable(Rendered(problems.render(false)))
    }
}

/// How long after a set could not be judged it is tried again; each time twice as long, up to the second one.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// How many jobs are named.
const MOST_NAMED: usize = 10;

fn ids(impact: &Impact) -> String {
    let named = impact.newly_refused.iter().take(MOST_NAMED);
    let mut named: Vec<&str> = named.map(|job| job.job_id.as_str()).collect();
    if impact.newly_refused.len() > MOST_NAMED {
        named.push("...");
    }
    named.join(", ")
}

/// Each policy is counted from the moment that it is in use, by what may come of a violation of it.
fn count_policies_of(set: &PolicySet) {
    let policies = set.policies().iter();
    let enforced = policies.flat_map(|policy| {
        // Until its day has come a policy warns.
        let before = policy.enforce_after.map(|_| Enforcement::Warn);
        let enforcements = before.into_iter().chain([policy.enforcement]);
        enforcements.map(|enforcement| (policy.name.as_str(), enforcement))
    });
    let counted = enforced.filter(|(_, enforcement)| *enforcement != Enforcement::Off);
    counting(counted.map(|(policy, enforcement)| (policy, enforcement.name())));
}

/// Which policies are in use, and why not those that were read last.
#[derive(Debug, Clone, Default)]
pub(super) struct PolicyState(Arc<Mutex<InUse>>);

/// The policies of a moment.
#[derive(Debug, Clone, Default)]
pub(super) struct InUse {
    /// The revision that holds, if there are files of policies.
    pub(super) revision: Option<String>,
    /// The revision of the shadow set, if there is one.
    pub(super) shadow: Option<String>,
    /// What is wrong with what was read last, where that is not in use.
    pub(super) fault: Option<String>,
    /// The policies themselves.
    pub(super) sets: PolicySets,
}

impl PolicyState {
    /// Those of now.
    pub(super) fn get(&self) -> InUse {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, sets: &PolicySets, fault: Option<String>) {
        let in_use = InUse {
            revision: Some(sets.active.revision().to_string()),
            shadow: sets.shadow.as_ref().map(|shadow| shadow.revision().to_string()),
            fault,
            sets: sets.clone(),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = in_use;
    }
}

/// Exchanges the policies.
pub(super) struct PolicyKeeper {
    policies: Policies,
    /// Where they are found from now on, on each SIGHUP.
    changes: watch::Receiver<Policies>,
    exchange: watch::Sender<PolicySets>,
    state: PolicyState,
    jobs: StoredJobs,
}

impl PolicyKeeper {
    /// A keeper of these policies, which are in use from the start, and where they are found.
    pub(super) fn new(
        policies: Policies,
        changes: watch::Receiver<Policies>,
        jobs: StoredJobs,
        state: PolicyState,
    ) -> (Self, watch::Receiver<PolicySets>) {
        let (exchange, now) = watch::channel(policies.sets.clone());
        count_policies_of(&policies.sets.active);
        if policies.has_files() {
            state.set(&policies.sets, None);
        }
        let keeper = Self {
            policies,
            changes,
            exchange,
            state,
            jobs,
        };
        (keeper, now)
    }

    /// Where files are that make policies, those files, and the credentials with which stored jobs are read.
    fn watched(&self) -> Vec<PathBuf> {
        let credentials = self.jobs.authorization.clone();
        self.policies.watched().into_iter().chain(credentials).collect()
    }

    /// Says when they have changed.
    pub(super) fn trigger(&self) -> Trigger {
        Trigger::of_files(self.watched().iter().map(PathBuf::as_path))
    }

    /// Reads the files again, for ever, when the trigger says so, and until what they say could be judged. A request keeps
    /// the set that it began with.
    pub(super) async fn keep(mut self, mut trigger: Trigger) {
        let mut wait = None;
        loop {
            let cause = tokio::select! {
                cause = next(&mut trigger, wait) => cause,
                Ok(()) = self.changes.changed() => {
                    self.policies = self.changes.borrow_and_update().clone();
                    self.jobs.authorization.clone_from(&self.policies.blast_radius.authorization);
                    Cause::Hangup
                }
            };
            let is_empty = self.exchange.borrow().active.policies().is_empty();
            if !self.policies.has_files() && is_empty && self.exchange.borrow().shadow.is_none() {
                continue;
            }
            // Before they are read, so that no change between is missed.
            let watched = self.watched();
            trigger.watch(watched.iter().map(PathBuf::as_path));
            let outcome = self.renew().await;
            wait = match &outcome {
                Err(error) if error.may_pass() => Some(match (cause, wait) {
                    (Cause::Retry, Some(wait)) => LAST_RETRY.min(wait * 2),
                    _ => FIRST_RETRY,
                }),
                _ => None,
            };
            let fault = match outcome {
                Ok((sets, impact)) => {
                    self.put_into_use(sets, impact.as_ref(), cause);
                    None
                }
                Err(error) => Some(self.refuse(&error, cause, wait)),
            };
            self.state.set(&self.exchange.borrow(), fault);
        }
    }

    fn put_into_use(&self, sets: PolicySets, impact: Option<&Impact>, cause: Cause) {
        let changes = SetChanges::between(&self.exchange.borrow().active, &sets.active);
        let impact = impact.map(ToString::to_string).unwrap_or_default();
        let shadow = sets.shadow.as_ref().map(|set| set.revision().to_string());
        let event = PoliciesInUse {
            revision: sets.active.revision(),
            changes: &changes,
            impact: &impact,
            shadow: &shadow.unwrap_or_default(),
            cause: cause.name(),
        };
        event.emit();
        count_policies_of(&sets.active);
        self.exchange.send_replace(sets);
    }

    /// Reports that a set is not taken, once for each reason, and gives the reason.
    fn refuse(&self, error: &ReloadError, cause: Cause, wait: Option<Duration>) -> String {
        let error = error.to_string();
        let is_known = cause == Cause::Retry && self.state.get().fault.as_ref() == Some(&error);
        if !is_known {
            let event = PoliciesRefused {
                revision: &self.exchange.borrow().active.revision().clone(),
                cause: cause.name(),
                error: &error,
                is_tried_again: wait.is_some(),
            };
            event.emit();
        }
        error
    }

    /// What the files say, and what it would do to the stored jobs if that matters: a set that is in use already is not
    /// asked about.
    async fn renew(&self) -> Result<(PolicySets, Option<Impact>), ReloadError> {
        let sets = self.policies.read_again()?;
        let before = Arc::clone(&self.exchange.borrow().active);
        let Some(threshold) = self.policies.blast_radius.refuse_over else {
            return Ok((sets, None));
        };
        if before.revision() == sets.active.revision() {
            return Ok((sets, None));
        }
        let impact = self.jobs.impact(&before, &sets.active).await?;
        if threshold.is_exceeded_by(&impact) {
            return Err(ReloadError::TooMuch { impact, threshold });
        }
        Ok((sets, Some(impact)))
    }
}

/// Returns when files are to be read, or after this time at the latest.
async fn next(trigger: &mut Trigger, wait: Option<Duration>) -> Cause {
    match wait {
        None => trigger.next().await,
        Some(wait) => trigger.next_within(wait).await.unwrap_or(Cause::Retry),
    }
}
