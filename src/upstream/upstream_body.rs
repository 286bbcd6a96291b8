//! The body of a node's answer on its way down, and what becomes of its connection afterwards.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderMap};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::connection::NodeConnection;
use super::pool::Pool;

/// A connection that is in use and knows where it came from.
pub(super) struct Lease {
    pub(super) pool: Rc<Pool>,
    pub(super) node: usize,
    pub(super) connection: NodeConnection,
}

/// A node's answer, streamed. Read to its end, its connection goes back to the pool; dropped before, because the
/// client has left, its connection is closed, and Elasticsearch cancels what it was doing for it.
pub struct UpstreamBody {
    body: Incoming,
    lease: Option<Lease>,
    /// The head says `Content-Length: 0`.
    is_stated_empty: bool,
    /// What has cut it off, until all before it is on its way.
    cut: Option<hyper::Error>,
}

impl UpstreamBody {
    /// Without a lease its connection is not used again.
    pub(super) fn new(body: Incoming, headers: &HeaderMap, lease: Option<Lease>) -> Self {
        let mut answer = Self {
            is_stated_empty: headers.get(CONTENT_LENGTH).is_some_and(|length| length == "0"),
            body,
            lease,
            cut: None,
        };
        answer.release_at_end();
        answer
    }

    /// Whether all of it has come.
    #[must_use]
    pub fn has_come(&self) -> bool {
        self.cut.is_none() && self.body.is_end_stream()
    }

    fn release_at_end(&mut self) {
        if self.body.is_end_stream()
            && let Some(Lease { pool, node, connection }) = self.lease.take()
        {
            pool.put(node, connection);
        }
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        if let Some(error) = self.cut.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            // A body of known length ends with its last byte: hyper's server asks for no further frame.
            Some(Ok(_)) => self.release_at_end(),
            Some(Err(_)) => {
                // hyper drops what it has not written when a body fails, the head with it: the client would see no
                // answer at all where the node gave a part of one. Here it writes first, and is told at its next turn.
                self.lease = None;
                self.cut = frame.and_then(Result::err);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            None => {
                if let Some(Lease { pool, node, connection }) = self.lease.take() {
                    pool.put(node, connection);
                }
            }
        }
        Poll::Ready(frame)
    }

    /// A body that has ended makes hyper's server write `Content-Length: 0` behind all other fields; one of known length
    /// 0 leaves the field where the node has put it.
    fn is_end_stream(&self) -> bool {
        !self.is_stated_empty && self.cut.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
