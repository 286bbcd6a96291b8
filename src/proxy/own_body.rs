//! What an answer has in its body: what a node sends, or the gateway's own words, which may be a document that is written as
//! it is sent.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Either;

use super::offload::{Offload, Panicked};
use crate::es::answer_form::Written;
use crate::http::body_budget::BodyShare;
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
