//! The body of any answer on its way to the client, and what it holds until it has been sent: its permit to be under way, and
//! the account of its request.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Either;
use tokio::sync::OwnedSemaphorePermit;

use super::own_body::Content;
use crate::telemetry::outcome::Outcome;
use crate::telemetry::request_record::Account;

/// The body of an answer. A request is under way until this is dropped, and accounted for then.
pub struct DownstreamBody {
    content: Content,
    account: Account,
    /// The last frame was given out.
    has_ended: bool,
    _permit: Option<OwnedSemaphorePermit>,
}

impl DownstreamBody {
    pub(super) const fn new(content: Content, account: Account, permit: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            content,
            account,
            has_ended: false,
            _permit: permit,
        }
    }

    /// An answer with such a body. What was refused is not under way any more, however slowly its answer is taken.
    pub(super) fn of(
        answer: Response<Content>,
        account: Account,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Response<Self> {
        let is_refused = answer.status().is_client_error() || answer.status().is_server_error();
        let permit = permit.filter(|_| !is_refused);
        account.answered(answer.status());
        answer.map(|content| Self::new(content, account, permit))
    }

    /// Whether all of it was given out. hyper drops a body whose length it knows with its last byte, and one that the
    /// client is not to see without asking for any.
    fn is_whole(&self) -> bool {
        self.has_ended
            || self.account.has_no_answer_body()
            || match &self.content {
                Either::Left(nodes) => nodes.has_come(),
                Either::Right(own) => own.is_end_stream(),
            }
    }
}

impl Drop for DownstreamBody {
    fn drop(&mut self) {
        if self.is_whole() {
            self.account.is_whole();
        }
    }
}

impl Body for DownstreamBody {
    type Data = Bytes;
    type Error = <Content as Body>::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.content).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => self.account.sent(frame.data_ref().map_or(0, Bytes::len)),
            Some(Err(_)) => self.account.ends(match self.content {
                Either::Left(_) => Outcome::NodeGone,
                Either::Right(_) => Outcome::Failed,
            }),
            None => self.has_ended = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}
