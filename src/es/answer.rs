//! How an answer's document is written: JSON as Elasticsearch prints it.

use bytes::Bytes;

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
}
