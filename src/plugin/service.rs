//! What a service is: one claimed call that no policy judges, answered from the documents that there are.
//!
//! A request asks the cluster and works on what it was told, in turn, as often as it takes: so a long answer is made piece by
//! piece, and no piece of it on the thread that serves others meanwhile.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{CommitError, Profile, Route};
use crate::admission::Candidate;
use crate::cluster::Product;
use crate::es::error::Refusal;
use crate::store::Store;

/// What a request makes of the cluster, some time later. Not `Send`: it stays on the worker's thread, and so must not do what
/// takes time in proportion to a document.
pub type Calling<'a> = Pin<Box<dyn Future<Output = Result<(), CommitError>> + 'a>>;

/// What comes of a request that has begun.
pub enum Begun {
    /// Its answer, a document in JSON on one line.
    Answered(String),
    /// There is something to be done.
    Work(Box<dyn Work>),
}

/// A request under way.
pub trait Work: Send {
    /// Calls the cluster, and keeps what it says.
    fn call<'a>(&'a mut self, store: Store<'a>) -> Calling<'a>;

    /// How many bytes are to be worked on now.
    fn unread(&self) -> usize;

    /// How many bytes are held in all.
    fn held(&self) -> usize;

    /// Works on what the cluster has said: gives the answer, JSON on one line, or nothing where there is more to be called for.
    /// Pure, as [`Handler::begin`].
    fn read(&mut self) -> Result<Option<String>, CommitError>;
}

/// One claimed call. It never sees a socket, a header field or a raw target.
pub trait Service: Send + Sync {
    /// What it claims, and of whom.
    fn profile(&self) -> &'static Profile;

    /// What handles a request by this route, with this target as it was sent. Refuses, whoever sends it and whatever its body
    /// is, what is not answered before this product, or not at all.
    fn handler(self: Arc<Self>, product: Product, route: &Route, target: &str) -> Result<Arc<dyn Handler>, Refusal>;
}

/// Handles the requests of a call.
pub trait Handler: Send + Sync {
    /// The texts of the `Warning` fields that a request earns, whatever comes of it. Pure, and quickly done.
    fn warnings(&self, _: &Candidate<'_>) -> Vec<&'static str> {
        Vec::new()
    }

    /// Begins a request: what is wrong with it whatever documents there are is refused here. Pure: no I/O, no clock.
    fn begin(&self, candidate: &Candidate<'_>) -> Result<Begun, Refusal>;
}
