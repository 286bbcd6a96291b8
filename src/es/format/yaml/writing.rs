//! How names and strings are written: plain, in single or in double quotes.

use std::fmt::Write;

use super::code::{Code, codes, is_printable};
use crate::es::format::{LATER_JACKSON, MIDDLE_JACKSON};
use crate::es::version::Version;

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
        in_double_quotes(name, None, api, out);
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

/// Adds a text in double quotes. A long one is broken at blanks, and goes on at the column `indent`.
pub(super) fn in_double_quotes(text: &str, indent: Option<usize>, api: Version, out: &mut String) {
    let line_start = out.rfind('\n').map_or(0, |end| end + 1);
    let mut column = units(out.get(line_start..).unwrap_or_default()) + 1;
    out.push('"');
    // What has been looked at and is not yet written.
    let mut waiting = String::new();
    let mut codes = codes(text, api).peekable();
    let mut is_first = true;
    while let Some(code) = codes.next() {
        let itself = match code {
            Code::Character(character @ ' '..='~') if !matches!(character, '"' | '\\') => Some(character),
            _ => None,
        };
        if itself.is_none() {
            out.push_str(&waiting);
            let from = out.len();
            escape(code, out);
            column += units(&waiting) + units(out.get(from..).unwrap_or_default());
            waiting.clear();
        }
        let may_break = itself == Some(' ') || waiting.is_empty();
        let is_inside = !std::mem::take(&mut is_first) && codes.peek().is_some();
        if let Some(indent) = indent.filter(|_| is_inside && may_break) {
            // What has just been escaped may stand one column further.
            let reached = column + units(&waiting) - usize::from(itself.is_none());
            if reached > WIDTH {
                out.push_str(&waiting);
                waiting.clear();
                out.push_str("\\\n");
                out.extend(std::iter::repeat_n(' ', indent));
                column = indent;
                let next = itself.map(Code::Character).or_else(|| codes.peek().copied());
                if next == Some(Code::Character(' ')) {
                    out.push('\\');
                    column += 1;
                }
            }
        }
        waiting.extend(itself);
    }
    out.push_str(&waiting);
    out.push('"');
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
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
