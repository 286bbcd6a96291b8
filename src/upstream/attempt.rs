//! One attempt to have a request answered: sent to a node on a connection, and heard out.

use std::future;
use std::rc::Rc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;

use super::connection::NodeConnection;
use super::forward_error::{ForwardError, UnfitAnswer};
use super::long_head;
use super::node_url::NodeUrl;
use super::nodes::Nodes;
use super::pool::Pool;
use super::request_body::{BodyError, RequestBody, ResponseTimer};
use super::upstream_body::{Lease, UpstreamBody};
use crate::http::client_body::ClientBodyError;
use crate::http::{framing, hop_by_hop};

/// What a request is sent with, besides itself.
pub(super) struct Attempt<'a> {
    /// Where is noted what a node does.
    pub(super) nodes: &'a Nodes,
    /// Where a connection goes that can be used again.
    pub(super) pool: &'a Rc<Pool>,
    /// The node's place among them.
    pub(super) place: usize,
    /// Its address.
    pub(super) node: &'a NodeUrl,
    /// The request's method.
    pub(super) method: &'a Method,
    /// Whether an answer says how a probe would be answered.
    pub(super) is_like_a_probe: bool,
    /// How long the node may take, if there is a limit.
    pub(super) timer: Option<&'a ResponseTimer>,
}

/// What becomes of a request on one connection.
pub(super) enum Outcome {
    /// It has an answer.
    Answered(Response<UpstreamBody>),
    /// Nothing of it was written.
    Unsent(Request<RequestBody>, hyper::Error),
    /// The connection has ended before anything came of an answer.
    Unanswered(hyper::Error),
}

impl Attempt<'_> {
    /// Sends a request on a connection, and waits for its answer.
    pub(super) async fn send(
        &self,
        mut connection: NodeConnection,
        request: Request<RequestBody>,
    ) -> Result<Outcome, ForwardError> {
        let Self {
            place,
            node,
            method,
            is_like_a_probe,
            timer,
            ..
        } = *self;
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
                    self.nodes.note_open(place);
                }
                let answer = self.downstream_answer(answer, Some(connection));
                return answer.map(Outcome::Answered).map_err(unfit);
            }
            Err(failure) => failure,
        };
        let unsent = failure.take_message();
        let source = failure.into_error();
        if let Some(unsent) = unsent {
            return Ok(Outcome::Unsent(unsent, source));
        }
        match fault_of_the_body(&source) {
            Some(BodyError::Client(ClientBodyError::Stalled(stalled))) => {
                return Err(ForwardError::StalledBody(*stalled));
            }
            Some(BodyError::Client(ClientBodyError::Broken(_))) => {
                return Err(ForwardError::BrokenBody(source.into()));
            }
            Some(BodyError::Withheld) => return Err(ForwardError::Withheld),
            None => {}
        }
        if source.is_parse() {
            self.nodes.reached(place);
            let answer = tokio::select! {
                answer = long_answer(&source, &connection, method.clone()) => answer.map_err(unfit)?,
                limit = expiry(timer) => return Err(no_answer(limit)),
            };
            let answer = self.downstream_answer(answer, None);
            return answer.map(Outcome::Answered).map_err(unfit);
        }
        if connection.has_begun_to_answer() {
            let node = node.clone();
            return Err(ForwardError::Lost {
                node,
                is_first: false,
                safe_method,
                source: source.into(),
            });
        }
        Ok(Outcome::Unanswered(source))
    }

    /// An answer on its way down. Without a connection, that of the answer is not used again.
    fn downstream_answer(
        &self,
        answer: Response<Incoming>,
        connection: Option<NodeConnection>,
    ) -> Result<Response<UpstreamBody>, UnfitAnswer> {
        let lease = connection.map(|connection| Lease {
            pool: Rc::clone(self.pool),
            node: self.place,
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
