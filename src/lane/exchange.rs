//! One exchange: a node is chosen, and another one where nothing was sent to the first; the request is sent, and its answer
//! handed on.

use std::cell::Cell;
use std::future::poll_fn;
use std::time::Instant;

use http::{Method, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;

use super::buffer::Buffer;
use super::conversation::{Conversation, Talk};
use super::down::{ClientTerms, Down};
use super::gate::Begun;
use super::head::Framing;
use super::pool::NodeConnection;
use super::request::Request;
use super::{Lane, Visit};
use crate::telemetry::outcome::Outcome;
use crate::upstream::connector::refused_certificate;
use crate::upstream::{ConnectError, ForwardError, NodeUrl, UpstreamBody, reread};

/// What an exchange has come to.
pub(super) enum End {
    /// The client has its answer.
    Answered {
        /// It was told that it is the last one.
        is_last: bool,
        /// It may be sending the rest of its request, which nobody reads.
        is_sending: bool,
    },
    /// hyper has to answer.
    Begun(Box<Begun>),
    /// Nothing more is to be said.
    Gone,
}

/// A client's side of an exchange.
pub(super) struct Exchange<'e, S> {
    pub(super) lane: &'e Lane,
    pub(super) visit: &'e Visit<'e>,
    pub(super) client: &'e mut S,
    /// What the client has sent after its request.
    pub(super) next: &'e mut Buffer,
    /// The client sends no more.
    pub(super) has_ended: &'e mut bool,
}

/// What became of a request on one connection.
struct Attempted {
    talk: Talk,
    connection: NodeConnection,
    /// What has come of an answer that is not plain.
    read: Vec<u8>,
    /// All of the request was sent.
    is_sent: bool,
    can_be_used_again: bool,
    was_told: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Exchange<'_, S> {
    /// Has a request answered, as `Upstream::forward` does: it is given to another node only where nothing of it was sent,
    /// and sent once more only where it is a GET or HEAD without a body whose connection had been idle.
    pub(super) async fn run(&mut self, mut request: Request<'_>) -> End {
        let permit = Cell::new(request.permit.take());
        let upstream = self.lane.gate.upstream();
        let (method, node_traffic) = (request.head.method(), &self.lane.traffic);
        let has_body = !matches!(request.head.framing(), Framing::None | Framing::Sized(0));
        let is_repeatable = matches!(*method, Method::GET | Method::HEAD) && !has_body;
        if has_body {
            request.account.body_follows();
        }
        let first = upstream.next_turn();
        let (mut tried, mut unreachable, mut lost) = (Vec::new(), Vec::new(), None);
        while let Some((place, node)) = upstream.nodes().choose(first, &tried) {
            loop {
                request.account.is_sent_to(place);
                let now = Instant::now();
                let idle = if lost.is_none() {
                    self.lane.pool.take(place, now)
                } else {
                    None
                };
                let pooled = idle.is_some();
                let (connection, sent) = match idle {
                    Some(connection) => {
                        node_traffic.node_connection_reused(place);
                        (connection, now)
                    }
                    None => match upstream.connector().connect(node).await {
                        Ok(stream) => {
                            let counted = node_traffic.node_connected(place);
                            (NodeConnection::new(stream, counted), Instant::now())
                        }
                        Err(error) => {
                            node_traffic.node_connection_failed(place);
                            unreachable.push(error);
                            break;
                        }
                    },
                };
                request.account.node_has_it(sent);
                let attempted = self.attempt(&request, (place, node), connection, &permit).await;
                let Talk::Unanswered(source) = attempted.talk else {
                    return self.end(request, permit.take(), attempted, (place, node)).await;
                };
                request.account.node_is_done(false);
                let failure = match refused_certificate(&source).filter(|_| !pooled) {
                    Some(source) => {
                        // The request is gone, so no other node can have it.
                        let node = node.clone();
                        unreachable.push(ConnectError::Tls { node, source });
                        ForwardError::Unreachable(std::mem::take(&mut unreachable))
                    }
                    None => ForwardError::Lost {
                        node: node.clone(),
                        is_first: !pooled,
                        safe_method: method.is_safe(),
                        source: source.into(),
                    },
                };
                if !(pooled && is_repeatable) {
                    return begun(request, permit.take(), Err(failure), has_body);
                }
                tracing::debug!(error = %failure, "a request is sent once more");
                lost = Some(failure);
            }
            if let Some(reason) = unreachable.last() {
                upstream.nodes().failed(place, reason);
            }
            tried.push(place);
        }
        let failure = lost.unwrap_or(ForwardError::Unreachable(unreachable));
        begun(request, permit.take(), Err(failure), has_body)
    }

    /// Sends a request on a connection, and hands its answer on.
    async fn attempt(
        &mut self,
        request: &Request<'_>,
        (place, node): (usize, &NodeUrl),
        mut connection: NodeConnection,
        permit: &Cell<Option<OwnedSemaphorePermit>>,
    ) -> Attempted {
        let upstream = self.lane.gate.upstream();
        let is_last = || request.head.ends_connection() || (self.visit.is_stopping)();
        let terms = ClientTerms::new(&is_last, self.lane.answer_pace);
        let mut down = Down::new(request.head.method(), &request.account, terms);
        let mut answered = |status: StatusCode| {
            upstream.nodes().answered(place, status);
            if request.is_like_a_probe && status.is_success() {
                upstream.nodes().note_open(place);
            }
            request.account.node_is_done(true);
            request.account.answered(status);
            if status.is_client_error() || status.is_server_error() {
                permit.take(); // What was refused is not under way any more, however slowly its answer is taken.
            }
        };
        let mut conversation = Conversation {
            client: &mut *self.client,
            node: &mut connection.stream,
            buffers: &self.lane.buffers,
            up: self.lane.up(request, node),
            down: &mut down,
            next: &mut *self.next,
            has_ended: &mut *self.has_ended,
            limit: upstream.timeouts().response,
            leaving: None,
            deadline: None,
        };
        let talk = poll_fn(|cx| conversation.poll(cx, &mut answered)).await;
        let mut up = conversation.up;
        let is_sent = up.is_sent();
        let can_be_used_again = is_sent && !up.is_deaf && !down.ends_connection;
        self.lane.buffers.give_back(&mut up.out);
        let read = down.read.unread().to_vec();
        self.lane.buffers.give_back(&mut down.read);
        Attempted {
            talk,
            connection,
            read,
            is_sent,
            can_be_used_again,
            was_told: down.client.was_told,
        }
    }

    /// The end of an exchange in which something came of an answer, or nothing will.
    async fn end(
        &self,
        request: Request<'_>,
        permit: Option<OwnedSemaphorePermit>,
        attempted: Attempted,
        (place, node): (usize, &NodeUrl),
    ) -> End {
        let upstream = self.lane.gate.upstream();
        let safe_method = request.head.method().is_safe();
        let has_body = !matches!(request.head.framing(), Framing::None | Framing::Sized(0));
        let node = node.clone();
        let failure = match attempted.talk {
            Talk::Answered => {
                if attempted.can_be_used_again {
                    self.lane.pool.put(place, attempted.connection);
                }
                return End::Answered {
                    is_last: attempted.was_told,
                    is_sending: !attempted.is_sent,
                };
            }
            Talk::Odd => {
                let (stream, method) = (attempted.connection.stream, request.head.method().clone());
                let limit = upstream.timeouts().response;
                let answer = reread::reread(stream, attempted.read, method, limit).await;
                match &answer {
                    Ok(answer) => upstream.nodes().answered(place, answer.status()),
                    Err(_) => upstream.nodes().reached(place),
                }
                request.account.node_is_done(answer.is_ok());
                let is_unread = match &answer {
                    Ok(_) => !attempted.is_sent,
                    Err(_) => has_body,
                };
                let answer = answer.map_err(|error| error.of(node, safe_method));
                return begun(request, permit, answer, is_unread);
            }
            Talk::Cut => {
                request.account.ends(Outcome::NodeGone);
                return End::Gone;
            }
            Talk::ClientGone => return End::Gone,
            Talk::Broken(broken) => ForwardError::BrokenBody(broken.into()),
            Talk::NoAnswer(limit) => ForwardError::NoAnswer {
                node,
                safe_method,
                limit,
            },
            Talk::Unanswered(source) | Talk::Lost(source) => ForwardError::Lost {
                node,
                is_first: false,
                safe_method,
                source: source.into(),
            },
        };
        request.account.node_is_done(false);
        begun(request, permit, Err(failure), has_body)
    }
}

/// The end of an exchange that hyper answers.
fn begun(
    request: Request<'_>,
    permit: Option<OwnedSemaphorePermit>,
    outcome: Result<Response<UpstreamBody>, ForwardError>,
    body_is_unread: bool,
) -> End {
    End::Begun(Box::new(Begun {
        outcome,
        account: request.account,
        permit,
        body_is_unread,
    }))
}
