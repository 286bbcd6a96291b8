//! A client's connection as hyper reads it: heads whole, their targets spelled for hyper, everything else as it came; a
//! head within its size and time; and answers that are taken in time.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::unfinished_heads::{HeldHead, UnfinishedHeads};
use crate::http::pace::{Pace, PaceLimits};
use crate::http::request_stream::RequestStream;
use crate::proxy::TurnedAway;
use crate::telemetry::outcome::Reason;
use crate::telemetry::turned_away::turned_away;

/// How long a client may go on sending after it was told that no more is read.
const LINGERING: Duration = Duration::from_secs(2);

/// How long a client that sends no more is still answered, from the last byte of its answer on. It may have left, which
/// looks the same, and then what it asked for has to end; a node, too, answers at once or not at all.
const LEAVING: Duration = Duration::from_millis(500);

/// What hyper reads in place of a head that is refused, so that the answer comes in its turn, after those to what the
/// client has asked before. Its target has no path, so that nothing could be done for it either: see
/// [`ClientStream::refusal`]. `CONNECT` would say so, too, but behind one hyper does not shut its stream down.
const REFUSED_HEAD: &[u8] = b"REFUSED refused:0 HTTP/1.1\r\nHost: refused\r\n\r\n";

/// Its method.
pub(super) const REFUSED_METHOD: &str = "REFUSED";

/// How much room for heads a connection keeps between two of them, in bytes.
const KEPT_ROOM: usize = 4096;

/// What is asked of the clients of a worker.
#[derive(Clone)]
pub(super) struct ClientLimits {
    /// How many bytes the head of a request may have.
    pub(super) head: usize,
    /// How long it may take, from its first byte on.
    pub(super) head_timeout: Option<Duration>,
    /// What heads that have not ended may take, all together.
    pub(super) unfinished_heads: UnfinishedHeads,
    /// How slowly an answer may be taken.
    pub(super) answer_pace: Option<PaceLimits>,
}

/// A stream whose request lines are respelled on their way in.
pub(super) struct ClientStream<S> {
    stream: S,
    limits: ClientLimits,
    requests: RequestStream,
    /// What hyper has not taken yet, from `taken` on.
    pending: Vec<u8>,
    taken: usize,
    held_head: HeldHead,
    /// Runs while the rest of a head is awaited. Of a head that comes in one piece none is ever made, and an idle
    /// connection has none: Elasticsearch never closes one (http.md §6.5).
    head_deadline: Option<Pin<Box<Sleep>>>,
    /// Why no more is read.
    refusal: Rc<Cell<Option<TurnedAway>>>,
    /// Watches how the client takes its answers.
    answer_pace: Option<Box<Pace>>,
    /// Runs once nothing more is sent to the client.
    lingering: Option<Pin<Box<Sleep>>>,
    /// What was read of the stream before.
    read_before: Vec<u8>,
    /// Nobody reads what the client is sending.
    is_sending: bool,
    /// Something was read since something was written.
    is_asked: bool,
    /// Runs once the client sends no more and waits for an answer.
    leaving: Option<Pin<Box<Sleep>>>,
}

impl<S> ClientStream<S> {
    /// A client's stream.
    pub(super) fn new(stream: S, limits: ClientLimits) -> Self {
        Self {
            stream,
            requests: RequestStream::new(limits.head),
            held_head: limits.unfinished_heads.place(),
            limits,
            pending: Vec::new(),
            taken: 0,
            head_deadline: None,
            refusal: Rc::default(),
            answer_pace: None,
            lingering: None,
            read_before: Vec::new(),
            is_sending: false,
            is_asked: false,
            leaving: None,
        }
    }

    /// The same, with these bytes before all others, of a client that may be sending what nobody reads.
    pub(super) fn after(mut self, read: Vec<u8>, is_sending: bool) -> Self {
        (self.read_before, self.is_sending) = (read, is_sending);
        self
    }

    /// Why a head was refused, once one was: the request with [`REFUSED_METHOD`] that hyper reads then is not the client's,
    /// and is to be answered so.
    pub(super) fn refusal(&self) -> Rc<Cell<Option<TurnedAway>>> {
        Rc::clone(&self.refusal)
    }

    /// Takes bytes that are looked at, when nothing is pending.
    fn follow(&mut self, bytes: &[u8], cx: &mut Context<'_>) {
        if self.held_head.is_given_up() {
            return self.refuse(TurnedAway::TooManyHeads);
        }
        let followed = self.requests.follow(bytes, &mut self.pending);
        let unfinished = self.requests.unfinished_length();
        if unfinished == 0 || !self.pending.is_empty() {
            // What was awaited of a head has come.
            self.head_deadline = None;
            self.held_head.release();
        }
        if let Err(too_long) = followed {
            self.refuse(too_long.into());
        } else if unfinished > 0 {
            self.held_head
                .hold(self.requests.unfinished_head(), unfinished, cx.waker());
        }
    }

    /// Reads no more, and has an answer given in place of the one to the head that was awaited.
    fn refuse(&mut self, refusal: TurnedAway) {
        self.requests.drop_head();
        self.held_head.release();
        self.pending.extend_from_slice(REFUSED_HEAD);
        self.refusal.set(Some(refusal));
    }

    /// What it means that nothing has come: the end, when the rest of a head should have. Ready without an error when
    /// something is pending now.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.held_head.is_given_up() {
            self.refuse(TurnedAway::TooManyHeads);
            return Poll::Ready(Ok(()));
        }
        let is_awaited = self.requests.unfinished_length() > 0 || self.requests.is_lost();
        let Some(limit) = self.limits.head_timeout.filter(|_| is_awaited) else {
            return Poll::Pending;
        };
        let deadline = self.head_deadline.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(deadline.as_mut().poll(cx));
        turned_away(Reason::SlowHead);
        let message = format!("the head of a request did not end within {limit:?}");
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, message)))
    }

    /// What it means that the client sends no more: the end, but not before a whole request is answered.
    fn end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.requests.is_between_requests() && (self.is_asked || self.leaving.is_some()) {
            let leaving = self.leaving.get_or_insert_with(|| Box::pin(sleep(LEAVING)));
            ready!(leaving.as_mut().poll(cx));
        }
        Poll::Ready(Ok(()))
    }

    /// What a write has come to: something was written, and perhaps more follows, or the client takes nothing now.
    fn written(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = written {
            self.is_asked = false;
            if let Some(leaving) = &mut self.leaving {
                leaving.as_mut().reset(Instant::now() + LEAVING);
            }
            if let (Some(pace), Ok(bytes)) = (&mut self.answer_pace, &written) {
                pace.moved(*bytes);
            }
            return Poll::Ready(written);
        }
        let Some(limits) = self.limits.answer_pace else {
            return Poll::Pending;
        };
        let pace = self.answer_pace.get_or_insert_with(|| Box::new(Pace::new(limits)));
        let stalled = ready!(pace.poll_stalled(cx));
        let message = format!("an answer was not taken in time: {stalled}");
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, message)))
    }

    /// Hands out what is pending, and says whether there was anything.
    fn hand_out(&mut self, buffer: &mut ReadBuf<'_>) -> bool {
        let pending = self.pending.get(self.taken..).unwrap_or_default();
        let (now, later) = pending.split_at(pending.len().min(buffer.remaining()));
        let any = !now.is_empty();
        buffer.put_slice(now);
        self.taken += now.len();
        if later.is_empty() {
            self.pending.clear();
            self.taken = 0;
            if self.pending.capacity() > KEPT_ROOM {
                self.pending = Vec::new();
            }
        }
        any
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ClientStream<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.hand_out(buffer) || buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            if this.refusal.get().is_some() {
                return Poll::Pending; // The answer is on its way; behind it the connection ends.
            }
            if !this.read_before.is_empty() {
                this.is_asked = true;
                let read = std::mem::take(&mut this.read_before);
                this.follow(&read, cx);
                continue;
            }
            let before = buffer.filled().len();
            match Pin::new(&mut this.stream).poll_read(cx, buffer) {
                Poll::Ready(read) => read?,
                Poll::Pending => {
                    ready!(this.wait(cx))?;
                    continue;
                }
            }
            let fresh = buffer.filled().get(before..).unwrap_or_default();
            // A body goes straight into hyper's buffer; what is looked at goes through `pending`.
            let unwatched = usize::try_from(this.requests.unwatched())
                .unwrap_or(usize::MAX)
                .min(fresh.len());
            let (body, watched) = fresh.split_at(unwatched);
            if fresh.is_empty() {
                return this.end(cx);
            }
            this.is_asked = true;
            this.requests.skip(body.len() as u64);
            let passed = before + body.len();
            if !watched.is_empty() {
                this.follow(watched, cx);
            }
            buffer.set_filled(passed);
            if passed > before {
                return Poll::Ready(Ok(()));
            }
            // A part of a head is held back: to return nothing now would mean the end of the stream.
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ClientStream<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.written(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    /// Says that no more will be sent, and takes what the client has not read the answer for: to close a socket that
    /// has unread bytes resets the connection, and a client that is reset may never see its answer (RFC 9112 §9.6).
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
        }
        // A head that was refused is one that is still being sent.
        let mut is_sending = this.is_sending || !this.requests.is_between_requests() || this.lingering.is_some();
        let mut dropped = [MaybeUninit::uninit(); 4096];
        loop {
            let mut dropped = ReadBuf::uninit(&mut dropped);
            match Pin::new(&mut this.stream).poll_read(cx, &mut dropped) {
                Poll::Ready(Ok(())) if !dropped.filled().is_empty() => is_sending = true,
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => break,
            }
        }
        if !is_sending {
            return Poll::Ready(Ok(()));
        }
        let lingering = this.lingering.get_or_insert_with(|| Box::pin(sleep(LINGERING)));
        lingering.as_mut().poll(cx).map(Ok)
    }
}
