//! What is noted while a job's document is written: how long it is, and where it has what only answers show, what only the
//! server sets, and the datafeed. The document that is stored and the body that asks for the job are the answered one
//! without such parts, so that one pass over the job makes all of them and nothing that was written is read again.

use std::cell::{Cell, RefCell};
use std::io;
use std::ops::Range;

use super::super::datafeed::companion::Place;

/// The measures of a document that is being written.
#[derive(Debug, Default)]
pub(super) struct Draft {
    written: Cell<usize>,
    only_answered: RefCell<Vec<Range<usize>>>,
    set_by_server: RefCell<Vec<Range<usize>>>,
    /// Whether the indices of detectors are stored as well.
    stores_indices: bool,
    companion: Cell<Option<Place>>,
    ids_end: Cell<usize>,
}

/// The parts of a document that was written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// What only answers show.
    pub(super) only_answered: Vec<Range<usize>>,
    /// What only the server sets.
    pub(super) set_by_server: Vec<Range<usize>>,
    /// The document that is stored beside this one.
    pub(super) companion: Option<Place>,
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
        self.set_by_server.borrow_mut().clear();
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

    /// Marks what `write` writes as a part that only the server sets.
    pub(super) fn set_by_server<E>(&self, write: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let start = self.written.get();
        write()?;
        if start < self.written.get() {
            self.set_by_server.borrow_mut().push(start..self.written.get());
        }
        Ok(())
    }

    /// Marks what `write` writes as the document that is stored beside this one.
    pub(super) fn companion<E>(&self, write: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        let start = self.written.get();
        self.only_answered(write)?;
        self.companion.set(Some(Place {
            start,
            ids_end: self.ids_end.get(),
            end: self.written.get(),
        }));
        Ok(())
    }

    /// Notes that the ids which that document begins with have been written.
    pub(super) fn ids_end(&self) {
        self.ids_end.set(self.written.get());
    }

    /// The parts of what was written.
    pub(super) fn finish(self) -> Marks {
        Marks {
            only_answered: self.only_answered.into_inner(),
            set_by_server: self.set_by_server.into_inner(),
            companion: self.companion.get(),
        }
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
        assert_eq!(text, br#"{"a":1,"b":2}"#);
        let expected = Marks {
            only_answered: std::iter::once(6..12).collect(),
            ..Marks::default()
        };
        assert_eq!(draft.finish(), expected);
    }
}
