//! Answers with more header fields than hyper reads in its usual way.
//!
//! hyper reserves the room for all the fields that a head may have each time it reads one, which would cost every answer
//! more than reading it does. So connections are made for the usual number, and an answer with more is read once more, by
//! a connection that has nothing else to do. What bounds its head is its length: 400 KB, hyper's buffer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Buf as _, Bytes};
use http::{Method, Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::Rest;
use super::early_answer::EarlyAnswerStream;
use super::node_stream::NodeStream;

/// The largest number for which hyper can make its map of fields. In 400 KB they have 25 bytes each.
pub(super) const MAX_FIELDS: usize = 16 * 1024;

/// A stream that is read from its first bytes on, and not written to.
struct Rewound {
    /// Who waits for bytes before a request was written: hyper takes them for an answer to nothing.
    waiting: Option<Waker>,
    is_asked: bool,
    read: Bytes,
    stream: EarlyAnswerStream<NodeStream>,
}

/// Reads the answer to a request with this method, which was sent.
pub(super) async fn read_again(rest: Rest, method: Method) -> hyper::Result<Response<Incoming>> {
    let rewound = Rewound {
        waiting: None,
        is_asked: false,
        read: rest.read,
        stream: rest.io.into_inner(),
    };
    let (mut sender, connection) = http1::Builder::new()
        .preserve_header_case(true)
        .max_headers(MAX_FIELDS)
        .handshake(TokioIo::new(rewound))
        .await?;
    tokio::task::spawn_local(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "an answer with many fields was not read to its end");
        }
    });
    // hyper reads no answer before it has sent a request, and how an answer ends depends on its method.
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.method_mut() = method;
    sender.send_request(request).await
}

impl AsyncRead for Rewound {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.is_asked {
            self.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        }
        if self.read.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let now = self.read.len().min(buffer.remaining());
        buffer.put_slice(self.read.get(..now).unwrap_or_default());
        self.read.advance(now);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Rewound {
    /// The request is not sent again.
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.is_asked = true;
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
