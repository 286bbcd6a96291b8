//! How an answer's document is written: JSON as Elasticsearch prints it.

use std::io;

use bytes::Bytes;
use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, Serializer};

use super::utf16;

/// Writes a document on one line, with its strings escaped as Elasticsearch escapes them: with digits in upper case,
/// and every character outside the basic plane as the two halves of its pair, or as the one half that was sent.
pub fn one_line(document: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = Vec::with_capacity(1024);
    write_one_line(document, &mut text)?;
    String::from_utf8(text).map_err(<serde_json::Error as serde::ser::Error>::custom)
}

/// As [`one_line`], to a writer.
pub fn write_one_line(document: &impl Serialize, writer: impl io::Write) -> Result<(), serde_json::Error> {
    document.serialize(&mut Serializer::with_formatter(writer, Escapes))
}

/// A list that is written from an iterator.
pub struct List<I>(pub I);

impl<I> Serialize for List<I>
where
    I: Iterator<Item: Serialize> + Clone,
{
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

struct Escapes;

impl Formatter for Escapes {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // A character of four bytes is one outside the basic plane, and no shorter one has a byte like its first.
        if fragment.is_ascii() || !fragment.bytes().any(|byte| byte >= 0xF0) {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            let mut bytes = [0; 4];
            let character_text = character.encode_utf8(&mut bytes);
            if character < '\u{10000}' {
                writer.write_all(character_text.as_bytes())?;
            } else {
                for unit in utf16::units(character_text) {
                    write!(writer, "\\u{unit:04X}")?;
                }
            }
        }
        Ok(())
    }

    fn write_char_escape<W: io::Write + ?Sized>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        match escape {
            CharEscape::Quote => writer.write_all(b"\\\""),
            CharEscape::ReverseSolidus => writer.write_all(b"\\\\"),
            CharEscape::Solidus => writer.write_all(b"/"),
            CharEscape::Backspace => writer.write_all(b"\\b"),
            CharEscape::FormFeed => writer.write_all(b"\\f"),
            CharEscape::LineFeed => writer.write_all(b"\\n"),
            CharEscape::CarriageReturn => writer.write_all(b"\\r"),
            CharEscape::Tab => writer.write_all(b"\\t"),
            CharEscape::AsciiControl(byte) => write!(writer, "\\u{byte:04X}"),
        }
    }
}

/// How many times as long as a document its layout may be. Of jobs it is two or three times as long; what is nested a
/// thousand levels deep would take a thousand times as much.
const MAX_GROWTH: usize = 8;
/// How long any layout may be: a thousand levels with an entry each take two million bytes.
const MAX_SMALL_LAYOUT: usize = 4 * 1024 * 1024;

/// Writes a document that stands on one line: as it is, or, when the request asked for `pretty`, over several lines with
/// a line end at the end. One that would grow beyond all measure stays on its line.
#[must_use]
pub fn write(document: String, pretty: bool) -> Bytes {
    if !pretty {
        return document.into();
    }
    let mut length = 0;
    lay_out(&document, |text, times| length += text.len() * times);
    if length > document.len().saturating_mul(MAX_GROWTH).max(MAX_SMALL_LAYOUT) {
        return document.into();
    }
    let mut layout = String::with_capacity(length);
    lay_out(&document, |text, times| layout.extend(std::iter::repeat_n(text, times)));
    layout.into()
}

/// Elasticsearch's layout: two blanks a level, ` : ` between name and value, each entry on a line of its own. It is told
/// piece by piece, each with how many times it comes.
fn lay_out(document: &str, mut piece: impl FnMut(&str, usize)) {
    let mut level: usize = 0;
    let mut rest = document;
    while let Some((token, behind)) = next_token(rest) {
        rest = behind;
        match token {
            "{" | "[" => {
                piece(token, 1);
                if let Some((closing @ ("}" | "]"), behind)) = next_token(rest) {
                    rest = behind;
                    piece(" ", 1);
                    piece(closing, 1);
                } else {
                    level += 1;
                    begin_line(level, &mut piece);
                }
            }
            "}" | "]" => {
                level = level.saturating_sub(1);
                begin_line(level, &mut piece);
                piece(token, 1);
            }
            "," => {
                piece(token, 1);
                begin_line(level, &mut piece);
            }
            ":" => piece(" : ", 1),
            scalar => piece(scalar, 1),
        }
    }
    piece("\n", 1);
}

fn begin_line(level: usize, piece: &mut impl FnMut(&str, usize)) {
    piece("\n", 1);
    piece("  ", level);
}

/// The first token of what is left of a document without blanks, and what follows it.
fn next_token(rest: &str) -> Option<(&str, &str)> {
    let length = match rest.as_bytes() {
        [] => return None,
        [b'"', inside @ ..] => 1 + string_length(inside),
        [b'{' | b'}' | b'[' | b']' | b',' | b':', ..] => 1,
        _ => rest.find(['}', ']', ',']).unwrap_or(rest.len()),
    };
    rest.split_at_checked(length)
}

/// How many bytes a string has after its opening quote, the closing one among them.
fn string_length(inside: &[u8]) -> usize {
    let mut at = 0;
    while let Some(ahead) = memchr::memchr2(b'"', b'\\', inside.get(at..).unwrap_or_default()) {
        at += ahead;
        if inside.get(at) == Some(&b'"') {
            return at + 1;
        }
        // Nothing that is escaped by one character is longer than that.
        at += 2;
    }
    inside.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The layout of contract http.md §2.4.
    #[test]
    fn pretty_answers_end_with_one_line_end() {
        let document =
            json!({"job_id": "a:\"b\\", "groups": ["x,{", {"y": 1}], "influencers": [], "custom_settings": {}});
        let expected = r#"{
  "job_id" : "a:\"b\\",
  "groups" : [
    "x,{",
    {
      "y" : 1
    }
  ],
  "influencers" : [ ],
  "custom_settings" : { }
}
"#;
        assert_eq!(write(document.to_string(), true), expected);
    }

    #[test]
    fn a_layout_that_would_grow_beyond_all_measure_is_left_out() {
        let deep = |depth: usize| {
            let elements = vec!["1"; 1000 + depth].join(",");
            format!("{}{elements}{}", "[".repeat(depth), "]".repeat(depth))
        };
        let lone = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        assert_eq!(write(lone, true).split(|byte| *byte == b'\n').count(), 2000);
        assert_eq!(write(deep(1000), true), deep(1000));
        let layout = write(deep(4), true);
        assert!(layout.starts_with(b"[\n  [\n    [\n      [\n        1,\n        1,\n"));
        assert_eq!(layout.split(|byte| *byte == b'\n').count(), 4 + 1004 + 4 + 1);
    }

    /// Seen of every version's own writer.
    #[test]
    fn strings_are_escaped_as_elasticsearch_escapes_them() {
        let document = serde_json::json!({"𝒳": "a\u{1f}\u{1}\n\"\\é日\u{7f}\u{2028}😀/"});
        let expected = "{\"\\uD835\\uDCB3\":\"a\\u001F\\u0001\\n\\\"\\\\é日\u{7f}\u{2028}\\uD83D\\uDE00/\"}";
        assert_eq!(one_line(&document).expect("JSON"), expected);
    }
}
