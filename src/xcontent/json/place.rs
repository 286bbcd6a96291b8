//! Where something stands in a body, as Elasticsearch names places: line and column, or byte.

use std::fmt;

use super::{Document, Fault, Node, tape};

/// A place in a text as Elasticsearch counts: from 1, columns in bytes of UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line; `\n`, `\r` and `\r\n` each end one. None in a format without lines.
    pub line: Option<usize>,
    /// The byte within the line; in UTF-16 and UTF-32 the unit of UTF-16. Without lines the byte of the body, from 0.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{line}:{}", self.column),
            None => write!(f, "-1:{}", self.column),
        }
    }
}

impl Document<'_> {
    /// What is named as the place of a value that is not there.
    #[must_use]
    pub fn place_of_nothing(&self) -> Place {
        let nowhere = Place {
            line: Some(1),
            column: 0,
        };
        tape::place(&self.spots, 0).unwrap_or(nowhere)
    }

    /// The line and column that are told of a fault.
    #[must_use]
    pub fn place_of(&self, fault: &Fault) -> Place {
        let place = self.place(fault.offset);
        Place {
            column: place.column + fault.read_on,
            ..place
        }
    }

    /// The line and column right behind a value that is no object or list.
    #[must_use]
    pub fn place_behind(&self, value: Node<'_>) -> Place {
        let last = value.end().saturating_sub(1);
        tape::place(&self.spots, last).unwrap_or_else(|| self.place(value.end()))
    }

    /// The line and column of a byte of the text. Takes time in proportion to the text: for messages only.
    #[must_use]
    pub fn place(&self, offset: usize) -> Place {
        if let Some(place) = tape::place(&self.spots, offset) {
            return place;
        }
        // A fault may stand inside of a character, or behind the text, among the bytes that are none.
        let is_boundary = |offset: &usize| self.text.is_char_boundary(*offset);
        let boundary = (0..=offset.min(self.text.len())).rev().find(is_boundary);
        let before = self.text.get(..boundary.unwrap_or_default()).unwrap_or_default();
        let mut line = 1;
        let mut line_start = 0;
        let mut bytes = before.bytes().enumerate().peekable();
        while let Some((index, byte)) = bytes.next() {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.peek().is_none_or(|(_, next)| *next != b'\n'),
                _ => false,
            };
            if ends_line {
                line += 1;
                line_start = index + 1;
            }
        }
        let mark = if line == 1 { self.skipped } else { 0 };
        let columns = self.encoding.columns(before.get(line_start..).unwrap_or_default());
        let behind = offset - before.len();
        let shift = self.shifts.at(offset) - self.shifts.at(line_start);
        Place {
            line: Some(line),
            column: (columns + behind + 1 + mark).saturating_add_signed(shift),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// create-job.md §2, positions: from 1, in bytes of UTF-8, and three kinds of line ends.
    #[test]
    fn places_count_bytes_and_all_line_ends() {
        let text = "{\n\"ä\": 1,\r\n\"b\":\r2}";
        let document = Document::read(text.as_bytes());
        let members: Vec<_> = document.root().expect("a root").members().collect();
        assert_eq!(document.place(members[0].name_start).to_string(), "2:1");
        assert_eq!(document.place(members[0].value.start()).to_string(), "2:7");
        assert_eq!(document.place(members[1].name_start).to_string(), "3:1");
        assert_eq!(document.place(members[1].value.start()).to_string(), "4:1");
        assert_eq!(document.place(4).to_string(), "2:3", "inside of a character");
        assert_eq!(document.place(text.len() + 3).to_string(), "4:6", "behind the text");
    }
}
