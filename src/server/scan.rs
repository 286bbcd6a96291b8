//! Looks at all stored jobs every now and then, one look at a time and on a thread of its own: which policies do they violate,
//! and since when, as far as this process has seen it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::ServerError;
use super::index_names::pause_after_refusal;
use super::phase::{Phase, PhaseWatch};
use super::stored_jobs::{StoredJobs, StoredJobsError};
use crate::admission::now_millis;
use crate::admission::policy::standing::Standing;
use crate::admission::policy::{PolicySet, PolicySets};
use crate::config::Policies;
use crate::store::{Store, StoreError};
use crate::telemetry::events::policies::{ScanFailed, Scanned};

/// How long a scan may take: a hundred thousand jobs take a few minutes.
const MAX_DURATION: Duration = Duration::from_secs(3600);

/// Why it is not known which stored jobs violate policies.
#[derive(Debug, thiserror::Error)]
enum ScanError {
    #[error(transparent)]
    Jobs(#[from] StoredJobsError),
    #[error("the stored jobs could not be read within {MAX_DURATION:?}")]
    TooLong,
    /// Somebody who goes on asking with credentials that were refused is locked out in the end.
    #[error(
        "the cluster has refused these credentials (401); they are shown to it again when they have changed, or in a while: \
         set policies.blast_radius.authorization to a file with the value of Authorization of a user who may read the index"
    )]
    Refused,
}

impl ScanError {
    /// Whether the cluster does not know the credentials.
    fn is_unauthorized(&self) -> bool {
        let Self::Jobs(StoredJobsError::Unread(StoreError::Refused(refused))) = self else {
            return false;
        };
        refused.reply().status == StatusCode::UNAUTHORIZED
    }
}

/// What is known of the stored jobs.
#[derive(Debug, Clone)]
pub(super) struct ScanState {
    pub(super) interval: Duration,
    known: Arc<Mutex<Known>>,
}

/// What was found last.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) is_running: bool,
    /// The last scan that came to its end.
    pub(super) completed: Option<Arc<Completed>>,
    /// When the last scan failed and why, where it did.
    pub(super) failure: Option<(i64, String)>,
}

/// A scan that came to its end. Times are in milliseconds since the epoch.
#[derive(Debug)]
pub(super) struct Completed {
    pub(super) standing: Standing,
    /// The revision of the policies.
    pub(super) revision: String,
    pub(super) begun: i64,
    pub(super) ended: i64,
}

impl ScanState {
    /// Nothing is known yet, and there is a look so often.
    pub(super) fn every(interval: Duration) -> Self {
        let known = Arc::default();
        Self { interval, known }
    }

    /// What is known now.
    pub(super) fn get(&self) -> Known {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at the jobs.
pub(super) struct Scanner {
    jobs: StoredJobs,
    /// The policies in use.
    policies: watch::Receiver<PolicySets>,
    /// What the configuration says of policies, and of who reads stored jobs.
    settings: watch::Receiver<Policies>,
    state: ScanState,
}

/// Looks until the gateway is told to stop, if anything does.
pub(super) fn start(scanner: Option<Scanner>, phase: PhaseWatch) -> Result<(), ServerError> {
    let Some(scanner) = scanner else {
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ServerError::Start)?;
    let scanning = move || runtime.block_on(scanner.keep(phase));
    let thread = thread::Builder::new().name("scan".to_owned());
    thread.spawn(scanning).map_err(ServerError::Start)?;
    Ok(())
}

impl Scanner {
    /// Of these jobs, by the policies in use, with the credentials that `settings` has then.
    pub(super) fn new(
        jobs: StoredJobs,
        (policies, settings): (&watch::Receiver<PolicySets>, watch::Receiver<Policies>),
        state: ScanState,
    ) -> Self {
        Self {
            jobs,
            policies: policies.clone(),
            settings,
            state,
        }
    }

    async fn keep(mut self, mut phase: PhaseWatch) {
        let mut turns = interval(self.state.interval);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut refused = None;
        let scanning = async {
            loop {
                turns.tick().await;
                self.turn(&mut refused).await;
            }
        };
        tokio::select! {
            () = scanning => {}
            () = phase.reached(Phase::Draining) => {}
        }
    }

    /// One look. `refused` are the credentials that the cluster has refused, and when.
    async fn turn(&mut self, refused: &mut Option<(HeaderMap, Instant)>) {
        let authorization = self.settings.borrow().blast_radius.authorization.clone();
        self.jobs.authorization = authorization;
        let policies = Arc::clone(&self.policies.borrow().active);
        self.state.lock().is_running = true;
        let begun = now_millis();
        match self.look(&policies, begun, refused).await {
            Ok(standing) => self.complete(standing, &policies, begun),
            Err(error) => self.fail(&error),
        }
    }

    async fn look(
        &self,
        policies: &PolicySet,
        begun: i64,
        refused: &mut Option<(HeaderMap, Instant)>,
    ) -> Result<Standing, ScanError> {
        let fields = self.jobs.caller().map_err(StoredJobsError::from)?.headers().clone();
        if let Some((known, at)) = refused
            && *known == fields
            && at.elapsed() < pause_after_refusal(&fields)
        {
            return Err(ScanError::Refused);
        }
        let looked = timeout(MAX_DURATION, self.jobs.standing(policies, begun)).await;
        let found = looked.map_or(Err(ScanError::TooLong), |found| found.map_err(ScanError::from));
        let is_refused = found.as_ref().is_err_and(ScanError::is_unauthorized);
        *refused = is_refused.then(|| (fields, Instant::now()));
        found
    }

    /// What was found takes the place of what was found before, and is told where it is something else.
    fn complete(&self, mut standing: Standing, policies: &PolicySet, begun: i64) {
        let ended = now_millis();
        let before = self.state.get();
        let last = before.completed.as_ref().map(|completed| &completed.standing);
        if let Some(last) = last {
            standing.follow(last);
        }
        let is_news = before.failure.is_some() || !last.is_some_and(|last| last.is_like(&standing));
        let event = Scanned {
            documents: standing.documents,
            violating: &standing.summary(last),
            revision: policies.revision(),
        };
        event.emit(is_news);
        let completed = Completed {
            standing,
            revision: policies.revision().to_string(),
            begun,
            ended,
        };
        *self.state.lock() = Known {
            is_running: false,
            completed: Some(Arc::new(completed)),
            failure: None,
        };
    }

    /// What was found before stays, and the reason is told once.
    fn fail(&self, error: &ScanError) {
        let error = error.to_string();
        let mut known = self.state.lock();
        let is_news = known.failure.as_ref().is_none_or(|(_, before)| *before != error);
        ScanFailed { error: &error }.emit(is_news);
        known.is_running = false;
        known.failure = Some((now_millis(), error));
    }
}

impl StoredJobs {
    /// What policies say of all of them as they are stored.
    async fn standing(&self, policies: &PolicySet, now_millis: i64) -> Result<Standing, StoredJobsError> {
        let caller = self.caller()?;
        let store = Store {
            cluster: &self.cluster,
            caller: &caller,
        };
        let mut standing = Standing::of(policies, now_millis);
        let mut pages = self.plugin.stored_jobs(store).await.map_err(StoredJobsError::Unread)?;
        while let Some(jobs) = pages.next(store).await.map_err(StoredJobsError::Unread)? {
            let begun = Instant::now();
            for job in &jobs {
                standing.add(&job.id, &self.plugin.standing(job, policies, now_millis), now_millis);
            }
            // Whatever the policies cost, clients have half of a core at least.
            sleep(begun.elapsed()).await;
        }
        Ok(standing)
    }
}
