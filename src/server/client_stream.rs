//! A client's connection as hyper reads it: request targets spelled for hyper, everything else as it came, and a head
//! within its time.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::http::request_stream::RequestStream;

/// How long a client may go on sending after it was told that no more is read.
const LINGERING: Duration = Duration::from_secs(2);

/// How long a client that sends no more is still answered, from the last byte of its answer on. It may have left, which
/// looks the same, and then what it asked for has to end; a node, too, answers at once or not at all.
const LEAVING: Duration = Duration::from_millis(500);

/// A stream whose request lines are respelled on their way in.
pub(super) struct ClientStream<S> {
    stream: S,
    requests: RequestStream,
    /// What hyper has not taken yet, from `taken` on.
    pending: Vec<u8>,
    taken: usize,
    head_timeout: Option<Duration>,
    /// Runs while the rest of a head is awaited. Of a head that comes in one piece none is ever made, and an idle
    /// connection has none: Elasticsearch never closes one (contract http.md §6.5).
    head_deadline: Option<Pin<Box<Sleep>>>,
    /// Runs once nothing more is sent to the client.
    lingering: Option<Pin<Box<Sleep>>>,
    /// Something was read since something was written.
    is_asked: bool,
    /// Runs once the client sends no more and waits for an answer.
    leaving: Option<Pin<Box<Sleep>>>,
}

impl<S> ClientStream<S> {
    /// A client's stream. Each head may take `head_timeout`, from its first byte on.
    pub(super) fn new(stream: S, head_timeout: Option<Duration>) -> Self {
        Self {
            stream,
            requests: RequestStream::default(),
            pending: Vec::new(),
            taken: 0,
            head_timeout,
            head_deadline: None,
            lingering: None,
            is_asked: false,
            leaving: None,
        }
    }

    /// What it means that nothing has come: the end, when the rest of a head should have.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(limit) = self.head_timeout.filter(|_| self.requests.is_inside_head()) else {
            return Poll::Pending;
        };
        let deadline = self.head_deadline.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(deadline.as_mut().poll(cx));
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

    /// Something was written, and perhaps more follows.
    fn answered(&mut self) {
        self.is_asked = false;
        if let Some(leaving) = &mut self.leaving {
            leaving.as_mut().reset(Instant::now() + LEAVING);
        }
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
            let before = buffer.filled().len();
            match Pin::new(&mut this.stream).poll_read(cx, buffer) {
                Poll::Ready(read) => read?,
                Poll::Pending => return this.wait(cx),
            }
            let fresh = buffer.filled().get(before..).unwrap_or_default();
            // A body goes straight into hyper's buffer; what is looked at goes through `pending`.
            let unwatched = usize::try_from(this.requests.unwatched())
                .unwrap_or(usize::MAX)
                .min(fresh.len());
            let (body, watched) = fresh.split_at(unwatched);
            this.requests.skip(body.len() as u64);
            let heads = this.requests.heads();
            this.requests.follow(watched, &mut this.pending);
            if heads != this.requests.heads() || !this.requests.is_inside_head() {
                this.head_deadline = None;
            }
            if fresh.is_empty() {
                return this.end(cx);
            }
            this.is_asked = true;
            let passed = before + body.len();
            buffer.set_filled(passed);
            if passed > before {
                return Poll::Ready(Ok(()));
            }
            // A part of a request line is held back: to return nothing now would mean the end of the stream.
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ClientStream<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, bytes));
        this.answered();
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write_vectored(cx, slices));
        this.answered();
        Poll::Ready(written)
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
        let mut is_sending = !this.requests.is_between_requests() || this.lingering.is_some();
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
