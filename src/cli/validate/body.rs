//! The body of a job that is a part of a file: what its creation would send.

use super::found::{Body, Found};
use crate::cli::places::{Lines, Places};
use crate::plugin::anomaly_job::create_request::is_left_out;
use crate::xcontent::json::{Member, Node};

/// A body to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) bytes: Vec<u8>,
    /// The members that were left out, as only a server sets them.
    pub(super) left_out: Vec<String>,
    /// What places in it are in the file.
    pub(super) places: Places,
}

/// The body of a job in a part of a file of JSON, which starts at this byte.
pub(super) fn of_json(found: &Found<'_>, lines: &Lines, offset: usize) -> Made {
    let places = match &found.body {
        Body::Part(node) => Places::From(lines.position(offset + node.start())),
        Body::Made(..) => Places::Lost,
    };
    made(found, places)
}

/// The body of a job in YAML, which is inside of something else or has to be changed: the same as JSON.
pub(super) fn of_yaml(found: &Found<'_>) -> Made {
    made(found, Places::Lost)
}

fn made(found: &Found<'_>, places: Places) -> Made {
    let (bytes, left_out) = match &found.body {
        Body::Part(node) => {
            let mut bytes = node.raw().as_bytes().to_vec();
            let left_out = if found.is_stored {
                blank_out(*node, &mut bytes)
            } else {
                Vec::new()
            };
            (bytes, left_out)
        }
        // It was made without what only a server sets.
        Body::Made(body, _) => (body.to_string().into_bytes(), Vec::new()),
    };
    Made {
        bytes,
        left_out,
        places,
    }
}

/// Blanks out the members that are left out, with what is between them, so that the others stay where they are; gives
/// their names.
fn blank_out(object: Node<'_>, text: &mut [u8]) -> Vec<String> {
    let start = object.start();
    let mut left_out = Vec::new();
    let mut kept: Vec<(usize, usize)> = Vec::new();
    for member in object.members() {
        if is_left_out(&member) {
            left_out.push(member.name.into_owned());
        } else {
            let Member { value, name_start, .. } = member;
            kept.push((name_start - start, value.end() - start));
        }
    }
    if left_out.is_empty() {
        return left_out;
    }
    let mut from = 1;
    for (place, (name, end)) in kept.iter().enumerate() {
        blank(text, from, *name, place > 0);
        from = *end;
    }
    let end = text.len().saturating_sub(1);
    blank(text, from, end, false);
    left_out
}

/// Blanks out what is between two members, but for one comma; lines stay.
fn blank(text: &mut [u8], from: usize, to: usize, with_comma: bool) {
    let between = text.get_mut(from..to).unwrap_or_default();
    let mut needs_comma = with_comma;
    for byte in between {
        if matches!(byte, b'\n' | b'\r') {
            continue;
        }
        *byte = if std::mem::take(&mut needs_comma) { b',' } else { b' ' };
    }
}

#[cfg(test)]
mod tests {
    use super::super::jobs::find;
    use super::*;
    use crate::cli::places::Position;
    use crate::xcontent::json::Document;

    fn part_of(file: &str) -> Made {
        let document = Document::read(file.as_bytes());
        let finds = find(document.root().expect("a value"));
        of_json(&finds.jobs[0], &Lines::of(file.as_bytes()), 0)
    }

    #[test]
    fn a_part_of_a_file_knows_where_it_is() {
        let file = "[\n  {\"data_description\": {}}]";
        let Made { bytes, places, .. } = part_of(file);
        assert_eq!(places, Places::From(Position { line: 2, column: 3 }));
        assert_eq!(String::from_utf8(bytes).expect("text"), "{\"data_description\": {}}");
    }

    #[test]
    fn what_only_a_server_sets_is_blanked_out() {
        let file = concat!(
            "{\"create_time\": 1,\n \"job_id\": \"a\" /* , */, \"job_version\": {\"x\":\n2},\n",
            "\"data_description\": {}, \"finished_time\": 1}"
        );
        let Made { bytes, left_out, .. } = part_of(file);
        let text = String::from_utf8(bytes).expect("text");
        assert_eq!(left_out, ["create_time", "job_version", "finished_time"]);
        assert_eq!(text.len(), file.len());
        assert_eq!(text.find("\"data"), file.find("\"data"));
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document, serde_json::json!({"job_id": "a", "data_description": {}}));
    }
}
