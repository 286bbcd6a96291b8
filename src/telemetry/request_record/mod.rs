//! What is known of one request, from its head to the last byte of its answer: noted by those who find it out, and handed
//! to metrics and the access log once, whatever became of the request.

mod account;
pub(super) mod clock;
pub(super) mod finished;

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use http::StatusCode;

pub use self::account::Account;
use self::clock::{Clock, Waiting};
pub use self::finished::ClaimNote;
use self::finished::Finished;
use super::access_log::{Entry, RequestHead};
use super::outcome::{MethodClass, Outcome, Verdict};
use super::traffic::WorkerTraffic;

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The client's address.
    pub address: SocketAddr,
    /// The version of TLS that it is spoken to in, if it is.
    pub tls: Option<&'static str>,
}

/// What is known of a request so far.
#[derive(Debug)]
pub struct RequestRecord {
    worker: Rc<WorkerTraffic>,
    /// The client's address.
    client: SocketAddr,
    clock: Clock,
    method: MethodClass,
    /// What of its head is logged, if it is.
    head: RefCell<Option<Box<RequestHead>>>,
    status: Cell<Option<StatusCode>>,
    outcome: Cell<Option<Outcome>>,
    is_answered: Cell<bool>,
    received: Cell<u64>,
    sent: Cell<u64>,
    retries: Cell<u32>,
    /// The node that was asked last, by its place in the configuration.
    node: Cell<Option<usize>>,
    claim: Cell<Option<ClaimNote>>,
    is_settled: Cell<bool>,
}

impl RequestRecord {
    fn new(worker: Rc<WorkerTraffic>, client: SocketAddr, method: MethodClass, head: Option<Box<RequestHead>>) -> Self {
        Self {
            worker,
            client,
            clock: Clock::start(),
            method,
            head: RefCell::new(head),
            status: Cell::default(),
            outcome: Cell::default(),
            is_answered: Cell::default(),
            received: Cell::default(),
            sent: Cell::default(),
            retries: Cell::default(),
            node: Cell::default(),
            claim: Cell::default(),
            is_settled: Cell::default(),
        }
    }

    /// The client's address.
    #[must_use]
    pub const fn client(&self) -> SocketAddr {
        self.client
    }

    /// How long it has been there.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// The node that was asked last, if it was sent to one.
    #[must_use]
    pub fn node(&self) -> Option<&str> {
        self.worker.node(self.node.get()?).map(|node| &**node)
    }

    /// Whether it is only tried out, if it is claimed.
    #[must_use]
    pub fn is_dry_run(&self) -> Option<bool> {
        self.claim.get().map(|claim| claim.is_dry_run)
    }

    /// Bytes of its body came.
    pub fn received(&self, bytes: usize) {
        self.received.set(self.received.get().saturating_add(bytes as u64));
    }

    /// Why it ends, if not because its answer was sent. The first who knows is right.
    pub fn ends(&self, outcome: Outcome) {
        if self.outcome.get().is_none() {
            self.outcome.set(Some(outcome));
        }
    }

    /// A plugin claims it.
    pub fn is_claimed_by(&self, plugin: &'static str) {
        self.claim.set(Some(ClaimNote {
            plugin,
            verdict: Verdict::Undecided,
            is_dry_run: false,
        }));
    }

    /// What was decided on it.
    pub fn decided(&self, is_admitted: bool) {
        let verdict = if is_admitted {
            Verdict::Admitted
        } else {
            Verdict::Refused
        };
        let claim = self.claim.get();
        self.claim.set(claim.map(|claim| ClaimNote { verdict, ..claim }));
    }

    /// Whether it is only tried out.
    pub fn is_tried_out(&self, is_dry_run: bool) {
        let claim = self.claim.get();
        self.claim.set(claim.map(|claim| ClaimNote { is_dry_run, ..claim }));
    }

    /// A node is asked; if another was before, or the same one, it is sent once more.
    pub fn is_sent_to(&self, node: usize) {
        if self.node.replace(Some(node)).is_some() {
            self.retries.set(self.retries.get().saturating_add(1));
            self.worker.request_retried();
        }
    }

    /// A body follows that goes to a node as it comes.
    pub fn body_follows(&self) {
        self.clock.body_follows();
    }

    /// All of that body was given to a node.
    pub fn body_was_sent(&self) {
        self.clock.body_was_sent();
    }

    /// A node has had the request since then, or the part of it that has come.
    pub fn node_has_it(&self, since: Instant) {
        self.clock.wait(Waiting::Node, since);
    }

    /// That node has begun its answer, or will not.
    pub fn node_is_done(&self, is_answered: bool) {
        self.clock.node_is_done(is_answered);
    }

    /// Waits for the cluster to answer a call of the gateway's own.
    pub async fn while_the_cluster_works<F: Future>(&self, call: F) -> F::Output {
        self.clock.wait_for(Waiting::Cluster, call).await
    }

    /// Waits for the client to send.
    pub async fn while_the_client_sends<F: Future>(&self, reading: F) -> F::Output {
        self.clock.wait_for(Waiting::Client, reading).await
    }

    /// Counts the request, and logs it, once.
    fn finish(&self) {
        if self.is_settled.replace(true) {
            return;
        }
        let finished = Finished {
            outcome: self.outcome.get().unwrap_or_else(|| self.outcome_of_answer()),
            status: self.status.get(),
            method: self.method,
            times: self.clock.stop(),
            received: self.received.get(),
            sent: self.sent.get(),
            retries: self.retries.get(),
            claim: self.claim.get(),
        };
        self.worker.request_ended(&finished);
        if let (Some(log), Some(head)) = (self.worker.access_log(), self.head.take()) {
            let node = self.node.get().and_then(|place| self.worker.node(place));
            log.write(Entry {
                head,
                finished,
                node: node.cloned(),
                at: SystemTime::now(),
            });
        }
    }

    /// Why it ended, where nothing has gone wrong that somebody knows of.
    fn outcome_of_answer(&self) -> Outcome {
        if self.is_answered.get() {
            Outcome::Complete
        } else if self.worker.is_stopping() {
            Outcome::Stopped
        } else {
            Outcome::ClientGone
        }
    }
}
