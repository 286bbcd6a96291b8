//! What a plugin is: one claimed call, judged without side effects and then committed; and what a service is: one claimed call
//! that nobody judges, answered from the documents that there are.
//!
//! A new plugin is a folder beside [`anomaly_job`], an implementation of [`Plugin`], and a line where the table of
//! routes is filled (`server::plugins`); and so is a new service, with [`Service`].

pub mod anomaly_job;
mod route;
mod service;

use std::future::Future;
use std::pin::Pin;

use crate::admission::engine::Call;
use crate::admission::schema::SchemaError;
use crate::admission::{Admitted, Candidate, DocumentVersion};
use crate::es::error::{Exception, Kind, Refusal};
use crate::es::version::Version;
use crate::store::{IndexDefinition, Store, StoreError};
use crate::xcontent::elided_text::ElidedText;
pub use route::{Deprecation, Route, Tail};
pub use service::{Begun, Calling, Handler, Service, Work};

/// Why an admitted request was not done.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// What is in the cluster forbids it, as the claimed API would say.
    #[error("the cluster's state forbids it")]
    Refused(Refusal),
    /// The store failed, or does not know whether it succeeded.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a plugin cannot be made: a document that is part of the program is broken.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// A schema does not compile.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// An index's settings and mapping are no JSON.
    #[error("the settings and mapping of an index are not JSON")]
    Index(#[from] serde_json::Error),
}

/// The answer document of a committed request, JSON on one line, some time later: all of the text. Not `Send`: it stays
/// on the worker's thread, and so must not do what takes time in proportion to a document.
pub type Commit<'a> = Pin<Box<dyn Future<Output = Result<ElidedText, CommitError>> + 'a>>;

/// What a request changes, as it is, some time later. Not `Send` either.
pub type LookUp<'a> = Pin<Box<dyn Future<Output = Result<Found, CommitError>> + 'a>>;

/// Whether the record of a request that the cluster has done is kept, some time later. Not `Send` either.
pub type Recording<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + 'a>>;

/// What has to be looked up before a request can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The id of the document that the request changes.
    pub id: String,
    /// The names that it gives the document, which others may have.
    pub names: Vec<String>,
    /// The version of Elasticsearch to answer as.
    pub api: Version,
}

/// Who keeps the documents that requests change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// The cluster itself, which shows them by calls of its own.
    Cluster,
    /// The gateway, in its index.
    Gateway,
}

/// A document as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The document, JSON.
    pub document: String,
    /// Which version of it that is, where the gateway keeps it.
    pub version: Option<DocumentVersion>,
}

/// Where it is written that somebody changes a document which the cluster itself keeps.
#[derive(Debug, Clone)]
pub struct LockPlace {
    /// The index that all gateways of the cluster share.
    pub index: IndexDefinition,
    /// The id of the lock in it, which needs no escaping in a path.
    pub id: String,
}

/// The body by which the cluster itself is asked for what was admitted.
#[derive(Debug)]
pub enum Forwarded {
    /// This one, JSON on one line.
    Written(ElidedText),
    /// The client's own, as it came.
    AsSent,
}

/// What a caller needs to be allowed, as Elasticsearch's security names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// The action that the call is, which refusals name.
    pub action: &'static str,
    /// The cluster privilege that allows it.
    pub privilege: &'static str,
    /// All cluster privileges that allow it, joined by commas.
    pub granted_by: &'static str,
}

/// What a plugin or a service claims, and of whom.
#[derive(Debug)]
pub struct Profile {
    /// A stable name for configuration, metrics and logs.
    pub name: &'static str,
    /// The requests it claims.
    pub routes: &'static [Route],
    /// What Elasticsearch wants a caller to be allowed.
    pub permission: Permission,
    /// The longest body it reads, in bytes.
    pub body_limit: usize,
}

/// One claimed call. It never sees a socket, a header field or a raw target.
pub trait Plugin: Call + Send + Sync {
    /// What it claims, and of whom.
    fn profile(&self) -> &'static Profile;

    /// A stable name for configuration, metrics and logs.
    fn name(&self) -> &'static str {
        self.profile().name
    }

    /// The requests it claims.
    fn routes(&self) -> &'static [Route] {
        self.profile().routes
    }

    /// What Elasticsearch wants a caller to be allowed.
    fn permission(&self) -> Permission {
        self.profile().permission
    }

    /// The longest body it reads, in bytes.
    fn body_limit(&self) -> usize {
        self.profile().body_limit
    }

    /// Gives the document that a commit would answer with, as far as the cluster's state tells, or its refusal. Changes
    /// nothing.
    fn dry_run<'a>(&'a self, admitted: Admitted, store: Store<'a>) -> Commit<'a>;

    /// Does what an admitted request asks for, and gives the document to answer with.
    fn commit<'a>(&'a self, admitted: Admitted, store: Store<'a>) -> Commit<'a>;

    /// The body by which a client would ask the cluster itself for what was admitted. Pure, as [`Call::admit`].
    fn request(&self, admitted: &Admitted) -> Forwarded {
        Forwarded::Written(admitted.request())
    }

    /// A body to begin with, JSON, for people who try the call out by hand.
    fn example(&self) -> &'static str {
        "{}"
    }

    /// Whether the operator's policies have a say in its requests.
    fn heeds_policies(&self) -> bool {
        true
    }

    /// Whether what comes of a request depends on a document that there is, which has to be looked up before.
    fn changes_documents(&self) -> bool {
        false
    }

    /// Of a request that changes a document: what has to be looked up before it can be judged. What is wrong with the request
    /// whatever is found is refused here. Pure, as [`Call::admit`].
    fn wanted(&self, candidate: &Candidate<'_>) -> Result<Wanted, Refusal> {
        Ok(Wanted {
            id: candidate.id.to_owned(),
            names: Vec::new(),
            api: candidate.api,
        })
    }

    /// Looks up what a request changes, as it is now. Changes nothing.
    fn look_up<'a>(&'a self, _: &'a Wanted, _: Keeper, _: Store<'a>) -> LookUp<'a> {
        Box::pin(async {
            let reason = "a plugin that wants nothing was asked to look it up";
            Err(CommitError::Refused(Exception::new(Kind::Internal, reason).into()))
        })
    }

    /// Whether its requests wait for each other where they are about one document. Those that make a document have to where
    /// others are judged on it and the cluster itself does both.
    fn takes_turns(&self) -> bool {
        self.changes_documents()
    }

    /// Where gateways lock the document of this id while one of them has the cluster change it, so that no other one does. `None`
    /// if no document can have that id, or if other gateways are not to be heeded.
    fn lock(&self, _id: &str, _api: Version) -> Option<LockPlace> {
        None
    }

    /// Keeps a record of what was admitted and the cluster itself has done since, in the place of any earlier one.
    fn record<'a>(&'a self, admitted: Admitted, store: Store<'a>) -> Recording<'a>;
}
