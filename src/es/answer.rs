//! How an answer's document is written: JSON as Elasticsearch prints it.

use std::fmt::Write;

use bytes::Bytes;
use serde_json::Value;

/// Writes a document, on one line or, when the request asked for `pretty`, over several with a line end at the end.
#[must_use]
pub fn write(document: &Value, pretty: bool) -> Bytes {
    let mut text = String::new();
    if !pretty {
        write_compact(document, &mut text);
        return text.into();
    }
    write_pretty(document, 0, &mut text);
    text.push('\n');
    text.into()
}

/// Elasticsearch's layout: two blanks a level, ` : ` between name and value.
fn write_pretty(value: &Value, level: usize, text: &mut String) {
    match value {
        Value::Object(members) if members.is_empty() => text.push_str("{ }"),
        Value::Object(members) => {
            text.push('{');
            for (place, (name, member)) in members.iter().enumerate() {
                text.push_str(if place == 0 { "\n" } else { ",\n" });
                indent(level + 1, text);
                write_string(name, text);
                text.push_str(" : ");
                write_pretty(member, level + 1, text);
            }
            text.push('\n');
            indent(level, text);
            text.push('}');
        }
        Value::Array(items) if items.is_empty() => text.push_str("[ ]"),
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                text.push_str(if place == 0 { "\n" } else { ",\n" });
                indent(level + 1, text);
                write_pretty(item, level + 1, text);
            }
            text.push('\n');
            indent(level, text);
            text.push(']');
        }
        scalar => write_compact(scalar, text),
    }
}

fn write_compact(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            text.push('{');
            for (place, (name, member)) in members.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_string(name, text);
                text.push(':');
                write_compact(member, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_compact(item, text);
            }
            text.push(']');
        }
        Value::String(content) => write_string(content, text),
        scalar => text.push_str(&scalar.to_string()),
    }
}

/// A string as Elasticsearch's writer escapes it: what JSON wants, with digits in upper case, and every character
/// outside the basic plane as the two halves of its pair.
fn write_string(content: &str, text: &mut String) {
    text.push('"');
    let mut plain_from = 0;
    for (at, character) in content.char_indices() {
        let short = match character {
            '"' | '\\' => Some(character),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            '\u{8}' => Some('b'),
            '\u{c}' => Some('f'),
            '\0'..='\x1f' | '\u{10000}'.. => None,
            _ => continue,
        };
        text.push_str(content.get(plain_from..at).unwrap_or_default());
        plain_from = at + character.len_utf8();
        if let Some(short) = short {
            text.extend(['\\', short]);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            let _ = write!(text, "\\u{unit:04X}");
        }
    }
    text.push_str(content.get(plain_from..).unwrap_or_default());
    text.push('"');
}

fn indent(level: usize, text: &mut String) {
    text.extend(std::iter::repeat_n("  ", level));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The layout of contract http.md §2.4.
    #[test]
    fn pretty_answers_end_with_one_line_end() {
        let document = json!({"job_id": "a", "groups": ["x", "y"], "influencers": [], "custom_settings": {}});
        let expected = "{\n  \"job_id\" : \"a\",\n  \"groups\" : [\n    \"x\",\n    \"y\"\n  ],\n  \
                        \"influencers\" : [ ],\n  \"custom_settings\" : { }\n}\n";
        assert_eq!(write(&document, true), expected);
    }

    /// Seen of every version's own writer.
    #[test]
    fn strings_are_escaped_as_elasticsearch_escapes_them() {
        let document = json!({"𝒳": "a\u{1f}\u{1}\n\"\\é日\u{7f}\u{2028}😀/"});
        let expected = "{\"\\uD835\\uDCB3\":\"a\\u001F\\u0001\\n\\\"\\\\é日\u{7f}\u{2028}\\uD83D\\uDE00/\"}";
        assert_eq!(write(&document, false), expected);
        assert_eq!(write(&json!([1.5, true, null, []]), false), "[1.5,true,null,[]]");
    }
}
