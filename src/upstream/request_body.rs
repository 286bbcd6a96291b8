//! The body of a request on its way up, and whose turn it is to move.

use std::cell::Cell;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::time::Instant;

/// Since when the node has all that the client has sent; none while the client has to send more.
type NodesTurn = Rc<Cell<Option<Instant>>>;

/// What is sent on.
#[derive(Debug)]
pub enum Outgoing {
    /// A client's body, streamed.
    Streamed(Incoming),
    /// One that the gateway has written in its place.
    Written(Full<Bytes>),
}

/// A body on its way.
#[derive(Debug)]
pub struct RequestBody {
    body: Outgoing,
    nodes_turn: Option<NodesTurn>,
}

/// Watches how long a node takes.
#[derive(Debug)]
pub(super) struct ResponseTimer {
    nodes_turn: NodesTurn,
    limit: Duration,
}

impl RequestBody {
    /// A body, and the timer of its request if there is a limit.
    pub(super) fn new(body: Outgoing, limit: Option<Duration>) -> (Self, Option<ResponseTimer>) {
        let nodes_turn: Option<NodesTurn> = limit.map(|_| NodesTurn::default());
        let timer = nodes_turn.clone().zip(limit);
        let timer = timer.map(|(nodes_turn, limit)| ResponseTimer { nodes_turn, limit });
        (Self { body, nodes_turn }, timer)
    }

    /// The body of a request that has none.
    pub(super) fn empty() -> Self {
        Self::new(Outgoing::Written(Full::default()), None).0
    }
}

impl ResponseTimer {
    /// Begins to count: the request is about to be sent.
    pub(super) fn start(&self) {
        self.nodes_turn.set(Some(Instant::now()));
    }

    /// Returns the limit when the node has let it pass. The time that the client takes to send does not count.
    pub(super) async fn elapsed(&self) -> Duration {
        loop {
            let since = self.nodes_turn.get().unwrap_or_else(Instant::now);
            tokio::time::sleep_until(since + self.limit).await;
            if self.nodes_turn.get() == Some(since) {
                return self.limit;
            }
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Streamed(body) => Pin::new(body).poll_frame(cx),
            Self::Written(body) => {
                let frame = Pin::new(body).poll_frame(cx);
                frame.map_err(|never: Infallible| match never {})
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Streamed(body) => body.is_end_stream(),
            Self::Written(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Streamed(body) => body.size_hint(),
            Self::Written(body) => body.size_hint(),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Some(nodes_turn) = &self.nodes_turn {
            nodes_turn.set(frame.is_ready().then(Instant::now));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
