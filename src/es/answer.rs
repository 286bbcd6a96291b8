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

/// Writes a document that stands on one line: as it is, or, when the request asked for `pretty`, over several lines with
/// a line end at the end.
#[must_use]
pub fn write(document: String, pretty: bool) -> Bytes {
    if pretty {
        lay_out(&document).into()
    } else {
        document.into()
    }
}

/// Elasticsearch's layout: two blanks a level, ` : ` between name and value, each entry on a line of its own.
fn lay_out(document: &str) -> String {
    let mut text = String::with_capacity(document.len() * 2);
    let mut level: usize = 0;
    let mut characters = document.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                text.push('"');
                copy_string(&mut characters, &mut text);
            }
            '{' | '[' => {
                text.push(character);
                if let Some(closing) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(' ');
                    text.push(closing);
                } else {
                    level += 1;
                    begin_line(level, &mut text);
                }
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                begin_line(level, &mut text);
                text.push(character);
            }
            ',' => {
                text.push(',');
                begin_line(level, &mut text);
            }
            ':' => text.push_str(" : "),
            other => text.push(other),
        }
    }
    text.push('\n');
    text
}

/// Copies the rest of a string, whose characters mean nothing to the layout.
fn copy_string(characters: &mut impl Iterator<Item = char>, text: &mut String) {
    while let Some(character) = characters.next() {
        text.push(character);
        match character {
            '"' => return,
            '\\' => text.extend(characters.next()),
            _ => {}
        }
    }
}

fn begin_line(level: usize, text: &mut String) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", level));
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

    /// Seen of every version's own writer.
    #[test]
    fn strings_are_escaped_as_elasticsearch_escapes_them() {
        let document = serde_json::json!({"𝒳": "a\u{1f}\u{1}\n\"\\é日\u{7f}\u{2028}😀/"});
        let expected = "{\"\\uD835\\uDCB3\":\"a\\u001F\\u0001\\n\\\"\\\\é日\u{7f}\u{2028}\\uD83D\\uDE00/\"}";
        assert_eq!(one_line(&document).expect("JSON"), expected);
    }
}
