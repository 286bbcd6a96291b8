//! The values of SMILE that are longer than their first byte says: numbers, bytes and strings with an end mark.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Step;
use super::head::{ValueHead, signed_ascii, zigzag};
use super::read::{Reader, place};
use crate::xcontent::format::{MIDDLE_JACKSON, big_integer};
use crate::xcontent::json::{Broken, FaultKind};
use crate::xcontent::number;

/// How many bytes a number of 32 bits, one of 64 and a length may have besides their last.
const MOST_INT_BYTES: usize = 4;
const MOST_LONG_BYTES: usize = 10;
const MOST_LENGTH_BYTES: usize = 5;
/// The first bytes of a number of 64 bits, so many of them, never end it.
const FIRST_LONG_BYTES: usize = 4;

impl Reader<'_> {
    /// Reads a value whose first byte has been read. What it is, is known even where it is broken.
    pub(super) fn long_value(&mut self, head: ValueHead) -> Step<()> {
        let start = place(self.start);
        match head {
            ValueHead::LongAscii => {
                let (bytes, has_end) = self.until_end_mark();
                if let Err(kind) = self.pass(bytes, has_end) {
                    return self.broken_string(kind);
                }
                self.tape.string(&signed_ascii(bytes), start)
            }
            ValueHead::LongUnicode => match self.long_unicode() {
                Ok(text) => self.tape.string(&text, start),
                Err(kind) => self.broken_string(kind),
            },
            ValueHead::Binary | ValueHead::RawBinary => match self.binary(head) {
                Ok(bytes) => self.tape.binary(&STANDARD.encode(bytes), start),
                Err(kind) => self.broken(Broken::Binary, kind),
            },
            ValueHead::Float => match self.seven_bits(5) {
                Ok(bits) => {
                    let float = f32::from_bits(u32::try_from(bits & 0xFFFF_FFFF).unwrap_or_default());
                    // Earlier ones take it for the double that it is.
                    if self.api < MIDDLE_JACKSON {
                        let text = number::any_double_text(f64::from(float));
                        return self.tape.number(&text, start, place(self.at));
                    }
                    self.tape.single(&number::float_text(float), start, place(self.at))
                }
                Err(kind) => self.broken(Broken::Number, kind),
            },
            // Read at once; the others when they are asked for.
            ValueHead::Int => {
                let text = self.number(head)?;
                self.tape.number(&text, start, place(self.at))
            }
            _ => match self.number(head) {
                Ok(text) => self.tape.number(&text, start, place(self.at)),
                Err(kind) => self.broken(Broken::Number, kind),
            },
        }
    }

    fn broken(&mut self, value: Broken, kind: FaultKind) -> Step<()> {
        self.tape.broken(value, place(self.start))?;
        Err(kind)
    }

    pub(super) fn broken_string(&mut self, kind: FaultKind) -> Step<()> {
        self.broken(Broken::String, kind)
    }

    fn number(&mut self, head: ValueHead) -> Step<String> {
        match head {
            ValueHead::Int => {
                // Bits beyond the 32nd are lost.
                let bits = self.variable(MOST_INT_BYTES)? & 0xFFFF_FFFF;
                Ok(zigzag(bits).to_string())
            }
            ValueHead::Long => Ok(zigzag(self.long()?).to_string()),
            ValueHead::Double => {
                let bits = self.seven_bits(10)?;
                Ok(number::any_double_text(f64::from_bits(bits)))
            }
            ValueHead::BigInteger => {
                let bytes = self.binary(ValueHead::Binary)?;
                big_integer::from_signed_bytes(&bytes, false)
            }
            _ => {
                let scale = zigzag(self.variable(MOST_LENGTH_BYTES)? & 0xFFFF_FFFF);
                let bytes = self.binary(ValueHead::Binary)?;
                let digits = big_integer::from_signed_bytes(&bytes, false)?;
                let double = format!("{digits}e{}", -scale).parse().unwrap_or(f64::NAN);
                Ok(number::any_double_text(double))
            }
        }
    }

    /// A number of any length: seven bits a byte, six in the last, whose highest bit is set.
    fn variable(&mut self, most: usize) -> Step<u64> {
        self.variable_from(0, self.at, most)
    }

    /// A number of 64 bits, which has its first bytes in any case.
    fn long(&mut self) -> Step<u64> {
        let head_end = self.at;
        let mut first: i32 = 0;
        for _ in 0..FIRST_LONG_BYTES {
            first = (first << 7).wrapping_add(i32::from(self.byte()?.cast_signed()));
        }
        self.variable_from(
            i64::from(first).cast_unsigned(),
            head_end,
            MOST_LONG_BYTES - FIRST_LONG_BYTES,
        )
    }

    fn variable_from(&mut self, mut number: u64, head_end: usize, most: usize) -> Step<u64> {
        for _ in 0..=most {
            let byte = self.byte()?;
            if byte & 0x80 != 0 {
                return Ok(number << 6 | u64::from(byte & 0x3F));
            }
            number = number << 7 | u64::from(byte);
        }
        self.at = head_end;
        Err(FaultKind::Number("it has too many bytes"))
    }

    /// So many bytes, seven bits of each. One that has the eighth bit is taken as Java's signed byte.
    fn seven_bits(&mut self, length: usize) -> Step<u64> {
        let Some(bytes) = self.body.get(self.at..self.at + length) else {
            self.at = self.body.len();
            return Err(FaultKind::EndOfText);
        };
        self.at += length;
        let append = |bits: i64, byte: &u8| (bits << 7).wrapping_add(i64::from(byte.cast_signed()));
        Ok(bytes.iter().fold(0, append).cast_unsigned())
    }

    fn binary(&mut self, head: ValueHead) -> Step<Vec<u8>> {
        let length = usize::try_from(self.variable(MOST_LENGTH_BYTES)?).unwrap_or(usize::MAX);
        let rest = self.body.get(self.at..).unwrap_or_default();
        if head == ValueHead::RawBinary {
            let Some(bytes) = rest.get(..length) else {
                self.at = self.body.len();
                return Err(FaultKind::EndOfText);
            };
            self.at += length;
            return Ok(bytes.to_vec());
        }
        // Seven bytes are sent in eight; of fewer each gives a bit to one byte more.
        let sent = (length / 7)
            .saturating_mul(8)
            .saturating_add(length % 7 + usize::from(length % 7 > 0));
        let Some(groups) = rest.get(..sent) else {
            self.at += rest.len() / 8 * 8;
            return Err(FaultKind::EndOfText);
        };
        self.at += sent;
        Ok(groups.chunks(8).flat_map(group).collect())
    }
}

/// The bytes of one group: of eight bytes seven, of fewer one less.
fn group(sent: &[u8]) -> impl Iterator<Item = u8> {
    let count = sent.len().saturating_sub(1);
    let (last, first) = sent.split_last().unwrap_or((&0, &[]));
    let bits = first
        .iter()
        .fold(0_u64, |bits, byte| bits << 7 | u64::from(byte & 0x7F));
    let bits = bits << count | u64::from(last & 0x7F);
    bits.to_be_bytes().into_iter().skip(8 - count)
}
