//! How names and strings are written: plain, in single or in double quotes.

use std::fmt::Write;

use super::code::{Code, codes, is_printable};
use crate::xcontent::format::{LATER_JACKSON, MIDDLE_JACKSON};
use crate::xcontent::version::Version;

/// The column from which on a line is broken at the next blank.
const WIDTH: usize = 80;

/// The longest name that stands before its colon without a mark, in units of UTF-16, plus one.
const LONG: usize = 128;

/// Names that would be read as something else than texts.
const RESERVED: &[&str] = &[
    "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "on", "On", "ON", "true", "True", "TRUE", "yes",
    "Yes", "YES",
];
/// More of them, which only later versions know.
const RESERVED_LATER: &[&str] = &["n", "N", "y", "Y", "null", "Null", "NULL"];

/// Whether a name can stand before its colon without a mark.
pub(super) fn is_simple(name: &str) -> bool {
    !name.is_empty() && !name.contains(is_line_end) && name.encode_utf16().count() < LONG
}

/// Adds the name of a member.
pub(super) fn name(name: &str, api: Version, out: &mut String) {
    let is_plain = |code| is_plain(code) && (api >= MIDDLE_JACKSON || !is_escaped_early(code));
    if is_reserved(name, api) || codes(name, api).any(|code| !is_plain(code)) {
        in_double_quotes(name, api, out);
    } else if needs_quotes(name) {
        out.push('\'');
        out.push_str(&name.replace('\'', "''"));
        out.push('\'');
    } else {
        out.push_str(name);
    }
}

fn is_reserved(name: &str, api: Version) -> bool {
    let looks_like_a_number = name.starts_with(|first: char| matches!(first, '0'..='9' | '+' | '-' | '.'));
    let is_later = api >= LATER_JACKSON;
    if api < MIDDLE_JACKSON {
        return false;
    }
    name.is_empty()
        || looks_like_a_number
        || RESERVED.contains(&name)
        || is_later && (RESERVED_LATER.contains(&name) || name.starts_with('~'))
}

/// Whether something in a name would be taken for a mark of YAML.
fn needs_quotes(name: &str) -> bool {
    let begins_with_mark = name.starts_with(|first: char| ",[]{}#&*!|>'\"%@`".contains(first));
    let begins_with_key = name == "?" || name.starts_with("? ");
    begins_with_mark
        || begins_with_key
        || name.starts_with(' ')
        || name.ends_with([' ', ':'])
        || name.contains(": ")
        || name.contains(" #")
}

fn is_plain(code: Code) -> bool {
    match code {
        Code::Character(character) => {
            is_printable(character) && !is_line_end(character) && character != '\t' && character != '\r'
        }
        Code::Pair(number) => char::from_u32(number).is_some(),
        Code::Half(_) => false,
    }
}

/// What stands for itself in names from `MIDDLE_JACKSON` on.
fn is_escaped_early(code: Code) -> bool {
    matches!(code, Code::Character('\u{FEFF}' | '\u{10000}'..) | Code::Pair(_))
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Adds a text in double quotes, on one line.
fn in_double_quotes(text: &str, api: Version, out: &mut String) {
    let mut quoted = Quoted::new(0, None, api);
    quoted.begin(out);
    quoted.add(text, out);
    quoted.end(out);
}

/// A text in double quotes that is written bit by bit. A long one is broken at blanks.
#[derive(Debug)]
pub(super) struct Quoted {
    api: Version,
    /// The column at which a broken text goes on; none, and it is not broken.
    indent: Option<usize>,
    /// Where the last break or escape ended, in characters as Java counts them.
    column: usize,
    /// How many characters that stand for themselves follow it.
    waiting: usize,
    is_first: bool,
    /// What comes next is not written before it is known what follows it.
    held: Option<Code>,
}

impl Quoted {
    /// A text whose opening quote comes at this column.
    pub(super) const fn new(column: usize, indent: Option<usize>, api: Version) -> Self {
        Self {
            api,
            indent,
            column: column + 1,
            waiting: 0,
            is_first: true,
            held: None,
        }
    }

    /// Writes the opening quote.
    #[allow(clippy::unused_self, reason = "it is the first of three steps")]
    pub(super) fn begin(&mut self, out: &mut String) {
        out.push('"');
    }

    /// Adds to the text, between two characters of it.
    pub(super) fn add(&mut self, text: &str, out: &mut String) {
        for code in codes(text, self.api) {
            if let Some(held) = self.held.replace(code) {
                self.code(held, Some(code), out);
            }
        }
    }

    /// Writes what is left, and the closing quote.
    pub(super) fn end(&mut self, out: &mut String) {
        if let Some(held) = self.held.take() {
            self.code(held, None, out);
        }
        out.push('"');
    }

    fn code(&mut self, code: Code, next: Option<Code>, out: &mut String) {
        let itself = match code {
            Code::Character(character @ ' '..='~') if !matches!(character, '"' | '\\') => Some(character),
            _ => None,
        };
        if itself.is_none() {
            let from = out.len();
            escape(code, out);
            self.column += self.waiting + units(out.get(from..).unwrap_or_default());
            self.waiting = 0;
        }
        let may_break = itself == Some(' ') || self.waiting == 0;
        let is_inside = !std::mem::take(&mut self.is_first) && next.is_some();
        if let Some(indent) = self.indent.filter(|_| is_inside && may_break) {
            // What has just been escaped may stand one column further.
            let reached = self.column + self.waiting - usize::from(itself.is_none());
            if reached > WIDTH {
                out.push_str("\\\n");
                out.extend(std::iter::repeat_n(' ', indent));
                self.column = indent;
                self.waiting = 0;
                let next = itself.map(Code::Character).or(next);
                if next == Some(Code::Character(' ')) {
                    out.push('\\');
                    self.column += 1;
                }
            }
        }
        if let Some(character) = itself {
            out.push(character);
            self.waiting += 1;
        }
    }
}

fn escape(code: Code, out: &mut String) {
    let character = match code {
        Code::Character(character) => character,
        // Writing to a string does not fail.
        Code::Half(unit) => {
            let _ = write!(out, "\\u{unit:04x}");
            return;
        }
        Code::Pair(number) => {
            let _ = write!(out, "\\U{number:08x}");
            return;
        }
    };
    let short = match character {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{B}' => 'v',
        '\u{C}' => 'f',
        '\r' => 'r',
        '\u{1B}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{A0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ if is_printable(character) => return out.push(character),
        ..='\u{FF}' => {
            let _ = write!(out, "\\x{:02x}", u32::from(character));
            return;
        }
        _ => {
            let _ = write!(out, "\\u{:04x}", u32::from(character));
            return;
        }
    };
    out.push('\\');
    out.push(short);
}

/// Columns are counted as Java counts characters.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
