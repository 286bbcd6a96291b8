//! A client's connection as hyper reads it: request targets spelled for hyper, everything else as it came.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http::request_stream::RequestStream;

/// A stream whose request lines are respelled on their way in.
pub(super) struct ClientStream<S> {
    stream: S,
    requests: RequestStream,
    /// What hyper has not taken yet, from `taken` on.
    pending: Vec<u8>,
    taken: usize,
}

impl<S> ClientStream<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            requests: RequestStream::default(),
            pending: Vec::new(),
            taken: 0,
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
            ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
            let fresh = buffer.filled().get(before..).unwrap_or_default();
            // A body goes straight into hyper's buffer; what is looked at goes through `pending`.
            let unwatched = usize::try_from(this.requests.unwatched())
                .unwrap_or(usize::MAX)
                .min(fresh.len());
            let (body, watched) = fresh.split_at(unwatched);
            this.requests.skip(body.len() as u64);
            this.requests.follow(watched, &mut this.pending);
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

impl<S: AsyncWrite + Unpin> AsyncWrite for ClientStream<S> {
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
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
