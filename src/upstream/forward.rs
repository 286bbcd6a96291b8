//! Sends a request to a node and hands its answer back, both streamed.

use std::cell::Cell;
use std::rc::Rc;

use http::{Request, Response, Version};
use hyper::body::{Body, Incoming};

use super::answer_body::{Lease, UpstreamBody};
use super::connection::{self, ConnectError};
use super::node_url::NodeUrl;
use super::pool::Pool;
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
}

fn list(errors: &[ConnectError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The cluster, for one worker thread.
pub struct Upstream {
    nodes: Vec<NodeUrl>,
    pool: Rc<Pool>,
    next: Cell<usize>,
}

impl Upstream {
    /// The cluster of these nodes.
    #[must_use]
    pub fn new(nodes: Vec<NodeUrl>) -> Self {
        let pool = Rc::new(Pool::new(nodes.len()));
        Self {
            nodes,
            pool,
            next: Cell::new(0),
        }
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
        let mut request = upstream_request(target, request);
        let safe_method = request.method().is_safe();
        let mut unreachable = Vec::new();
        for (place, node) in self.nodes_in_turn() {
            loop {
                let (mut sender, pooled) = match self.pool.take(place) {
                    Some(sender) => (sender, true),
                    None => match connection::connect(node).await {
                        Ok(sender) => (sender, false),
                        Err(error) => {
                            unreachable.push(error);
                            break;
                        }
                    },
                };
                let mut failure = match sender.try_send_request(request).await {
                    Ok(answer) => {
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
                    None => {
                        return Err(ForwardError::Lost {
                            node: node.clone(),
                            safe_method,
                            source,
                        });
                    }
                }
            }
        }
        Err(ForwardError::Unreachable(unreachable))
    }

    /// Every node once, starting one further at each call.
    fn nodes_in_turn(&self) -> impl Iterator<Item = (usize, &NodeUrl)> {
        let first = self.next.get();
        self.next.set((first + 1) % self.nodes.len().max(1));
        let places = self.nodes.iter().enumerate();
        places.clone().skip(first).chain(places.take(first))
    }

    fn downstream_answer(
        &self,
        answer: Response<Incoming>,
        node: usize,
        sender: hyper::client::conn::http1::SendRequest<Incoming>,
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

fn upstream_request(target: Target, mut request: Request<Incoming>) -> Request<Incoming> {
    *request.uri_mut() = target.into_uri();
    *request.version_mut() = Version::HTTP_11;
    let body_is_empty = request.body().is_end_stream();
    let headers = request.headers_mut();
    hop_by_hop::remove(headers);
    framing::frame_request(headers, body_is_empty);
    request
}
