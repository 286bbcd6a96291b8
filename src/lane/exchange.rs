//! One exchange: a plain request is sent to a node, and its answer handed on.

use std::cell::Cell;
use std::future::poll_fn;
use std::time::Instant;

use http::{Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;

use super::buffer::Buffer;
use super::conversation::{Conversation, Talk};
use super::down::{ClientTerms, Down};
use super::gate::Begun;
use super::pool::NodeConnection;
use super::request::Request;
use super::{Lane, Visit};
use crate::telemetry::outcome::Outcome;
use crate::upstream::attempts::{Attempts, Sender, Sent};
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

impl<S: AsyncRead + AsyncWrite + Unpin> Exchange<'_, S> {
    /// Has a request answered by one of the nodes.
    pub(super) async fn run(&mut self, mut request: Request<'_>) -> End {
        let permit = Cell::new(request.permit.take());
        let lane = self.lane;
        let upstream = lane.gate.upstream();
        let has_body = request.has_body();
        if has_body {
            request.account.body_follows();
        }
        let attempts = Attempts {
            nodes: upstream.nodes(),
            traffic: &lane.traffic,
            record: &request.account,
            method: request.head.method(),
            has_body,
        };
        let mut sender = PlainSender {
            exchange: self,
            request: &request,
            permit: &permit,
        };
        let (outcome, body_is_unread) = match attempts.make(&mut sender, (), upstream.next_turn()).await {
            Ok(Passed::Answered { is_last, is_sending }) => return End::Answered { is_last, is_sending },
            Ok(Passed::Gone) => return End::Gone,
            Ok(Passed::Read(answer, body_is_unread)) => (Ok(*answer), body_is_unread),
            Ok(Passed::Failed(failure)) | Err(failure) => (Err(failure), has_body),
        };
        End::Begun(Box::new(Begun {
            outcome,
            account: request.account,
            permit: permit.take(),
            body_is_unread,
        }))
    }
}

/// What a request has come to that is not sent again.
enum Passed {
    /// The client has its answer.
    Answered { is_last: bool, is_sending: bool },
    /// hyper has read the answer, and whether some of the request was not sent.
    Read(Box<Response<UpstreamBody>>, bool),
    /// There is none.
    Failed(ForwardError),
    /// Nobody is there who could be told.
    Gone,
}

/// Sends a plain request as it came.
struct PlainSender<'s, 'e, S> {
    exchange: &'s mut Exchange<'e, S>,
    request: &'s Request<'s>,
    /// The request's permit to be under way, until a node has refused it.
    permit: &'s Cell<Option<OwnedSemaphorePermit>>,
}

/// A conversation that has ended.
struct Ended {
    talk: Talk,
    connection: NodeConnection,
    /// What has come of an answer that is not plain.
    read: Vec<u8>,
    /// All of the request was sent.
    is_sent: bool,
    can_be_used_again: bool,
    was_told: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Sender for PlainSender<'_, '_, S> {
    type Connection = NodeConnection;
    /// Its bytes are kept by whoever has read them.
    type Request = ();
    type End = Passed;

    fn idle(&mut self, place: usize, now: Instant) -> Option<NodeConnection> {
        self.exchange.lane.pool.take(place, now)
    }

    async fn connect(&mut self, place: usize, node: &NodeUrl) -> Result<NodeConnection, ConnectError> {
        let lane = self.exchange.lane;
        // In a box, so that no connection that waits for its next request has the size of one that a node is dialled for.
        let stream = Box::pin(lane.gate.upstream().connector().connect(node)).await?;
        Ok(NodeConnection::new(stream, lane.traffic.node_connected(place)))
    }

    async fn send(
        &mut self,
        connection: NodeConnection,
        (place, node): (usize, &NodeUrl),
        (): (),
        is_kept: bool,
    ) -> Sent<(), Passed> {
        let ended = self.converse((place, node), connection).await;
        let Talk::Unanswered(source) = ended.talk else {
            return Sent::Ended(self.passed(ended, (place, node)).await);
        };
        Sent::Unanswered {
            kept: is_kept.then_some(()),
            source: source.into(),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> PlainSender<'_, '_, S> {
    /// Sends the request on a connection, and hands its answer on.
    async fn converse(&mut self, (place, node): (usize, &NodeUrl), mut connection: NodeConnection) -> Ended {
        let (request, permit) = (self.request, self.permit);
        let Exchange { lane, visit, .. } = *self.exchange;
        let upstream = lane.gate.upstream();
        let is_last = || request.head.ends_connection() || (visit.is_stopping)();
        let terms = ClientTerms::new(&is_last, lane.answer_pace);
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
            client: &mut *self.exchange.client,
            node: &mut connection.stream,
            buffers: &lane.buffers,
            up: lane.up(request, node),
            down: &mut down,
            next: &mut *self.exchange.next,
            has_ended: &mut *self.exchange.has_ended,
            limit: upstream.timeouts().response,
            leaving: None,
            deadline: None,
        };
        let talk = poll_fn(|cx| conversation.poll(cx, &mut answered)).await;
        let mut up = conversation.up;
        let is_sent = up.is_sent();
        let can_be_used_again = is_sent && !up.is_deaf && !down.ends_connection;
        lane.buffers.give_back(&mut up.out);
        let read = down.read.unread().to_vec();
        lane.buffers.give_back(&mut down.read);
        Ended {
            talk,
            connection,
            read,
            is_sent,
            can_be_used_again,
            was_told: down.client.was_told,
        }
    }

    /// What a request has come to of whose answer something came, or of which nothing will.
    async fn passed(&self, ended: Ended, (place, node): (usize, &NodeUrl)) -> Passed {
        let (request, lane) = (self.request, self.exchange.lane);
        let safe_method = request.head.method().is_safe();
        let node = node.clone();
        let failure = match ended.talk {
            Talk::Answered => {
                if ended.can_be_used_again {
                    lane.pool.put(place, ended.connection);
                }
                return Passed::Answered {
                    is_last: ended.was_told,
                    is_sending: !ended.is_sent,
                };
            }
            Talk::Odd => {
                let (upstream, method) = (lane.gate.upstream(), request.head.method().clone());
                let limit = upstream.timeouts().response;
                let rereading = reread::reread(ended.connection.stream, ended.read, method, limit);
                let answer = Box::pin(rereading).await;
                match &answer {
                    Ok(answer) => upstream.nodes().answered(place, answer.status()),
                    Err(_) => upstream.nodes().reached(place),
                }
                request.account.node_is_done(answer.is_ok());
                return match answer {
                    Ok(answer) => Passed::Read(Box::new(answer), !ended.is_sent),
                    Err(error) => Passed::Failed(error.of(node, safe_method)),
                };
            }
            Talk::Cut => {
                request.account.ends(Outcome::NodeGone);
                return Passed::Gone;
            }
            Talk::ClientGone => return Passed::Gone,
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
        Passed::Failed(failure)
    }
}
