//! Writes SMILE as Elasticsearch does: with references to names, not to strings, and with bytes as they are.

use std::collections::HashMap;

use super::{END_OF_STRING, HAS_RAW_BINARY, MAX_SHARED, SHARES_NAMES, SIGNATURE};
use crate::es::format::{big_integer, whole_characters};
use crate::es::json::{Node, Token};

/// The longest name that is referred back to, in bytes.
const LONGEST_SHARED: usize = 64;
/// Low bytes from this one on would look like the end of a string or of the content, so that no reference has them.
const UNUSABLE: usize = 0xFE;
/// The longest string of ASCII that is looked at before it is written; for each unit of it there may be three bytes.
const LONGEST_EXAMINED: usize = 2666;

/// The bytes of a value, with a header.
pub(in crate::es::format) fn write(root: Node<'_>) -> Vec<u8> {
    let mut writer = Writer {
        out: [SIGNATURE, &[SHARES_NAMES | HAS_RAW_BINARY]].concat(),
        names: HashMap::new(),
        names_written: 0,
    };
    writer.value(root);
    writer.out
}

struct Writer {
    out: Vec<u8>,
    /// The names that can be referred back to.
    names: HashMap<String, usize>,
    /// How many names have been written, with those that no reference can name.
    names_written: usize,
}

impl Writer {
    fn value(&mut self, node: Node<'_>) {
        match node.token() {
            Token::Object => {
                self.out.push(0xFA);
                for member in node.members() {
                    self.name(&member.name);
                    self.value(member.value);
                }
                self.out.push(0xFB);
            }
            Token::Array => {
                self.out.push(0xF8);
                node.elements().for_each(|element| self.value(element));
                self.out.push(0xF9);
            }
            Token::Number => self.number(node.as_number().unwrap_or_default()),
            Token::Boolean => self.out.push(if node.as_boolean() == Some(true) { 0x23 } else { 0x22 }),
            Token::String | Token::Binary => self.string(&node.as_text().unwrap_or_default()),
            Token::Null | Token::Nothing => self.out.push(0x21),
        }
    }

    fn name(&mut self, name: &str) {
        let name = &*whole_characters(name);
        match self.names.get(name) {
            Some(index) if *index < 64 => {
                self.out.push(0x40 | low_byte(*index));
                return;
            }
            Some(index) => {
                self.out.extend([0x30 | low_byte(*index >> 8), low_byte(*index)]);
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
        self.out.push(head);
        self.out.extend_from_slice(name.as_bytes());
        if head == 0x34 {
            self.out.push(END_OF_STRING);
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

    fn string(&mut self, text: &str) {
        let text = &*whole_characters(text);
        let (length, is_ascii) = (text.len(), text.is_ascii());
        let head = match (is_ascii, length) {
            (_, 0) => 0x20,
            (true, 1..=64) => low_byte(0x40 + length - 1),
            (false, 2..=64) => low_byte(0x80 + length - 2),
            (true, ..=LONGEST_EXAMINED) => 0xE0,
            _ => 0xE4,
        };
        self.out.push(head);
        self.out.extend_from_slice(text.as_bytes());
        if matches!(head, 0xE0 | 0xE4) {
            self.out.push(END_OF_STRING);
        }
    }

    fn number(&mut self, text: &str) {
        if let Ok(whole) = text.parse::<i64>() {
            self.integer(whole);
        } else if text.contains(['.', 'e', 'E']) {
            let bits = text.parse::<f64>().unwrap_or(f64::NAN).to_bits();
            self.out.push(0x29);
            let sevens = (0..10).rev().map(|group| seven_bits(bits >> (7 * group)));
            self.out.extend(sevens);
        } else {
            let bytes = big_integer::to_signed_bytes(text);
            self.out.push(0x26);
            self.variable(u64::try_from(bytes.len()).unwrap_or_default());
            self.in_sevens(&bytes);
        }
    }

    fn integer(&mut self, number: i64) {
        let zigzag = (number << 1 ^ number >> 63).cast_unsigned();
        match zigzag {
            0..32 => self.out.push(0xC0 | low_bits(zigzag, 0x1F)),
            _ if i32::try_from(number).is_ok() => {
                self.out.push(0x24);
                self.variable(zigzag);
            }
            _ => {
                self.out.push(0x25);
                self.variable(zigzag);
            }
        }
    }

    /// Seven bits a byte, six in the last, whose highest bit is set.
    fn variable(&mut self, number: u64) {
        let mut rest = number >> 6;
        let mut bytes = vec![0x80 | low_bits(number, 0x3F)];
        while rest > 0 {
            bytes.push(seven_bits(rest));
            rest >>= 7;
        }
        self.out.extend(bytes.into_iter().rev());
    }

    /// Seven bits a byte; the last has what is left.
    fn in_sevens(&mut self, bytes: &[u8]) {
        for group in bytes.chunks(7) {
            let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            let sevens = (1..=group.len()).map(|count| seven_bits(bits >> (8 * group.len() - 7 * count)));
            self.out.extend(sevens);
            let last = (1_u64 << group.len()) - 1;
            self.out.push(low_bits(bits & last, 0x7F));
        }
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
