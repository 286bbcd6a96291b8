//! One request and its answer between a client and a node: both directions at once, as far as either side allows.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::buffer::{Buffer, Buffers};
use super::down::{Down, Heard};
use super::up::{BrokenBody, Up};
use crate::upstream::node_stream::NodeStream;

/// How long a client that sends no more is still answered, from the last byte of its answer on. It may have left, which
/// looks the same, and then what it asked for has to end; a node, too, answers at once or not at all.
pub(super) const LEAVING: Duration = Duration::from_millis(500);

/// What a conversation has come to.
pub(super) enum Talk {
    /// The client has its answer.
    Answered,
    /// The answer's head is not plain. None of it is with the client.
    Odd,
    /// The node's connection has ended before anything came of an answer.
    Unanswered(io::Error),
    /// The same, within the head of an answer.
    Lost(io::Error),
    /// The client does not send its whole body, and nothing of an answer is with it.
    Broken(BrokenBody),
    /// The node has not begun its answer in time.
    NoAnswer(Duration),
    /// The answer was cut off.
    Cut,
    /// The client has left.
    ClientGone,
}

/// A conversation.
pub(super) struct Conversation<'e, 'd, S> {
    pub(super) client: &'e mut S,
    pub(super) node: &'e mut NodeStream,
    pub(super) buffers: &'e Buffers,
    pub(super) up: Up,
    pub(super) down: &'e mut Down<'d>,
    /// What the client has sent after its request.
    pub(super) next: &'e mut Buffer,
    /// The client sends no more.
    pub(super) has_ended: &'e mut bool,
    /// How long the node may take to begin its answer.
    pub(super) limit: Option<Duration>,
    /// Runs while a client that sends no more is answered.
    pub(super) leaving: Option<Pin<Box<Sleep>>>,
    /// Runs while the answer is waited for.
    pub(super) deadline: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<'_, '_, S> {
    /// Goes on with it. `answered` is called with the answer's status, once.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, answered: &mut dyn FnMut(StatusCode)) -> Poll<Talk> {
        let was_answered = self.down.is_answered();
        let record = self.down.account;
        let sent = self
            .up
            .poll(cx, self.client, self.node, self.next, (self.buffers, record));
        match sent {
            Poll::Ready(Err(_)) if was_answered => return Poll::Ready(Talk::ClientGone),
            Poll::Ready(Err(broken)) => return Poll::Ready(Talk::Broken(broken)),
            Poll::Ready(Ok(())) if self.has_left(cx) => return Poll::Ready(Talk::ClientGone),
            Poll::Ready(Ok(())) | Poll::Pending => {}
        }
        let heard = self.down.poll(cx, self.client, self.node, self.buffers, answered);
        if std::mem::take(&mut self.down.client.has_moved)
            && let Some(leaving) = &mut self.leaving
        {
            leaving.as_mut().reset(Instant::now() + LEAVING);
            // It has to be asked to wake this task again.
            if leaving.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Talk::ClientGone);
            }
        }
        match heard {
            // A node that closes its connection reads no more of the body either.
            Poll::Ready(Heard::Whole) if self.up.is_sent() || self.up.is_deaf || self.down.ends_connection => {
                Poll::Ready(Talk::Answered)
            }
            Poll::Ready(Heard::Whole) => Poll::Pending,
            Poll::Ready(Heard::Odd) => Poll::Ready(Talk::Odd),
            Poll::Ready(Heard::Unanswered(error)) => Poll::Ready(Talk::Unanswered(error)),
            Poll::Ready(Heard::Lost(error)) => Poll::Ready(Talk::Lost(error)),
            Poll::Ready(Heard::Cut) => Poll::Ready(Talk::Cut),
            Poll::Ready(Heard::ClientGone) => Poll::Ready(Talk::ClientGone),
            Poll::Pending => self.poll_deadline(cx).map(Talk::NoAnswer),
        }
    }

    /// Whether the client, whose request was sent, has left. What it sends in the meantime is kept, up to a limit: beyond
    /// that it is not known whether it is there.
    fn has_left(&mut self, cx: &mut Context<'_>) -> bool {
        while !*self.has_ended && self.next.has_room() {
            match self.buffers.poll_read(self.client, cx, self.next) {
                Poll::Pending => return false,
                Poll::Ready(Ok(0)) => *self.has_ended = true,
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(_)) => return true,
            }
        }
        if !*self.has_ended {
            return false;
        }
        let leaving = self.leaving.get_or_insert_with(|| Box::pin(sleep(LEAVING)));
        leaving.as_mut().poll(cx).is_ready()
    }

    /// Waits until the node has had the request for too long. The time that the client takes to send does not count.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let (Some(limit), Some(since), false) = (self.limit, self.up.nodes_turn, self.down.is_answered()) else {
            return Poll::Pending;
        };
        let deadline = Instant::from_std(since) + limit;
        let timer = self.deadline.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        timer.as_mut().poll(cx).map(|()| limit)
    }
}
