//! Room for bytes that are on their way. What waits for bytes has none: a thread keeps a few buffers, which are taken when
//! something may have come, and given back when nothing has.

use std::cell::RefCell;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::BufMut;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// How much room a buffer has, in bytes.
pub(super) const ROOM: usize = 32 * 1024;

/// How many a thread keeps that nobody uses.
const MAX_FREE: usize = 64;

/// The buffers of a thread that nobody uses.
#[derive(Debug, Default)]
pub(super) struct Buffers(RefCell<Vec<Vec<u8>>>);

/// Bytes that have come and have not gone. It has no room until something comes.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
}

impl Buffer {
    /// What has not gone.
    pub(super) fn unread(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// The same, to be changed.
    pub(super) fn unread_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..).unwrap_or_default()
    }

    /// So many bytes have gone.
    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        if self.start >= self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
        }
    }

    /// Only so many bytes are left of those that have not gone.
    pub(super) fn truncate(&mut self, count: usize) {
        self.bytes.truncate(self.start.saturating_add(count));
        self.consume(0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start >= self.bytes.len()
    }

    /// Whether more can be read into it.
    pub(super) fn has_room(&self) -> bool {
        self.bytes.len() < ROOM
    }

    /// The bytes, to be added to.
    pub(super) const fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl Buffers {
    /// Gives a buffer its room.
    pub(super) fn make_room(&self, buffer: &mut Buffer) {
        if buffer.bytes.capacity() == 0 {
            let free = self.0.borrow_mut().pop();
            buffer.bytes = free.unwrap_or_else(|| Vec::with_capacity(ROOM));
        }
    }

    /// Takes the room of a buffer back, and with it what was there.
    pub(super) fn give_back(&self, buffer: &mut Buffer) {
        let Buffer { mut bytes, .. } = std::mem::take(buffer);
        let mut free = self.0.borrow_mut();
        // One that has grown is no longer of use to others.
        if (ROOM..=2 * ROOM).contains(&bytes.capacity()) && free.len() < MAX_FREE {
            bytes.clear();
            free.push(bytes);
        }
    }

    /// Reads more into a buffer, which has to have room or to have none yet. 0 is the end of the stream.
    pub(super) fn poll_read<S: AsyncRead + Unpin>(
        &self,
        stream: &mut S,
        cx: &mut Context<'_>,
        buffer: &mut Buffer,
    ) -> Poll<io::Result<usize>> {
        self.make_room(buffer);
        let room = ROOM.saturating_sub(buffer.bytes.len());
        let mut limited = (&mut buffer.bytes).limit(room);
        let read = pin!(stream.read_buf(&mut limited)).poll(cx);
        if buffer.is_empty() {
            self.give_back(buffer);
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::Waker;

    use super::*;

    #[test]
    fn who_waits_holds_no_room() {
        let buffers = Buffers::default();
        let mut context = Context::from_waker(Waker::noop());
        let (mut near, far) = tokio::io::duplex(64);
        let mut buffer = Buffer::default();
        let read = buffers.poll_read(&mut near, &mut context, &mut buffer);
        assert!(read.is_pending());
        assert_eq!((buffer.bytes.capacity(), buffers.0.borrow().len()), (0, 1));

        let mut far = far;
        let written = Pin::new(&mut far);
        assert!(tokio::io::AsyncWrite::poll_write(written, &mut context, b"abc").is_ready());
        let read = buffers.poll_read(&mut near, &mut context, &mut buffer);
        assert!(matches!(read, Poll::Ready(Ok(3))), "{read:?}");
        assert_eq!((buffer.unread(), buffers.0.borrow().len()), (&b"abc"[..], 0));
        buffer.consume(1);
        buffer.truncate(1);
        assert_eq!(buffer.unread(), b"b");
        buffer.consume(1);
        assert!(buffer.is_empty() && buffer.has_room());
        buffers.give_back(&mut buffer);
        assert_eq!(buffers.0.borrow().len(), 1);

        drop(far);
        let read = buffers.poll_read(&mut near, &mut context, &mut buffer);
        assert!(matches!(read, Poll::Ready(Ok(0))), "{read:?}");
        assert_eq!(buffers.0.borrow().len(), 1);
    }
}
