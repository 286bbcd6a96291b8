//! Puts admitted documents to the policies that only audit, on a thread of its own, so that whatever one of them does
//! can never slow, fail or change an answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::{io, thread};

use super::decision_event::lines;
use super::judge::Question;
use crate::admission::policy::Enforcement;

/// How many documents may wait. When audits are slower than admissions, some are left out.
const MOST_WAITING: usize = 256;

/// The largest document that is audited, in bytes: what waits is held in memory.
const MOST_BYTES: usize = 64 * 1024;

/// Where documents are handed in.
#[derive(Clone)]
pub struct Auditor {
    queue: SyncSender<(Question, String)>,
    left_out: Arc<AtomicU64>,
}

impl Auditor {
    /// Starts the thread. It ends with the last of the auditors.
    pub fn start() -> io::Result<Self> {
        let (queue, waiting) = mpsc::sync_channel(MOST_WAITING);
        thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || work(&waiting))?;
        Ok(Self {
            queue,
            left_out: Arc::default(),
        })
    }

    /// Hands in a document that was admitted.
    pub(super) fn put(&self, question: Question, document: &str) {
        if !question.policies.has(Enforcement::Audit, question.now_millis) {
            return;
        }
        let too_large = document.len() > MOST_BYTES;
        let waits = !too_large
            && !matches!(
                self.queue.try_send((question, document.to_owned())),
                Err(TrySendError::Full(_))
            );
        if !waits {
            let left_out = self.left_out.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::warn!(left_out, too_large, "a document is not audited");
        }
    }
}

fn work(waiting: &Receiver<(Question, String)>) {
    for (question, document) in waiting {
        let audited = catch_unwind(AssertUnwindSafe(|| question.audit(&document)));
        let (id, revision) = (&question.id, question.policies.revision());
        let Ok(found) = audited else {
            tracing::error!(id, %revision, "an audit panicked");
            continue;
        };
        for problem in &found.problems {
            tracing::warn!(id, %revision, %problem, "a policy was not evaluated");
        }
        if !found.violations.is_empty() {
            tracing::info!(id, %revision, violations = lines(&found.violations), "audited");
        }
    }
}
