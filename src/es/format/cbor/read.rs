//! Reads CBOR, token by token and without recursion, as Jackson does: tags but those of large numbers are passed over,
//! names may be integers, lengths are believed only as far as the body goes.
//!
//! A head is decoded here instead of by a library because messages name the byte at which a token broke off.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::es::format::{LATER_JACKSON, big_integer, lenient_utf8};
use crate::es::json::{Broken, Document, FaultKind, Place, Stop, Tape, Text};
use crate::es::number;
use crate::es::version::Version;

/// The first byte that ends what has no length.
const BREAK: u8 = 0xFF;
/// The argument of a head that has no length.
const INDEFINITE: u8 = 31;

const POSITIVE_BIGNUM: u64 = 2;
const NEGATIVE_BIGNUM: u64 = 3;
const DECIMAL_FRACTION: u64 = 4;

/// Reads a body to the end of its first item, or to what is wrong with it.
pub(in crate::es::format) fn read(body: &[u8], api: Version) -> Document<'static> {
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

const fn place(column: usize) -> Place {
    Place { line: None, column }
}

struct Reader<'b> {
    body: &'b [u8],
    at: usize,
    /// Where the item that is being read starts, with its tags.
    start: usize,
    tape: Tape,
    /// How many entries each open list or map still has; none for those that a break ends.
    left: Vec<Option<u64>>,
    api: Version,
}

type Step<T> = Result<T, FaultKind>;

/// The major type of an item and the argument in its first byte.
#[derive(Clone, Copy)]
struct Head {
    byte: u8,
    major: u8,
    argument: u8,
}

impl<'b> Reader<'b> {
    fn document(&mut self) -> Step<()> {
        while self.tape.is_empty() || self.tape.depth() > 0 {
            self.start = self.at;
            let is_at_member_value = self.tape.is_in_object() && !self.tape.wants_name();
            if !is_at_member_value {
                let next = self.peek();
                match self.left.last_mut() {
                    Some(Some(0)) => {
                        self.end();
                        continue;
                    }
                    Some(None) if next == Some(BREAK) => {
                        self.at += 1;
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

    fn head(&mut self) -> Step<Head> {
        let byte = self.peek().ok_or(FaultKind::EndOfText)?;
        self.at += 1;
        Ok(Head {
            byte,
            major: byte >> 5,
            argument: byte & 0x1F,
        })
    }

    /// The number in a head and the bytes after it.
    fn argument(&mut self, head: Head) -> Step<u64> {
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

    /// A length, of a string or of a list.
    fn length(&mut self, head: Head) -> Step<u64> {
        let length = self.argument(head)?;
        if i32::try_from(length).is_err() {
            return Err(FaultKind::Length(length));
        }
        Ok(length)
    }

    fn name(&mut self) -> Step<()> {
        let mut head = self.head()?;
        while head.major == 6 && self.api >= LATER_JACKSON {
            self.argument(head)?;
            head = self.head()?;
        }
        let start = place(self.start);
        match head.major {
            0 | 1 => {
                let number = signed(head, self.argument(head)?);
                self.tape.name(&Text::from(number.to_string().as_str()), start)
            }
            // Bytes are taken for the text that they may be.
            2 | 3 => {
                let mut joined = Vec::new();
                let bytes = self.string(head, &mut joined, true)?;
                let text = lenient_utf8::decode(bytes).map_err(|_| FaultKind::Encoding)?;
                self.tape.name(&text, start)
            }
            _ => Err(unexpected(head, "a name")),
        }
    }

    fn value(&mut self) -> Step<()> {
        let mut head = self.head()?;
        let mut tag = None;
        while head.major == 6 {
            if tag.is_some() && self.api < LATER_JACKSON {
                return Err(unexpected(head, "one tag a value"));
            }
            let number = self.argument(head)?;
            let matters = matches!(number, POSITIVE_BIGNUM | NEGATIVE_BIGNUM | DECIMAL_FRACTION);
            tag = if matters { Some(number) } else { tag.or(Some(number)) };
            head = self.head()?;
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
                let left = self.entries(head)?;
                self.tape.begin_list(start)?;
                self.left.push(left);
                Ok(())
            }
            5 => {
                let left = self.entries(head)?;
                self.tape.begin_object(start)?;
                self.left.push(left);
                Ok(())
            }
            _ => self.simple(head),
        }
    }

    fn entries(&mut self, head: Head) -> Step<Option<u64>> {
        if head.argument == INDEFINITE {
            return Ok(None);
        }
        self.length(head).map(Some)
    }

    fn text(&mut self, head: Head) -> Step<()> {
        let start = place(self.start);
        let mut joined = Vec::new();
        let read = self.string(head, &mut joined, false);
        let decoded = match read {
            Ok(bytes) => lenient_utf8::decode(bytes).map_err(|wrong| {
                self.at = (self.at - bytes.len() + wrong + 1).min(self.body.len());
                FaultKind::Encoding
            }),
            Err(kind) => Err(kind),
        };
        match decoded {
            Ok(text) => self.tape.string(&text, start),
            // A length that cannot be is noticed with the head, the characters only when they are asked for.
            Err(kind) => {
                if !matches!(kind, FaultKind::Length(_)) {
                    self.tape.broken(Broken::String, start)?;
                }
                Err(kind)
            }
        }
    }

    fn bytes(&mut self, head: Head, tag: Option<u64>) -> Step<()> {
        let start = place(self.start);
        let mut joined = Vec::new();
        match (self.string(head, &mut joined, false), tag) {
            // RFC 8949 §3.4.3 has it otherwise: Jackson takes a sign for granted, and the opposite for a negative one.
            (Ok(bytes), Some(tag @ (POSITIVE_BIGNUM | NEGATIVE_BIGNUM))) => {
                let number = big_integer::from_signed_bytes(bytes, tag == NEGATIVE_BIGNUM)?;
                self.tape.number(&number, start, place(self.at))
            }
            (Ok(bytes), _) => self.tape.binary(&STANDARD.encode(bytes), start),
            (Err(kind), _) => {
                self.tape.broken(Broken::Binary, start)?;
                Err(kind)
            }
        }
    }

    /// The bytes of a string. Those of chunks are put together in `joined`.
    fn string<'s>(&mut self, head: Head, joined: &'s mut Vec<u8>, is_name: bool) -> Step<&'s [u8]>
    where
        'b: 's,
    {
        if head.argument != INDEFINITE {
            return self.chunk(head, is_name);
        }
        loop {
            let chunk = self.head()?;
            if chunk.byte == BREAK {
                return Ok(joined);
            }
            if chunk.major != head.major || chunk.argument == INDEFINITE {
                return Err(unexpected(chunk, "a chunk of the string"));
            }
            joined.extend_from_slice(self.chunk(chunk, is_name)?);
        }
    }

    fn chunk(&mut self, head: Head, is_name: bool) -> Step<&'b [u8]> {
        let length = usize::try_from(self.length(head)?).unwrap_or(usize::MAX);
        let end = self.at.saturating_add(length);
        if let Some(bytes) = self.body.get(self.at..end) {
            self.at = end;
            return Ok(bytes);
        }
        if is_name || self.api < LATER_JACKSON {
            return Err(FaultKind::Truncated(length));
        }
        self.at = self.body.len();
        Err(FaultKind::EndOfText)
    }

    /// A decimal fraction (RFC 8949 §3.4.4): a list of its exponent and its digits.
    fn decimal(&mut self) -> Step<()> {
        let mut parts = [0_i128; 2];
        for part in &mut parts {
            let head = self.head()?;
            if head.major > 1 {
                return Err(unexpected(head, "an integer"));
            }
            *part = signed_wide(head, self.argument(head)?);
        }
        let [exponent, digits] = parts;
        let double = format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN);
        let text = number::any_double_text(double);
        self.tape.number(&text, place(self.start), place(self.at))
    }

    fn simple(&mut self, head: Head) -> Step<()> {
        let start = place(self.start);
        match head.argument {
            20 => self.tape.boolean(false, start),
            21 => self.tape.boolean(true, start),
            22 | 23 => self.tape.null(start),
            25 => {
                let bits = u16::try_from(self.argument(head)?).unwrap_or_default();
                self.tape.single(&number::float_text(half(bits)), start, place(self.at))
            }
            26 => {
                let bits = u32::try_from(self.argument(head)?).unwrap_or_default();
                let text = number::float_text(f32::from_bits(bits));
                self.tape.single(&text, start, place(self.at))
            }
            27 => {
                let double = f64::from_bits(self.argument(head)?);
                let text = number::any_double_text(double);
                self.tape.number(&text, start, place(self.at))
            }
            28.. => Err(unexpected(head, "a value")),
            _ if self.api < LATER_JACKSON => Err(unexpected(head, "a value")),
            // Values that nobody has given a meaning are read as numbers.
            argument => {
                let value = self.argument(head)?;
                if argument == 24 && value < 32 {
                    return Err(unexpected(head, "a simple value from 32 on"));
                }
                self.tape.number(&value.to_string(), start, place(self.at))
            }
        }
    }
}

/// The number of a name: 64 bits, whatever the argument was.
fn signed(head: Head, argument: u64) -> i64 {
    let bits = argument.cast_signed();
    if head.major == 0 { bits } else { !bits }
}

fn signed_wide(head: Head, argument: u64) -> i128 {
    if head.major == 0 {
        i128::from(argument)
    } else {
        -1 - i128::from(argument)
    }
}

fn unexpected(head: Head, expected: &'static str) -> FaultKind {
    let found = format!("byte 0x{:02X}", head.byte);
    FaultKind::Unexpected { found, expected }
}

/// A number of half precision (RFC 8949, appendix D).
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let (exponent, fraction) = (u32::from(bits >> 10 & 0x1F), u32::from(bits & 0x3FF));
    let magnitude = match exponent {
        // 2⁻²⁴ for each unit of the fraction.
        0 => f32::from(bits & 0x3FF) * 5.960_464_5e-8,
        31 => f32::from_bits(0x7F80_0000 | fraction << 13),
        _ => f32::from_bits((exponent + 112) << 23 | fraction << 13),
    };
    f32::from_bits(magnitude.to_bits() | sign)
}

#[cfg(test)]
mod tests;
