//! The body of a client's request, as it comes: how much of it is here before anybody waits for it, and how long it may
//! take when somebody does.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use super::body_budget::{BodyBudget, BodyShare};
use super::pace::{Pace, PaceLimits, Stalled};
use crate::telemetry::request_record::RequestRecord;

/// Why a body did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ClientBodyError {
    /// The client stopped sending, or framed it wrongly. Usual cause: it gave up.
    #[error("the body ended before its announced length")]
    Broken(#[source] hyper::Error),
    /// The client sends it too slowly.
    #[error("the body did not come in time: {0}")]
    Stalled(#[from] Stalled),
}

/// A body on its way in.
#[derive(Debug)]
pub struct ClientBody {
    body: Incoming,
    /// What has been read of it ahead.
    early: Option<Early>,
    /// It has been read ahead, as far as it came.
    was_awaited: bool,
    /// What was wrong with it then. hyper tells an error once, and ends the body behind it as if it were whole.
    fault: Option<hyper::Error>,
    /// How slow the client may be, if somebody cares.
    pace: Option<Box<Pace>>,
    record: Rc<RequestRecord>,
}

/// What has been read of a body before anybody wanted it.
#[derive(Debug)]
struct Early {
    bytes: Bytes,
    /// The room that it takes; none where there was not enough.
    share: Option<BodyShare>,
}

impl ClientBody {
    /// A body that comes from a client; what comes of it is noted in the record of its request.
    #[must_use]
    pub fn new(body: Incoming, record: Rc<RequestRecord>) -> Self {
        Self {
            body,
            record,
            early: None,
            was_awaited: false,
            fault: None,
            pace: None,
        }
    }

    /// From here on the client may be no slower than this.
    pub fn keep_pace(&mut self, limits: Option<PaceLimits>) {
        if !self.body.is_end_stream() {
            self.pace = limits.map(|limits| Box::new(Pace::new(limits)));
        }
    }

    /// Reads the body ahead of anybody who wants it, once, and says whether all of it is here. It is not, where it does not
    /// come within `patience`, or where there is no room for it.
    pub async fn arrives(&mut self, room: &BodyBudget, patience: Duration) -> bool {
        if self.was_awaited || self.body.is_end_stream() {
            return self.is_here();
        }
        self.was_awaited = true;
        let deadline = Instant::now() + patience;
        let (mut read, mut share) = (BytesMut::new(), room.share());
        while !self.body.is_end_stream() {
            let frame = match timeout_at(deadline, self.body.frame()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(fault))) => {
                    self.fault = Some(fault); // Whoever reads on learns of it.
                    break;
                }
                Ok(None) | Err(_) => break,
            };
            let Ok(chunk) = frame.into_data() else { continue };
            self.record.received(chunk.len());
            if share.grow(chunk.len()).is_err() {
                read.extend_from_slice(&chunk);
                self.early = Some(Early {
                    bytes: read.freeze(),
                    share: None,
                });
                return false;
            }
            if read.is_empty() && self.body.is_end_stream() {
                // The usual case, a small body in one piece, is not copied.
                self.early = Some(Early {
                    bytes: chunk,
                    share: Some(share),
                });
                return true;
            }
            // Copied, since a chunk keeps the whole buffer that it was read into.
            read.extend_from_slice(&chunk);
        }
        self.early = Some(Early {
            bytes: read.freeze(),
            share: Some(share),
        });
        self.is_here()
    }

    /// Whether all of the body has been read ahead.
    fn is_here(&self) -> bool {
        let has_room = self.early.as_ref().is_none_or(|early| early.share.is_some());
        has_room && self.body.is_end_stream()
    }

    /// The body and the room that it takes, if all of it has been read ahead; otherwise the body itself.
    pub fn whole(self) -> Result<(Bytes, BodyShare), Self> {
        match self.early {
            Some(Early {
                bytes,
                share: Some(share),
            }) if self.body.is_end_stream() => Ok((bytes, share)),
            early => Err(Self { early, ..self }),
        }
    }

    /// How much of it has been read ahead and is still here, in bytes.
    fn early(&self) -> usize {
        self.early.as_ref().map_or(0, |early| early.bytes.len())
    }
}

impl Body for ClientBody {
    type Data = Bytes;
    type Error = ClientBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ClientBodyError>>> {
        if let Some(Early { bytes, .. }) = self.early.take()
            && !bytes.is_empty()
        {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if let Some(fault) = self.fault.take() {
            return Poll::Ready(Some(Err(ClientBodyError::Broken(fault))));
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(chunk) = frame.data_ref()
        {
            self.record.received(chunk.len());
        }
        let Some(pace) = &mut self.pace else {
            return frame.map_err(ClientBodyError::Broken);
        };
        match frame {
            Poll::Ready(frame) => {
                let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
                pace.moved(bytes.map_or(0, Bytes::len));
                Poll::Ready(frame.map(|frame| frame.map_err(ClientBodyError::Broken)))
            }
            Poll::Pending => pace.poll_stalled(cx).map(|stalled| Some(Err(stalled.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.early() == 0 && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let early = self.early() as u64;
        let rest = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(early));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(early));
        }
        hint
    }
}
