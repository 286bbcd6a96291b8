//! JSON as Elasticsearch reads it: strict where its parser is strict, lenient where it is lenient, and every value
//! with the place where it stands (create-job.md §2).
//!
//! A [`Document`] is a flat tape of tokens over the text, not a tree of boxes: reading it allocates once, dropping it
//! cannot recurse, and a [`Node`] is a copy of an index. Strings are decoded when they are asked for; numbers stay the
//! text they were. Other formats become a document too, by being written as JSON text first.

mod blanks;
mod dialect;
mod encoding;
mod entries;
mod fault;
mod inside;
mod lexemes;
mod names;
mod node;
mod place;
mod reader;
mod representation;
mod scalars;
mod tape;
mod text;
mod word;

pub use dialect::Dialect;
use encoding::{Decoded, Encoding, Shifts};
use entries::{Entries, Entry, EntryKind, OPEN};
pub use fault::{Fault, FaultKind, YamlPart};
pub use inside::{Elements, Member, Members};
pub use lexemes::{Lexeme, Lexemes};
pub use node::{Node, Token};
pub use place::Place;
pub use representation::{PositionedJson, Representation};
pub(in crate::xcontent) use tape::{Broken, Stop, Tape, Text};

use std::borrow::Cow;

/// How deep objects and lists may nest. Elasticsearch refuses more from 8.10 on (create-job.md §2, size limits);
/// older ones overflow their stack somewhat later.
pub const MAX_DEPTH: usize = 1000;

/// How many digits a number may have from 8.10 on (create-job.md §2, size limits).
pub const MAX_NUMBER_DIGITS: usize = 1000;

/// The largest text that is read, in bytes: as far as places can be told, less a thousand closing brackets.
/// Elasticsearch's own limit is 100 MB.
pub const MAX_BYTES: usize = entries::MOST_STARTS - 2 * MAX_DEPTH;

/// A text that was read: its tokens up to its end, or up to the fault that ended the reading.
#[derive(Debug)]
pub struct Document<'a> {
    /// The text, up to the first byte that is none.
    text: Cow<'a, str>,
    /// How it was written, by which its columns count.
    encoding: Encoding,
    /// Everything read, in the order of the text.
    entries: Entries,
    /// What broke the reading off, if anything did. What follows the end of the first value is never looked at.
    fault: Option<Fault>,
    /// Bytes before `text` that count for no token, but for the columns of the first line: a byte order mark.
    skipped: usize,
    /// Whether bytes that are no text follow the text.
    has_rest: bool,
    /// Where columns of the body are other ones than those of the text.
    shifts: Shifts,
    /// Where the tokens stood in a body of another format; empty for JSON.
    spots: Vec<tape::Spot>,
    /// The numbers of a body of another format that were written otherwise than they are in `text`.
    written: Vec<tape::WrittenNumber>,
}

/// The text of a body in UTF-16 or UTF-32; none if it is in neither, or not to its end.
#[must_use]
pub fn wide_text(body: &[u8]) -> Option<String> {
    let (encoding, mark) = Encoding::of(body);
    let decoded = encoding.decode(body.get(mark..)?);
    let is_wide = encoding != Encoding::Utf8 && decoded.broken.is_none();
    is_wide.then(|| decoded.text.into_owned())
}

impl<'a> Document<'a> {
    /// Reads `body`, up to the end of its first value or to the first fault.
    #[must_use]
    pub fn read(body: &'a [u8]) -> Self {
        Self::read_as(body, Dialect::LENIENT)
    }

    /// As [`Self::read`], as a version reads it.
    #[must_use]
    pub fn read_as(body: &'a [u8], dialect: Dialect) -> Self {
        let (encoding, mark) = match Encoding::of(body) {
            // Three bytes alone are the mark of UTF-8.
            (_, mark) if mark == body.len() && mark < 4 && !dialect.reads_lone_mark => (Encoding::Utf8, 0),
            found => found,
        };
        let decoded = encoding.decode(body.get(mark..).unwrap_or_default());
        let (entries, fault) = reader::read(&decoded, encoding, dialect);
        Self {
            has_rest: !decoded.rest.is_empty() || decoded.broken.is_some(),
            text: decoded.text,
            encoding,
            entries,
            fault,
            // Other encodings are read without their marks.
            skipped: if encoding == Encoding::Utf8 && dialect.counts_mark {
                mark
            } else {
                0
            },
            shifts: decoded.shifts,
            spots: Vec::new(),
            written: Vec::new(),
        }
    }

    /// Reads a text that Elasticsearch has as a string, and whose places it counts in units of UTF-16.
    #[must_use]
    pub fn of_text(text: &'a str) -> Self {
        let encoding = Encoding::Utf16 { big_endian: true };
        let decoded = Decoded::whole(Cow::Borrowed(text));
        let (entries, fault) = reader::read(&decoded, encoding, Dialect::LENIENT);
        Self {
            text: decoded.text,
            encoding,
            entries,
            fault,
            skipped: 0,
            has_rest: false,
            shifts: Shifts::default(),
            spots: Vec::new(),
            written: Vec::new(),
        }
    }

    /// The document's value; none when the text holds none.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        (!self.entries.is_empty()).then_some(Node::new(self, 0))
    }

    /// Whether more than blanks follows the value. A reader that went on would take it for another value.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        let rest = self.root().and_then(|root| self.text.get(root.end()..));
        self.has_rest || rest.is_some_and(|rest| !rest.trim_matches([' ', '\t', '\r', '\n']).is_empty())
    }

    /// Whether it has bytes, which no schema for JSON can judge.
    #[must_use]
    pub fn has_bytes(&self) -> bool {
        !self.spots.is_empty() && self.entries.backwards().any(|entry| entry.kind == EntryKind::Binary)
    }

    /// Whether it has bytes or numbers of single precision, which JSON does not tell from texts and other numbers.
    #[must_use]
    pub fn has_more_than_json(&self) -> bool {
        let is_more = |entry: Entry| matches!(entry.kind, EntryKind::Binary | EntryKind::Single);
        self.is_in_another_format() && self.entries.backwards().any(is_more)
    }

    /// Whether the body was in another format than JSON.
    #[must_use]
    pub fn is_in_another_format(&self) -> bool {
        !self.spots.is_empty()
    }

    /// Whether the text ends, or is broken, inside of a string that is a value.
    #[must_use]
    pub fn ends_in_string(&self) -> bool {
        self.last()
            .is_some_and(|last| last.end == OPEN && last.kind.is_string())
    }

    /// Whether a text that is read by bytes ends right behind the opening quote of a value.
    #[must_use]
    pub fn ends_at_quote(&self) -> bool {
        let (last, fault) = (self.last(), self.fault.as_ref());
        self.ends_in_string()
            && self.encoding == Encoding::Utf8
            && last.zip(fault).is_some_and(|(last, fault)| {
                fault.kind == FaultKind::EndOfText && fault.offset == last.start as usize + 1
            })
    }

    /// Whether what the text ends in, or is broken in, is a member of an object.
    #[must_use]
    pub fn ends_in_object(&self) -> bool {
        let mut open = self.entries.backwards().filter(|entry| entry.end == OPEN);
        open.find(|entry| entry.kind.is_container())
            .is_some_and(|entry| entry.kind == EntryKind::Object)
    }

    /// Whether the end of the text was taken for a value.
    #[must_use]
    pub fn ends_in_nothing(&self) -> bool {
        self.last().is_some_and(|last| last.kind == EntryKind::Nothing)
    }

    /// The name that the text ends, or is broken, behind, if its value has not begun; and where it starts.
    #[must_use]
    pub fn last_name(&self) -> Option<(Cow<'_, str>, usize)> {
        let last = self.last().filter(|last| last.kind.is_name())?;
        Some((inside::decoded(&last, &self.text), last.start as usize))
    }

    fn last(&self) -> Option<Entry> {
        self.entries.backwards().next()
    }

    /// What broke the reading off.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_value() {
        let document = Document::read(b"\xEF\xBB\xBF{}");
        assert!(document.fault().is_none());
        assert_eq!(document.root().expect("a root").token(), Token::Object);
    }

    /// create-job.md §2: anything after the closing brace is ignored, be it text or not.
    #[test]
    fn what_follows_the_value_is_not_read() {
        assert!(Document::read(b"{} trailing \xFF {").fault().is_none());
    }

    #[test]
    fn what_follows_the_value_is_seen() {
        for body in ["{}", " {} \r\n", "\u{FEFF}[]\n", "1 ", "", " "] {
            assert!(!Document::read(body.as_bytes()).is_followed(), "{body:?}");
        }
        for body in [b"{}{}".as_slice(), b"{} x", b"{}\xFF", b"1 /**/", b"{\0}\0[\0]\0"] {
            assert!(Document::read(body).is_followed(), "{body:?}");
        }
    }

    #[test]
    fn an_empty_text_has_no_root_and_no_fault() {
        let document = Document::read(b" \n ");
        assert!(document.root().is_none());
        assert!(document.fault().is_none());
    }
}
