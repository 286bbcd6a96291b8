//! The body of any answer, and the place among the requests under way that it holds until it has been sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{Either, Full};
use tokio::sync::OwnedSemaphorePermit;

use crate::upstream::UpstreamBody;

/// What an answer has in its body: what a node sends, streamed, or the gateway's own words.
pub(super) type Content = Either<UpstreamBody, Full<Bytes>>;

/// The body of an answer. A request is under way until this is dropped.
pub struct AnswerBody {
    content: Content,
    _place: Option<OwnedSemaphorePermit>,
}

impl AnswerBody {
    pub(super) const fn new(content: Content, place: Option<OwnedSemaphorePermit>) -> Self {
        Self { content, _place: place }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = <Content as Body>::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.content).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}
