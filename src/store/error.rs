//! Why a document was not stored or found.

use http::StatusCode;

use crate::cluster::CallError;
use crate::cluster::reply::{RefusedReply, ReplyError};

/// Why a document was not stored, may not have been stored, or could not be looked for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A document of this id exists; it was left as it is.
    #[error("a document of this id exists")]
    Exists,
    /// The document is not the one any more that it should take the place of; it was left as it is.
    #[error("the document has changed since it was looked up; it was left as it is, and the request can be repeated")]
    Outdated,
    /// The cluster refused a call; its answer says why. Usual cause: the caller's credentials or privileges.
    #[error("the cluster answered {} to {} {}: {}", .0.reply().status, .0.reply().method, .0.reply().target, .0.reason())]
    Refused(RefusedReply),
    /// The document was never sent.
    #[error("the document was not sent")]
    NotSent(#[source] CallError),
    /// The document was sent and the answer was lost: it may be stored or not. Never to be repeated blindly.
    #[error("the document was sent, but it is not known whether it was stored")]
    OutcomeUnknown(#[source] CallError),
    /// The index is not one to write into. Usual cause: somebody has changed it, or its name is that of something else.
    #[error(transparent)]
    Untrusted(#[from] UntrustedIndex),
    /// The cluster says that it has done something else. Usual cause: an ingest pipeline, which has dropped the document or
    /// sent it elsewhere; what it has left there was removed if that was possible.
    #[error("the document was not stored: the cluster says [{result}] of [{index}]")]
    NotStored {
        /// What the cluster says that it has done.
        result: String,
        /// The index that it says it was done in.
        index: String,
    },
}

impl StoreError {
    /// The status by which the cluster has refused a call, if it has.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused(refused) => Some(refused.reply().status),
            _ => None,
        }
    }

    /// The index that it is about, as far as that is known.
    #[must_use]
    pub fn index(&self) -> Option<String> {
        match self {
            Self::Refused(refused) => {
                let segment = refused.reply().target.split(['/', '?']).nth(1)?;
                let segment = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
                Some(segment.into_owned()).filter(|segment| !segment.is_empty() && !segment.starts_with('_'))
            }
            Self::Untrusted(
                UntrustedIndex::Pipeline { index, .. }
                | UntrustedIndex::Mapping { index, .. }
                | UntrustedIndex::OfOthers { index }
                | UntrustedIndex::Gone { index },
            )
            | Self::NotStored { index, .. } => Some(index.clone()),
            Self::Untrusted(UntrustedIndex::Alias { alias, .. }) => Some(alias.clone()),
            Self::Exists | Self::Outdated | Self::NotSent(_) | Self::OutcomeUnknown(_) => None,
        }
    }
}

impl From<ReplyError> for StoreError {
    /// Of a call that stores nothing.
    fn from(error: ReplyError) -> Self {
        match error {
            ReplyError::Refused(refused) => Self::Refused(refused),
            ReplyError::Call(error) => Self::NotSent(error),
        }
    }
}

/// Why an index is not one to keep documents in. What is written into it might be changed on the way, or not be found
/// again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UntrustedIndex {
    /// Usual cause: a template that matches every index, or somebody has changed the setting.
    #[error(
        "the index [{index}] has the setting [{setting}]: [{pipeline}], and an ingest pipeline can change what is stored; \
         set it to [_none]"
    )]
    Pipeline {
        /// The index.
        index: String,
        /// The setting.
        setting: &'static str,
        /// The pipeline that it names.
        pipeline: String,
    },
    /// Usual cause: a name that something else in the cluster has already.
    #[error(
        "[{alias}] is an alias of [{}]; it is used only where it leads to one index that the gateway has made, all of it",
        indices.join(", ")
    )]
    Alias {
        /// The alias.
        alias: String,
        /// The indices that it leads to.
        indices: Vec<String>,
    },
    /// Usual cause: a template, or somebody who has made the index before the gateway did.
    #[error(
        "the index [{index}] has a mapping that takes no documents of the gateway: {reason}; delete or rename that index, or \
         let the gateway use another one, which it makes itself"
    )]
    Mapping {
        /// The index.
        index: String,
        /// What the cluster says.
        reason: String,
    },
    /// Usual cause: a name that is that of another index, or an alias.
    #[error(
        "the index [{index}] was not made by the gateway for this, or not by this name; name another one, which the gateway makes \
         itself"
    )]
    OfOthers {
        /// The index.
        index: String,
    },
    /// Usual cause: the index was deleted a moment after it was made.
    #[error("the index [{index}] was made and is not there")]
    Gone {
        /// The index.
        index: String,
    },
}
