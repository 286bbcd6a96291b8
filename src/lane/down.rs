//! An answer on its way to the client: its head once it is whole, and then its body, as the node sends it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Method, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer_head::{AnswerHead, AnswerReading};
use super::body::Body;
use super::buffer::{Buffer, Buffers};
use super::chunked::Trailers;
use crate::http::pace::{Pace, PaceLimits};
use crate::telemetry::request_record::Account;
use crate::upstream::node_stream::NodeStream;

/// What has come of an answer, once it is not to be waited for any more.
pub(super) enum Heard {
    /// All of it is with the client.
    Whole,
    /// Its head is not plain. None of it is with the client.
    Odd,
    /// The connection to the node has ended before the answer.
    Unanswered(io::Error),
    /// The same, within its head.
    Lost(io::Error),
    /// It was cut off within its body.
    Cut,
    /// The client takes no more.
    ClientGone,
}

/// An answer.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something else of the answer or its connection, and any of them may hold with any other"
)]
pub(super) struct Down<'e> {
    /// What has come from the node and is not understood yet.
    pub(super) read: Buffer,
    /// What is to go to the client.
    out: Buffer,
    is_flushed: bool,
    /// What is still to come of its body, once its head has come.
    body: Option<Body>,
    /// Its body is malformed from here on.
    is_cut: bool,
    /// The node has said something.
    pub(super) has_begun: bool,
    /// The node's connection cannot be used again.
    pub(super) ends_connection: bool,
    pub(super) client: ClientTerms<'e>,
    pub(super) account: &'e Account,
    method: &'e Method,
}

/// How an answer is given to its client.
pub(super) struct ClientTerms<'e> {
    /// Whether it is the client's last one.
    is_last: &'e dyn Fn() -> bool,
    /// The client was told so.
    pub(super) was_told: bool,
    /// How slow it may be in taking answers.
    pace: Option<PaceLimits>,
    /// Watches how it takes this one.
    watched: Option<Box<Pace>>,
    /// Something was written to it.
    pub(super) has_moved: bool,
}

impl<'e> Down<'e> {
    /// The answer to a request with this method.
    pub(super) fn new(method: &'e Method, account: &'e Account, client: ClientTerms<'e>) -> Self {
        Self {
            read: Buffer::default(),
            out: Buffer::default(),
            is_flushed: true,
            body: None,
            is_cut: false,
            has_begun: false,
            ends_connection: false,
            client,
            account,
            method,
        }
    }

    /// Whether its head has come.
    pub(super) const fn is_answered(&self) -> bool {
        self.body.is_some()
    }

    /// Moves on as far as both sides allow. `answered` is called with the answer's status, once.
    pub(super) fn poll<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        client: &mut S,
        node: &mut NodeStream,
        buffers: &Buffers,
        answered: &mut dyn FnMut(StatusCode),
    ) -> Poll<Heard> {
        loop {
            if ready!(self.poll_write(cx, client)).is_err() {
                return Poll::Ready(Heard::ClientGone);
            }
            buffers.give_back(&mut self.out);
            let heard = match &self.body {
                Some(_) if self.is_cut => return Poll::Ready(Heard::Cut),
                Some(body) if body.has_ended() => return Poll::Ready(Heard::Whole),
                Some(_) => ready!(self.poll_body(cx, node, buffers)),
                None => ready!(self.poll_head(cx, node, buffers, answered)),
            };
            if let Err(heard) = heard {
                return Poll::Ready(heard);
            }
        }
    }

    /// Reads on until there is something for the client.
    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        node: &mut NodeStream,
        buffers: &Buffers,
        answered: &mut dyn FnMut(StatusCode),
    ) -> Poll<Result<(), Heard>> {
        loop {
            match AnswerHead::read(self.read.unread(), self.method) {
                AnswerReading::Odd => return Poll::Ready(Err(Heard::Odd)),
                AnswerReading::Plain(head) => {
                    self.begin(&head, buffers, answered);
                    return Poll::Ready(Ok(()));
                }
                AnswerReading::Partial if !self.read.has_room() => return Poll::Ready(Err(Heard::Odd)),
                AnswerReading::Partial => {}
            }
            let ended = match ready!(buffers.poll_read(node, cx, &mut self.read)) {
                Ok(0) => io::Error::new(io::ErrorKind::UnexpectedEof, "the connection has ended"),
                Ok(_) => {
                    self.has_begun = true;
                    continue;
                }
                Err(error) => error,
            };
            return Poll::Ready(Err(if self.has_begun {
                Heard::Lost(ended)
            } else {
                Heard::Unanswered(ended)
            }));
        }
    }

    /// Hands on a head, and what has come with it of the body.
    fn begin(&mut self, head: &AnswerHead, buffers: &Buffers, answered: &mut dyn FnMut(StatusCode)) {
        let is_final = !head.status().is_informational();
        if is_final {
            answered(head.status());
            self.ends_connection = head.ends_connection();
            self.client.was_told = (self.client.is_last)();
        }
        buffers.make_room(&mut self.out);
        let out = self.out.bytes_mut();
        head.write(self.read.unread(), is_final && self.client.was_told, out);
        self.read.consume(head.length());
        self.is_flushed = false;
        if is_final {
            let mut body = Body::new(head.framing(), Trailers::Pass);
            let length = out.len();
            out.extend_from_slice(self.read.unread());
            let followed = body.follow(out.get_mut(length..).unwrap_or_default());
            self.is_cut = followed.is_err();
            let followed = followed.unwrap_or_else(|malformed| malformed.before);
            out.truncate(length + followed.passed);
            self.account.sent(followed.content);
            if body.has_ended() {
                self.account.settle();
            }
            // What comes after its end is nobody's answer.
            self.ends_connection |= followed.taken < self.read.unread().len();
            buffers.give_back(&mut self.read);
            self.body = Some(body);
        } else if self.read.is_empty() {
            buffers.give_back(&mut self.read);
        }
    }

    /// Reads more of the body.
    fn poll_body(&mut self, cx: &mut Context<'_>, node: &mut NodeStream, buffers: &Buffers) -> Poll<Result<(), Heard>> {
        let read = ready!(buffers.poll_read(node, cx, &mut self.out));
        let (Ok(1..), Some(body)) = (read, &mut self.body) else {
            return Poll::Ready(Err(Heard::Cut));
        };
        let followed = body.follow(self.out.unread_mut());
        self.is_cut = followed.is_err();
        let followed = followed.unwrap_or_else(|malformed| malformed.before);
        self.account.sent(followed.content);
        if body.has_ended() {
            self.account.settle();
        }
        self.ends_connection |= followed.taken < self.out.unread().len();
        self.out.truncate(followed.passed);
        self.is_flushed = false;
        Poll::Ready(Ok(()))
    }

    /// Writes what is there.
    fn poll_write<S: AsyncWrite + Unpin>(&mut self, cx: &mut Context<'_>, client: &mut S) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            match Pin::new(&mut *client).poll_write(cx, self.out.unread()) {
                Poll::Ready(Ok(count)) if count > 0 => {
                    self.out.consume(count);
                    self.client.moved(count);
                }
                Poll::Ready(Ok(_)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return self.client.poll_stalled(cx),
            }
        }
        if !self.is_flushed {
            ready!(Pin::new(client).poll_flush(cx))?;
            self.is_flushed = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl<'e> ClientTerms<'e> {
    /// `is_last` says whether the answer that begins is its last one.
    pub(super) fn new(is_last: &'e dyn Fn() -> bool, pace: Option<PaceLimits>) -> Self {
        Self {
            is_last,
            was_told: false,
            pace,
            watched: None,
            has_moved: false,
        }
    }

    fn moved(&mut self, count: usize) {
        self.has_moved = true;
        if let Some(watched) = &mut self.watched {
            watched.moved(count);
        }
    }

    /// The client takes nothing now: waits until it is too slow, if anybody cares.
    fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(limits) = self.pace else {
            return Poll::Pending;
        };
        let watched = self.watched.get_or_insert_with(|| Box::new(Pace::new(limits)));
        let stalled = ready!(watched.poll_stalled(cx));
        tracing::debug!(%stalled, "an answer was not taken in time");
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}
