//! Reads SMILE, token by token and without recursion.

use super::head::{NameHead, ValueHead, signed_ascii};
use super::shared::Shared;
use super::{SHARES_NAMES, SHARES_STRINGS, SIGNATURE, Step};
use crate::xcontent::format::LATER_JACKSON;
use crate::xcontent::format::lenient_utf8::{self, Trust, Wrong};
use crate::xcontent::json::{Broken, Document, FaultKind, Place, Stop, Tape, Text};
use crate::xcontent::version::Version;

/// From this version on a body must begin with a header.
const NEEDS_HEADER: Version = Version::new(8, 0, 0);

/// Reads a body to the end of its first value, or to what is wrong with it.
pub(in crate::xcontent::format) fn read(body: &[u8], api: Version) -> Document<'static> {
    let mut reader = Reader {
        body,
        at: 0,
        start: 0,
        tape: Tape::default(),
        names: Shared::new(true),
        strings: Shared::new(false),
        api,
    };
    let read = reader.header(api).and_then(|()| reader.document());
    let stop = read.err().map(|kind| {
        let is_cut = matches!(kind, FaultKind::EndOfText | FaultKind::Truncated { .. });
        // Before 8.0 bodies are read through a buffer, and looking for more of one counts what was read twice.
        let counted_twice = if is_cut && api < NEEDS_HEADER { reader.at } else { 0 };
        Stop {
            kind,
            at: place(reader.at),
            token: place(reader.start + counted_twice),
        }
    });
    let is_cut = reader.tape.is_empty() && reader.at == body.len() && api < LATER_JACKSON;
    let end = place(if is_cut { 2 * reader.at } else { reader.at });
    reader.tape.finish(stop, end)
}

pub(super) const fn place(column: usize) -> Place {
    Place { line: None, column }
}

pub(super) struct Reader<'b> {
    pub(super) body: &'b [u8],
    pub(super) at: usize,
    /// Where the token that is being read starts.
    pub(super) start: usize,
    pub(super) tape: Tape,
    names: Shared<'b>,
    strings: Shared<'b>,
    pub(super) api: Version,
}

impl<'b> Reader<'b> {
    fn header(&mut self, api: Version) -> Step<()> {
        if self.body.first() != SIGNATURE.first() {
            if api < NEEDS_HEADER {
                return Ok(());
            }
            return Err(FaultKind::Header("a body in SMILE begins with \":)\\n\""));
        }
        let (signature, flags) = (self.body.get(..3), self.body.get(3));
        if !SIGNATURE.starts_with(self.body) && signature.unwrap_or(self.body) != SIGNATURE {
            return Err(FaultKind::Header("a body in SMILE begins with \":)\\n\""));
        }
        let Some(flags) = flags else {
            self.at = self.body.len();
            self.start = self.at;
            return Err(FaultKind::HeaderCut);
        };
        if flags >> 4 != 0 {
            return Err(FaultKind::Header("the version of SMILE is not 0"));
        }
        self.names = Shared::new(flags & SHARES_NAMES != 0);
        self.strings = Shared::new(flags & SHARES_STRINGS != 0);
        self.at = SIGNATURE.len() + 1;
        Ok(())
    }

    fn document(&mut self) -> Step<()> {
        self.start = self.at;
        // Without a value there is none, which the reader of the job has to say.
        if self.body.get(self.at).is_none_or(|byte| *byte == 0xFF) {
            return Ok(());
        }
        while self.tape.is_empty() || self.tape.depth() > 0 {
            self.start = self.at;
            let byte = *self.body.get(self.at).ok_or(FaultKind::EndOfText)?;
            self.at += 1;
            if self.tape.wants_name() {
                self.name(byte)?;
            } else {
                self.value(byte)?;
            }
        }
        Ok(())
    }

    fn name(&mut self, byte: u8) -> Step<()> {
        let start = place(self.start);
        let text = match NameHead::of(byte) {
            NameHead::EndObject => {
                self.tape.end(start);
                return Ok(());
            }
            NameHead::None => return Err(unexpected(byte, "a name or the end of the object")),
            NameHead::Empty => "".into(),
            NameHead::Shared(index) => self.names.get(index)?,
            NameHead::LongShared(high) => {
                let index = high << 8 | usize::from(self.byte()?);
                self.names.get(index)?
            }
            NameHead::Ascii(length) => {
                let text = self.ascii(length)?;
                self.names.add(&text);
                text
            }
            NameHead::Unicode(length) => {
                let from = self.at;
                let text = self.unicode(length).map_err(|fault| self.in_name(fault, from))?;
                self.names.add(&text);
                text
            }
            NameHead::Long => self.long_name()?,
        };
        self.tape.name(&text, start)
    }

    fn value(&mut self, byte: u8) -> Step<()> {
        let start = place(self.start);
        match ValueHead::of(byte) {
            ValueHead::Null => self.tape.null(start),
            ValueHead::Boolean(value) => self.tape.boolean(value, start),
            ValueHead::SmallInteger(number) => self.tape.number(&number.to_string(), start, place(self.at)),
            ValueHead::Empty => self.tape.string(&"".into(), start),
            ValueHead::Shared(index) => self.shared_string(index),
            ValueHead::LongShared(high) => {
                let index = high << 8 | usize::from(self.byte()?);
                self.shared_string(index)
            }
            ValueHead::Ascii(length) => self.short_string(|reader| reader.ascii(length)),
            ValueHead::Unicode(length) => self.short_string(|reader| reader.unicode(length)),
            ValueHead::BeginList => self.tape.begin_list(start),
            ValueHead::BeginObject => self.tape.begin_object(start),
            ValueHead::EndList if self.tape.depth() > 0 && !self.tape.is_in_object() => {
                self.tape.end(start);
                Ok(())
            }
            ValueHead::Header => {
                self.at = (self.at + 1).min(self.body.len());
                Err(unexpected(byte, "a value"))
            }
            ValueHead::EndOfContent => {
                self.tape.broken(Broken::Nothing, start)?;
                Err(unexpected(byte, "a value"))
            }
            ValueHead::EndList | ValueHead::None => Err(unexpected(byte, "a value")),
            head => self.long_value(head),
        }
    }

    fn shared_string(&mut self, index: usize) -> Step<()> {
        let text = self.strings.get(index)?;
        self.tape.string(&text, place(self.start))
    }

    fn short_string(&mut self, read: impl FnOnce(&mut Self) -> Result<Text<'b>, Short>) -> Step<()> {
        match read(self) {
            Ok(text) => {
                self.strings.add(&text);
                self.tape.string(&text, place(self.start))
            }
            // Where strings can be referred back to they are read at once, else when they are asked for.
            Err(fault) if self.strings.seen.is_some() => Err(fault.into()),
            Err(Short::Wrong(_)) => self.broken_string(FaultKind::String(lenient_utf8::NOT_UTF_8)),
            Err(Short::Missing(kind)) => self.broken_string(kind),
        }
    }

    /// A text of so many bytes of ASCII. Earlier versions take other bytes as Java's signed ones.
    fn ascii(&mut self, length: usize) -> Result<Text<'b>, Short> {
        let bytes = self.take(length).map_err(Short::Missing)?;
        if self.api < LATER_JACKSON {
            return Ok(signed_ascii(bytes));
        }
        Ok(match std::str::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => text.into(),
            _ => {
                let characters = bytes.iter().map(|byte| match byte {
                    0..0x80 => char::from(*byte),
                    _ => char::REPLACEMENT_CHARACTER,
                });
                Text::Plain(characters.collect())
            }
        })
    }

    /// A text of so many bytes of UTF-8.
    fn unicode(&mut self, length: usize) -> Result<Text<'b>, Short> {
        let bytes = self.take(length).map_err(Short::Missing)?;
        let behind = self.body.get(self.at..).filter(|_| self.api < LATER_JACKSON);
        lenient_utf8::decode(bytes, behind, Trust::InAll).map_err(Short::Wrong)
    }

    /// What a fault in a name is; a wrong one is noticed before the name is passed.
    fn in_name(&mut self, fault: Short, from: usize) -> FaultKind {
        match fault {
            Short::Wrong(Wrong::First(behind) | Wrong::Next(behind)) => self.at = from + behind,
            Short::Wrong(Wrong::Cut(_)) => self.at = from,
            Short::Missing(_) => {}
        }
        fault.into()
    }

    pub(super) fn byte(&mut self) -> Step<u8> {
        let byte = *self.body.get(self.at).ok_or(FaultKind::EndOfText)?;
        self.at += 1;
        Ok(byte)
    }

    /// So many bytes. Where there are fewer, none is read.
    pub(super) fn take(&mut self, length: usize) -> Step<&'b [u8]> {
        let end = self.at.saturating_add(length);
        let bytes = self.body.get(self.at..end).ok_or(FaultKind::Truncated {
            needed: length,
            passed_over: self.body.len().saturating_sub(self.at),
        })?;
        self.at = end;
        Ok(bytes)
    }

    /// The text up to the next end mark.
    pub(super) fn long_unicode(&mut self) -> Step<Text<'b>> {
        let (bytes, has_end) = self.until_end_mark();
        let text = lenient_utf8::decode(bytes, None, Trust::None).map_err(|wrong| {
            self.at += match wrong {
                Wrong::First(behind) | Wrong::Next(behind) => behind,
                Wrong::Cut(_) => bytes.len() + 1,
            };
            FaultKind::Encoding
        })?;
        self.pass(bytes, has_end)?;
        Ok(text)
    }

    /// As [`Self::long_unicode`], of a name: its end is looked for first, and what is cut off is the end of all.
    fn long_name(&mut self) -> Step<Text<'b>> {
        let (bytes, has_end) = self.until_end_mark();
        let text = lenient_utf8::decode(bytes, None, Trust::None);
        if has_end && !matches!(text, Err(Wrong::Cut(_))) {
            return self.long_unicode();
        }
        self.pass(bytes, has_end)?;
        Err(FaultKind::EndOfText)
    }

    pub(super) fn until_end_mark(&self) -> (&'b [u8], bool) {
        let rest = self.body.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == super::END_OF_STRING);
        (rest.get(..end.unwrap_or(rest.len())).unwrap_or_default(), end.is_some())
    }

    pub(super) fn pass(&mut self, bytes: &[u8], has_end: bool) -> Step<()> {
        self.at += bytes.len() + usize::from(has_end);
        if has_end { Ok(()) } else { Err(FaultKind::EndOfText) }
    }
}

/// Why a text whose length is known could not be read.
enum Short {
    Missing(FaultKind),
    Wrong(Wrong),
}

impl From<Short> for FaultKind {
    fn from(short: Short) -> Self {
        match short {
            Short::Missing(kind) => kind,
            Short::Wrong(_) => Self::Encoding,
        }
    }
}

fn unexpected(byte: u8, expected: &'static str) -> FaultKind {
    let found = format!("byte 0x{byte:02X}");
    FaultKind::Unexpected { found, expected }
}

#[cfg(test)]
mod tests;
