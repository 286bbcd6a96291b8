//! The reader: text to tape, without recursion, in time linear in the text.
//!
//! It accepts what Jackson accepts with Elasticsearch's flags: comments, anything after the first value, strings with
//! lone surrogates; and refuses what that refuses: duplicate names, trailing commas, raw control characters.

use std::borrow::Cow;
use std::collections::HashSet;

use super::encoding::{Decoded, Encoding, OVERLONG, Shifts};
use super::fault::{Fault, FaultKind};
use super::{Dialect, Entries, EntryKind, MAX_BYTES, MAX_DEPTH, OPEN};

/// Reads a text.
pub(super) fn read(decoded: &Decoded<'_>, encoding: Encoding, dialect: Dialect) -> (Entries, Option<Fault>) {
    let mut reader = Reader::new(decoded, encoding, dialect);
    if reader.bytes.len() > MAX_BYTES {
        let fault = Fault {
            kind: FaultKind::TooLong,
            offset: 0,
            read_on: 0,
            token: None,
        };
        return (Entries::default(), Some(fault));
    }
    let fault = reader.document().err();
    (reader.entries, fault)
}

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    /// The text and what follows it, as it was in UTF-8.
    body: &'t [u8],
    /// Where its bytes are other ones than those of the text.
    shifts: &'t Shifts,
    /// What follows the text and is none in UTF-8.
    pub(super) rest: &'t [u8],
    /// What is wrong behind the text in UTF-32.
    pub(super) broken: Option<FaultKind>,
    /// Whether Elasticsearch reads this text by bytes; else it reads it by units of UTF-16.
    pub(super) counts_bytes: bool,
    pub(super) dialect: Dialect,
    pub(super) entries: Entries,
    pub(super) open: Vec<Container<'t>>,
    /// Where the last token starts, as Elasticsearch's parser remembers it.
    pub(super) token: Option<usize>,
}

/// An object or list that is being read.
pub(super) struct Container<'t> {
    pub(super) entry: usize,
    is_object: bool,
    pub(super) members: usize,
    /// Of each name so far one bit, so that most names are known to be new without a look at the others.
    pub(super) traces: u64,
    /// The names so far, once they are many.
    pub(super) names: Option<HashSet<Cow<'t, str>>>,
}

/// What stands in quotes. A wrong character is noticed at once in a value, and at its end in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoted {
    Name,
    Value,
}

pub(super) type Step<T> = Result<T, Fault>;

impl<'t> Reader<'t> {
    pub(super) fn new(decoded: &'t Decoded<'_>, encoding: Encoding, dialect: Dialect) -> Self {
        let text: &str = &decoded.text;
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            body: decoded.body,
            shifts: &decoded.shifts,
            rest: decoded.rest,
            broken: decoded.broken.clone(),
            counts_bytes: encoding == Encoding::Utf8,
            dialect,
            entries: Entries::with_capacity(text.len() / 16 + 8),
            open: Vec::new(),
            token: None,
        }
    }

    fn document(&mut self) -> Step<()> {
        self.skip_blanks()?;
        if self.peek().is_none() {
            if self.is_whole() {
                return Ok(());
            }
            // A character of UTF-32 that is cut off is found before a token begins.
            if self.broken.is_none() {
                self.token = Some(self.at);
            }
            return Err(self.no_value());
        }
        self.value()?;
        while let Some(container) = self.open.last() {
            let is_first = container.members == 0;
            let (is_object, closing) = (container.is_object, if container.is_object { b'}' } else { b']' });
            self.skip_blanks()?;
            match self.peek() {
                None if self.rest.is_empty() => return Err(self.end_of_text()),
                None if is_first && is_object => return Err(self.no_name()),
                None if is_first => {
                    self.token = Some(self.at);
                    return Err(self.no_value());
                }
                None => return Err(self.unexpected("a comma between entries")),
                Some(byte) if byte == closing => self.close(),
                Some(b'}' | b']') => {
                    self.token = Some(self.at);
                    return Err(self.unexpected("the closing bracket that matches the opening one"));
                }
                Some(byte) => {
                    if !is_first {
                        if byte != b',' {
                            return Err(self.unexpected("a comma between entries"));
                        }
                        self.at += 1;
                        self.skip_blanks()?;
                        if self.peek().is_none() && self.is_whole() {
                            return Err(self.unexpected("an entry after the comma"));
                        }
                    }
                    if is_object {
                        self.name()?;
                    }
                    if let Some(container) = self.open.last_mut() {
                        container.members += 1;
                    }
                    self.value()?;
                }
            }
        }
        Ok(())
    }

    /// Reads a scalar whole, and of an object or list its opening bracket.
    fn value(&mut self) -> Step<()> {
        let in_object = self.open.last().is_some_and(|container| container.is_object);
        let start = self.at;
        // In a list even a broken value counts as a token; in an object the name before it is still the last one.
        if !in_object {
            self.token = Some(start);
        }
        let Some(byte) = self.peek() else {
            return Err(self.no_value());
        };
        match byte {
            b'{' | b'[' => {
                if self.open.len() >= MAX_DEPTH {
                    return Err(self.fault(FaultKind::TooDeep, start));
                }
                let kind = if byte == b'{' {
                    EntryKind::Object
                } else {
                    EntryKind::Array
                };
                self.open.push(Container {
                    entry: self.entries.len(),
                    is_object: byte == b'{',
                    members: 0,
                    traces: 0,
                    names: None,
                });
                self.push(kind, start, OPEN as usize);
                self.at += 1;
            }
            b'"' => {
                // The token is there before its characters are looked at, so that what is wrong with its kind is
                // told before what is wrong with its text.
                self.token = Some(start);
                let entry = self.entries.len();
                self.push(EntryKind::PlainString, start, OPEN as usize);
                let kind = if self.string(Quoted::Value)? {
                    EntryKind::EscapedString
                } else {
                    EntryKind::PlainString
                };
                self.entries.complete(entry, kind, self.at - 1);
            }
            b't' => self.literal("true", EntryKind::True)?,
            b'f' => self.literal("false", EntryKind::False)?,
            b'n' => self.literal("null", EntryKind::Null)?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(self.no_value()),
        }
        self.token = Some(start);
        Ok(())
    }

    fn close(&mut self) {
        if let Some(container) = self.open.pop() {
            self.make_room();
            self.entries.close(container.entry, self.at);
        }
        self.token = Some(self.at);
        self.at += 1;
    }

    /// Whether the text is all that there is.
    pub(super) fn is_whole(&self) -> bool {
        self.rest.is_empty() && self.broken.is_none()
    }

    /// The bytes of a body in UTF-8 from a byte of the text on.
    pub(super) fn body_from(&self, at: usize) -> &'t [u8] {
        let at = at.saturating_add_signed(self.shifts.at(at));
        self.body.get(at..).unwrap_or_default()
    }

    /// Whether the escape here stands for a character of ASCII that was written with too many bytes.
    pub(super) fn is_overlong(&self, at: usize) -> bool {
        self.shifts.at(at + OVERLONG) - self.shifts.at(at + OVERLONG - 1) < -1
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(super) fn push(&mut self, kind: EntryKind, start: usize, end: usize) {
        self.make_room();
        self.entries.push(kind, start, end);
    }

    #[inline]
    fn make_room(&mut self) {
        if self.entries.is_full() {
            self.make_more_room();
        }
    }

    /// Makes room for what comes if the text goes on as it has begun: places take several times what the text does,
    /// and twice as many as are needed would be too many. If there is more in the end, for half as much again.
    #[cold]
    fn make_more_room(&mut self) {
        let so_far = self.entries.len();
        let rest = self.bytes.len() - self.at;
        let expected = so_far.saturating_mul(rest) / self.at.max(1);
        let spare = expected / 16 + 128;
        self.entries.reserve((expected + spare).max(so_far / 2));
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
