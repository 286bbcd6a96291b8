//! Writes SMILE as Elasticsearch does: with references to names, not to strings, and with bytes as they are.

use std::collections::HashMap;

use super::{END_OF_STRING, HAS_RAW_BINARY, MAX_SHARED, SHARES_NAMES, SIGNATURE};
use crate::xcontent::format::piecewise::{self, Place};
use crate::xcontent::format::{LONGEST_INTEGER, big_integer, whole_characters};
use crate::xcontent::json::{Lexeme, Lexemes};

/// The longest name that is referred back to, in bytes.
const LONGEST_SHARED: usize = 64;
/// Low bytes from this one on would look like the end of a string or of the content, so that no reference has them.
const UNUSABLE: usize = 0xFE;
/// The longest string of ASCII that is looked at before it is written; for each unit of it there may be three bytes.
const LONGEST_EXAMINED: usize = 2666;
/// What a string begins with whose length is not looked at.
const LONG_STRING: u8 = 0xE4;

/// The writer of a document.
#[derive(Debug, Default)]
pub(in crate::xcontent::format) struct Writer {
    has_begun: bool,
    /// The names that can be referred back to.
    names: HashMap<String, usize>,
    /// How many names have been written, with those that no reference can name.
    names_written: usize,
}

impl piecewise::Writer for Writer {
    fn lexeme(&mut self, lexeme: Lexeme<'_>, out: &mut Vec<u8>) {
        self.begin(out);
        match lexeme {
            Lexeme::BeginObject => out.push(0xFA),
            Lexeme::EndObject => out.push(0xFB),
            Lexeme::BeginList => out.push(0xF8),
            Lexeme::EndList => out.push(0xF9),
            Lexeme::Name(name) => self.name(&Lexemes::decode(name), out),
            Lexeme::String(text) => string(&Lexemes::decode(text), out),
            Lexeme::Scalar("true") => out.push(0x23),
            Lexeme::Scalar("false") => out.push(0x22),
            Lexeme::Scalar("null") => out.push(0x21),
            Lexeme::Scalar(number) => self::number(number, out),
        }
    }

    fn part(&mut self, part: &str, place: Place, out: &mut Vec<u8>) {
        if place == Place::First {
            self.begin(out);
            out.push(LONG_STRING);
        }
        out.extend_from_slice(whole_characters(&Lexemes::decode(part)).as_bytes());
        if place == Place::Last {
            out.push(END_OF_STRING);
        }
    }

    fn end(&mut self, _: &mut Vec<u8>) {}
}

impl Writer {
    /// Writes the header, once.
    fn begin(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.has_begun, true) {
            out.extend([SIGNATURE, &[SHARES_NAMES | HAS_RAW_BINARY]].concat());
        }
    }

    fn name(&mut self, name: &str, out: &mut Vec<u8>) {
        let name = &*whole_characters(name);
        match self.names.get(name) {
            Some(index) if *index < 64 => {
                out.push(0x40 | low_byte(*index));
                return;
            }
            Some(index) => {
                out.extend([0x30 | low_byte(*index >> 8), low_byte(*index)]);
                return;
            }
            None => {}
        }
        let length = name.len();
        let head = match length {
            0 => 0x20,
            1..=64 if name.is_ascii() => low_byte(0x80 + length - 1),
            2..=57 if !name.is_ascii() => low_byte(0xC0 + length - 2),
            _ => 0x34,
        };
        out.push(head);
        out.extend_from_slice(name.as_bytes());
        if head == 0x34 {
            out.push(END_OF_STRING);
        } else if length > 0 && length <= LONGEST_SHARED {
            self.remember(name);
        }
    }

    fn remember(&mut self, name: &str) {
        if self.names_written == MAX_SHARED {
            self.names.clear();
            self.names_written = 0;
        }
        if self.names_written & 0xFF < UNUSABLE {
            self.names.insert(name.to_owned(), self.names_written);
        }
        self.names_written += 1;
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    let text = &*whole_characters(text);
    let (length, is_ascii) = (text.len(), text.is_ascii());
    let head = match (is_ascii, length) {
        (_, 0) => 0x20,
        (true, 1..=64) => low_byte(0x40 + length - 1),
        (false, 2..=64) => low_byte(0x80 + length - 2),
        (true, ..=LONGEST_EXAMINED) => 0xE0,
        _ => LONG_STRING,
    };
    out.push(head);
    out.extend_from_slice(text.as_bytes());
    if matches!(head, 0xE0 | LONG_STRING) {
        out.push(END_OF_STRING);
    }
}

fn number(text: &str, out: &mut Vec<u8>) {
    if let Ok(whole) = text.parse::<i64>() {
        integer(whole, out);
    } else if text.contains(['.', 'e', 'E']) {
        let bits = text.parse::<f64>().unwrap_or(f64::NAN).to_bits();
        out.push(0x29);
        let sevens = (0..10).rev().map(|group| seven_bits(bits >> (7 * group)));
        out.extend(sevens);
    } else if text.len() > LONGEST_INTEGER {
        string(text, out);
    } else {
        let bytes = big_integer::to_signed_bytes(text);
        out.push(0x26);
        variable(u64::try_from(bytes.len()).unwrap_or_default(), out);
        in_sevens(&bytes, out);
    }
}

fn integer(number: i64, out: &mut Vec<u8>) {
    let zigzag = (number << 1 ^ number >> 63).cast_unsigned();
    match zigzag {
        0..32 => out.push(0xC0 | low_bits(zigzag, 0x1F)),
        _ if i32::try_from(number).is_ok() => {
            out.push(0x24);
            variable(zigzag, out);
        }
        _ => {
            out.push(0x25);
            variable(zigzag, out);
        }
    }
}

/// Seven bits a byte, six in the last, whose highest bit is set.
fn variable(number: u64, out: &mut Vec<u8>) {
    let mut rest = number >> 6;
    let mut bytes = vec![0x80 | low_bits(number, 0x3F)];
    while rest > 0 {
        bytes.push(seven_bits(rest));
        rest >>= 7;
    }
    out.extend(bytes.into_iter().rev());
}

/// Seven bits a byte; the last has what is left.
fn in_sevens(bytes: &[u8], out: &mut Vec<u8>) {
    for group in bytes.chunks(7) {
        let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let sevens = (1..=group.len()).map(|count| seven_bits(bits >> (8 * group.len() - 7 * count)));
        out.extend(sevens);
        let last = (1_u64 << group.len()) - 1;
        out.push(low_bits(bits & last, 0x7F));
    }
}

fn low_byte(number: usize) -> u8 {
    number.to_le_bytes().first().copied().unwrap_or_default()
}

fn low_bits(number: u64, mask: u8) -> u8 {
    number.to_le_bytes().first().copied().unwrap_or_default() & mask
}

fn seven_bits(number: u64) -> u8 {
    low_bits(number, 0x7F)
}
