//! Why a request was not done, as the operator reads it.

use http::StatusCode;

use super::line_limit::LineTooLong;
use super::offload::Panicked;
use super::own_body::OwnBody;
use crate::cluster::identity::IdentityError;
use crate::cluster::{CallError, RefusedReply, ReplyError};
use crate::es::error::Refusal;
use crate::es::percent::MalformedEscape;
use crate::guard::{Reason as GuardReason, Refused};
use crate::http::body::ReadBodyError;
use crate::http::client_body::ClientBodyError;
use crate::http::content_coding::DecodeError;
use crate::http::framing::{UnsupportedExpectation, UnsupportedTransferCoding};
use crate::http::request_stream::HeadTooLong;
use crate::plugin::{CommitError, Permission};
use crate::store::StoreError;
use crate::telemetry::outcome::{Outcome, Reason};
use crate::upstream::ForwardError;

/// Why a connection is served no more. Its client is told so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TurnedAway {
    /// Usual cause: clients that do not share connections, or leave them open.
    #[error(
        "as many connections are open as this gateway allows; nothing of this request was done, and it can be repeated later"
    )]
    TooManyConnections,
    /// Usual cause: a search that stands in the URL as a whole, or cookies of other applications.
    #[error(
        "{0}, which is as many as this gateway allows (`limits.head`); nothing of this request was done: send less in the URL \
         and in header fields"
    )]
    HeadTooLong(#[from] HeadTooLong),
    /// Usual cause: somebody who sends heads that do not end.
    #[error(
        "the heads that are being sent take as much memory as this gateway allows; this one, which did not end before \
         others began, was not read; the request can be repeated later"
    )]
    TooManyHeads,
    /// Usual cause: `upstream.nodes` names the gateway's own address.
    #[error(
        "the gateway has sent this request to itself; nothing of it was done: `upstream.nodes` has to name nodes of the cluster"
    )]
    Loop,
}

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the request names nothing on the cluster: its target has no path, such as [/_cluster/health]")]
    NoTarget,
    #[error(
        "as many requests are under way as this gateway allows; nothing of this one was done, and it can be repeated later"
    )]
    TooManyRequests,
    #[error(
        "others change the same document, one after the other, and it was not this request's turn in time; nothing of it \
         was done, and it can be repeated later"
    )]
    NoTurn,
    #[error(transparent)]
    TurnedAway(#[from] TurnedAway),
    #[error(transparent)]
    TransferCoding(#[from] UnsupportedTransferCoding),
    #[error(transparent)]
    Expectation(#[from] UnsupportedExpectation),
    #[error(transparent)]
    LineTooLong(#[from] LineTooLong),
    #[error(transparent)]
    Body(#[from] ReadBodyError),
    #[error(transparent)]
    Coding(#[from] DecodeError),
    #[error(transparent)]
    Escape(#[from] MalformedEscape),
    #[error("the request was refused: {}", .0.status())]
    Refused(Refusal),
    /// The same, with an answer that is long and has been written.
    #[error("the request was refused: {status}")]
    Told { status: StatusCode, body: OwnBody },
    #[error(transparent)]
    Protected(#[from] Refused),
    #[error("the plugin {0} panicked")]
    PluginPanicked(&'static str),
    #[error(transparent)]
    Panicked(#[from] Panicked),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(
        "it is not known which product the cluster is, so nothing was done for this request, which can be repeated later"
    )]
    Unidentified,
    #[error("the user [{user}] lacks [{}]", .permission.privilege)]
    NotPermitted { permission: Permission, user: String },
    #[error(
        "the user [{user}] may not do [{}]: none of their roles is in [access.roles]; ask the gateway's operator",
        .permission.action
    )]
    NoRole { permission: Permission, user: String },
    #[error(
        "the cluster has no security that could say who may do this, and with [access.mode: service] nobody may who is \
         not known; switch security on, or set [access.mode] to [caller]"
    )]
    Unguarded,
    /// Who the caller is, or what they may do.
    #[error(transparent)]
    Unknown(ReplyError),
    #[error(
        "the cluster does not say whether the caller may do this; nothing was done, and the request can be repeated"
    )]
    Unchecked(#[source] ReplyError),
    #[error("the cluster does not let the gateway's own account do this; the gateway's operator has to look into it")]
    Account(RefusedReply),
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
    /// Whether the document that was to be changed is another one by now, so that the change has to be judged again.
    pub(super) fn is_outdated(&self) -> bool {
        matches!(self, Self::Commit(CommitError::Store(StoreError::Outdated)))
    }

    /// Whose business it is. The cluster's faults and the gateway's are the operator's; what a client did wrong is the
    /// client's, and of what was to be stored there is a line of its own.
    pub(super) fn weight(&self) -> Weight {
        match self {
            Self::PluginPanicked(_) | Self::Panicked(_) => Weight::Fault,
            Self::Forward(ForwardError::BrokenBody(_) | ForwardError::StalledBody(_)) => Weight::Refused,
            Self::Account(refused) => Weight::Account {
                status: refused.reply().status.as_u16(),
                target: refused.reply().target.clone(),
            },
            _ if self.is_without_node() => Weight::NoNode,
            Self::Forward(_)
            | Self::Unknown(ReplyError::Call(_))
            | Self::Unchecked(_)
            | Self::Unguarded
            | Self::Unidentified
            | Self::Identity(IdentityError::Reply(ReplyError::Call(_)) | IdentityError::NotACluster)
            | Self::Commit(CommitError::Store(StoreError::NotSent(_))) => Weight::NotServed,
            _ => Weight::Refused,
        }
    }

    /// Whether no node could be reached, which is logged where it is found out.
    const fn is_without_node(&self) -> bool {
        let call = match self {
            Self::Forward(ForwardError::Unreachable(_)) => return true,
            Self::Unknown(ReplyError::Call(error))
            | Self::Unchecked(ReplyError::Call(error))
            | Self::Identity(IdentityError::Reply(ReplyError::Call(error)))
            | Self::Commit(CommitError::Store(StoreError::NotSent(error))) => error,
            _ => return false,
        };
        matches!(call, CallError::Unreachable(_))
    }

    /// Why its request ended, for metrics and the access log.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::TooManyRequests
            | Self::NoTurn
            | Self::Body(ReadBodyError::TooLarge(_) | ReadBodyError::NoRoom(_))
            | Self::Coding(DecodeError::TooLarge(_) | DecodeError::TooManyMembers | DecodeError::NoRoom(_))
            | Self::TurnedAway(
                TurnedAway::TooManyConnections | TurnedAway::HeadTooLong(_) | TurnedAway::TooManyHeads,
            ) => Outcome::Limit,
            Self::Body(ReadBodyError::Client(_))
            | Self::Forward(ForwardError::BrokenBody(_) | ForwardError::StalledBody(_)) => Outcome::BrokenBody,
            Self::TurnedAway(TurnedAway::Loop)
            | Self::PluginPanicked(_)
            | Self::Panicked(_)
            | Self::Account(_)
            | Self::Commit(CommitError::Store(StoreError::Untrusted(_) | StoreError::NotStored { .. })) => {
                Outcome::Failed
            }
            Self::Unidentified
            | Self::Unchecked(_)
            | Self::Identity(IdentityError::NotACluster | IdentityError::Reply(ReplyError::Call(_)))
            | Self::Unknown(ReplyError::Call(_))
            | Self::Commit(CommitError::Store(StoreError::NotSent(_)))
            | Self::Forward(ForwardError::Unreachable(_)) => Outcome::Unavailable,
            Self::Protected(refused) if refused.reason == GuardReason::NamesUnknown => Outcome::Unavailable,
            Self::Commit(CommitError::Store(StoreError::OutcomeUnknown(_)))
            | Self::Forward(ForwardError::Lost { .. } | ForwardError::Unfit { .. }) => Outcome::NodeGone,
            Self::Forward(ForwardError::NoAnswer { .. }) => Outcome::NodeTimeout,
            Self::NoTarget
            | Self::TransferCoding(_)
            | Self::Expectation(_)
            | Self::LineTooLong(_)
            | Self::Coding(DecodeError::Corrupt { .. })
            | Self::Escape(_)
            | Self::Refused(_)
            | Self::Told { .. }
            | Self::Protected(_)
            | Self::Identity(IdentityError::Reply(ReplyError::Refused(_)))
            | Self::NotPermitted { .. }
            | Self::NoRole { .. }
            | Self::Unguarded
            | Self::Unknown(ReplyError::Refused(_))
            | Self::Commit(
                CommitError::Refused(_)
                | CommitError::Store(StoreError::Refused(_) | StoreError::Exists | StoreError::Outdated),
            )
            | Self::Forward(ForwardError::Withheld) => Outcome::Refused,
        }
    }

    /// The limit for which the client is turned away, if it is for one. Those for whose connection there is no room are
    /// counted where that is found out, as not all of them are answered.
    pub(super) const fn limit(&self) -> Option<Reason> {
        match self {
            Self::TooManyRequests => Some(Reason::Requests),
            Self::Body(ReadBodyError::NoRoom(_)) | Self::Coding(DecodeError::NoRoom(_)) => Some(Reason::Bodies),
            Self::Body(ReadBodyError::Client(ClientBodyError::Stalled(_)))
            | Self::Forward(ForwardError::StalledBody(_)) => Some(Reason::SlowBody),
            Self::TurnedAway(TurnedAway::HeadTooLong(_)) => Some(Reason::LongHead),
            Self::TurnedAway(TurnedAway::TooManyHeads) => Some(Reason::Heads),
            Self::TurnedAway(TurnedAway::Loop) => Some(Reason::Loop),
            _ => None,
        }
    }
}

/// Whose business a failure is.
pub(super) enum Weight {
    /// The gateway's own fault.
    Fault,
    /// The cluster has refused the gateway's account.
    Account { status: u16, target: String },
    /// The cluster did not do its part.
    NotServed,
    /// No node could be reached.
    NoNode,
    /// The client's.
    Refused,
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
