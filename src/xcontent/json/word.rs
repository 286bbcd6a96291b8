//! What stands where a value, a name or a separator should: how far Elasticsearch's reader goes on before it says so,
//! which is the place that it names.
//!
//! It reads UTF-8 byte by byte and other encodings unit by unit. At the first byte of a character that no value starts
//! with it takes that byte for a character of Latin-1, and goes on reading from the byte after it. Line ends that it reads
//! as part of a word begin no line.

use super::fault::{Fault, FaultKind};
use super::reader::{Reader, Step};
use crate::xcontent::utf8::{self, Start, sequence_length};
use crate::xcontent::{java, utf16};

/// How much of a word the reader reads for its message, in characters.
const LONGEST_WORD: usize = 256;

/// What the reader comes to when it reads on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A character, of which it looks at the lower half only, and how many columns it takes.
    Character { unit: u16, columns: usize },
    /// Bytes that are no character, which is seen when so many have been read.
    Broken { read: usize },
    /// The end of the text.
    End,
    /// The end of the text where there should be more.
    CutOff,
}

impl Next {
    fn of_utf8(bytes: &[u8]) -> Self {
        match utf8::start(bytes) {
            Start::Character { code, length } => Self::Character {
                unit: (code & 0xFFFF).try_into().unwrap_or_default(),
                columns: length,
            },
            Start::Broken { read } => Self::Broken { read },
            Start::Nothing => Self::End,
            Start::CutOff => Self::CutOff,
        }
    }
}

/// The character that a unit is by itself: of a pair of surrogates neither half is one.
fn alone(unit: u16) -> Option<char> {
    char::from_u32(u32::from(unit))
}

impl Reader<'_> {
    /// What the reader comes to from a byte of the text on, step by step.
    fn steps(&self, at: usize) -> impl Iterator<Item = Next> {
        let mut bytes = self.counts_bytes.then(|| self.body_from(at));
        let mut units = utf16::units(self.text.get(at..).unwrap_or_default());
        let end = if self.broken.is_some() { Next::CutOff } else { Next::End };
        std::iter::from_fn(move || {
            Some(match &mut bytes {
                Some(bytes) => {
                    let next = Next::of_utf8(bytes);
                    if let Next::Character { columns, .. } = next {
                        *bytes = bytes.get(columns..).unwrap_or_default();
                    }
                    next
                }
                None => units.next().map_or(end, |unit| Next::Character { unit, columns: 1 }),
            })
        })
    }

    /// What the reader comes to at a byte of the text.
    fn next(&self, at: usize) -> Next {
        self.steps(at).next().unwrap_or(Next::End)
    }

    /// The first byte at a place, or where the reader does not read bytes the unit.
    fn first(&self, at: usize) -> Option<char> {
        if self.counts_bytes {
            return self.body_from(at).first().copied().map(char::from);
        }
        match self.next(at) {
            // Half of a pair starts nothing, as the replacement does.
            Next::Character { unit, .. } => Some(alone(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
            _ => None,
        }
    }

    /// A fault at what is no value.
    pub(super) fn no_value(&self) -> Fault {
        let fault = match self.first(self.at) {
            None => return self.end_of_text(),
            Some('+') => Some(self.no_plus()),
            Some('N') => self.mismatch(self.at, "NaN", 1),
            Some('I') => self.mismatch(self.at, "Infinity", 1),
            Some(first) => java::is_identifier_start(first).then(|| self.no_word(self.at, 1)),
        };
        fault.unwrap_or_else(|| self.unexpected("a value"))
    }

    /// A fault at what is no name.
    pub(super) fn no_name(&self) -> Fault {
        match self.next(self.at) {
            Next::End | Next::CutOff => self.end_of_text(),
            Next::Broken { read } => self.fault_behind(FaultKind::Encoding, self.at, read),
            Next::Character { columns, .. } => {
                let mut fault = self.unexpected("a field name in double quotes");
                // It is told at the character's last byte.
                fault.read_on += columns - 1;
                fault
            }
        }
    }

    /// A fault at a minus sign before an `I`, where Elasticsearch expects to read an infinity, which it refuses.
    pub(super) fn no_infinity(&self) -> Fault {
        let word = match self.first(self.at + 1) {
            None => return self.end_of_text(),
            Some('N') => "-INF",
            Some('n') => "-Infinity",
            Some(_) => {
                return self.at_character(FaultKind::Number("no digit after the sign"), self.at + 1);
            }
        };
        self.mismatch(self.at - 1, word, 3)
            .unwrap_or_else(|| self.fault(FaultKind::Number("infinity is not allowed"), self.at))
    }

    /// A fault at a plus sign, which is told at the character after it.
    fn no_plus(&self) -> Fault {
        let told_at = |at| Fault {
            offset: at,
            ..self.unexpected("a value")
        };
        match self.first(self.at + 1) {
            None => self.end_of_text(),
            Some('I') => {
                let word = match self.first(self.at + 2) {
                    None => return self.end_of_text(),
                    Some('N') => "+INF",
                    Some('n') => "+Infinity",
                    Some(_) => return told_at(self.at + 2),
                };
                self.mismatch(self.at, word, 3).unwrap_or_else(|| told_at(self.at + 2))
            }
            Some(_) => told_at(self.at + 1),
        }
    }

    /// A fault at a word of JavaScript's that is not allowed in JSON, or at what only starts as it does.
    fn mismatch(&self, start: usize, word: &str, from: usize) -> Option<Fault> {
        let rest = self.text.get(start..).unwrap_or_default();
        let same = rest
            .bytes()
            .zip(word.bytes())
            .take_while(|(one, other)| one == other)
            .count();
        if same < from {
            return None;
        }
        if same < word.len() {
            return Some(self.no_word(start, same));
        }
        Some(match self.check_end_of_word(start, word.len()) {
            Err(fault) => fault,
            Ok(()) => self.fault_behind(self.unexpected("a value").kind, start, word.len()),
        })
    }

    /// Fails if a word of ASCII of this length goes on where it should be complete.
    pub(super) fn check_end_of_word(&self, start: usize, length: usize) -> Step<()> {
        let end = start + length;
        match self.first(end) {
            Some(next) if next < '0' || matches!(next, ']' | '}') => Ok(()),
            Some(next) if self.counts_bytes && !next.is_ascii() => {
                // It takes the first byte of a character for its second one as well.
                let starts_character = u8::try_from(next).ok().and_then(sequence_length).is_some();
                let read = length + usize::from(starts_character);
                Err(self.fault_behind(FaultKind::Encoding, start, read))
            }
            Some(next) if java::is_identifier_part(next) => Err(self.no_word(start, length)),
            _ => Ok(()),
        }
    }

    /// A fault at a word that is none of those that are values, of which so many characters have been read; of UTF-8 so
    /// many bytes. Elasticsearch reads on to the word's end, and in UTF-8 the character after it, too.
    fn no_word(&self, start: usize, read: usize) -> Fault {
        let mut columns = read;
        let rest = start + self.length_of(start, read);
        for (length, next) in (read + 1..).zip(self.steps(rest)) {
            match next {
                Next::Character { unit, columns: more } => {
                    let is_part = alone(unit).is_some_and(java::is_identifier_part);
                    if is_part || self.counts_bytes {
                        columns += more;
                    }
                    if !is_part || length >= LONGEST_WORD {
                        break;
                    }
                }
                Next::Broken { read } => return self.fault_behind(FaultKind::Encoding, start, columns + read),
                Next::CutOff => return self.end_of_text(),
                Next::End => break,
            }
        }
        self.fault_behind(self.unexpected("a value").kind, start, columns)
    }

    /// How many bytes of the text so many characters take that have been read.
    fn length_of(&self, start: usize, read: usize) -> usize {
        if self.counts_bytes {
            return read;
        }
        let characters = self.text.get(start..).unwrap_or_default().chars();
        characters.take(read).map(char::len_utf8).sum()
    }

    /// A fault that is told so many columns behind a byte of the text.
    fn fault_behind(&self, kind: FaultKind, offset: usize, columns: usize) -> Fault {
        Fault {
            read_on: columns,
            ..self.fault(kind, offset)
        }
    }

    /// A fault at a backslash before what it does not escape, told at the last byte of that.
    pub(super) fn unknown_escape(&self, at: usize) -> Fault {
        match self.next(at + 1) {
            Next::End | Next::CutOff => self.end_of_text(),
            Next::Broken { read } => self.fault_behind(FaultKind::Encoding, at, 1 + read),
            Next::Character { columns, .. } => {
                let mut fault = self.at_character(FaultKind::String("unknown escape"), at);
                fault.read_on += columns;
                fault
            }
        }
    }

    /// The fault of a text that ends before its value does.
    pub(super) fn end_of_text(&self) -> Fault {
        let kind = self.broken.clone().unwrap_or(FaultKind::EndOfText);
        self.fault(kind, self.bytes.len() + self.rest.len())
    }

    /// The fault of a text that ends inside of a string: at its end, or at the first byte that is wrong.
    pub(super) fn end_of_string(&self) -> Fault {
        match utf8::start(self.rest) {
            Start::Broken { read } => self.fault(FaultKind::Encoding, self.bytes.len() + read),
            _ => self.end_of_text(),
        }
    }

    /// The fault of a text that ends inside of a name, which is looked at when its closing quote is there.
    pub(super) fn end_of_name(&self) -> Fault {
        let mut index = 0;
        while let Some(byte) = self.rest.get(index) {
            match byte {
                b'\\' => match self.escape_length(self.bytes.len() + index) {
                    Ok(length) => index += length - 1,
                    Err(fault) => return fault,
                },
                0..0x20 => {
                    return self.at_character(FaultKind::String("raw control character"), self.bytes.len() + index);
                }
                b'"' => {
                    // Whether it is long enough is looked at before what it consists of.
                    let length = self.rest.first().and_then(|first| sequence_length(*first));
                    let kind = if length.is_some_and(|length| length > index) {
                        FaultKind::EndOfText
                    } else {
                        FaultKind::Encoding
                    };
                    return self.fault(kind, self.bytes.len() + index + 1);
                }
                _ => {}
            }
            index += 1;
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
