//! How an answer's document is written: JSON as Elasticsearch prints it.

use std::io;

use bytes::Bytes;
use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, Serializer};

use super::format::Format;
use super::utf16;
use super::version::Version;

/// Writes a document on one line, with its strings escaped as Elasticsearch escapes them: with digits in upper case,
/// and every character outside the basic plane as the two halves of its pair, or as the one half that was sent.
pub fn one_line(document: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = Vec::with_capacity(1024);
    write_one_line(document, &mut text)?;
    String::from_utf8(text).map_err(<serde_json::Error as serde::ser::Error>::custom)
}

/// As [`one_line`], for what may be as long as a request: it is counted first, so that its text is allocated once.
pub fn long_line(document: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut length = Count(0);
    write_one_line(document, &mut length)?;
    let mut text = Vec::with_capacity(length.0);
    write_one_line(document, &mut text)?;
    String::from_utf8(text).map_err(<serde_json::Error as serde::ser::Error>::custom)
}

/// Counts the bytes that are written.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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

/// Writes a document that stands on one line: as it is, or, when the request asked for `pretty`, over several lines with
/// a line end at the end. One that would grow beyond all measure stays on its line.
#[must_use]
pub fn write(document: String, pretty: bool) -> Bytes {
    Format::Json.write(document, pretty, Version::BASE)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The layout of http.md §2.4.
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
