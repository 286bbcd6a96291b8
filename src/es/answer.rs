//! How an answer's document is written: JSON as Elasticsearch prints it.

use bytes::Bytes;
use serde_json::Value;

/// Writes a document, on one line or, when the request asked for `pretty`, over several with a line end at the end.
#[must_use]
pub fn write(document: &Value, pretty: bool) -> Bytes {
    if !pretty {
        return document.to_string().into();
    }
    let mut text = String::new();
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
                text.push_str(&Value::String(name.clone()).to_string());
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
        scalar => text.push_str(&scalar.to_string()),
    }
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
}
