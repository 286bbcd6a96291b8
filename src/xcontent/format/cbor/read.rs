//! Reads CBOR, token by token and without recursion, as Jackson does: tags but those of large numbers are passed over,
//! names may be integers, lengths are believed only as far as the body goes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::xcontent::format::{LATER_JACKSON, big_integer};
use crate::xcontent::json::{Broken, Document, FaultKind, Place, Stop, Tape, Text};
use crate::xcontent::version::Version;

/// The first byte that ends what has no length.
pub(super) const BREAK: u8 = 0xFF;
/// The argument of a head that has no length.
pub(super) const INDEFINITE: u8 = 31;
/// The argument of a head that four bytes follow.
const FOUR_BYTES: u8 = 26;

/// The major type of tags.
const TAG: u8 = 6;

const POSITIVE_BIGNUM: u64 = 2;
const NEGATIVE_BIGNUM: u64 = 3;
const DECIMAL_FRACTION: u64 = 4;

/// From this version on a name may have tags, and a value several (Jackson 2.15; seen of 8.19.21, not of 7.17.28).
const TAGS_FREELY: Version = Version::new(8, 9, 0);

/// Reads a body to the end of its first item, or to what is wrong with it.
pub(in crate::xcontent::format) fn read(body: &[u8], api: Version) -> Document<'static> {
    let mut reader = Reader {
        body,
        at: 0,
        start: 0,
        tape: Tape::default(),
        left: Vec::new(),
        api,
    };
    let stop = reader.document().err().map(|kind| Stop {
        kind,
        at: place(reader.at),
        token: place(reader.start),
    });
    let end = place(reader.at);
    reader.tape.finish(stop, end)
}

pub(super) const fn place(column: usize) -> Place {
    Place { line: None, column }
}

pub(super) struct Reader<'b> {
    pub(super) body: &'b [u8],
    pub(super) at: usize,
    /// Where the item that is being read starts, with its tags.
    pub(super) start: usize,
    pub(super) tape: Tape,
    /// How many entries each open list or map still has; none for those that a break ends.
    left: Vec<Option<u64>>,
    pub(super) api: Version,
}

pub(super) type Step<T> = Result<T, FaultKind>;

/// The major type of an item and the argument in its first byte.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) byte: u8,
    pub(super) major: u8,
    pub(super) argument: u8,
}

impl Reader<'_> {
    fn document(&mut self) -> Step<()> {
        while self.tape.is_empty() || self.tape.depth() > 0 {
            self.start = self.at;
            let is_at_member_value = self.tape.is_in_object() && !self.tape.wants_name();
            if !is_at_member_value {
                match self.left.last_mut() {
                    Some(Some(0)) => {
                        self.end();
                        continue;
                    }
                    Some(Some(left)) => *left -= 1,
                    _ => {}
                }
            }
            if self.tape.wants_name() {
                self.name()?;
            } else {
                self.value()?;
                if self.tape.is_empty() {
                    break;
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        self.left.pop();
        self.tape.end(place(self.start));
    }

    fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }

    pub(super) fn head(&mut self) -> Step<Head> {
        let byte = self.peek().ok_or(FaultKind::EndOfText)?;
        self.at += 1;
        Ok(Head {
            byte,
            major: byte >> 5,
            argument: byte & 0x1F,
        })
    }

    /// The number in a head and the bytes after it.
    pub(super) fn argument(&mut self, head: Head) -> Step<u64> {
        let length = match head.argument {
            small @ 0..24 => return Ok(u64::from(small)),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return Err(unexpected(head, "a value")),
        };
        let Some(bytes) = self.body.get(self.at..self.at + length) else {
            self.at = self.body.len();
            return Err(FaultKind::EndOfText);
        };
        self.at += length;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A length, of a string or of a list; none for what a break ends, which is also what has a length that 32 bits with
    /// a sign take for a negative one.
    pub(super) fn length(&mut self, head: Head) -> Step<Option<u64>> {
        if head.argument == INDEFINITE {
            return Ok(None);
        }
        let length = self.argument(head)?;
        match i32::try_from(length) {
            Ok(_) => Ok(Some(length)),
            Err(_) if head.argument == FOUR_BYTES => Ok(None),
            Err(_) => Err(FaultKind::Length(length)),
        }
    }

    fn name(&mut self) -> Step<()> {
        let mut head = self.head()?;
        while head.major == TAG && self.api >= TAGS_FREELY {
            self.tag(head)?;
            head = self.head()?;
        }
        if head.byte == BREAK && self.left.last() == Some(&None) {
            self.end();
            return Ok(());
        }
        let start = place(self.start);
        match head.major {
            0 | 1 => {
                let number = self.integer_name(head)?;
                self.tape.name(&Text::from(number.to_string().as_str()), start)
            }
            2 => {
                let mut joined = Vec::new();
                let (bytes, _) = self.string(head, &mut joined, true)?;
                let text = String::from_utf8_lossy(bytes);
                self.tape.name(&Text::Plain(text), start)
            }
            3 => {
                let mut joined = Vec::new();
                let text = self.characters(head, &mut joined, true)?;
                self.tape.name(&text, start)
            }
            _ => Err(unexpected(head, "a name")),
        }
    }

    /// The number of a name: 64 bits, whatever the argument was; in earlier versions 32 where they were given.
    fn integer_name(&mut self, head: Head) -> Step<i64> {
        let argument = self.argument(head)?;
        let bits = if head.argument == FOUR_BYTES && self.api < LATER_JACKSON {
            i64::from(u32::try_from(argument).unwrap_or_default().cast_signed())
        } else {
            argument.cast_signed()
        };
        Ok(if head.major == 0 { bits } else { !bits })
    }

    fn value(&mut self) -> Step<()> {
        let mut tag = None;
        while self.peek().is_some_and(|byte| byte >> 5 == TAG) {
            let head = self.head()?;
            if tag.is_some() && self.api < TAGS_FREELY {
                return Err(unexpected(head, "one tag a value"));
            }
            let number = self.tag(head)?;
            let matters = matches!(number, POSITIVE_BIGNUM | NEGATIVE_BIGNUM | DECIMAL_FRACTION);
            tag = if matters { Some(number) } else { tag.or(Some(number)) };
        }
        if self.peek().is_none() {
            return self.nothing();
        }
        let head = self.head()?;
        if head.byte == BREAK && !self.tape.is_in_object() && self.left.last() == Some(&None) {
            self.end();
            return Ok(());
        }
        let start = place(self.start);
        match head.major {
            0 => {
                let number = self.argument(head)?;
                self.tape.number(&number.to_string(), start, place(self.at))
            }
            1 => {
                let number = -1 - i128::from(self.argument(head)?);
                self.tape.number(&number.to_string(), start, place(self.at))
            }
            2 => self.bytes(head, tag),
            3 => self.text(head),
            4 if tag == Some(DECIMAL_FRACTION) && head.argument == 2 => self.decimal(),
            4 => {
                let left = self.length(head)?;
                self.tape.begin_list(start)?;
                self.left.push(left);
                Ok(())
            }
            5 => {
                let left = self.length(head)?;
                self.tape.begin_object(start)?;
                self.left.push(left);
                Ok(())
            }
            _ => self.simple(head),
        }
    }

    /// The end of the body where a value should begin.
    fn nothing(&mut self) -> Step<()> {
        // Tags without a value are no document, and leave the place of one that is empty.
        if self.tape.is_empty() {
            self.at = 0;
            return Ok(());
        }
        if self.api < LATER_JACKSON {
            self.tape.broken(Broken::Nothing, place(self.start))?;
        }
        Err(FaultKind::EndOfText)
    }

    /// The number of a tag, which is an `int` of Java.
    fn tag(&mut self, head: Head) -> Step<u64> {
        let number = self.argument(head)?;
        if head.argument == 27 && i32::try_from(number.cast_signed()).is_err() {
            let found = format!("tag {number}");
            let expected = "one of 32 bits";
            return Err(FaultKind::Unexpected { found, expected });
        }
        Ok(number)
    }

    fn bytes(&mut self, head: Head, tag: Option<u64>) -> Step<()> {
        let start = place(self.start);
        let mut joined = Vec::new();
        match (self.string(head, &mut joined, false), tag) {
            // RFC 8949 §3.4.3 has it otherwise: Jackson takes a sign for granted, and the opposite for a negative one.
            (Ok((bytes, _)), Some(tag @ (POSITIVE_BIGNUM | NEGATIVE_BIGNUM))) => {
                let number = big_integer::from_signed_bytes(bytes, tag == NEGATIVE_BIGNUM)?;
                self.tape.number(&number, start, place(self.at))
            }
            (Ok((bytes, _)), _) => self.tape.binary(&STANDARD.encode(bytes), start),
            (Err(kind), _) => {
                self.tape.broken(Broken::Binary, start)?;
                Err(kind)
            }
        }
    }
}

pub(super) fn unexpected(head: Head, expected: &'static str) -> FaultKind {
    let found = format!("byte 0x{:02X}", head.byte);
    FaultKind::Unexpected { found, expected }
}

#[cfg(test)]
mod tests;
