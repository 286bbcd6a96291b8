//! A document that is written in a format piece by piece: what is in memory is its text, as JSON, and one piece.
//!
//! A document may have a hundred megabytes, and its layout several times as many; who asked for it may read it slowly. So
//! neither the layout nor a tree of the document is ever made. It is written twice, once to know its length.

use std::ops::Range;

use super::{cbor, pretty, smile, yaml};
use crate::es::format::Format;
use crate::es::json::{Lexeme, Lexemes};
use crate::es::version::Version;

/// About how long a piece is, in bytes.
const PIECE: usize = 256 * 1024;

/// How much of a long string is looked at at a time, in bytes of its JSON text.
const LONGEST_PART: usize = 64 * 1024;

/// Writes a document in a format, as one lexeme comes after the other.
pub(super) trait Writer {
    /// Writes what comes next. A string that comes so is whole.
    fn lexeme(&mut self, lexeme: Lexeme<'_>, out: &mut Vec<u8>);

    /// Writes a part of a long string, as it stands in JSON. Parts begin and end between characters.
    fn part(&mut self, part: &str, place: Place, out: &mut Vec<u8>);

    /// Writes what comes after the document.
    fn end(&mut self, out: &mut Vec<u8>);
}

/// Which part of a long string it is. There are two at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    First,
    Middle,
    Last,
}

/// The writer of a format.
#[derive(Debug)]
enum Kind {
    Pretty(pretty::Writer),
    Yaml(yaml::Writer),
    Cbor(cbor::Writer),
    Smile(smile::Writer),
}

impl Kind {
    fn of(format: Format, api: Version) -> Self {
        match format {
            Format::Json => Self::Pretty(pretty::Writer::default()),
            Format::Yaml => Self::Yaml(yaml::Writer::new(api)),
            Format::Cbor => Self::Cbor(cbor::Writer::new(api)),
            Format::Smile => Self::Smile(smile::Writer::default()),
        }
    }

    fn writer(&mut self) -> &mut dyn Writer {
        match self {
            Self::Pretty(writer) => writer,
            Self::Yaml(writer) => writer,
            Self::Cbor(writer) => writer,
            Self::Smile(writer) => writer,
        }
    }
}

/// A document on its way into a format: JSON laid out over several lines, or another one.
#[derive(Debug)]
pub struct Piecewise {
    text: String,
    format: Format,
    api: Version,
    progress: Progress,
    length: u64,
}

impl Piecewise {
    /// A document that stands as JSON on one line, or that document again if it would become longer than `limit` bytes.
    pub(super) fn new(text: String, format: Format, api: Version, limit: u64) -> Result<Self, String> {
        let mut counting = Progress::new(format, api);
        let (mut length, mut piece) = (0, Vec::new());
        while counting.advance(&text, &mut piece) {
            length += piece.len() as u64;
            piece.clear();
            if length > limit {
                return Err(text);
            }
        }
        Ok(Self {
            text,
            format,
            api,
            progress: Progress::new(format, api),
            length,
        })
    }

    /// How long it is as a whole, in bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// How many bytes of it the work on a piece is about, at most.
    #[must_use]
    pub fn work(&self) -> usize {
        self.text.len().min(PIECE)
    }

    /// The next piece, some hundred kilobytes; empty when it has been written to its end.
    #[must_use]
    pub fn next_piece(&mut self) -> Vec<u8> {
        let mut piece = Vec::new();
        self.progress.advance(&self.text, &mut piece);
        piece
    }

    /// All of it at once.
    #[must_use]
    pub fn whole(self) -> Vec<u8> {
        let mut progress = Progress::new(self.format, self.api);
        let mut whole = Vec::with_capacity(usize::try_from(self.length).unwrap_or_default());
        // Made as long as it gets, so that it does not exist twice while it grows.
        let mut piece = Vec::with_capacity(whole.capacity().min(PIECE + 2 * LONGEST_PART));
        while progress.advance(&self.text, &mut piece) {
            whole.append(&mut piece);
        }
        whole
    }
}

/// How far a document has been written.
#[derive(Debug)]
struct Progress {
    writer: Kind,
    /// To which byte its text has been read.
    at: usize,
    /// What of a long string has not been written.
    rest: Option<Range<usize>>,
    has_ended: bool,
}

impl Progress {
    fn new(format: Format, api: Version) -> Self {
        Self {
            writer: Kind::of(format, api),
            at: 0,
            rest: None,
            has_ended: false,
        }
    }

    /// Adds a piece, and says whether there was one.
    fn advance(&mut self, text: &str, piece: &mut Vec<u8>) -> bool {
        let writer = self.writer.writer();
        while piece.len() < PIECE {
            if let Some(rest) = self.rest.take() {
                let string = text.get(rest.clone()).unwrap_or_default();
                let length = part_length(string);
                let is_last = length == string.len();
                let place = if is_last { Place::Last } else { Place::Middle };
                writer.part(string.get(..length).unwrap_or_default(), place, piece);
                self.rest = (!is_last).then(|| rest.start + length..rest.end);
                continue;
            }
            let mut lexemes = Lexemes::after(text, self.at);
            match lexemes.next() {
                Some(Lexeme::String(string)) if string.len() > LONGEST_PART => {
                    let length = part_length(string);
                    if length == string.len() {
                        writer.lexeme(Lexeme::String(string), piece);
                    } else {
                        writer.part(string.get(..length).unwrap_or_default(), Place::First, piece);
                        let end = lexemes.at() - 1;
                        self.rest = Some(end + length - string.len()..end);
                    }
                }
                Some(lexeme) => writer.lexeme(lexeme, piece),
                None if self.has_ended => break,
                None => {
                    self.has_ended = true;
                    writer.end(piece);
                }
            }
            self.at = lexemes.at();
        }
        !piece.is_empty()
    }
}

/// How much of a string, as JSON has it, is taken for its next part: up to a place where neither an escape nor a character
/// nor what a half of one belongs to is cut.
fn part_length(string: &str) -> usize {
    if string.len() <= LONGEST_PART {
        return string.len();
    }
    let mut at = 0;
    let mut is_after_half = false;
    while at < LONGEST_PART || is_after_half {
        let rest = string.get(at..).unwrap_or_default();
        let ahead = LONGEST_PART.saturating_sub(at).max(1);
        let plain = memchr::memchr(b'\\', rest.as_bytes().get(..ahead.min(rest.len())).unwrap_or_default());
        let (length, is_half) = match plain {
            None if rest.is_empty() => break,
            None if is_after_half => (rest.chars().next().map_or(1, char::len_utf8), false),
            None => (ceiling(rest, ahead.min(rest.len())), false),
            Some(0) => escape_length(rest),
            Some(plain) => (plain, false),
        };
        at += length;
        is_after_half = is_half;
    }
    at.min(string.len())
}

/// The next place at or after this byte between two characters.
fn ceiling(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// How long the escape is that a text begins with, and whether it is the first half of a character.
fn escape_length(text: &str) -> (usize, bool) {
    if text.as_bytes().get(1) != Some(&b'u') {
        return (2, false);
    }
    let unit = text.get(2..6).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    (6, unit.is_some_and(|unit| (0xD800..0xDC00).contains(&unit)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORMATS: [Format; 4] = [Format::Json, Format::Yaml, Format::Cbor, Format::Smile];

    fn pieces(text: &str, format: Format, api: Version) -> Vec<Vec<u8>> {
        let mut document = Piecewise::new(text.to_owned(), format, api, u64::MAX).expect("no limit");
        let length = document.length();
        let mut pieces = Vec::new();
        loop {
            let piece = document.next_piece();
            if piece.is_empty() {
                break;
            }
            pieces.push(piece);
        }
        assert_eq!(pieces.iter().map(|piece| piece.len() as u64).sum::<u64>(), length);
        pieces
    }

    #[test]
    fn a_long_document_comes_in_pieces_and_is_as_long_as_it_said() {
        let list = vec!["[1,\"x\"]"; 200_000].join(",");
        let text = format!("{{\"a\":[{list}]}}");
        for format in FORMATS {
            let pieces = pieces(&text, format, Version::new(9, 5, 3));
            assert!(pieces.len() > 2, "{format:?}: {}", pieces.len());
            assert!(pieces.iter().all(|piece| piece.len() < 2 * PIECE));
            assert_eq!(pieces.concat(), format.write(text.clone(), true, Version::new(9, 5, 3)));
        }
    }

    #[test]
    fn what_would_become_too_long_is_given_back() {
        let given_back = Piecewise::new("[1,2]".to_owned(), Format::Yaml, Version::BASE, 3);
        assert_eq!(given_back.expect_err("it is longer"), "[1,2]");
    }

    /// A string of so many parts, of which the first is cut in several places, is written as it would be as a whole: here
    /// in formats where no other lexeme takes part in it.
    fn assert_parts_are_one(string: &str) {
        let mut lengths = Vec::new();
        let mut rest = string;
        while !rest.is_empty() {
            let length = part_length(rest);
            assert!(length > 0);
            lengths.push(length);
            rest = &rest[length..];
        }
        if lengths.len() < 2 {
            return; // It is written as a whole: it has halves of characters only.
        }
        for api in [Version::BASE, Version::new(7, 8, 1), Version::new(9, 5, 3)] {
            for format in FORMATS {
                let mut whole = Vec::new();
                let mut writer = Kind::of(format, api);
                writer.writer().lexeme(Lexeme::String(string), &mut whole);
                let mut parts = Vec::new();
                let mut writer = Kind::of(format, api);
                let mut start = 0;
                for (number, length) in lengths.iter().enumerate() {
                    let place = match number {
                        0 => Place::First,
                        _ if number + 1 == lengths.len() => Place::Last,
                        _ => Place::Middle,
                    };
                    writer.writer().part(&string[start..start + length], place, &mut parts);
                    start += length;
                }
                assert!(whole == parts, "{format:?} {api} of a string of {}", string.len());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_long_string_is_written_in_parts_as_it_is_as_a_whole(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "a", " ", "  ", "é", "日", "\\n", "\\\\", "\\\"", "\\u0001", "\\uD83D\\uDE00", "\\uD83D", "\\uDE00", "\u{85}",
                    "long words without a blank", "\\uD800A",
                ]),
                1..40,
            ),
            shift in 0_usize..40,
        ) {
            let unit = words.concat();
            let string = "x".repeat(shift) + &unit.repeat(3 * LONGEST_PART / unit.len() + 1);
            assert_parts_are_one(&string);
        }
    }
}
