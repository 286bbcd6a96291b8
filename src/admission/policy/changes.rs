//! What admission made of a document: an RFC 6902 patch from what was sent to what is stored, each change with who made
//! it.
//!
//! The two are compared where they lie: what was sent as the document that was read, what is stored lexeme by lexeme from
//! its text. What this takes is the time of one pass over both, and the memory of the changes that are listed, of which
//! there is a limit.

mod comparison;
mod object;

use std::borrow::Cow;
use std::ops::Range;

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde::Serialize;
use serde_json::Value;

use super::origin::FilledIn;
use crate::xcontent::json::{Document, Node, Token};
use comparison::Comparison;

/// Who makes what no policy has filled in.
const API: &str = "elasticsearch";

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The operation of RFC 6902.
    #[serde(flatten)]
    pub operation: PatchOperation,
    /// Who made it: `elasticsearch`, or `policy` and its name.
    pub origin: String,
}

/// The changes from one document to another.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// Those that are listed, in the order in which they are to be applied.
    pub listed: Vec<Change>,
    /// How many more there are.
    pub unlisted: u64,
}

/// How many changes are listed.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The most changes that are listed.
    pub changes: usize,
    /// With paths and values of so many bytes at most, all together.
    pub bytes: usize,
}

impl Limit {
    /// What no document reaches.
    pub const NONE: Self = Self {
        changes: usize::MAX,
        bytes: usize::MAX,
    };
}

/// A document that would be stored: JSON on one line, without some members of it, which are in their order.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'t> {
    /// The text.
    pub text: &'t str,
    /// Where the members are, each with a comma.
    pub left_out: &'t [Range<usize>],
}

impl<'t> Stored<'t> {
    /// The part of the document in this place of the text.
    fn part(self, place: Range<usize>) -> Cow<'t, str> {
        let first = self.left_out.partition_point(|part| part.start < place.start);
        let after = self.left_out.partition_point(|part| part.end <= place.end);
        let left_out = self.left_out.get(first..after).unwrap_or_default();
        if left_out.is_empty() {
            return Cow::Borrowed(self.text.get(place).unwrap_or_default());
        }
        let (mut part, mut start) = (String::new(), place.start);
        for left_out in left_out {
            part.push_str(self.text.get(start..left_out.start).unwrap_or_default());
            start = left_out.end;
        }
        part.push_str(self.text.get(start..place.end).unwrap_or_default());
        Cow::Owned(part)
    }
}

/// The changes from the document that was sent to the one that would be stored.
#[must_use]
pub fn changes(sent: Option<Node<'_>>, stored: Stored<'_>, filled: &[FilledIn], limit: Limit) -> Changes {
    let list = List {
        stored,
        filled,
        changes: Changes::default(),
        room: limit,
    };
    Comparison::new(sent, list).run()
}

/// What happens at a place.
#[derive(Debug, Clone)]
enum Operation {
    Add(Range<usize>),
    Replace(Range<usize>),
    Remove,
}

/// The list of changes, as far as there is room.
struct List<'a> {
    stored: Stored<'a>,
    filled: &'a [FilledIn],
    changes: Changes,
    room: Limit,
}

impl List<'_> {
    /// Adds a change, or counts it. `path` makes the path, of this length.
    fn add(&mut self, operation: Operation, path_length: usize, path: impl FnOnce() -> PointerBuf) {
        let length = match &operation {
            Operation::Add(place) | Operation::Replace(place) => place.len(),
            Operation::Remove => 0,
        };
        let room = path_length
            .checked_add(length)
            .and_then(|length| self.room.bytes.checked_sub(length));
        let (Some(bytes), Some(changes)) = (room, self.room.changes.checked_sub(1)) else {
            self.changes.unlisted += 1;
            return;
        };
        self.room = Limit { changes, bytes };
        let path = path();
        let origin = origin(path.as_str(), self.filled);
        let value = |place: Range<usize>| {
            let text = self.stored.part(place);
            Document::read(text.as_bytes()).root().map(value).unwrap_or_default()
        };
        let operation = match operation {
            Operation::Add(place) => PatchOperation::Add(AddOperation {
                path,
                value: value(place),
            }),
            Operation::Replace(place) => PatchOperation::Replace(ReplaceOperation {
                path,
                value: value(place),
            }),
            Operation::Remove => PatchOperation::Remove(RemoveOperation { path }),
        };
        self.changes.listed.push(Change { operation, origin });
    }
}

/// A value as a tree. Half characters, which no text of Rust has, are kept as stand-ins.
fn value(node: Node<'_>) -> Value {
    match node.token() {
        Token::Object => {
            let members = node.members();
            Value::Object(
                members
                    .map(|member| (member.name.into_owned(), value(member.value)))
                    .collect(),
            )
        }
        Token::Array => node.elements().map(value).collect(),
        Token::String => node.as_text().map(Value::from).unwrap_or_default(),
        Token::Number => serde_json::from_str(node.raw()).unwrap_or_default(),
        Token::Boolean => node.as_boolean().map(Value::from).unwrap_or_default(),
        Token::Null | Token::Binary | Token::Nothing => Value::Null,
    }
}

/// Who made a change: the policy that has filled in the place or what it is in, even where Elasticsearch has then
/// written it in its own way.
fn origin(pointer: &str, filled: &[FilledIn]) -> String {
    let covers = |outer: &str, inner: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let by = filled
        .iter()
        .find(|filled| covers(&filled.pointer, pointer) || covers(pointer, &filled.pointer));
    by.map_or_else(|| API.to_owned(), |filled| format!("policy {}", filled.policy))
}

#[cfg(test)]
mod tests;
