//! Writes decision events to their index in batches. What cannot be written is tried again, for as long as it takes; what the
//! cluster can never take is left out.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::cluster::Cluster;
use crate::cluster::account::read_credentials;
use crate::http::authorization::CredentialsError;
use crate::http::caller::Caller;
use crate::proxy::AuditTrail;
use crate::server::index_names::pause_after_refusal;
use crate::store::{Added, IndexDefinition, IndexName, Store, StoreError};
use crate::telemetry::events::audit::{AuditFails, AuditRefused, AuditWorks, dropped, written};
use crate::telemetry::outcome::AuditDrop;
use crate::telemetry::sampler::Sampler;

/// What the index is made with.
const INDEX: &str = include_str!("../../../schemas/index/decisions.json");

/// How many events are written with one call, and how many bytes of them: less than nginx lets pass unless it is told otherwise.
const MAX_BATCH: usize = 500;
const MAX_BATCH_BYTES: usize = 512 * 1024;

/// How long an event waits for others to be written with.
const GATHERING: Duration = Duration::from_secs(1);

/// How long the cluster may take over a batch, the index looked at included.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long after a batch was not written it is tried again; each time twice as long, up to the second one.
const FIRST_RETRY: Duration = Duration::from_millis(500);
const LAST_RETRY: Duration = Duration::from_secs(10);

/// Why events are not written.
#[derive(Debug, thiserror::Error)]
enum AuditError {
    /// The file of `audit.authorization` cannot be used.
    #[error("the credentials to write with cannot be used: {0}")]
    Credentials(#[from] CredentialsError),
    /// Somebody who goes on asking with credentials that were refused is locked out in the end.
    #[error(
        "the cluster has refused these credentials (401); they are shown to it again when they have changed, or in a while: set \
         audit.authorization to a file with the value of Authorization of a user who may create and write the index"
    )]
    Unauthorized,
    /// Usual cause: the cluster is down, or does not let the user do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Usual cause: a disk is full, or the cluster is busy.
    #[error("the cluster does not take them: {0}")]
    NotNow(String),
    /// Usual cause: the cluster hangs.
    #[error("the cluster did not answer within {PATIENCE:?}")]
    TimedOut,
}

/// Writes what waits in a trail.
pub(super) struct Writer {
    trail: AuditTrail,
    index: IndexName,
    /// Settings and mapping of the index.
    body: Value,
    cluster: Cluster,
    /// Read anew each time: the file may be exchanged.
    authorization: Option<PathBuf>,
    /// The credentials that the cluster has refused, and when.
    refused: Option<(HeaderMap, Instant)>,
    /// How many events the next batch has at most.
    most: usize,
    /// Which refused events are logged.
    samples: Sampler,
}

impl Writer {
    /// Of this trail to an index, with the credentials in a file, if there is one. It fails on a fault of the gateway only.
    pub(super) fn new(
        trail: AuditTrail,
        index: IndexName,
        cluster: Cluster,
        authorization: Option<PathBuf>,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            trail,
            index,
            body: serde_json::from_str(INDEX)?,
            cluster,
            authorization,
            refused: None,
            most: MAX_BATCH,
            samples: Sampler::new(),
        })
    }

    /// Writes until the trail is closed and empty.
    pub(super) async fn keep(mut self) {
        let mut retry = None;
        while self.gather().await {
            let tried = timeout(PATIENCE, self.write())
                .await
                .unwrap_or(Err(AuditError::TimedOut));
            match tried {
                Ok(()) => {
                    if retry.take().is_some() {
                        let (index, waiting) = (&self.index, self.trail.waiting());
                        AuditWorks { index, waiting }.log();
                    }
                }
                Err(error) => {
                    if retry.is_none() {
                        let error = with_causes(&error);
                        let index = &self.index;
                        AuditFails { index, error: &error }.log();
                    } else {
                        tracing::debug!(index = %self.index, %error, "decision events still cannot be written");
                    }
                    let pause = retry.map_or(FIRST_RETRY, |last: Duration| (last * 2).min(LAST_RETRY));
                    retry = Some(pause);
                    self.pause(pause).await;
                }
            }
        }
    }

    /// Returns when there is something to write, and others have had the time to come along; `false` once all is written and
    /// nothing more can come.
    async fn gather(&self) -> bool {
        while self.trail.waiting() == 0 {
            if self.trail.is_closed() {
                return false;
            }
            self.trail.news().await;
        }
        let more = async {
            while self.trail.waiting() < MAX_BATCH && !self.trail.is_closed() {
                self.trail.news().await;
            }
        };
        let _ = timeout(GATHERING, more).await; // A batch need not be full.
        true
    }

    /// Waits before another try; at the end, when there is no time to lose, only a moment.
    async fn pause(&self, pause: Duration) {
        let closed = async {
            while !self.trail.is_closed() {
                self.trail.news().await;
            }
        };
        if timeout(pause, closed).await.is_ok() {
            sleep(FIRST_RETRY).await;
        }
    }

    /// Writes the oldest events; those that are written, or never can be, are let go.
    async fn write(&mut self) -> Result<(), AuditError> {
        let file = self.authorization.as_ref();
        let caller = file.map_or_else(|| Ok(Caller::default()), |file| read_credentials(file))?;
        if let Some((fields, at)) = &self.refused
            && fields == caller.headers()
            && at.elapsed() < pause_after_refusal(fields)
        {
            return Err(AuditError::Unauthorized);
        }
        self.refused = None;
        let store = Store {
            cluster: &self.cluster,
            caller: &caller,
        };
        // Made anew each time, so that an index which somebody has removed, as is done with old events, is not told as a loss.
        let definition = IndexDefinition::new(self.index.clone(), self.body.clone());
        let events = self.trail.oldest(self.most, MAX_BATCH_BYTES);
        let documents: Vec<_> = events
            .iter()
            .map(|event| (event.id.as_str(), event.document.as_str()))
            .collect();
        let added = async { store.add(&definition.ensure_own(store).await?, &documents).await };
        let added = match added.await {
            Ok(added) => added,
            Err(error) => return self.not_added(error, &documents, caller.headers()),
        };
        self.most = MAX_BATCH;
        self.settle(&documents, &added)
    }

    /// What is done about a batch that was refused as a whole.
    fn not_added(
        &mut self,
        error: StoreError,
        documents: &[(&str, &str)],
        fields: &HeaderMap,
    ) -> Result<(), AuditError> {
        match error.status() {
            Some(StatusCode::UNAUTHORIZED) => {
                self.refused = Some((fields.clone(), Instant::now()));
                return Err(AuditError::Unauthorized);
            }
            // One of them may be too much for something on the way, and the others are not.
            Some(StatusCode::PAYLOAD_TOO_LARGE) if documents.len() > 1 => self.most = documents.len() / 2,
            Some(StatusCode::PAYLOAD_TOO_LARGE) => {
                let reason = error.to_string();
                return self.settle(documents, &[Added::Refused(reason)]);
            }
            _ => {}
        }
        Err(error.into())
    }

    fn settle(&self, documents: &[(&str, &str)], added: &[Added]) -> Result<(), AuditError> {
        let are_done: Vec<bool> = added.iter().map(|added| !matches!(added, Added::NotNow(_))).collect();
        self.trail.settle(&are_done);
        let (mut stored, mut not_now) = (0, None);
        for ((id, _), added) in documents.iter().zip(added) {
            match added {
                Added::Stored => stored += 1,
                Added::NotNow(reason) => not_now = Some(reason.clone()),
                Added::Refused(reason) => self.leave_out(id, reason),
            }
        }
        written(stored);
        not_now.map_or(Ok(()), |reason| Err(AuditError::NotNow(reason)))
    }

    fn leave_out(&self, id: &str, reason: &str) {
        dropped(AuditDrop::Refused, 1);
        if let Some(unsaid) = self.samples.take() {
            let index = &self.index;
            AuditRefused {
                index,
                id,
                reason,
                unsaid,
            }
            .log();
        }
    }
}

/// An error with what has caused it.
fn with_causes(error: &AuditError) -> String {
    let mut text = error.to_string();
    let first: &dyn std::error::Error = error;
    for cause in std::iter::successors(first.source(), |error| error.source()) {
        let cause = cause.to_string();
        // Some errors tell their cause themselves.
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
