//! Sends a request to a node and hands its answer back, both streamed.

use std::cell::Cell;
use std::future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, Version};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::SendRequest;

use super::answer_body::{Lease, UpstreamBody};
use super::connection::{self, ConnectError};
use super::node_url::NodeUrl;
use super::nodes::Nodes;
use super::pool::Pool;
use super::request_body::{RequestBody, ResponseTimer};
use crate::http::target::Target;
use crate::http::{framing, hop_by_hop};

/// Why a request has no answer from the cluster.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// No node could be reached; nothing of the request was sent.
    #[error("no node of the cluster can be reached; {}", list(.0))]
    Unreachable(Vec<ConnectError>),
    /// The connection broke after the request, or a part of it, was sent. The node may have acted on it.
    #[error("{node} closed the connection before it answered: {source}")]
    Lost {
        /// The node.
        node: NodeUrl,
        /// Whether the method promises that asking twice is asking once (RFC 9110 §9.2.1).
        safe_method: bool,
        /// What hyper said.
        source: hyper::Error,
    },
    /// The client's body ended before its announced end. Usual cause: the client is gone.
    #[error("the body ended before its announced end")]
    Abandoned(#[source] hyper::Error),
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

/// How long nodes may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To accept a connection.
    pub connect: Duration,
    /// To begin an answer, once they have the request.
    pub response: Option<Duration>,
    /// To be asked again, until an idle connection to them is closed.
    pub idle: Duration,
}

fn list(errors: &[ConnectError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The cluster, for one worker thread.
pub struct Upstream {
    nodes: Arc<Nodes>,
    pool: Rc<Pool>,
    timeouts: Timeouts,
    next: Cell<usize>,
}

impl Upstream {
    /// The cluster of these nodes.
    #[must_use]
    pub fn new(nodes: Arc<Nodes>, timeouts: Timeouts) -> Self {
        let pool = Rc::new(Pool::new(nodes.len(), timeouts.idle));
        Self {
            nodes,
            pool,
            timeouts,
            next: Cell::new(0),
        }
    }

    /// Closes the connections that no request has used for too long.
    pub fn close_idle(&self) {
        self.pool.close_idle();
    }

    /// Forwards a request to `target` unchanged but for its hop-by-hop fields, and returns the answer, likewise.
    ///
    /// A request is given to another connection or node only when hyper hands it back, which is when nothing of it
    /// was written.
    pub async fn forward(
        &self,
        target: Target,
        request: Request<Incoming>,
    ) -> Result<Response<UpstreamBody>, ForwardError> {
        let safe_method = request.method().is_safe();
        let (mut request, timer) = upstream_request(target, request, self.timeouts.response);
        let first = self.next.replace(self.next.get().wrapping_add(1));
        let (mut tried, mut unreachable) = (Vec::new(), Vec::new());
        while let Some((place, node)) = self.nodes.choose(first, &tried) {
            loop {
                let (mut sender, pooled) = match self.pool.take(place) {
                    Some(sender) => (sender, true),
                    None => match connection::connect(node, self.timeouts.connect).await {
                        Ok(sender) => (sender, false),
                        Err(error) => {
                            unreachable.push(error);
                            break;
                        }
                    },
                };
                if let Some(timer) = &timer {
                    timer.start(); // What connecting took is no time that this node had the request.
                }
                let outcome = tokio::select! {
                    outcome = sender.try_send_request(request) => outcome,
                    limit = expiry(timer.as_ref()) => {
                        let node = node.clone();
                        return Err(ForwardError::NoAnswer { node, safe_method, limit });
                    }
                };
                let mut failure = match outcome {
                    Ok(answer) => {
                        self.nodes.answered(place);
                        return Ok(self.downstream_answer(answer, place, sender));
                    }
                    Err(failure) => failure,
                };
                let unsent = failure.take_message();
                let source = failure.into_error();
                match unsent {
                    Some(unsent) if pooled => request = unsent, // The node closed it while it was idle.
                    Some(unsent) => {
                        request = unsent;
                        unreachable.push(ConnectError::Handshake {
                            node: node.clone(),
                            source,
                        });
                        break;
                    }
                    None if source.is_user() => return Err(ForwardError::Abandoned(source)),
                    None => {
                        return Err(ForwardError::Lost {
                            node: node.clone(),
                            safe_method,
                            source,
                        });
                    }
                }
            }
            self.nodes.failed(place);
            tried.push(place);
        }
        Err(ForwardError::Unreachable(unreachable))
    }

    fn downstream_answer(
        &self,
        answer: Response<Incoming>,
        node: usize,
        sender: SendRequest<RequestBody>,
    ) -> Response<UpstreamBody> {
        let mut answer = answer.map(|body| {
            UpstreamBody::new(
                body,
                Lease {
                    pool: Rc::clone(&self.pool),
                    node,
                    sender,
                },
            )
        });
        hop_by_hop::remove(answer.headers_mut());
        *answer.version_mut() = Version::HTTP_11;
        answer
    }
}

/// Returns the limit when it has passed; without one, never.
async fn expiry(timer: Option<&ResponseTimer>) -> Duration {
    match timer {
        Some(timer) => timer.elapsed().await,
        None => future::pending().await,
    }
}

fn upstream_request(
    target: Target,
    mut request: Request<Incoming>,
    limit: Option<Duration>,
) -> (Request<RequestBody>, Option<ResponseTimer>) {
    *request.uri_mut() = target.into_uri();
    *request.version_mut() = Version::HTTP_11;
    let body_is_empty = request.body().is_end_stream();
    let headers = request.headers_mut();
    hop_by_hop::remove(headers);
    framing::frame_request(headers, body_is_empty);
    let (head, body) = request.into_parts();
    let (body, timer) = RequestBody::new(body, limit);
    (Request::from_parts(head, body), timer)
}
