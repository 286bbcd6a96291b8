//! The account of one request: opened with its head, closed once, with the last byte of its answer or when its client has
//! left.

use std::ops::Deref;
use std::rc::Rc;

use http::{Method, Request, StatusCode};

use super::{Origin, RequestRecord};
use crate::telemetry::access_log::RequestHead;
use crate::telemetry::outcome::{MethodClass, Outcome};
use crate::telemetry::traffic::WorkerTraffic;

/// A request that is not accounted for yet. It is when this is dropped, and then once: with the answer's body, or with what
/// was to become the answer where the client has left.
#[derive(Debug)]
pub struct Account(Rc<RequestRecord>);

impl Account {
    /// A request whose head was read.
    #[must_use]
    pub fn of<B>(worker: &Rc<WorkerTraffic>, origin: Origin, request: &Request<B>) -> Self {
        let log = worker.access_log();
        let head = log.map(|_| Box::new(RequestHead::of(origin, request)));
        Self::open(worker, origin, MethodClass::of(request.method()), head)
    }

    /// A request whose head was read, and which is made for the log only.
    #[must_use]
    pub fn of_plain(
        worker: &Rc<WorkerTraffic>,
        origin: Origin,
        method: &Method,
        request: impl FnOnce() -> Option<Request<()>>,
    ) -> Self {
        let head = worker.access_log().map(|_| {
            let request = request();
            let head = request.map_or(RequestHead::unreadable(origin), |request| {
                RequestHead::of(origin, &request)
            });
            Box::new(head)
        });
        Self::open(worker, origin, MethodClass::of(method), head)
    }

    /// A request whose head was refused before it was read to its end.
    #[must_use]
    pub fn of_refused_head(worker: &Rc<WorkerTraffic>, origin: Origin) -> Self {
        let log = worker.access_log();
        let head = log.map(|_| Box::new(RequestHead::unreadable(origin)));
        Self::open(worker, origin, MethodClass::Other, head)
    }

    /// A request whose head could not be read, and which was answered so, or not at all.
    pub fn unreadable(worker: &Rc<WorkerTraffic>, origin: Origin, status: Option<StatusCode>) {
        let account = Self::of_refused_head(worker, origin);
        account.0.status.set(status);
        account.ends(Outcome::Refused);
    }

    fn open(worker: &Rc<WorkerTraffic>, origin: Origin, method: MethodClass, head: Option<Box<RequestHead>>) -> Self {
        worker.request_began();
        let record = RequestRecord::new(Rc::clone(worker), origin.address, method, head);
        Self(Rc::new(record))
    }

    /// The record, for those who have something to note.
    #[must_use]
    pub fn record(&self) -> Rc<RequestRecord> {
        Rc::clone(&self.0)
    }

    /// Its answer has this status.
    pub fn answered(&self, status: StatusCode) {
        self.0.status.set(Some(status));
        self.0.clock.is_answered();
    }

    /// Bytes of the answer's body were sent.
    pub fn sent(&self, bytes: usize) {
        let sent = &self.0.sent;
        sent.set(sent.get().saturating_add(bytes as u64));
    }

    /// All of the answer was sent.
    pub fn is_whole(&self) {
        self.0.is_answered.set(true);
    }

    /// All of the answer is about to be sent, and nothing is left to be noted: the client that has it finds it counted.
    pub fn settle(&self) {
        self.is_whole();
        self.0.finish();
    }

    /// Whether the answer to this request has no body, whatever its fields say (RFC 9112 §6.3).
    #[must_use]
    pub fn has_no_answer_body(&self) -> bool {
        let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
        self.0.method == MethodClass::Head || self.0.status.get().is_some_and(|status| bodiless.contains(&status))
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
