//! Why a call of the gateway's own has no answer.

use http::{Method, StatusCode};

use crate::upstream::SendError;
use crate::upstream::connector::ConnectError;

/// The longest answer that is read, in bytes. The longest one asked for, an index's mapping, has a few thousand.
pub(super) const MAX_REPLY: usize = 4 * 1024 * 1024;

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No client could be made. A fault of the gateway.
    #[error("the client of the cluster could not be made")]
    Client(#[source] reqwest::Error),
    /// No node could be reached; nothing was sent. Usual cause: the cluster is down.
    #[error("no node of the cluster can be reached; {}", list(.0))]
    Unreachable(Vec<ConnectError>),
    /// The call was sent, and its answer did not come in time or not whole: what it asked for may have happened.
    #[error("the cluster's answer was lost")]
    AnswerLost(#[source] SendError),
    /// The answer is longer than anything the gateway asks for.
    #[error("the cluster's answer is longer than {MAX_REPLY} bytes")]
    ReplyTooLong,
    /// Something that stands before the cluster answered in its place. Usual cause: a load balancer lost the node.
    #[error("a proxy in front of the cluster answered {0}")]
    NoAnswerBehind(StatusCode),
    /// The answer claims success, and does not say what was asked. Usual cause: the address of another service.
    #[error("the answer to {method} {target} is {status} and not what the call is for")]
    Unexpected {
        /// The method of the call.
        method: Method,
        /// The target that was called.
        target: String,
        /// The answer's status.
        status: StatusCode,
    },
}

fn list(errors: &[ConnectError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
