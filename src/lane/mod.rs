//! The way of plain requests that nobody claims: they pass as the bytes that they came in, and so do their answers.
//!
//! A plain request is one that everybody who reads HTTP/1.1 reads in the same way (`head.rs`, `chunked.rs`). Whether it may
//! pass is for its [`Gate`] to say. One that may is written to a node with what has come of its body, less what concerns one
//! connection only, and its answer to the client (`exchange.rs`, `conversation.rs`). Whatever is not beyond doubt leaves the
//! lane with every byte that was read of it, and is hyper's from there on: so is a connection on which a head does not come
//! in one piece. The lane has no words of its own, and no status: an exchange that fails is answered there, too.

pub mod answer_head;
pub mod body;
mod buffer;
pub mod chunked;
mod conversation;
mod down;
mod exchange;
mod fields;
mod gate;
pub mod head;
mod pool;
pub mod render;
mod request;
#[cfg(test)]
mod tests;
mod up;

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use http::header::{HOST, HeaderName};
use tokio::io::{AsyncRead, AsyncWrite};

use self::body::Body;
use self::buffer::{Buffer, Buffers};
use self::chunked::Trailers;
use self::exchange::{End, Exchange};
pub use self::gate::{Begun, Gate, Pass, PlainRequest};
use self::head::{Framing, RequestHead};
use self::pool::Pool;
use crate::http::forwarded::Forwarding;
use crate::http::pace::PaceLimits;
use crate::telemetry::request_record::Origin;
use crate::telemetry::traffic::WorkerTraffic;

/// How the requests of a worker pass.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many bytes a head may have.
    pub longest_head: usize,
    /// How slowly an answer may be taken.
    pub answer_pace: Option<PaceLimits>,
    /// Fields of requests that no node is to see.
    pub stripped: Arc<[HeaderName]>,
    /// How nodes are told the addresses of clients.
    pub forwarding: Arc<Forwarding>,
}

/// The lane of one worker thread.
pub struct Lane {
    gate: Rc<dyn Gate>,
    longest_head: usize,
    answer_pace: Option<PaceLimits>,
    stripped: Arc<[HeaderName]>,
    forwarding: Arc<Forwarding>,
    traffic: Rc<WorkerTraffic>,
    pool: Pool,
    buffers: Buffers,
}

/// A client's connection.
pub struct Visit<'v> {
    /// Where its requests come from.
    pub origin: Origin,
    /// Its address.
    pub peer: SocketAddr,
    /// Whether it is served at all. Asked once a request has come.
    pub is_served: &'v dyn Fn() -> bool,
    /// Whether the gateway was told to stop, so that each answer is the last one of its connection.
    pub is_stopping: &'v dyn Fn() -> bool,
}

/// How a connection has left the lane.
pub struct Left {
    /// What was read and is hyper's to read.
    pub read: Vec<u8>,
    /// What is to be done with it.
    pub next: Next,
}

/// What is to be done with a connection that has left the lane.
pub enum Next {
    /// It is hyper's, from the request on that was read.
    Hyper,
    /// The same, and that request was sent to a node already.
    Resume(Box<Begun>),
    /// It has come to its end. Its client may still be sending.
    Close {
        /// Whether it is.
        is_sending: bool,
    },
    /// It is gone, or is to be cut off.
    Drop,
}

impl Left {
    const fn with(next: Next) -> Self {
        Self { read: Vec::new(), next }
    }
}

/// A request that may pass.
struct Admitted {
    head: RequestHead,
    /// How many bytes of its body have come.
    here: usize,
    pass: Pass,
}

impl Lane {
    /// A lane for what this gate lets pass. There is none where no node is to see the host that a request is for: such a
    /// request is not plain.
    #[must_use]
    pub fn new(gate: Rc<dyn Gate>, settings: Settings, traffic: Rc<WorkerTraffic>) -> Option<Self> {
        if settings.stripped.contains(&HOST) {
            return None;
        }
        let (nodes, idle) = (gate.upstream().nodes().count(), gate.upstream().timeouts().idle);
        Some(Self {
            longest_head: settings.longest_head,
            answer_pace: settings.answer_pace,
            stripped: settings.stripped,
            forwarding: settings.forwarding,
            pool: Pool::new(nodes, idle, Rc::clone(&traffic)),
            buffers: Buffers::default(),
            gate,
            traffic,
        })
    }

    /// Closes the connections to nodes that nobody has used for too long.
    pub fn close_idle(&self) {
        self.pool.close_idle();
    }

    /// Answers requests for as long as they are plain. An idle connection ends with `farewell`.
    pub async fn serve<S>(&self, client: &mut S, visit: &Visit<'_>, farewell: impl Future<Output = ()>) -> Left
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut farewell = pin!(farewell);
        let (mut input, mut has_ended) = (Buffer::default(), false);
        loop {
            if input.is_empty() {
                self.buffers.give_back(&mut input);
                if has_ended || !self.has_something(client, &mut input, farewell.as_mut()).await {
                    return Left::with(Next::Close { is_sending: false });
                }
            }
            let Some(Admitted { head, here, pass }) = self.admit(input.unread(), visit) else {
                return self.left_to_hyper(input);
            };
            let end = head.length() + here;
            let mut next = Buffer::default();
            let after = input.unread().get(end..).unwrap_or_default();
            if !after.is_empty() {
                self.buffers.make_room(&mut next);
                next.bytes_mut().extend_from_slice(after);
            }
            input.truncate(end);
            let request = self.request(&head, input.unread(), pass, visit);
            let mut exchange = Exchange {
                lane: self,
                visit,
                client: &mut *client,
                next: &mut next,
                has_ended: &mut has_ended,
            };
            // In a box, so that a connection that waits for its next request is small.
            match Box::pin(exchange.run(request)).await {
                End::Answered {
                    is_last: false,
                    is_sending: false,
                } => self.buffers.give_back(&mut input),
                End::Answered { is_sending, .. } => {
                    let is_sending = is_sending || !next.is_empty();
                    return Left::with(Next::Close { is_sending });
                }
                End::Begun(begun) => {
                    let mut read = Vec::new();
                    head.write_alone(input.unread(), &mut read);
                    read.extend_from_slice(next.unread());
                    let next = Next::Resume(begun);
                    return Left { read, next };
                }
                End::Gone => return Left::with(Next::Drop),
            }
            input = next;
        }
    }

    /// Waits for a request to begin, or for `farewell`.
    async fn has_something<S: AsyncRead + Unpin>(
        &self,
        client: &mut S,
        input: &mut Buffer,
        mut farewell: Pin<&mut impl Future<Output = ()>>,
    ) -> bool {
        poll_fn(|cx| {
            if let Poll::Ready(read) = self.buffers.poll_read(client, cx, input) {
                return Poll::Ready(read.is_ok_and(|count| count > 0));
            }
            farewell.as_mut().poll(cx).map(|()| false)
        })
        .await
    }

    /// Leaves these bytes, which begin a request, to hyper.
    fn left_to_hyper(&self, mut input: Buffer) -> Left {
        let read = input.unread().to_vec();
        self.buffers.give_back(&mut input);
        Left {
            read,
            next: Next::Hyper,
        }
    }

    /// The request that these bytes begin with, if it may pass.
    fn admit(&self, bytes: &[u8], visit: &Visit<'_>) -> Option<Admitted> {
        let head = RequestHead::read(bytes, self.longest_head)?;
        let rest = bytes.get(head.length()..)?;
        let mut body = Body::new(head.framing(), Trailers::Drop);
        let here = match head.framing() {
            Framing::None => 0,
            // It is changed in place where it is followed, and these bytes may be hyper's.
            Framing::Chunked => body.follow(&mut rest.to_vec()).ok()?.taken,
            Framing::Sized(length) => usize::try_from(length).unwrap_or(usize::MAX).min(rest.len()),
        };
        let is_whole = match head.framing() {
            Framing::None => true,
            // Its length is not known before its end, and so it is none that is awaited on hyper's way either.
            Framing::Chunked => false,
            Framing::Sized(length) => here as u64 == length,
        };
        let request = PlainRequest {
            method: head.method(),
            target: head.target(bytes),
            path: head.path(bytes),
            is_whole,
        };
        let pass = Some(request).filter(|_| (visit.is_served)());
        let pass = self.gate.pass(pass?)?;
        Some(Admitted { head, here, pass })
    }
}
