//! The body of any answer, and what it holds until it has been sent: its permit to be under way, the room of the
//! body that it answers, and the account of its request.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Either;
use tokio::sync::OwnedSemaphorePermit;

use super::offload::{Offload, Panicked};
use crate::es::answer_form::Written;
use crate::http::body_budget::BodyShare;
use crate::telemetry::outcome::Outcome;
use crate::telemetry::request_record::Account;
use crate::upstream::UpstreamBody;
use crate::xcontent::format::Piecewise;

/// What an answer has in its body: what a node sends, streamed, or the gateway's own words.
pub(super) type Content = Either<UpstreamBody, OwnBody>;

/// The gateway's own words.
pub struct OwnBody {
    /// What has not been sent of it, in bytes.
    unsent: u64,
    words: Words,
    /// The room of the body that was read for it.
    _share: Option<Arc<BodyShare>>,
}

enum Words {
    Whole(Bytes),
    /// A document that is written as it is sent, each piece off the worker.
    Pieces(Box<Piecewise>, Offload),
    Writing(Writing, Offload),
}

/// The next piece, and what follows it.
type Writing = Pin<Box<dyn Future<Output = Result<(Box<Piecewise>, Vec<u8>), Panicked>>>>;

impl OwnBody {
    /// A body that is written already.
    pub(super) fn whole(words: Bytes) -> Self {
        Self {
            unsent: words.len() as u64,
            words: Words::Whole(words),
            _share: None,
        }
    }

    /// No words at all.
    pub(super) fn empty() -> Self {
        Self::whole(Bytes::new())
    }

    /// A document, which answers a request whose body has taken this room.
    pub(super) fn document(written: Written, offload: &Offload, share: Option<Arc<BodyShare>>) -> Self {
        match written {
            Written::Whole(words) => Self {
                _share: share,
                ..Self::whole(words)
            },
            Written::Pieces(document) => Self {
                unsent: document.length(),
                words: Words::Pieces(Box::new(document), offload.clone()),
                _share: share,
            },
        }
    }

    fn poll_words(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, Panicked>> {
        loop {
            let words = std::mem::replace(&mut self.words, Words::Whole(Bytes::new()));
            self.words = match words {
                Words::Whole(words) => return Poll::Ready(Ok(words)),
                Words::Pieces(mut document, offload) => {
                    let places = offload.clone();
                    let length = document.work();
                    let write = move || {
                        let piece = document.next_piece();
                        (document, piece)
                    };
                    Words::Writing(Box::pin(async move { places.run(length, write).await }), offload)
                }
                Words::Writing(mut writing, offload) => match writing.as_mut().poll(cx) {
                    Poll::Pending => {
                        self.words = Words::Writing(writing, offload);
                        return Poll::Pending;
                    }
                    Poll::Ready(written) => {
                        let (document, piece) = written?;
                        self.words = Words::Pieces(document, offload);
                        return Poll::Ready(Ok(piece.into()));
                    }
                },
            };
        }
    }
}

impl fmt::Debug for OwnBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnBody")
            .field("unsent", &self.unsent)
            .finish_non_exhaustive()
    }
}

impl Body for OwnBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.unsent == 0 {
            return Poll::Ready(None);
        }
        let words = ready!(self.poll_words(cx)).map_err(io::Error::other)?;
        self.unsent = self.unsent.saturating_sub(words.len() as u64);
        if self.unsent == 0 {
            self.words = Words::Whole(Bytes::new());
        }
        Poll::Ready(Some(Ok(Frame::data(words))))
    }

    fn is_end_stream(&self) -> bool {
        self.unsent == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.unsent)
    }
}

/// The body of an answer. A request is under way until this is dropped, and accounted for then.
pub struct AnswerBody {
    content: Content,
    account: Account,
    /// The last frame was given out.
    has_ended: bool,
    _permit: Option<OwnedSemaphorePermit>,
}

impl AnswerBody {
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

impl Drop for AnswerBody {
    fn drop(&mut self) {
        if self.is_whole() {
            self.account.is_whole();
        }
    }
}

impl Body for AnswerBody {
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
