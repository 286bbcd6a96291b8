//! Writes YAML as Jackson does with `SnakeYAML`: in blocks, two blanks a level, lists not indented below their names.

use super::writing::{self, Quoted};
use crate::xcontent::format::MIDDLE_JACKSON;
use crate::xcontent::format::piecewise::{self, Place};
use crate::xcontent::json::{Lexeme, Lexemes};
use crate::xcontent::version::Version;

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spot {
    /// It is the document.
    Root,
    /// It follows a name and its colon, of an object that is indented so far.
    Member { indent: usize },
    /// It follows a mark that stands so far from the left: the `-` of an element, or the `:` of a name that has a `?`.
    Mark { indent: usize },
}

/// An object or a list that is not at its end.
#[derive(Debug, Clone, Copy)]
struct Level {
    indent: usize,
    /// Whether its first entry stands on the line that there is.
    is_on_line: bool,
}

/// The writer of a document.
#[derive(Debug)]
pub(in crate::xcontent::format) struct Writer {
    api: Version,
    levels: Vec<Level>,
    /// Where the value stands that comes next; none, and it is an element.
    spot: Option<Spot>,
    /// An object, or a list, that was begun, before it is known whether it is empty; and where it stands.
    begun: Option<(Spot, bool)>,
    /// How far the line is written, in characters as Java counts them.
    column: usize,
    /// A long string that is being written.
    quoted: Option<Quoted>,
    text: String,
}

impl Writer {
    /// One that writes as this version does.
    pub(in crate::xcontent::format) const fn new(api: Version) -> Self {
        Self {
            api,
            levels: Vec::new(),
            spot: Some(Spot::Root),
            begun: None,
            column: 0,
            quoted: None,
            text: String::new(),
        }
    }

    /// Begins the object or list that turned out not to be empty.
    fn open(&mut self, out: &mut Vec<u8>) {
        let Some((spot, is_list)) = self.begun.take() else {
            return;
        };
        self.open_document(spot, out);
        let (indent, is_on_line) = match spot {
            Spot::Root => (0, false),
            Spot::Member { indent } if is_list => (indent, false),
            Spot::Member { indent } => (indent + 2, false),
            Spot::Mark { indent } => {
                self.put(" ", out);
                (indent + 2, true)
            }
        };
        self.levels.push(Level { indent, is_on_line });
    }

    /// Begins an entry of the innermost object or list, and says how far it is indented.
    fn entry(&mut self, out: &mut Vec<u8>) -> usize {
        let Some(level) = self.levels.last_mut() else {
            return 0;
        };
        let indent = level.indent;
        if !std::mem::take(&mut level.is_on_line) {
            self.begin_line(indent, out);
        }
        indent
    }

    fn name(&mut self, name: &str, out: &mut Vec<u8>) {
        let indent = self.entry(out);
        let is_short = writing::is_simple(name);
        if !is_short {
            let is_written = !name.is_empty() || self.api >= MIDDLE_JACKSON;
            self.put(if is_written { "? " } else { "?" }, out);
        }
        let api = self.api;
        self.write(out, |written| writing::name(name, api, written));
        self.spot = Some(if is_short {
            Spot::Member { indent }
        } else {
            self.begin_line(indent, out);
            Spot::Mark { indent }
        });
        self.put(":", out);
    }

    /// Where the value stands that comes now. The dash of an element is written.
    fn value(&mut self, out: &mut Vec<u8>) -> Spot {
        self.spot.take().unwrap_or_else(|| {
            let indent = self.entry(out);
            self.put("-", out);
            Spot::Mark { indent }
        })
    }

    /// Writes a value that has nothing in it.
    fn plain(&mut self, spot: Spot, text: &str, out: &mut Vec<u8>) {
        self.open_document(spot, out);
        self.put(" ", out);
        self.put(text, out);
    }

    fn begin_string(&mut self, out: &mut Vec<u8>) -> Quoted {
        let spot = self.value(out);
        self.open_document(spot, out);
        self.put(" ", out);
        let indent = match spot {
            Spot::Root => 0,
            Spot::Member { indent } | Spot::Mark { indent } => indent,
        };
        Quoted::new(self.column, Some(indent + 2), self.api)
    }

    fn string(&mut self, text: &str, out: &mut Vec<u8>) {
        let mut quoted = self.begin_string(out);
        self.write(out, |written| {
            quoted.begin(written);
            quoted.add(text, written);
            quoted.end(written);
        });
    }

    /// Writes the mark of a document, before its value.
    fn open_document(&mut self, spot: Spot, out: &mut Vec<u8>) {
        if spot == Spot::Root {
            self.put("---", out);
        }
    }

    fn write(&mut self, out: &mut Vec<u8>, write: impl FnOnce(&mut String)) {
        let mut written = std::mem::take(&mut self.text);
        write(&mut written);
        self.put(&written, out);
        written.clear();
        self.text = written;
    }

    fn put(&mut self, text: &str, out: &mut Vec<u8>) {
        match text.rsplit_once('\n') {
            Some((_, line)) => self.column = writing::units(line),
            None => self.column += writing::units(text),
        }
        out.extend_from_slice(text.as_bytes());
    }

    fn begin_line(&mut self, indent: usize, out: &mut Vec<u8>) {
        out.push(b'\n');
        out.resize(out.len() + indent, b' ');
        self.column = indent;
    }

    /// Ends an object or a list.
    fn end_level(&mut self, empty: &str, out: &mut Vec<u8>) {
        if let Some((spot, _)) = self.begun.take() {
            self.plain(spot, empty, out);
        } else {
            self.levels.pop();
        }
    }
}

impl piecewise::Writer for Writer {
    fn lexeme(&mut self, lexeme: Lexeme<'_>, out: &mut Vec<u8>) {
        match lexeme {
            Lexeme::EndObject => return self.end_level("{}", out),
            Lexeme::EndList => return self.end_level("[]", out),
            _ => self.open(out),
        }
        match lexeme {
            Lexeme::Name(name) => self.name(&Lexemes::decode(name), out),
            Lexeme::BeginObject => self.begun = Some((self.value(out), false)),
            Lexeme::BeginList => self.begun = Some((self.value(out), true)),
            Lexeme::String(text) => self.string(&Lexemes::decode(text), out),
            Lexeme::Scalar(scalar) => {
                let spot = self.value(out);
                self.plain(spot, scalar, out);
            }
            Lexeme::EndObject | Lexeme::EndList => {}
        }
    }

    fn part(&mut self, part: &str, place: Place, out: &mut Vec<u8>) {
        if place == Place::First {
            self.open(out);
            let mut quoted = self.begin_string(out);
            self.write(out, |written| quoted.begin(written));
            self.quoted = Some(quoted);
        }
        let Some(mut quoted) = self.quoted.take() else { return };
        self.write(out, |written| {
            quoted.add(&Lexemes::decode(part), written);
            if place == Place::Last {
                quoted.end(written);
            }
        });
        self.quoted = (place != Place::Last).then_some(quoted);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests;
