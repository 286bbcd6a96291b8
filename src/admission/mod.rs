//! The words of admission: what is judged ([`Candidate`]) and what comes of it ([`Verdict`]).
//!
//! Admission is pure: no I/O, no clock of its own, so that the proxy, the command line, fuzzing and benches share it. Who
//! asks says when, mostly [`now_millis`].

pub mod annotation;
pub mod engine;
pub mod hash_order;
mod notice;
pub mod plain_schema;
pub mod policy;
pub mod schema;
pub mod schema_fault;
mod shape;

use std::borrow::Cow;
use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::es::error::Refusal;
use crate::es::version::Version;
use crate::xcontent::elided_text::ElidedText;
use crate::xcontent::format::Format;

/// A request that a plugin is asked to judge.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The percent-decoded value of the route's one variable segment, such as the job id.
    pub id: &'a str,
    /// The query of the request target, without `?`, as sent. Empty when there is none.
    pub query: &'a str,
    /// The request's path, percent-decoded, as messages quote it.
    pub path: &'a str,
    /// The body's bytes, after any content coding was removed.
    pub body: &'a [u8],
    /// What the body is written in.
    pub format: Format,
    /// The version of Elasticsearch to answer as.
    pub api: Version,
    /// The wall clock, in milliseconds since the epoch: what a created document is stamped with.
    pub now_millis: i64,
    /// For a request that changes a document, the document as it is: JSON, as it was looked up.
    pub current: Option<&'a str>,
}

/// The wall clock, in milliseconds since the epoch.
#[must_use]
pub fn now_millis() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// A time in milliseconds since the epoch, as people read it (RFC 3339).
#[must_use]
pub fn shown_time(millis: i64) -> String {
    let since_epoch = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
    humantime::format_rfc3339_millis(UNIX_EPOCH + since_epoch).to_string()
}

/// What becomes of a request. With its reasons it is a [`Decision`](engine::Decision).
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The request is not done; the client is told why.
    Refused(Refusal),
    /// The request may be done.
    Admitted(Admitted),
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Admitted(_) => "admitted",
        }
    }
}

/// An admitted request: what to do and what to answer once it is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Admitted {
    /// The id of the document in the plugin's index.
    pub document_id: String,
    /// The effective document, what the answer shows when the commit succeeded, as JSON on one line; and, of it, what is
    /// stored.
    pub documents: ElidedText,
    /// Where the effective document has, in this order, what a client does not ask for: what only the server sets.
    pub set_by_server: Vec<Range<usize>>,
    /// The names that the document takes in the index.
    pub names: Names,
    /// What only the cluster can tell of the document, if there is anything: the plugin asks before it commits.
    pub unsettled: Option<Unsettled>,
    /// Another document that is created together with it: both or neither.
    pub companion: Option<Companion>,
    /// Texts for `Warning` fields of the answer.
    pub warnings: Vec<String>,
    /// Of a request that changes a document: the document as it is, in the form that the effective one has.
    pub before: Option<ElidedText>,
    /// Of such a request: the version of the stored document that is changed, where the gateway itself stores it. It is
    /// written only in the place of this one.
    pub replaces: Option<DocumentVersion>,
}

/// The names that a document takes in its index, where documents share one space of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Its own.
    pub own: String,
    /// Others, such as those of groups. A plugin that takes many may leave some out.
    pub others: Vec<String>,
}

/// Which version of a stored document something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentVersion {
    /// `_seq_no`.
    pub sequence: u64,
    /// `_primary_term`.
    pub term: u64,
}

/// A document that is created together with another one, of whose answer it is a member.
#[derive(Debug, Clone, PartialEq)]
pub struct Companion {
    /// What policies know it as: a member of the document that they judge.
    pub name: &'static str,
    /// Its id, by which clients know it.
    pub id: String,
    /// The id of the document in the plugin's index.
    pub document_id: String,
    /// Where the answered document has it as a member: a part that is not stored there.
    pub member: Range<usize>,
    /// Where the member has its value.
    pub value: Range<usize>,
    /// The document to store, JSON on one line.
    pub document: ElidedText,
}

/// What is not known of a document until a cluster has been asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// What it is about, for people who judge without a cluster.
    pub about: &'static str,
    /// The body of the request that asks, JSON.
    pub question: String,
}

/// The document that policies judge: what is stored, with the companion as one more member.
#[must_use]
pub fn judged<'d>(documents: &'d ElidedText, companion: Option<&Companion>) -> Cow<'d, str> {
    let stored = documents.text();
    let Some(Companion { name, value, .. }) = companion else {
        return stored;
    };
    let value = documents.whole().get(value.clone());
    match (stored.strip_suffix('}'), value) {
        (Some(members), Some(value)) => Cow::Owned(format!("{members},\"{name}\":{value}}}")),
        _ => stored,
    }
}

impl Admitted {
    /// The effective document.
    #[must_use]
    pub fn effective(&self) -> &str {
        self.documents.whole()
    }

    /// The document to store.
    #[must_use]
    pub fn stored(&self) -> Cow<'_, str> {
        self.documents.text()
    }

    /// The document to store with the companion as a member, which is what a client asks for with one request.
    #[must_use]
    pub fn with_companion(&self) -> ElidedText {
        let Some(companion) = &self.companion else {
            return self.documents.clone();
        };
        let (_, left_out) = self.documents.parts();
        let others = left_out.iter().filter(|part| **part != companion.member);
        self.documents.without(others.cloned().collect())
    }

    /// The body by which a client asks for the document and its companion: what is stored of both, without what only the
    /// server sets.
    #[must_use]
    pub fn request(&self) -> ElidedText {
        let wanted = self.with_companion();
        let (_, left_out) = wanted.parts();
        let mut parts: Vec<_> = left_out.iter().chain(&self.set_by_server).cloned().collect();
        parts.sort_by_key(|part| part.start);
        wanted.without(parts)
    }

    /// The document that policies judge.
    #[must_use]
    pub fn judged(&self) -> Cow<'_, str> {
        judged(&self.documents, self.companion.as_ref())
    }
}
