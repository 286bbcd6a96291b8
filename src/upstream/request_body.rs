//! The body of a request on its way up, and whose turn it is to move.

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use tokio::time::Instant;

use crate::http::client_body::{ClientBody, ClientBodyError};
use crate::http::elided_body::ElidedBody;
use crate::telemetry::request_record::RequestRecord;
use crate::xcontent::elided_text::ElidedText;

/// Since when the node has all that the client has sent; none while the client has to send more.
type NodesTurn = Rc<Cell<Option<Instant>>>;

/// What is sent on.
pub enum Outgoing {
    /// A client's body, streamed.
    Streamed(ClientBody),
    /// One that the gateway has written in its place.
    Written(ElidedBody),
    /// A client's body that was read to its end.
    Whole(Full<Bytes>),
    /// A client's body, streamed as far as somebody lets it pass.
    Screened(Pin<Box<dyn Body<Data = Bytes, Error = BodyError>>>),
}

/// Why a body does not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The client stopped sending before the end of its body, framed it wrongly, or is too slow.
    #[error(transparent)]
    Client(#[from] ClientBodyError),
    /// The rest must not reach the node. Who withholds it knows why.
    #[error("the rest of the body is withheld")]
    Withheld,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Streamed(_) => "Streamed",
            Self::Written(_) => "Written",
            Self::Whole(_) => "Whole",
            Self::Screened(_) => "Screened",
        })
    }
}

/// A body on its way.
#[derive(Debug)]
pub struct RequestBody {
    body: Outgoing,
    nodes_turn: Option<NodesTurn>,
    /// Where its end is noted, until it has come.
    record: Option<Rc<RequestRecord>>,
}

/// Watches how long a node takes.
#[derive(Debug)]
pub(super) struct ResponseTimer {
    nodes_turn: NodesTurn,
    limit: Duration,
}

impl RequestBody {
    /// A body, and the timer of its request if there is a limit. Its end is noted in `record`.
    pub(super) fn new(
        body: Outgoing,
        limit: Option<Duration>,
        record: Option<Rc<RequestRecord>>,
    ) -> (Self, Option<ResponseTimer>) {
        let nodes_turn: Option<NodesTurn> = limit.map(|_| NodesTurn::default());
        let timer = nodes_turn.clone().zip(limit);
        let timer = timer.map(|(nodes_turn, limit)| ResponseTimer { nodes_turn, limit });
        if let Some(record) = &record {
            record.body_follows();
        }
        let body = Self {
            body,
            nodes_turn,
            record,
        };
        (body, timer)
    }

    /// The body of a request that has none.
    pub(super) fn empty() -> Self {
        Self::new(Outgoing::Written(ElidedText::from(String::new()).into()), None, None).0
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
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Streamed(body) => Pin::new(body).poll_frame(cx).map_err(BodyError::Client),
            Self::Written(body) => {
                let frame = Pin::new(body).poll_frame(cx);
                frame.map_err(|never: Infallible| match never {})
            }
            Self::Whole(body) => {
                let frame = Pin::new(body).poll_frame(cx);
                frame.map_err(|never: Infallible| match never {})
            }
            Self::Screened(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Streamed(body) => body.is_end_stream(),
            Self::Written(body) => body.is_end_stream(),
            Self::Whole(body) => body.is_end_stream(),
            Self::Screened(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Streamed(body) => body.size_hint(),
            Self::Written(body) => body.size_hint(),
            Self::Whole(body) => body.size_hint(),
            Self::Screened(body) => body.size_hint(),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Some(nodes_turn) = &self.nodes_turn {
            nodes_turn.set(frame.is_ready().then(Instant::now));
        }
        let has_ended = || self.body.is_end_stream() || matches!(frame, Poll::Ready(None));
        if self.record.is_some()
            && has_ended()
            && let Some(record) = self.record.take()
        {
            record.body_was_sent();
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
