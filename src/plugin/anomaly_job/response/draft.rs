//! What is counted while a job's document is written: how long it is, and where it has what only answers show. The
//! document that is stored is the answered one without those parts, so that one pass over the job makes both.

use std::cell::{Cell, RefCell};
use std::io;
use std::ops::Range;

use crate::http::excerpt::Excerpt;

/// The measures of a document that is being written.
#[derive(Debug, Default)]
pub(super) struct Draft {
    written: Cell<usize>,
    only_answered: RefCell<Vec<Range<usize>>>,
    /// Whether the indices of detectors are stored as well.
    stores_indices: bool,
    companion: RefCell<Option<Range<usize>>>,
}

impl Draft {
    /// A draft with room for so many parts that only answers show.
    pub(super) fn with_room(parts: usize) -> Self {
        Self {
            only_answered: RefCell::new(Vec::with_capacity(parts)),
            ..Self::default()
        }
    }

    /// A draft of a document whose detectors are stored with their indices.
    pub(super) fn storing_indices() -> Self {
        Self {
            stores_indices: true,
            ..Self::default()
        }
    }

    /// Writes to `writer`, and starts to count anew.
    pub(super) fn writer<W>(&self, writer: W) -> Counted<'_, W> {
        self.written.set(0);
        self.only_answered.borrow_mut().clear();
        let written = &self.written;
        Counted { writer, written }
    }

    /// How long what was written is.
    pub(super) fn length(&self) -> usize {
        self.written.get()
    }

    /// Marks what `write` writes as a part that is not stored.
    pub(super) fn only_answered<E>(&self, write: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let start = self.written.get();
        write()?;
        self.only_answered.borrow_mut().push(start..self.written.get());
        Ok(())
    }

    /// Marks the index of a detector, which `write` writes, as a part that is not stored, unless those are.
    pub(super) fn index<E>(&self, write: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        if self.stores_indices {
            write()
        } else {
            self.only_answered(write)
        }
    }

    /// Marks what `write` writes as the document that is stored beside this one.
    pub(super) fn companion<E>(&self, write: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let start = self.written.get();
        self.only_answered(write)?;
        *self.companion.borrow_mut() = Some(start..self.written.get());
        Ok(())
    }

    /// Where the document is that is stored beside this one.
    pub(super) fn place_of_companion(&self) -> Option<Range<usize>> {
        self.companion.borrow().clone()
    }

    /// The document that was written, as `text`: what is left of it is stored.
    pub(super) fn finish(self, text: String) -> Excerpt {
        Excerpt::new(text, self.only_answered.into_inner())
    }
}

/// A writer of which it is counted how much is written.
#[derive(Debug)]
pub(super) struct Counted<'d, W> {
    writer: W,
    written: &'d Cell<usize>,
}

impl<W: io::Write> io::Write for Counted<'_, W> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.writer.write(bytes)?;
        self.written.set(self.written.get() + length);
        Ok(length)
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes)?;
        self.written.set(self.written.get() + bytes.len());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_is_only_answered_is_not_stored() {
        let draft = Draft::with_room(1);
        let mut text = Vec::new();
        // Counted twice, as a long document is.
        for _ in 0..2 {
            text.clear();
            let writer = RefCell::new(draft.writer(&mut text));
            let write = |text: &str| writer.borrow_mut().write_all(text.as_bytes());
            write("{\"a\":1").expect("written");
            draft.only_answered(|| write(",\"b\":2")).expect("written");
            write("}").expect("written");
            assert_eq!(draft.length(), 13);
        }
        let documents = draft.finish(String::from_utf8(text).expect("a text"));
        assert_eq!(documents.whole(), r#"{"a":1,"b":2}"#);
        assert_eq!(documents.text(), r#"{"a":1}"#);
    }
}
