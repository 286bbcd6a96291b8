//! A request on its way to a node: what is there of it, and then its body, as the client sends it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite};

use super::body::Body;
use super::buffer::{Buffer, Buffers};
use super::chunked::MalformedChunks;
use crate::telemetry::request_record::RequestRecord;
use crate::upstream::node_stream::NodeStream;

/// The client does not send its whole body. Usual cause: it gave up.
#[derive(Debug, thiserror::Error)]
pub(super) enum BrokenBody {
    #[error("the client's connection has ended")]
    Ended,
    #[error("the client's connection broke")]
    Read(#[source] io::Error),
    #[error(transparent)]
    Chunks(#[from] MalformedChunks),
}

/// The request.
pub(super) struct Up {
    /// What was not written yet.
    pub(super) out: Buffer,
    /// What of the body is still to come from the client.
    pub(super) body: Body,
    is_flushed: bool,
    /// The node reads no more. What it says then is to be heard (RFC 9112 §9.6), so nothing fails for it.
    pub(super) is_deaf: bool,
    /// Since when the node has all that the client has sent; none while the client has to send more.
    pub(super) nodes_turn: Option<Instant>,
}

impl Up {
    /// A request of which this is there, and of whose body this is still to come.
    pub(super) fn new(out: Buffer, body: Body) -> Self {
        Self {
            out,
            body,
            is_flushed: false,
            is_deaf: false,
            nodes_turn: Some(Instant::now()),
        }
    }

    /// Whether all of it was sent, or dropped because the node reads no more.
    pub(super) fn is_sent(&self) -> bool {
        self.is_flushed && self.body.has_ended()
    }

    /// Moves on as far as both sides allow. What the client has sent after the request is left in `next`.
    pub(super) fn poll<S: AsyncRead + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        client: &mut S,
        node: &mut NodeStream,
        next: &mut Buffer,
        (buffers, record): (&Buffers, &RequestRecord),
    ) -> Poll<Result<(), BrokenBody>> {
        loop {
            ready!(self.poll_write(cx, node));
            if self.body.has_ended() {
                buffers.give_back(&mut self.out);
                return Poll::Ready(Ok(()));
            }
            let Poll::Ready(read) = buffers.poll_read(client, cx, &mut self.out) else {
                self.nodes_turn = None;
                return Poll::Pending;
            };
            if read.map_err(BrokenBody::Read)? == 0 {
                return Poll::Ready(Err(BrokenBody::Ended));
            }
            self.nodes_turn = Some(Instant::now());
            self.is_flushed = false;
            let followed = self.body.follow(self.out.unread_mut())?;
            record.received(followed.content);
            let after = self.out.unread().get(followed.taken..).unwrap_or_default();
            if !after.is_empty() {
                buffers.make_room(next);
                next.bytes_mut().extend_from_slice(after);
            }
            self.out.truncate(followed.passed);
            if self.body.has_ended() {
                record.body_was_sent();
            }
        }
    }

    /// Writes what is there.
    fn poll_write(&mut self, cx: &mut Context<'_>, node: &mut NodeStream) -> Poll<()> {
        while !self.out.is_empty() && !self.is_deaf {
            match ready!(Pin::new(&mut *node).poll_write(cx, self.out.unread())) {
                Ok(count) if count > 0 => self.out.consume(count),
                _ => self.is_deaf = true,
            }
        }
        if self.is_deaf {
            self.out.truncate(0);
        } else if !self.is_flushed {
            let flushed = ready!(Pin::new(node).poll_flush(cx));
            self.is_deaf = flushed.is_err();
        }
        self.is_flushed = true;
        Poll::Ready(())
    }
}
