//! Puts admitted documents to the policies that only audit, on a thread of its own, so that whatever one of them does
//! can never slow, fail or change an answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::{io, thread};

use super::decision_event::lines;
use super::judge::Question;
use crate::admission::policy::pipeline::{self, Asked};
use crate::admission::policy::{Evaluation, PolicySet};
use crate::es::caller::User;

/// How many documents may wait. When audits are slower than admissions, some are left out.
const MOST_WAITING: usize = 256;

/// The largest document that is audited, in bytes: what waits is held in memory.
const MOST_BYTES: usize = 64 * 1024;

/// Where documents are handed in.
#[derive(Clone)]
pub struct Auditor {
    queue: SyncSender<Audit>,
    left_out: Arc<AtomicU64>,
}

/// A document that is to be audited. Not the request: its body may be long.
struct Audit {
    id: String,
    document: String,
    user: Option<User>,
    policies: Arc<PolicySet>,
    now_millis: i64,
}

impl Auditor {
    /// Starts the thread. It ends with the last of the auditors.
    pub fn start() -> io::Result<Self> {
        Self::judging_by(|audit| {
            let asked = Asked {
                job_id: &audit.id,
                user: audit.user.as_ref(),
                now_millis: audit.now_millis,
            };
            pipeline::audit(&audit.policies, &audit.document, asked)
        })
    }

    fn judging_by(judge: impl Fn(&Audit) -> Evaluation + Send + 'static) -> io::Result<Self> {
        let (queue, waiting) = mpsc::sync_channel(MOST_WAITING);
        thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || work(&waiting, judge))?;
        Ok(Self {
            queue,
            left_out: Arc::default(),
        })
    }

    /// Hands in a document that was admitted.
    pub(super) fn put(&self, question: &Question, document: &str) {
        if !question.policies.audits() {
            return;
        }
        if document.len() > MOST_BYTES {
            return self.leave_out("it is too large");
        }
        self.queue(Audit {
            id: question.id.clone(),
            document: document.to_owned(),
            user: question.user.clone(),
            policies: Arc::clone(&question.policies),
            now_millis: question.now_millis,
        });
    }

    fn queue(&self, audit: Audit) {
        if self.queue.try_send(audit).is_err() {
            self.leave_out("too many wait");
        }
    }

    fn leave_out(&self, reason: &str) {
        let left_out = self.left_out.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::warn!(left_out, reason, "a document is not audited");
    }
}

fn work(waiting: &Receiver<Audit>, judge: impl Fn(&Audit) -> Evaluation) {
    for audit in waiting {
        let audited = catch_unwind(AssertUnwindSafe(|| judge(&audit)));
        let (id, revision) = (&audit.id, audit.policies.revision());
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn audit(id: &str) -> Audit {
        Audit {
            id: id.to_owned(),
            document: "{}".to_owned(),
            user: None,
            policies: Arc::default(),
            now_millis: 0,
        }
    }

    #[test]
    fn an_audit_that_panics_is_followed_by_the_next_one() {
        let (seen, audited) = mpsc::channel();
        let auditor = Auditor::judging_by(move |audit| {
            assert_ne!(audit.id, "bad", "this panics on purpose");
            seen.send(audit.id.clone()).expect("the test is there");
            Evaluation::default()
        });
        let auditor = auditor.expect("a thread");
        auditor.queue(audit("bad"));
        auditor.queue(audit("good"));
        assert_eq!(audited.recv_timeout(Duration::from_secs(60)).as_deref(), Ok("good"));
    }

    /// What is handed in comes back at once, and what waits is bounded.
    #[test]
    fn an_audit_that_never_ends_holds_up_nobody() {
        let (begun, begins) = mpsc::channel();
        let (_never, end) = mpsc::channel::<()>();
        let auditor = Auditor::judging_by(move |_| {
            begun.send(()).expect("the test is there");
            let _ = end.recv();
            Evaluation::default()
        });
        let auditor = auditor.expect("a thread");
        auditor.queue(audit("endless"));
        begins.recv_timeout(Duration::from_secs(60)).expect("it begins");
        for _ in 0..MOST_WAITING + 10 {
            auditor.queue(audit("another"));
        }
        assert_eq!(auditor.left_out.load(Ordering::Relaxed), 10);
    }
}
