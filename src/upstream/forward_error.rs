//! Why a forwarded request has no answer.

use std::time::Duration;

use super::connector::{ConnectError, tls_hint};
use super::node_url::NodeUrl;
use crate::http::framing::UnframedAnswer;
use crate::http::pace::Stalled;

/// What has ended a connection, or was wrong with a body, as whoever reads it says.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a request has no answer from the cluster.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// No node could be reached; nothing of the request was sent.
    #[error("no node of the cluster can be reached; {}", list(.0))]
    Unreachable(Vec<ConnectError>),
    /// The client stopped sending before the end of its body, or framed it wrongly. The node has no whole request.
    #[error("the body ended before its announced length")]
    BrokenBody(#[source] Cause),
    /// The client sends its body too slowly. The node has a part of the request.
    #[error("the body did not come in time: {0}")]
    StalledBody(#[source] Stalled),
    /// The gateway has withheld a part of the body. The node has no whole request.
    #[error("a part of the body was withheld")]
    Withheld,
    /// The connection broke after the request, or a part of it, was sent. The node may have acted on it. Usual causes: the
    /// node was stopped, or it speaks TLS at this port and its URL says `http`.
    #[error("{node} closed the connection before it answered: {source}{}", tls_hint(.node, *.is_first))]
    Lost {
        /// The node.
        node: NodeUrl,
        /// Whether nothing had been answered on the connection before.
        is_first: bool,
        /// Whether the method promises that asking twice is asking once (RFC 9110 §9.2.1).
        safe_method: bool,
        /// What was said of it.
        source: Cause,
    },
    /// The node has answered, but not in a way that can be handed on. It may have acted on the request.
    #[error("{node} gave an answer that cannot be forwarded: {source}{}", tls_hint(.node, matches!(.source, UnfitAnswer::NotHttp(_))))]
    Unfit {
        /// The node.
        node: NodeUrl,
        /// Whether the method promises that asking twice is asking once (RFC 9110 §9.2.1).
        safe_method: bool,
        /// What is wrong with it.
        source: UnfitAnswer,
    },
    /// The node has the request and does not answer. It may act on it yet.
    #[error("{node} did not begin its answer within {limit:?}")]
    NoAnswer {
        /// The node.
        node: NodeUrl,
        /// Whether the method promises that asking twice is asking once (RFC 9110 §9.2.1).
        safe_method: bool,
        /// How long it may take.
        limit: Duration,
    },
}

/// Why a node's answer cannot be handed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfitAnswer {
    /// Nobody asked for another protocol: `Upgrade` is never sent on. Behind a 101 every request would pass unseen.
    #[error("it switches protocols without being asked to")]
    Switching,
    /// Handed on, its end would be found somewhere else.
    #[error(transparent)]
    Framing(#[from] UnframedAnswer),
    /// Usual cause: thousands of `Warning` fields.
    #[error("its head has more than 16384 fields, or more than 400 KB")]
    HeadTooLong,
    /// Usual cause: something else than Elasticsearch or OpenSearch is at this port.
    #[error("it is not HTTP/1.1: {0}")]
    NotHttp(String),
}

impl UnfitAnswer {
    /// As the error of a request that this node was sent.
    #[must_use]
    pub const fn of(self, node: NodeUrl, safe_method: bool) -> ForwardError {
        ForwardError::Unfit {
            node,
            safe_method,
            source: self,
        }
    }
}

fn list(errors: &[ConnectError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
