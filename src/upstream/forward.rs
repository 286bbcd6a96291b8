//! Sends a request to a node and hands its answer back, both streamed.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::HOST;
use http::{Method, Request, Response, Version};
use http_body::Body as _;

use super::attempt::{Attempt, Outcome};
use super::connection::NodeConnection;
use super::connector::{ConnectError, Connector, refused_certificate};
use super::forward_error::ForwardError;
use super::nodes::Nodes;
use super::pool::Pool;
use super::probing::is_like_a_probe;
use super::request_body::{Outgoing, RequestBody, ResponseTimer};
use super::upstream_body::UpstreamBody;
use crate::http::target::Target;
use crate::http::{framing, hop_by_hop};
use crate::telemetry::request_record::RequestRecord;
use crate::telemetry::traffic::WorkerTraffic;

/// How long nodes may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To begin an answer, once they have the request.
    pub response: Option<Duration>,
    /// To be asked again, until an idle connection to them is closed.
    pub idle: Duration,
}

/// The cluster, for one worker thread.
pub struct Upstream {
    nodes: Arc<Nodes>,
    pool: Rc<Pool>,
    connector: Connector,
    timeouts: Timeouts,
    next: Cell<usize>,
    traffic: Rc<WorkerTraffic>,
}

impl Upstream {
    /// The cluster of these nodes.
    #[must_use]
    pub fn new(nodes: Arc<Nodes>, connector: Connector, timeouts: Timeouts, traffic: Rc<WorkerTraffic>) -> Self {
        let pool = Rc::new(Pool::new(nodes.count(), timeouts.idle, Rc::clone(&traffic)));
        Self {
            nodes,
            pool,
            connector,
            timeouts,
            next: Cell::new(0),
            traffic,
        }
    }

    /// The nodes.
    #[must_use]
    pub fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// What makes connections to them.
    #[must_use]
    pub const fn connector(&self) -> &Connector {
        &self.connector
    }

    /// How long they may take.
    #[must_use]
    pub const fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// From which node on one is chosen for the next request.
    pub fn next_turn(&self) -> usize {
        self.next.replace(self.next.get().wrapping_add(1))
    }

    /// Closes the connections that no request has used for too long.
    pub fn close_idle(&self) {
        self.pool.close_idle();
    }

    /// Forwards a request to `target` unchanged but for its hop-by-hop fields, and returns the answer, likewise.
    ///
    /// A request is given to another connection or node only when hyper hands it back, which is when nothing of it
    /// was written; and, once, a GET or HEAD without a body whose connection was an idle one and ended before anything
    /// came of an answer: the node has most likely closed it while the request was on its way.
    pub async fn forward(
        &self,
        target: Target,
        request: Request<Outgoing>,
        record: &Rc<RequestRecord>,
    ) -> Result<Response<UpstreamBody>, ForwardError> {
        let method = request.method().clone();
        let safe_method = method.is_safe();
        // HTTP/1.0 knows no `Host`, and the version that the request is sent on in has none without (RFC 9112 §3.2).
        let lacks_host = request.version() < Version::HTTP_11 && !request.headers().contains_key(HOST);
        let is_repeatable = matches!(method, Method::GET | Method::HEAD) && request.body().is_end_stream();
        let (mut request, timer) = upstream_request(target, request, self.timeouts.response, record);
        let is_like_a_probe = is_like_a_probe(&method, request.uri().path(), request.headers());
        let first = self.next_turn();
        let (mut tried, mut unreachable, mut lost) = (Vec::new(), Vec::new(), None);
        while let Some((place, node)) = self.nodes.choose(first, &tried) {
            let host = self.connector.host();
            host.set_forwarded(request.headers_mut(), node, lacks_host);
            let attempt = Attempt {
                nodes: &self.nodes,
                pool: &self.pool,
                place,
                node,
                method: &method,
                is_like_a_probe,
                timer: timer.as_ref(),
            };
            loop {
                record.is_sent_to(place);
                let now = Instant::now();
                let idle = if lost.is_none() {
                    self.pool.take(place, now)
                } else {
                    None
                };
                let pooled = idle.is_some();
                let count = || self.traffic.node_connected(place);
                let (connection, sent) = match idle {
                    Some(connection) => {
                        self.traffic.node_connection_reused(place);
                        (connection, now)
                    }
                    None => match NodeConnection::to(node, &self.connector, count).await {
                        Ok(connection) => (connection, Instant::now()),
                        Err(error) => {
                            self.traffic.node_connection_failed(place);
                            unreachable.push(error);
                            break;
                        }
                    },
                };
                let copy = (is_repeatable && pooled).then(|| without_body(&request));
                record.node_has_it(sent);
                let outcome = attempt.send(connection, request).await;
                record.node_is_done(matches!(outcome, Ok(Outcome::Answered(_))));
                match outcome? {
                    Outcome::Answered(answer) => return Ok(answer),
                    Outcome::Unsent(unsent, _) if pooled => request = unsent, // The node closed it while it was idle.
                    Outcome::Unsent(unsent, source) => {
                        request = unsent;
                        let node = node.clone();
                        unreachable.push(ConnectError::Handshake { node, source });
                        break;
                    }
                    Outcome::Unanswered(source) => {
                        let node = node.clone();
                        if let Some(source) = refused_certificate(&source).filter(|_| !pooled) {
                            // The request is gone, so no other node can have it.
                            unreachable.push(ConnectError::Tls { node, source });
                            return Err(ForwardError::Unreachable(unreachable));
                        }
                        let failure = ForwardError::Lost {
                            node,
                            is_first: !pooled,
                            safe_method,
                            source: source.into(),
                        };
                        let Some(copy) = copy else { return Err(failure) };
                        tracing::debug!(error = %failure, "a request is sent once more");
                        request = copy;
                        lost = Some(failure);
                    }
                }
            }
            if let Some(reason) = unreachable.last() {
                self.nodes.failed(place, reason);
            }
            tried.push(place);
        }
        Err(lost.unwrap_or_else(|| {
            self.nodes.none_served();
            ForwardError::Unreachable(unreachable)
        }))
    }
}

/// A copy of a request that has no body.
fn without_body(request: &Request<RequestBody>) -> Request<RequestBody> {
    let mut copy = Request::new(RequestBody::empty());
    copy.method_mut().clone_from(request.method());
    copy.uri_mut().clone_from(request.uri());
    copy.headers_mut().clone_from(request.headers());
    copy.extensions_mut().clone_from(request.extensions());
    copy
}

fn upstream_request(
    target: Target,
    mut request: Request<Outgoing>,
    limit: Option<Duration>,
    record: &Rc<RequestRecord>,
) -> (Request<RequestBody>, Option<ResponseTimer>) {
    *request.uri_mut() = target.into_uri();
    *request.version_mut() = Version::HTTP_11;
    let (mut head, body) = request.into_parts();
    hop_by_hop::remove_from_request(&mut head.headers);
    framing::frame_request(&mut head.headers, &body);
    let record = (!body.is_end_stream()).then(|| Rc::clone(record));
    let (body, timer) = RequestBody::new(body, limit, record);
    (Request::from_parts(head, body), timer)
}
