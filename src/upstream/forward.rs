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
use super::host;
use super::long_head;
use super::node_url::NodeUrl;
use super::nodes::Nodes;
use super::pool::Pool;
use super::request_body::{BodyError, Outgoing, RequestBody, ResponseTimer};
use crate::http::client_body::ClientBodyError;
use crate::http::framing::UnframedAnswer;
use crate::http::pace::Stalled;
use crate::http::target::Target;
use crate::http::{framing, hop_by_hop};

/// Why a request has no answer from the cluster.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// No node could be reached; nothing of the request was sent.
    #[error("no node of the cluster can be reached; {}", list(.0))]
    Unreachable(Vec<ConnectError>),
    /// The client stopped sending before the end of its body, or framed it wrongly. The node has no whole request.
    #[error("the body ended before its announced end: {0}")]
    BrokenBody(#[source] hyper::Error),
    /// The client sends its body too slowly. The node has a part of the request.
    #[error("the body did not come in time: {0}")]
    StalledBody(#[source] Stalled),
    /// The gateway has withheld a part of the body. The node has no whole request.
    #[error("a part of the body was withheld")]
    Withheld,
    /// The connection broke after the request, or a part of it, was sent. The node may have acted on it. Usual causes: the
    /// node was stopped, or it speaks TLS at this port and its URL says `http`.
    #[error("{node} closed the connection before it answered: {source}")]
    Lost {
        /// The node.
        node: NodeUrl,
        /// Whether the method promises that asking twice is asking once (RFC 9110 §9.2.1).
        safe_method: bool,
        /// What hyper said.
        source: hyper::Error,
    },
    /// The node has answered, but not in a way that can be handed on. It may have acted on the request.
    #[error("{node} gave an answer that cannot be handed on: {source}")]
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
    #[error("it switches protocols unasked")]
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

/// How long nodes may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
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
        let is_repeatable = matches!(method, Method::GET | Method::HEAD) && request.body().is_end_stream();
        let (mut request, timer) = upstream_request(target, request, self.timeouts.response);
        let mut is_repeated = false;
        let first = self.next.replace(self.next.get().wrapping_add(1));
        let (mut tried, mut unreachable) = (Vec::new(), Vec::new());
        while let Some((place, node)) = self.nodes.choose(first, &tried) {
            if lacks_host {
                host::set(request.headers_mut(), node.host_field());
            }
            let no_answer = |limit| ForwardError::NoAnswer {
                node: node.clone(),
                safe_method,
                limit,
            };
            loop {
                let idle = if is_repeated { None } else { self.pool.take(place) };
                let (mut connection, pooled) = match idle {
                    Some(connection) => (connection, true),
                    None => match NodeConnection::to(node, &self.connector).await {
                        Ok(connection) => (connection, false),
                        Err(error) => {
                            unreachable.push(error);
                            break;
                        }
                    },
                };
                let again = (is_repeatable && pooled).then(|| without_body(&request));
                if let Some(timer) = &timer {
                    timer.start(); // What connecting took is no time that this node had the request.
                }
                let outcome = tokio::select! {
                    outcome = connection.send(request) => outcome,
                    limit = expiry(timer.as_ref()) => return Err(no_answer(limit)),
                };
                let unfit = |source| ForwardError::Unfit {
                    node: node.clone(),
                    safe_method,
                    source,
                };
                let mut failure = match outcome {
                    Ok(answer) => {
                        self.nodes.answered(place);
                        let answer = self.downstream_answer(answer, place, Some(connection));
                        return answer.map_err(unfit);
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
                    None if source.is_parse() => {
                        self.nodes.answered(place);
                        let answer = tokio::select! {
                            answer = long_answer(&source, &connection, method) => answer.map_err(unfit)?,
                            limit = expiry(timer.as_ref()) => return Err(no_answer(limit)),
                        };
                        return self.downstream_answer(answer, place, None).map_err(unfit);
                    }
                    None => {
                        if let Some(copy) = again
                            && !connection.has_begun_to_answer()
                        {
                            tracing::debug!(%node, error = %source, "a request is sent once more");
                            request = copy;
                            is_repeated = true;
                            continue;
                        }
                        // The request is gone, so no other node can have it.
                        let is_first = !pooled;
                        return Err(gone(node, safe_method, is_first, source, unreachable));
                    }
                }
            }
            self.nodes.failed(place);
            tried.push(place);
        }
        Err(ForwardError::Unreachable(unreachable))
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

/// Why a request has no answer that was sent, or a part of it. On the first use of a connection it may be that the node
/// has refused the gateway's certificate, and then nothing of the request was read.
fn gone(
    node: &NodeUrl,
    safe_method: bool,
    is_first_use: bool,
    source: hyper::Error,
    mut unreachable: Vec<ConnectError>,
) -> ForwardError {
    match fault_of_the_body(&source) {
        Some(BodyError::Client(ClientBodyError::Stalled(stalled))) => return ForwardError::StalledBody(*stalled),
        Some(BodyError::Client(ClientBodyError::Broken(_))) => return ForwardError::BrokenBody(source),
        Some(BodyError::Withheld) => return ForwardError::Withheld,
        None => {}
    }
    let node = node.clone();
    let refused = if is_first_use {
        refused_certificate(&source)
    } else {
        None
    };
    let Some(source) = refused else {
        return ForwardError::Lost {
            node,
            safe_method,
            source,
        };
    };
    unreachable.push(ConnectError::Tls { node, source });
    ForwardError::Unreachable(unreachable)
}

/// What was wrong with the body, if sending failed because of it: hyper calls it the user's fault, and names the cause.
fn fault_of_the_body(error: &hyper::Error) -> Option<&BodyError> {
    let cause = std::error::Error::source(error).filter(|_| error.is_user());
    cause.and_then(<dyn std::error::Error>::downcast_ref)
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
