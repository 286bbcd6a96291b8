//! What is known of one request, from its head to the last byte of its answer: noted by those who find it out, and handed
//! to metrics and the access log once, whatever became of the request.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::ops::Deref;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use http::{Request, StatusCode};

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

/// A request that is not accounted for yet. It is when this is dropped, and then once: with the answer's body, or with what
/// was to become the answer where the client has left.
#[derive(Debug)]
pub struct Account(Rc<RequestRecord>);

/// What is known of a request so far.
#[derive(Debug)]
pub struct RequestRecord {
    worker: Rc<WorkerTraffic>,
    begun: Instant,
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
    /// When the last byte of its body was given to a node.
    body_end: Cell<Option<Instant>>,
    body_is_coming: Cell<bool>,
    /// For whom is waited, and since when.
    waiting: Cell<Option<(Waiting, Instant)>>,
    node_time: Cell<Duration>,
    client_time: Cell<Duration>,
    /// From its head to the head of its answer.
    to_answer: Cell<Option<Duration>>,
    claim: Cell<Option<ClaimNote>>,
}

/// For whom a request waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// For a node that the request was forwarded to, and perhaps for the client that sends the rest of its body.
    Node,
    /// For an answer to a call of the gateway's own.
    Cluster,
    /// For bytes.
    Client,
}

/// What is known of a claimed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimNote {
    /// The plugin that claims it.
    pub plugin: &'static str,
    /// What was decided on it.
    pub verdict: Verdict,
    /// It was only tried out.
    pub is_dry_run: bool,
}

/// A request that has ended, as it is counted.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) outcome: Outcome,
    pub(super) status: Option<StatusCode>,
    pub(super) method: MethodClass,
    pub(super) total: Duration,
    pub(super) own: Duration,
    pub(super) node: Duration,
    pub(super) received: u64,
    pub(super) sent: u64,
    pub(super) retries: u32,
    pub(super) claim: Option<ClaimNote>,
}

impl Account {
    /// A request whose head was read.
    #[must_use]
    pub fn of<B>(worker: &Rc<WorkerTraffic>, origin: Origin, request: &Request<B>) -> Self {
        let log = worker.access_log();
        let head = log.map(|_| Box::new(RequestHead::of(origin, request)));
        Self::begin(worker, MethodClass::of(request.method()), head)
    }

    /// A request whose head could not be read, and which was answered so, or not at all.
    pub fn unreadable(worker: &Rc<WorkerTraffic>, origin: Origin, status: Option<StatusCode>) {
        let log = worker.access_log();
        let head = log.map(|_| Box::new(RequestHead::unreadable(origin)));
        let account = Self::begin(worker, MethodClass::Other, head);
        account.status.set(status);
        account.ends(Outcome::Refused);
    }

    /// A request whose head was refused before it was read to its end.
    #[must_use]
    pub fn of_refused_head(worker: &Rc<WorkerTraffic>, origin: Origin) -> Self {
        let log = worker.access_log();
        let head = log.map(|_| Box::new(RequestHead::unreadable(origin)));
        Self::begin(worker, MethodClass::Other, head)
    }

    fn begin(worker: &Rc<WorkerTraffic>, method: MethodClass, head: Option<Box<RequestHead>>) -> Self {
        worker.request_began();
        Self(Rc::new(RequestRecord {
            worker: Rc::clone(worker),
            begun: Instant::now(),
            method,
            head: RefCell::new(head),
            status: Cell::default(),
            outcome: Cell::default(),
            is_answered: Cell::default(),
            received: Cell::default(),
            sent: Cell::default(),
            retries: Cell::default(),
            node: Cell::default(),
            body_end: Cell::default(),
            body_is_coming: Cell::default(),
            waiting: Cell::default(),
            node_time: Cell::default(),
            client_time: Cell::default(),
            to_answer: Cell::default(),
            claim: Cell::default(),
        }))
    }

    /// The record, for those who have something to note.
    #[must_use]
    pub fn record(&self) -> Rc<RequestRecord> {
        Rc::clone(&self.0)
    }

    /// Its answer has this status.
    pub fn answered(&self, status: StatusCode) {
        self.status.set(Some(status));
        if self.to_answer.get().is_none() {
            self.to_answer.set(Some(self.begun.elapsed()));
        }
    }

    /// Bytes of the answer's body were sent.
    pub fn sent(&self, bytes: usize) {
        add(&self.0.sent, bytes);
    }

    /// All of the answer was sent.
    pub fn is_whole(&self) {
        self.is_answered.set(true);
    }

    /// Whether the answer to this request has no body, whatever its fields say (RFC 9112 §6.3).
    #[must_use]
    pub fn has_no_answer_body(&self) -> bool {
        let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
        self.method == MethodClass::Head || self.status.get().is_some_and(|status| bodiless.contains(&status))
    }
}

impl Deref for Account {
    type Target = RequestRecord;

    fn deref(&self) -> &RequestRecord {
        &self.0
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.0.finish();
    }
}

impl RequestRecord {
    /// Bytes of its body came.
    pub fn received(&self, bytes: usize) {
        add(&self.received, bytes);
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
        self.body_is_coming.set(true);
    }

    /// All of that body was given to a node.
    pub fn body_was_sent(&self) {
        self.body_is_coming.set(false);
        self.body_end.set(Some(Instant::now()));
    }

    /// A node has had the request since then, or the part of it that has come.
    pub fn node_has_it(&self, since: Instant) {
        self.waiting.set(Some((Waiting::Node, since)));
    }

    /// That node has begun its answer, or will not. As long as the client was sending its body the time is the client's,
    /// unless the node has answered before it had it all.
    pub fn node_is_done(&self, is_answered: bool) {
        let now = Instant::now();
        if is_answered {
            self.body_is_coming.set(false);
        }
        self.stop_waiting(now);
        self.to_answer.set(Some(now.saturating_duration_since(self.begun)));
    }

    /// Waits for the cluster to answer a call of the gateway's own.
    pub async fn while_the_cluster_works<F: Future>(&self, call: F) -> F::Output {
        self.wait(Waiting::Cluster, call).await
    }

    /// Waits for the client to send.
    pub async fn while_the_client_sends<F: Future>(&self, reading: F) -> F::Output {
        self.wait(Waiting::Client, reading).await
    }

    async fn wait<F: Future>(&self, waiting: Waiting, work: F) -> F::Output {
        self.waiting.set(Some((waiting, Instant::now())));
        let output = work.await;
        self.stop_waiting(Instant::now());
        output
    }

    /// Adds the time that was waited to whom it belongs. When the client leaves, this is all that ends a wait.
    fn stop_waiting(&self, now: Instant) {
        let Some((waiting, since)) = self.waiting.take() else {
            return;
        };
        let waited = now.saturating_duration_since(since);
        match waiting {
            Waiting::Cluster => grow(&self.node_time, waited),
            Waiting::Client => grow(&self.client_time, waited),
            Waiting::Node if self.body_is_coming.get() => grow(&self.client_time, waited),
            Waiting::Node => {
                let had = self.body_end.get().filter(|end| *end > since).unwrap_or(since);
                grow(&self.client_time, had.saturating_duration_since(since));
                grow(&self.node_time, now.saturating_duration_since(had));
            }
        }
    }

    /// Counts the request, and logs it.
    fn finish(&self) {
        let now = Instant::now();
        self.stop_waiting(now);
        let total = now.saturating_duration_since(self.begun);
        let outcome = self.outcome.get().unwrap_or_else(|| {
            if self.is_answered.get() {
                Outcome::Complete
            } else if self.worker.is_stopping() {
                Outcome::Stopped
            } else {
                Outcome::ClientGone
            }
        });
        let others = self.node_time.get().saturating_add(self.client_time.get());
        let finished = Finished {
            outcome,
            status: self.status.get(),
            method: self.method,
            total,
            own: self.to_answer.get().unwrap_or(total).saturating_sub(others),
            node: self.node_time.get(),
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
}

fn add(counter: &Cell<u64>, bytes: usize) {
    counter.set(counter.get().saturating_add(bytes as u64));
}

fn grow(time: &Cell<Duration>, by: Duration) {
    time.set(time.get().saturating_add(by));
}
