//! The attempts to have a request answered: on which connection of which node it is sent, and when it is sent again.
//!
//! It is given to another connection or node only where nothing of it was written; and, once, if it is a GET or HEAD
//! without a body whose connection had been idle and ended before anything came of an answer: the node has most likely
//! closed it while the request was on its way. How requests are written and answers read is for a [`Sender`] to know.

#[cfg(test)]
mod tests;

use std::time::Instant;

use http::Method;

use super::connector::{ConnectError, refused_certificate};
use super::forward_error::{Cause, ForwardError};
use super::node_url::NodeUrl;
use super::nodes::Nodes;
use crate::telemetry::request_record::RequestRecord;
use crate::telemetry::traffic::WorkerTraffic;

/// Has connections of one kind, and sends requests on them.
pub trait Sender {
    /// A connection to a node.
    type Connection;
    /// What has to be there of a request for it to be sent.
    type Request;
    /// What a request comes to that is not to be sent again, an answer or not.
    type End;

    /// The connection to a node, by its place, that can be used again now.
    fn idle(&mut self, place: usize, now: Instant) -> Option<Self::Connection>;

    /// A new connection to a node, which is counted as open.
    fn connect(&mut self, place: usize, node: &NodeUrl)
    -> impl Future<Output = Result<Self::Connection, ConnectError>>;

    /// Sends a request, which is `kept` if it may have to be sent again after all of it was written. One that ends has
    /// had its account told when the node was done with it.
    fn send(
        &mut self,
        connection: Self::Connection,
        to: (usize, &NodeUrl),
        request: Self::Request,
        kept: bool,
    ) -> impl Future<Output = Sent<Self::Request, Self::End>>;
}

/// What has become of a request on one connection.
pub enum Sent<R, E> {
    /// That was all.
    Ended(E),
    /// Nothing of it was written.
    Unsent {
        /// The request.
        request: R,
        /// Why a connection that was just made is of no use.
        reason: ConnectError,
    },
    /// The connection has ended before anything came of an answer.
    Unanswered {
        /// The request, if it was to be kept.
        kept: Option<R>,
        /// What was said of it.
        source: Cause,
    },
}

/// What comes after an attempt.
enum Next<R, E> {
    /// Nothing: it was the last one.
    End(E),
    /// Another connection to the same node: this one was of no use any more.
    Retry(R),
    /// The same, but only once, and on a new one: the node may have had the request.
    RetryLost(R, ForwardError),
    /// Another node: this one cannot be reached.
    OtherNode(R, ConnectError),
    /// Nothing: this node cannot be reached either, and no other one can have the request, which is gone.
    Unreachable(ConnectError),
    /// Nothing: another attempt could do twice what was asked for once.
    Fail(ForwardError),
}

/// The attempts for one request.
pub struct Attempts<'a> {
    /// The nodes that can be asked.
    pub nodes: &'a Nodes,
    /// Where connections are counted.
    pub traffic: &'a WorkerTraffic,
    /// The request's account.
    pub record: &'a RequestRecord,
    /// Its method.
    pub method: &'a Method,
    /// Whether it has a body.
    pub has_body: bool,
}

impl Attempts<'_> {
    /// Sends a request until that comes to an end. The node of the turn `first` is asked first.
    pub async fn make<S: Sender>(
        &self,
        sender: &mut S,
        mut request: S::Request,
        first: usize,
    ) -> Result<S::End, ForwardError> {
        let (mut tried, mut unreachable, mut lost) = (Vec::new(), Vec::new(), None);
        let mut chosen = self.nodes.choose(first, &tried);
        while let Some(to) = chosen {
            match self.attempt(sender, to, request, lost.is_none()).await {
                Next::End(end) => return Ok(end),
                Next::Retry(again) => request = again,
                Next::RetryLost(again, failure) => {
                    tracing::debug!(error = %failure, "a request is sent once more");
                    request = again;
                    lost = Some(failure);
                }
                Next::OtherNode(again, reason) => {
                    let (place, _) = to;
                    self.nodes.failed(place, &reason);
                    unreachable.push(reason);
                    tried.push(place);
                    request = again;
                    chosen = self.nodes.choose(first, &tried);
                }
                Next::Unreachable(reason) => {
                    unreachable.push(reason);
                    return Err(ForwardError::Unreachable(unreachable));
                }
                Next::Fail(failure) => return Err(failure),
            }
        }
        Err(lost.unwrap_or_else(|| {
            self.nodes.none_served();
            ForwardError::Unreachable(unreachable)
        }))
    }

    /// Sends a request to a node, on a connection that was used before if there is one and it may be.
    async fn attempt<S: Sender>(
        &self,
        sender: &mut S,
        (place, node): (usize, &NodeUrl),
        request: S::Request,
        may_be_idle: bool,
    ) -> Next<S::Request, S::End> {
        self.record.is_sent_to(place);
        let now = Instant::now();
        let idle = if may_be_idle { sender.idle(place, now) } else { None };
        let was_idle = idle.is_some();
        let (connection, since) = match idle {
            Some(connection) => {
                self.traffic.node_connection_reused(place);
                (connection, now)
            }
            None => match sender.connect(place, node).await {
                Ok(connection) => (connection, Instant::now()),
                Err(reason) => {
                    self.traffic.node_connection_failed(place);
                    return Next::OtherNode(request, reason);
                }
            },
        };
        self.record.node_has_it(since);
        let is_kept = was_idle && self.is_repeatable();
        match sender.send(connection, (place, node), request, is_kept).await {
            Sent::Ended(end) => Next::End(end),
            Sent::Unsent { request, reason } => {
                self.record.node_is_done(false);
                if was_idle {
                    Next::Retry(request) // The node has closed it since it was used.
                } else {
                    Next::OtherNode(request, reason)
                }
            }
            Sent::Unanswered { kept, source } => {
                self.record.node_is_done(false);
                self.after_loss(node, was_idle, kept, source)
            }
        }
    }

    /// What comes after a connection has ended without an answer.
    fn after_loss<R, E>(&self, node: &NodeUrl, was_idle: bool, kept: Option<R>, source: Cause) -> Next<R, E> {
        let node = node.clone();
        if let Some(source) = refused_certificate(&*source).filter(|_| !was_idle) {
            return Next::Unreachable(ConnectError::Tls { node, source });
        }
        let failure = ForwardError::Lost {
            node,
            is_first: !was_idle,
            safe_method: self.method.is_safe(),
            source,
        };
        match kept {
            Some(request) => Next::RetryLost(request, failure),
            None => Next::Fail(failure),
        }
    }

    /// Whether the request may be sent once more when the node may have had it.
    fn is_repeatable(&self) -> bool {
        matches!(*self.method, Method::GET | Method::HEAD) && !self.has_body
    }
}
