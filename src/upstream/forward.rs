//! Sends a request to a node and hands its answer back, both streamed.

use std::cell::Cell;
use std::future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::header::HOST;
use http::{Method, Request, Response, StatusCode, Version};
use http_body::Body as _;
use hyper::body::Incoming;

use super::answer_body::{Lease, UpstreamBody};
use super::connection::NodeConnection;
use super::connector::{ConnectError, Connector, refused_certificate};
use super::forward_error::{ForwardError, UnfitAnswer};
use super::long_head;
use super::node_url::NodeUrl;
use super::nodes::{Nodes, is_like_a_probe};
use super::pool::Pool;
use super::request_body::{Outgoing, RequestBody, ResponseTimer};
use crate::http::target::Target;
use crate::http::{framing, hop_by_hop};

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
}

impl Upstream {
    /// The cluster of these nodes.
    #[must_use]
    pub fn new(nodes: Arc<Nodes>, connector: Connector, timeouts: Timeouts) -> Self {
        let pool = Rc::new(Pool::new(nodes.count(), timeouts.idle));
        Self {
            nodes,
            pool,
            connector,
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
    /// was written; and, once, a GET or HEAD without a body whose connection was an idle one and ended before anything
    /// came of an answer: the node has most likely closed it while the request was on its way.
    pub async fn forward(
        &self,
        target: Target,
        request: Request<Outgoing>,
    ) -> Result<Response<UpstreamBody>, ForwardError> {
        let method = request.method().clone();
        let safe_method = method.is_safe();
        // HTTP/1.0 knows no `Host`, and the version that the request is sent on in has none without (RFC 9112 §3.2).
        let lacks_host = request.version() < Version::HTTP_11 && !request.headers().contains_key(HOST);
        let is_like_a_probe = is_like_a_probe(&method, target.path(), request.headers());
        let is_repeatable = matches!(method, Method::GET | Method::HEAD) && request.body().is_end_stream();
        let (mut request, timer) = upstream_request(target, request, self.timeouts.response);
        let first = self.next.replace(self.next.get().wrapping_add(1));
        let (mut tried, mut unreachable, mut lost) = (Vec::new(), Vec::new(), None);
        while let Some((place, node)) = self.nodes.choose(first, &tried) {
            let host = self.connector.host();
            host.set_forwarded(request.headers_mut(), node, lacks_host);
            let sending = Sending {
                place,
                node,
                method: &method,
                is_like_a_probe,
                timer: timer.as_ref(),
            };
            loop {
                let idle = if lost.is_none() { self.pool.take(place) } else { None };
                let pooled = idle.is_some();
                let connection = match idle {
                    Some(connection) => connection,
                    None => match NodeConnection::to(node, &self.connector).await {
                        Ok(connection) => connection,
                        Err(error) => {
                            unreachable.push(error);
                            break;
                        }
                    },
                };
                let copy = (is_repeatable && pooled).then(|| without_body(&request));
                match self.send(&sending, connection, request).await? {
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
                            source,
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
        Err(lost.unwrap_or(ForwardError::Unreachable(unreachable)))
    }

    /// Sends a request on a connection, and waits for its answer.
    async fn send(
        &self,
        sending: &Sending<'_>,
        mut connection: NodeConnection,
        request: Request<RequestBody>,
    ) -> Result<Outcome, ForwardError> {
        let Sending {
            place,
            node,
            method,
            is_like_a_probe,
            timer,
        } = *sending;
        let safe_method = method.is_safe();
        let no_answer = |limit| ForwardError::NoAnswer {
            node: node.clone(),
            safe_method,
            limit,
        };
        let unfit = |source| ForwardError::Unfit {
            node: node.clone(),
            safe_method,
            source,
        };
        if let Some(timer) = timer {
            timer.start(); // What connecting took is no time that this node had the request.
        }
        let outcome = tokio::select! {
            outcome = connection.send(request) => outcome,
            limit = expiry(timer) => return Err(no_answer(limit)),
        };
        let mut failure = match outcome {
            Ok(answer) => {
                self.nodes.answered(place, answer.status());
                if is_like_a_probe && answer.status().is_success() {
                    self.nodes.set_open(place, true);
                }
                let answer = self.downstream_answer(answer, place, Some(connection));
                return answer.map(Outcome::Answered).map_err(unfit);
            }
            Err(failure) => failure,
        };
        let unsent = failure.take_message();
        let source = failure.into_error();
        if let Some(unsent) = unsent {
            return Ok(Outcome::Unsent(unsent, source));
        }
        if is_of_the_body(&source) {
            return Err(ForwardError::BrokenBody(source));
        }
        if source.is_parse() {
            self.nodes.reached(place);
            let answer = tokio::select! {
                answer = long_answer(&source, &connection, method.clone()) => answer.map_err(unfit)?,
                limit = expiry(timer) => return Err(no_answer(limit)),
            };
            let answer = self.downstream_answer(answer, place, None);
            return answer.map(Outcome::Answered).map_err(unfit);
        }
        if connection.has_begun_to_answer() {
            let node = node.clone();
            return Err(ForwardError::Lost {
                node,
                is_first: false,
                safe_method,
                source,
            });
        }
        Ok(Outcome::Unanswered(source))
    }

    /// An answer on its way down. Without a connection, that of the answer is not used again.
    fn downstream_answer(
        &self,
        answer: Response<Incoming>,
        node: usize,
        connection: Option<NodeConnection>,
    ) -> Result<Response<UpstreamBody>, UnfitAnswer> {
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(UnfitAnswer::Switching);
        }
        let (mut head, body) = answer.into_parts();
        hop_by_hop::remove_from_answer(&mut head.headers);
        framing::frame_answer(&mut head.headers)?;
        // hyper's client speaks HTTP/1.0 from then on to whoever has answered in it, and that has no chunks.
        let connection = connection.filter(|_| head.version == Version::HTTP_11);
        let lease = connection.map(|connection| Lease {
            pool: Rc::clone(&self.pool),
            node,
            connection,
        });
        head.version = Version::HTTP_11;
        let body = UpstreamBody::new(body, &head.headers, lease);
        Ok(Response::from_parts(head, body))
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

/// The answer with more fields than are usual that a connection has given up for, if that is why it did.
async fn long_answer(
    error: &hyper::Error,
    connection: &NodeConnection,
    method: Method,
) -> Result<Response<Incoming>, UnfitAnswer> {
    let not_http = |error: &hyper::Error| UnfitAnswer::NotHttp(error.to_string());
    let rest = connection.rest().filter(|_| error.is_parse_too_large());
    let rest = rest.ok_or_else(|| not_http(error))?;
    let read = long_head::read_again(rest, method).await;
    read.map_err(|error| match error {
        error if error.is_parse_too_large() => UnfitAnswer::HeadTooLong,
        error => not_http(&error),
    })
}

/// What a request is sent with, besides itself.
struct Sending<'s> {
    place: usize,
    node: &'s NodeUrl,
    method: &'s Method,
    is_like_a_probe: bool,
    timer: Option<&'s ResponseTimer>,
}

/// What becomes of a request on one connection.
enum Outcome {
    /// It has an answer.
    Answered(Response<UpstreamBody>),
    /// Nothing of it was written.
    Unsent(Request<RequestBody>, hyper::Error),
    /// The connection has ended before anything came of an answer.
    Unanswered(hyper::Error),
}

/// Whether sending failed because the body did: hyper calls it the user's fault, and names the body's error.
fn is_of_the_body(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error);
    error.is_user() && cause.is_some_and(<dyn std::error::Error>::is::<hyper::Error>)
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
    mut request: Request<Outgoing>,
    limit: Option<Duration>,
) -> (Request<RequestBody>, Option<ResponseTimer>) {
    *request.uri_mut() = target.into_uri();
    *request.version_mut() = Version::HTTP_11;
    let (mut head, body) = request.into_parts();
    hop_by_hop::remove_from_request(&mut head.headers);
    framing::frame_request(&mut head.headers, &body);
    let (body, timer) = RequestBody::new(body, limit);
    (Request::from_parts(head, body), timer)
}
