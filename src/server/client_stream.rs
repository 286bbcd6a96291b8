//! A client's connection as hyper reads it: request targets spelled for hyper, everything else as it came, and a head
//! within its time.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::http::request_stream::RequestStream;

/// How long a client is heard out that was answered before it had sent all: to close before it has is to reset its
/// connection, and it may lose the answer (RFC 9112 §9.6).
const LINGER: Duration = Duration::from_secs(5);

/// How much is dropped of it at a time.
const LINGER_PIECE: usize = 8 * 1024;

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
    /// Runs once all has been written and the rest of a body is still being sent.
    linger_deadline: Option<Pin<Box<Sleep>>>,
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
            linger_deadline: None,
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

impl<S: AsyncRead + Unpin> ClientStream<S> {
    /// Reads and drops what the client is still sending, until it has read that nobody wants it.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let deadline = self.linger_deadline.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        let mut scratch = [MaybeUninit::uninit(); LINGER_PIECE];
        // A client that sends without end leaves the others their turn: the runtime makes its socket pause.
        while deadline.as_mut().poll(cx).is_pending() {
            let mut dropped = ReadBuf::uninit(&mut scratch);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut dropped))?;
            if dropped.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(Ok(()))
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
            let ended = fresh.is_empty();
            let passed = before + body.len();
            buffer.set_filled(passed);
            if ended || passed > before {
                return Poll::Ready(Ok(()));
            }
            // A part of a request line is held back: to return nothing now would mean the end of the stream.
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ClientStream<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.linger_deadline.is_none() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
        }
        if this.requests.is_inside_body() {
            return this.linger(cx);
        }
        Poll::Ready(Ok(()))
    }
}
