//! A document that is written in a format piece by piece: what is in memory is its text, as JSON, and one piece.
//!
//! A document may have a hundred megabytes, and its layout several times as many; who asked for it may read it slowly. So
//! neither the layout nor a tree of the document is ever made. It is written twice, once to know its length.

mod parts;
mod writer;

use std::ops::Range;

use crate::xcontent::format::Format;
use crate::xcontent::json::{Lexeme, Lexemes};
use crate::xcontent::version::Version;
use parts::{LONGEST_PART, part_length};
use writer::Kind;
pub(super) use writer::{Place, Writer};

/// About how long a piece is, in bytes.
const PIECE: usize = 256 * 1024;

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

    /// The next piece, a few hundred kilobytes; empty when it has been written to its end.
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

#[cfg(test)]
mod tests;
