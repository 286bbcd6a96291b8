//! Records of jobs that the cluster itself has created, kept on tasks of their own: the client's answer does not depend on the
//! record, nor the record on the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::{JoinHandle, spawn_local};
use tokio::time::timeout;

use super::access::Acting;
use super::failure::described;
use crate::admission::Admitted;
use crate::http::body_budget::BodyShare;
use crate::plugin::Plugin;
use crate::telemetry::events::requests::{RecordLost, Recorded};

/// How long an answer waits for its record, so that who has it finds the other. Clients give up after 10 s (Python).
const PATIENCE: Duration = Duration::from_secs(2);

/// How many records a gateway has lost, counted by all of its threads.
#[derive(Debug, Clone, Default)]
pub struct LostRecords(Arc<AtomicU64>);

impl LostRecords {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// A record to keep.
pub(super) struct Record {
    pub(super) plugin: Arc<dyn Plugin>,
    pub(super) admitted: Admitted,
    pub(super) acting: Acting,
    pub(super) lost: LostRecords,
    /// The room of the body that it was made of.
    pub(super) _share: Arc<BodyShare>,
}

impl Record {
    /// Keeps it. Returns when that is done, or has taken so long that the client is to have its answer first.
    pub(super) async fn keep(self) {
        let id = self.admitted.document_id.clone();
        let lost = self.lost.clone();
        let writing = spawn_local(self.write());
        let noting = spawn_local(note(writing, id, lost));
        let _ = timeout(PATIENCE, noting).await;
    }

    async fn write(self) -> Result<(), String> {
        let Self {
            plugin,
            admitted,
            acting,
            _share,
            ..
        } = self;
        let written = plugin.record(admitted, acting.store()).await;
        written.map_err(|error| described(&error))
    }
}

/// Says what came of a record.
async fn note(writing: JoinHandle<Result<(), String>>, id: String, lost: LostRecords) {
    let outcome = writing.await.unwrap_or_else(|error| Err(error.to_string()));
    match outcome {
        Ok(()) => Recorded { id: &id }.log(),
        Err(error) => {
            let event = RecordLost {
                id: &id,
                error: &error,
                lost: lost.add(),
            };
            event.emit();
        }
    }
}
