//! Strings of other formats, and how they are written as JSON.

use std::borrow::Cow;
use std::fmt::Write;

/// A string as a format has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::xcontent) enum Text<'a> {
    /// Characters.
    Plain(Cow<'a, str>),
    /// Units of UTF-16, of which some are lone halves of a pair.
    Units(Vec<u16>),
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::Plain(Cow::Borrowed(text))
    }
}

/// Adds a string in quotes, and says whether it has escapes.
pub(super) fn quote(text: &Text<'_>, out: &mut String) -> bool {
    let from = out.len();
    out.push('"');
    match text {
        Text::Plain(text) if !text.contains(['"', '\\']) && !text.bytes().any(|byte| byte < 0x20) => {
            out.push_str(text);
        }
        Text::Plain(text) => text.chars().for_each(|character| escape(character, out)),
        Text::Units(units) => {
            for character in char::decode_utf16(units.iter().copied()) {
                match character {
                    Ok(character) => escape(character, out),
                    Err(lone) => escape_unit(lone.unpaired_surrogate(), out),
                }
            }
        }
    }
    out.push('"');
    out.get(from..).is_some_and(|quoted| quoted.contains('\\'))
}

fn escape(character: char, out: &mut String) {
    match character {
        '"' | '\\' => {
            out.push('\\');
            out.push(character);
        }
        '\0'..' ' => escape_unit(u16::try_from(character).unwrap_or_default(), out),
        _ => out.push(character),
    }
}

fn escape_unit(unit: u16, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, "\\u{unit:04x}");
}
