//! Writes JSON over several lines as Elasticsearch lays it out: two blanks a level, ` : ` between name and value, each entry
//! on a line of its own, and a line end at the end.

use super::piecewise::{self, Place};
use crate::xcontent::json::Lexeme;

/// What was written last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Last {
    #[default]
    Nothing,
    /// An opening bracket.
    Opening,
    Name,
    Value,
}

/// The writer of a document.
#[derive(Debug, Default)]
pub(super) struct Writer {
    level: usize,
    last: Last,
}

impl Writer {
    /// Writes what is between the last value and the next name or value.
    fn separate(&mut self, out: &mut Vec<u8>) {
        match self.last {
            Last::Nothing | Last::Name => {}
            Last::Opening => {
                self.level += 1;
                self.begin_line(out);
            }
            Last::Value => {
                out.push(b',');
                self.begin_line(out);
            }
        }
    }

    fn begin_line(&self, out: &mut Vec<u8>) {
        out.push(b'\n');
        out.resize(out.len() + 2 * self.level, b' ');
    }

    fn value(&mut self, texts: &[&str], last: Last, out: &mut Vec<u8>) {
        self.separate(out);
        self.last = last;
        for text in texts {
            out.extend_from_slice(text.as_bytes());
        }
    }

    fn end_level(&mut self, bracket: u8, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.last, Last::Value) == Last::Opening {
            out.push(b' ');
        } else {
            self.level = self.level.saturating_sub(1);
            self.begin_line(out);
        }
        out.push(bracket);
    }
}

impl piecewise::Writer for Writer {
    fn lexeme(&mut self, lexeme: Lexeme<'_>, out: &mut Vec<u8>) {
        match lexeme {
            Lexeme::BeginObject => self.value(&["{"], Last::Opening, out),
            Lexeme::BeginList => self.value(&["["], Last::Opening, out),
            Lexeme::EndObject => self.end_level(b'}', out),
            Lexeme::EndList => self.end_level(b']', out),
            Lexeme::Name(name) => self.value(&["\"", name, "\" : "], Last::Name, out),
            Lexeme::String(string) => self.value(&["\"", string, "\""], Last::Value, out),
            Lexeme::Scalar(scalar) => self.value(&[scalar], Last::Value, out),
        }
    }

    fn part(&mut self, part: &str, place: Place, out: &mut Vec<u8>) {
        match place {
            Place::First => self.value(&["\"", part], Last::Value, out),
            Place::Middle => out.extend_from_slice(part.as_bytes()),
            Place::Last => out.extend([part.as_bytes(), b"\""].concat()),
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        out.push(b'\n');
    }
}
