//! Why a request was not done, as the operator reads it.

use crate::es::error::Refusal;
use crate::es::percent::MalformedEscape;
use crate::http::body::ReadBodyError;
use crate::http::content_coding::DecodeError;
use crate::http::framing::{UnsupportedExpectation, UnsupportedTransferCoding};
use crate::plugin::{CommitError, Permission};
use crate::store::StoreError;
use crate::store::identity::IdentityError;
use crate::store::privileges::PrivilegeError;
use crate::store::user::UserError;
use crate::telemetry::turned_away::{Reason, turned_away};
use crate::upstream::ForwardError;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the request names nothing on the cluster: its target has no path")]
    NoTarget,
    #[error("as many requests are under way as this gateway allows; nothing of this one was done")]
    TooManyRequests,
    #[error("as many connections are open as this gateway allows; nothing of this request was done")]
    TooManyConnections,
    #[error("the gateway has sent this request to itself; nothing of it was done")]
    Loop,
    #[error(transparent)]
    TransferCoding(#[from] UnsupportedTransferCoding),
    #[error(transparent)]
    Expectation(#[from] UnsupportedExpectation),
    #[error(transparent)]
    Body(#[from] ReadBodyError),
    #[error(transparent)]
    Coding(#[from] DecodeError),
    #[error(transparent)]
    Escape(#[from] MalformedEscape),
    #[error("the request was refused: {}", .0.status())]
    Refused(Refusal),
    #[error("the plugin {0} panicked")]
    PluginPanicked(&'static str),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error("{}: {reason}", .permission.action)]
    NotPermitted {
        permission: Permission,
        #[source]
        reason: PrivilegeError,
    },
    #[error(transparent)]
    User(#[from] UserError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Forward(#[from] ForwardError),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Failure {
    /// Writes it to the log. The cluster's faults and the gateway's are the operator's business; what a client did wrong
    /// is the client's.
    pub(super) fn log(&self) {
        let error = described(self);
        match self {
            Self::TooManyRequests => turned_away(Reason::Requests),
            Self::Body(ReadBodyError::NoRoom(_)) | Self::Coding(DecodeError::NoRoom(_)) => turned_away(Reason::Bodies),
            _ => {}
        }
        match self {
            Self::PluginPanicked(_) => tracing::error!(error, "a request failed"),
            Self::Forward(ForwardError::BrokenBody(_)) => tracing::debug!(error, "a request was refused"),
            Self::Forward(_)
            | Self::User(UserError::Call(_))
            | Self::Identity(IdentityError::Call(_) | IdentityError::NotACluster)
            | Self::NotPermitted {
                reason: PrivilegeError::Call(_),
                ..
            }
            | Self::Commit(CommitError::Store(StoreError::NotSent(_) | StoreError::OutcomeUnknown(_))) => {
                tracing::warn!(error, "the cluster did not serve a request");
            }
            _ => tracing::debug!(error, "a request was refused"),
        }
    }
}

/// An error with its causes, on one line.
pub(super) fn described(error: &dyn std::error::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for error in std::iter::successors(Some(error), |error| error.source()) {
        let text = error.to_string();
        if texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_errors_does_not_repeat_itself() {
        let inner = std::io::Error::other("connection refused");
        let outer = ReadErrorDouble(inner);
        assert_eq!(described(&outer), "reading failed: connection refused");
    }

    #[derive(Debug, thiserror::Error)]
    #[error("reading failed")]
    struct ReadErrorDouble(#[source] std::io::Error);
}
