//! Sends requests to nodes by hyper, and hears their answers out.

use std::future;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;

use super::answer_body::{Lease, UpstreamBody};
use super::attempts::{Sender, Sent};
use super::connection::NodeConnection;
use super::connector::{ConnectError, Connector};
use super::forward_error::{Cause, ForwardError, UnfitAnswer};
use super::long_head;
use super::node_url::NodeUrl;
use super::nodes::Nodes;
use super::pool::Pool;
use super::request_body::{BodyError, RequestBody, ResponseTimer};
use crate::http::client_body::ClientBodyError;
use crate::http::{framing, hop_by_hop};
use crate::telemetry::request_record::RequestRecord;
use crate::telemetry::traffic::WorkerTraffic;

/// What a request is sent with, besides itself.
pub(super) struct HyperSender<'a> {
    /// Where is noted what a node does.
    pub(super) nodes: &'a Nodes,
    /// Where a connection goes that can be used again.
    pub(super) pool: &'a Rc<Pool>,
    /// Makes the others.
    pub(super) connector: &'a Connector,
    /// Where they are counted.
    pub(super) traffic: &'a Rc<WorkerTraffic>,
    /// The request's account.
    pub(super) record: &'a RequestRecord,
    /// The request's method.
    pub(super) method: &'a Method,
    /// It came in a version that knows no `Host`, and without one.
    pub(super) lacks_host: bool,
    /// Whether an answer says how a probe would be answered.
    pub(super) is_like_a_probe: bool,
    /// How long the node may take, if there is a limit.
    pub(super) timer: Option<&'a ResponseTimer>,
}

/// An answer, or why there is none and another node is not asked.
type Answer = Result<Response<UpstreamBody>, ForwardError>;

impl Sender for HyperSender<'_> {
    type Connection = NodeConnection;
    type Request = Request<RequestBody>;
    type End = Answer;

    fn idle(&mut self, place: usize, now: Instant) -> Option<NodeConnection> {
        self.pool.take(place, now)
    }

    async fn connect(&mut self, place: usize, node: &NodeUrl) -> Result<NodeConnection, ConnectError> {
        NodeConnection::to(node, self.connector, || self.traffic.node_connected(place)).await
    }

    async fn send(
        &mut self,
        connection: NodeConnection,
        (place, node): (usize, &NodeUrl),
        mut request: Request<RequestBody>,
        is_kept: bool,
    ) -> Sent<Request<RequestBody>, Answer> {
        let host = self.connector.host();
        host.set_forwarded(request.headers_mut(), node, self.lacks_host);
        let kept = is_kept.then(|| without_body(&request));
        match self.exchange(connection, (place, node), request).await {
            Ok(answer) => {
                self.record.node_is_done(true);
                Sent::Ended(Ok(answer))
            }
            Err(Unanswered::Ended(failure)) => {
                self.record.node_is_done(false);
                Sent::Ended(Err(failure))
            }
            Err(Unanswered::Unsent(request, source)) => {
                let node = node.clone();
                let reason = ConnectError::Handshake { node, source };
                Sent::Unsent {
                    request: *request,
                    reason,
                }
            }
            Err(Unanswered::Lost(source)) => Sent::Unanswered { kept, source },
        }
    }
}

/// Why a request has no answer on its connection.
enum Unanswered {
    /// It cannot be sent again.
    Ended(ForwardError),
    /// Nothing of it was written.
    Unsent(Box<Request<RequestBody>>, hyper::Error),
    /// The connection has ended before anything came of an answer.
    Lost(Cause),
}

impl From<ForwardError> for Unanswered {
    fn from(failure: ForwardError) -> Self {
        Self::Ended(failure)
    }
}

impl HyperSender<'_> {
    /// Sends a request on a connection, and waits for its answer.
    async fn exchange(
        &self,
        mut connection: NodeConnection,
        (place, node): (usize, &NodeUrl),
        request: Request<RequestBody>,
    ) -> Result<Response<UpstreamBody>, Unanswered> {
        let (method, timer) = (self.method, self.timer);
        let safe_method = method.is_safe();
        let no_answer = |limit| ForwardError::NoAnswer {
            node: node.clone(),
            safe_method,
            limit,
        };
        let unfit = |source: UnfitAnswer| source.of(node.clone(), safe_method);
        if let Some(timer) = timer {
            timer.start(); // What connecting took is no time that this node had the request.
        }
        let outcome = tokio::select! {
            outcome = connection.send(request) => outcome,
            limit = expiry(timer) => return Err(no_answer(limit).into()),
        };
        let mut failure = match outcome {
            Ok(answer) => {
                self.nodes.answered(place, answer.status());
                if self.is_like_a_probe && answer.status().is_success() {
                    self.nodes.note_open(place);
                }
                let answer = self.downstream_answer(answer, Some((place, connection)));
                return Ok(answer.map_err(unfit)?);
            }
            Err(failure) => failure,
        };
        let unsent = failure.take_message();
        let source = failure.into_error();
        if let Some(unsent) = unsent {
            return Err(Unanswered::Unsent(Box::new(unsent), source));
        }
        match fault_of_the_body(&source) {
            Some(BodyError::Client(ClientBodyError::Stalled(stalled))) => {
                return Err(ForwardError::StalledBody(*stalled).into());
            }
            Some(BodyError::Client(ClientBodyError::Broken(_))) => {
                return Err(ForwardError::BrokenBody(source.into()).into());
            }
            Some(BodyError::Withheld) => return Err(ForwardError::Withheld.into()),
            None => {}
        }
        if source.is_parse() {
            self.nodes.reached(place);
            let answer = tokio::select! {
                answer = long_answer(&source, &connection, method.clone()) => answer.map_err(unfit)?,
                limit = expiry(timer) => return Err(no_answer(limit).into()),
            };
            return Ok(self.downstream_answer(answer, None).map_err(unfit)?);
        }
        if connection.has_begun_to_answer() {
            let lost = ForwardError::Lost {
                node: node.clone(),
                is_first: false,
                safe_method,
                source: source.into(),
            };
            return Err(lost.into());
        }
        Err(Unanswered::Lost(source.into()))
    }

    /// An answer on its way down. Without a connection, that of the answer is not used again.
    fn downstream_answer(
        &self,
        answer: Response<Incoming>,
        connection: Option<(usize, NodeConnection)>,
    ) -> Result<Response<UpstreamBody>, UnfitAnswer> {
        let lease = connection.map(|(node, connection)| Lease {
            pool: Rc::clone(self.pool),
            node,
            connection,
        });
        downstream_answer(answer, lease)
    }
}

/// An answer on its way down. Without a lease, its connection is not used again.
pub(super) fn downstream_answer(
    answer: Response<Incoming>,
    lease: Option<Lease>,
) -> Result<Response<UpstreamBody>, UnfitAnswer> {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Err(UnfitAnswer::Switching);
    }
    let (mut head, body) = answer.into_parts();
    hop_by_hop::remove_from_answer(&mut head.headers);
    framing::frame_answer(&mut head.headers)?;
    // hyper's client speaks HTTP/1.0 from then on to whoever has answered in it, and that has no chunks.
    let lease = lease.filter(|_| head.version == Version::HTTP_11);
    head.version = Version::HTTP_11;
    let body = UpstreamBody::new(body, &head.headers, lease);
    Ok(Response::from_parts(head, body))
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
    let rest = connection.rest().filter(|_| error.is_parse_too_large());
    let rest = rest.ok_or_else(|| UnfitAnswer::NotHttp(error.to_string()))?;
    long_head::read_again(rest, method).await.map_err(|error| unfit(&error))
}

/// What it means that hyper cannot read an answer that was read once more.
pub(super) fn unfit(error: &hyper::Error) -> UnfitAnswer {
    if error.is_parse_too_large() {
        UnfitAnswer::HeadTooLong
    } else {
        UnfitAnswer::NotHttp(error.to_string())
    }
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
