//! The two documents of a job while they are written: the stored one is the answered one without what only answers
//! show, so that one pass over the job makes both.

use std::cell::RefCell;
use std::io;
use std::string::FromUtf8Error;

/// How many bytes are filled in in most jobs, at most.
const USUALLY_FILLED_IN: usize = 1024;

/// A document that is being written, and the same without some parts.
#[derive(Debug)]
pub(super) struct Draft(RefCell<Texts>);

#[derive(Debug)]
struct Texts {
    answered: Vec<u8>,
    stored: Vec<u8>,
    /// Up to where `answered` is stored, or left out.
    settled: usize,
}

impl Texts {
    /// Stores what has been written since.
    fn store(&mut self) {
        let written = self.answered.get(self.settled..).unwrap_or_default();
        self.stored.extend_from_slice(written);
        self.settled = self.answered.len();
    }
}

impl Draft {
    /// A draft that has room for what `length` bytes of a request usually become.
    pub(super) fn with_room(length: usize) -> Self {
        let room = || Vec::with_capacity(length + USUALLY_FILLED_IN);
        Self(RefCell::new(Texts {
            answered: room(),
            stored: room(),
            settled: 0,
        }))
    }

    /// Leaves what `write` writes out of what is stored.
    pub(super) fn only_answered<E>(&self, write: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        self.0.borrow_mut().store();
        write()?;
        let mut texts = self.0.borrow_mut();
        texts.settled = texts.answered.len();
        Ok(())
    }

    /// The document that is answered, and the one that is stored.
    pub(super) fn finish(self) -> Result<(String, String), FromUtf8Error> {
        let mut texts = self.0.into_inner();
        texts.store();
        Ok((String::from_utf8(texts.answered)?, String::from_utf8(texts.stored)?))
    }
}

impl io::Write for &Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().answered.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_is_only_answered_is_not_stored() {
        let draft = Draft::with_room(0);
        let write = |text: &str| (&draft).write_all(text.as_bytes());
        write("{\"a\":1").expect("written");
        draft.only_answered(|| write(",\"b\":2")).expect("written");
        write("}").expect("written");
        let (answered, stored) = draft.finish().expect("texts");
        assert_eq!(answered, r#"{"a":1,"b":2}"#);
        assert_eq!(stored, r#"{"a":1}"#);
    }
}
