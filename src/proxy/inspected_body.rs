//! A client's body on its way up that is looked through: nothing of it goes on before it was looked at.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};

use crate::guard::{Inspector, Reason};
use crate::http::body::ReadBodyError;
use crate::http::body_budget::BodyShare;
use crate::http::client_body::ClientBody;
use crate::upstream::BodyError;

/// What stopped a body, and what is left of it: none as long as nothing has.
pub(super) type Stopped = Rc<RefCell<Option<(Cause, ClientBody)>>>;

/// Why a body was stopped.
#[derive(Debug)]
pub(super) enum Cause {
    /// It could write to what is guarded.
    Guarded(Reason),
    /// It could not be read.
    Unread(ReadBodyError),
}

/// A body that is looked through.
pub(super) struct InspectedBody {
    /// None once it was stopped.
    body: Option<ClientBody>,
    inspector: Inspector,
    /// What has come and was not looked at as a whole.
    coming: Option<Frame<Bytes>>,
    /// How much of that was looked at, in bytes.
    seen: usize,
    /// What was looked at.
    held: VecDeque<Frame<Bytes>>,
    has_ended: bool,
    /// How many bytes have not gone on, if it is known how many there are.
    left: Option<u64>,
    /// What it holds of the memory for bodies.
    share: BodyShare,
    stopped: Stopped,
}

impl InspectedBody {
    pub(super) fn new(body: ClientBody, inspector: Inspector, share: BodyShare) -> Self {
        Self {
            left: body.size_hint().exact(),
            body: Some(body),
            inspector,
            coming: None,
            seen: 0,
            held: VecDeque::new(),
            has_ended: false,
            share,
            stopped: Stopped::default(),
        }
    }

    /// What will have stopped it.
    pub(super) fn stopped(&self) -> Stopped {
        Rc::clone(&self.stopped)
    }

    /// Waits until something may go on: the first bytes, or all of them where they are judged as a whole. So long no
    /// node is asked.
    pub(super) async fn begin(&mut self) -> Result<(), BodyError> {
        future::poll_fn(|cx| self.poll_ready(cx)).await
    }

    /// Comes to where something may go on, or nothing is left.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        loop {
            let may_pass = self.has_ended || self.inspector.passes_as_it_comes();
            if self.has_ended || (may_pass && !self.held.is_empty()) {
                return Poll::Ready(Ok(()));
            }
            if self.coming.is_some() {
                match self.look() {
                    Ok(true) => {}
                    // Others have their turn before the next piece.
                    Ok(false) => {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    Err(cause) => return Poll::Ready(Err(self.stop(cause))),
                }
                continue;
            }
            let Some(body) = &mut self.body else {
                return Poll::Ready(Err(BodyError::Withheld));
            };
            match ready!(Pin::new(body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    self.coming = Some(frame);
                    self.seen = 0;
                }
                Some(Err(error)) => return Poll::Ready(Err(error.into())),
                None => {
                    if let Err(cause) = self.end() {
                        return Poll::Ready(Err(self.stop(cause)));
                    }
                }
            }
        }
    }

    /// Looks at a piece of what has come, and says whether that was the last one.
    fn look(&mut self) -> Result<bool, Cause> {
        let data = self.coming.as_ref().and_then(Frame::data_ref);
        let unseen = data.map(|data| data.get(self.seen..).unwrap_or_default());
        let kept = self.inspector.kept();
        if let Some(unseen) = unseen.filter(|unseen| !unseen.is_empty()) {
            let length = unseen.len();
            let taken = self.inspector.look(unseen).map_err(Cause::Guarded)?;
            self.seen += taken;
            self.pay(self.inspector.kept() - kept)?;
            if taken < length {
                return Ok(false);
            }
        }
        self.inspector.settle().map_err(Cause::Guarded)?;
        self.pay(self.inspector.kept() - kept)?;
        if !self.inspector.passes_as_it_comes() {
            self.pay(self.seen)?;
        }
        self.held.extend(self.coming.take());
        // A node knows that a body of known length is whole when its last byte has come, so before that goes on.
        if self.body.as_ref().is_some_and(Body::is_end_stream) {
            self.end()?;
        }
        Ok(true)
    }

    fn pay(&mut self, bytes: usize) -> Result<(), Cause> {
        let paid = self.share.grow(bytes);
        paid.map_err(|error| Cause::Unread(error.into()))
    }

    fn end(&mut self) -> Result<(), Cause> {
        if !self.has_ended {
            self.inspector.finish().map_err(Cause::Guarded)?;
            self.has_ended = true;
        }
        Ok(())
    }

    /// Lets nothing pass any more.
    fn stop(&mut self, cause: Cause) -> BodyError {
        self.held.clear();
        self.coming = None;
        if let Some(body) = self.body.take() {
            *self.stopped.borrow_mut() = Some((cause, body));
        }
        BodyError::Withheld
    }
}

impl Body for InspectedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Err(error) = ready!(self.poll_ready(cx)) {
            return Poll::Ready(Some(Err(error)));
        }
        let frame = self.held.pop_front();
        let gone = frame.as_ref().and_then(Frame::data_ref).map_or(0, Buf::remaining);
        self.left = self.left.map(|left| left.saturating_sub(gone as u64));
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended && self.held.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
