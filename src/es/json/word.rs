//! What stands where a value, a name or a separator should: how far Elasticsearch's reader goes on before it says so,
//! which is the place that it names.
//!
//! It reads UTF-8 byte by byte and other encodings unit by unit. At the first byte of a character that no value starts
//! with it takes that byte for a character of Latin-1, and goes on reading from the byte after it.

use super::encoding::Encoding;
use super::fault::{Fault, FaultKind};
use super::reader::{Reader, Step};
use crate::es::utf8::sequence_length;
use crate::es::{java, utf16};

/// How much of a word the reader reads for its message, in characters.
const LONGEST_WORD: usize = 256;

impl Reader<'_> {
    /// The character at a place and how many bytes of the body it takes.
    pub(super) fn character(&self, at: usize) -> Option<(char, usize)> {
        let character = self.text.get(at..)?.chars().next()?;
        // A lone surrogate takes three bytes, its stand-in four.
        let is_surrogate = utf16::surrogate(character).is_some();
        Some((
            character,
            character.len_utf8() - usize::from(is_surrogate && self.counts_bytes),
        ))
    }

    /// A fault at what is no value.
    pub(super) fn no_value(&self) -> Fault {
        let Some((first, length)) = self.character(self.at) else {
            return self.no_value_behind();
        };
        let rest = self.text.get(self.at..).unwrap_or_default();
        let fault = match first {
            '+' => Some(self.no_plus()),
            'N' => self.mismatch(rest, "NaN", 1),
            'I' => self.mismatch(rest, "Infinity", 1),
            _ if first.is_ascii() || !self.counts_bytes => {
                java::is_identifier_start(first).then(|| self.no_word(self.at + length))
            }
            _ => {
                let mut bytes = [0; 4];
                let first = first.encode_utf8(&mut bytes).bytes().next().map(char::from);
                // The second byte of a character starts none.
                first
                    .is_some_and(java::is_identifier_start)
                    .then(|| self.fault(FaultKind::Encoding, self.at + 2))
            }
        };
        fault.unwrap_or_else(|| self.unexpected("a value"))
    }

    /// As [`Self::no_value`] where the text has ended.
    fn no_value_behind(&self) -> Fault {
        let Some((first, rest)) = self.rest.split_first() else {
            return self.end_of_text();
        };
        let mut fault = self.unexpected("a value");
        if java::is_identifier_start(char::from(*first)) {
            let decoded = Encoding::Utf8.decode(rest);
            let behind = Reader::new(&decoded, Encoding::Utf8, self.dialect).no_word(0);
            fault.kind = behind.kind;
            fault.offset += 1 + behind.offset;
        }
        fault
    }

    /// A fault at what is no name.
    pub(super) fn no_name(&self) -> Fault {
        match self.character(self.at) {
            None => self.end_of_string(),
            Some((_, length)) => {
                let mut fault = self.unexpected("a field name in double quotes");
                if self.counts_bytes {
                    fault.offset += length - 1;
                }
                fault
            }
        }
    }

    /// A fault at a minus sign before an `I`, where Elasticsearch expects to read an infinity, which it refuses.
    pub(super) fn no_infinity(&self) -> Fault {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word = match rest.as_bytes().get(1) {
            None => return self.end_of_text(),
            Some(b'N') => "INF",
            Some(b'n') => "Infinity",
            Some(_) => {
                return self.at_character(FaultKind::Number("no digit after the sign"), self.at + 1);
            }
        };
        self.mismatch(rest, word, 2)
            .unwrap_or_else(|| self.fault(FaultKind::Number("infinity is not allowed"), self.at))
    }

    /// A fault at a plus sign, which is told at the character after it.
    fn no_plus(&self) -> Fault {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word = match rest.as_bytes().get(1..) {
            Some([b'I', b'N', ..]) => "+INF",
            Some([b'I', ..]) => "+Infinity",
            None | Some([]) if self.rest.is_empty() => return self.end_of_text(),
            _ => "",
        };
        self.mismatch(rest, word, 3).unwrap_or_else(|| Fault {
            offset: self.at + 1,
            ..self.unexpected("a value")
        })
    }

    /// A fault at a word of JavaScript's that is not allowed in JSON, or at what only starts as it does.
    fn mismatch(&self, rest: &str, word: &str, from: usize) -> Option<Fault> {
        let same = rest
            .bytes()
            .zip(word.bytes())
            .take_while(|(one, other)| one == other)
            .count();
        if same < from {
            return None;
        }
        if same < word.len() {
            return Some(self.no_word(self.at + same));
        }
        let end = self.at + word.len();
        Some(match self.check_end_of_word(end) {
            Err(fault) => fault,
            Ok(()) => Fault {
                offset: end,
                read_on: 0,
                ..self.unexpected("a value")
            },
        })
    }

    /// Fails if a word goes on at a place where it should be complete.
    pub(super) fn check_end_of_word(&self, end: usize) -> Step<()> {
        match self.character(end) {
            Some((next, _)) if next < '0' || matches!(next, ']' | '}') => Ok(()),
            Some((next, _)) if !next.is_ascii() && self.counts_bytes => {
                // It takes the first byte of the character for its second one as well.
                Err(self.fault(FaultKind::Encoding, end + 1))
            }
            Some((next, _)) if java::is_identifier_part(next) => Err(self.no_word(end)),
            None if !self.rest.is_empty() => Err(self.fault(FaultKind::Encoding, end + 1)),
            _ => Ok(()),
        }
    }

    /// A fault at a word that is none of those that are values. Elasticsearch reads on from `at` to the word's end.
    fn no_word(&self, mut at: usize) -> Fault {
        let fault = Fault {
            read_on: 0,
            ..self.unexpected("a value")
        };
        let mut length = at - self.at;
        while let Some((next, bytes)) = self.character(at) {
            let is_part = java::is_identifier_part(next);
            if self.counts_bytes && matches!(next, '\n' | '\r') {
                // It is read as any character, so the line goes on.
                return Fault {
                    offset: at,
                    read_on: 1,
                    ..fault
                };
            }
            if is_part || self.counts_bytes {
                // The character after the word was read, too.
                at += bytes;
            }
            length += 1;
            if !is_part || length >= LONGEST_WORD {
                return Fault { offset: at, ..fault };
            }
        }
        if self.rest.is_empty() {
            return Fault { offset: at, ..fault };
        }
        self.end_of_string()
    }

    /// The fault of a text that ends before its value does.
    pub(super) fn end_of_text(&self) -> Fault {
        let kind = match self.broken {
            None => FaultKind::EndOfText,
            Some(why) => FaultKind::Conversion(why),
        };
        self.fault(kind, self.bytes.len() + self.rest.len())
    }

    /// The fault of a text that ends inside of a string: at its end, or at the first byte that is wrong.
    pub(super) fn end_of_string(&self) -> Fault {
        if self.rest.is_empty() {
            return self.end_of_text();
        }
        let (is_cut_off, length) = broken_at(self.rest);
        if is_cut_off {
            self.end_of_text()
        } else {
            self.fault(FaultKind::Encoding, self.bytes.len() + length)
        }
    }

    /// The fault of a text that ends inside of a name, which is looked at when its closing quote is there.
    pub(super) fn end_of_name(&self) -> Fault {
        let mut bytes = self.rest.iter().enumerate();
        while let Some((index, byte)) = bytes.next() {
            match byte {
                b'\\' => _ = bytes.next(),
                0..0x20 => {
                    return self.at_character(FaultKind::String("raw control character"), self.bytes.len() + index);
                }
                b'"' => {
                    // Whether it is long enough is looked at before what it consists of.
                    let kind = if length_of_first(self.rest) > index {
                        FaultKind::EndOfText
                    } else {
                        FaultKind::Encoding
                    };
                    return self.fault(kind, self.bytes.len() + index + 1);
                }
                _ => {}
            }
        }
        self.end_of_text()
    }

    /// A fault at what stands here.
    pub(super) fn unexpected(&self, expected: &'static str) -> Fault {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .take(40)
            .collect();
        let found = match rest.chars().next() {
            None => match self.rest.first() {
                None => "end of the text".to_owned(),
                Some(byte) => format!("byte 0x{byte:02x}"),
            },
            Some(_) if !word.is_empty() => format!("token '{word}'"),
            Some(character) => format!("character '{}'", character.escape_default()),
        };
        self.at_character(FaultKind::Unexpected { found, expected }, self.at)
    }
}

/// Of bytes that start with no character: whether they are only cut off, and up to where the reader reads them.
fn broken_at(bytes: &[u8]) -> (bool, usize) {
    let length = length_of_first(bytes);
    if length == 1 {
        return (false, 1);
    }
    let following = bytes.iter().skip(1).take(length - 1);
    match following.clone().position(|byte| byte & 0xC0 != 0x80) {
        Some(index) => (false, index + 2),
        None => (true, bytes.len()),
    }
}

/// How many bytes the first character should have; 1 where none starts there.
fn length_of_first(bytes: &[u8]) -> usize {
    bytes.first().and_then(|first| sequence_length(*first)).unwrap_or(1)
}
