//! The answer to a dry run: the job that would be stored, and what became of what was sent on the way.

use serde::Serialize;
use serde_json::Value;

use super::changes::{Change, changes};
use super::pipeline::FilledIn;
use crate::admission::Candidate;
use crate::es::answer;
use crate::es::json::Node;

/// What a dry run adds to an answer.
#[derive(Debug, Serialize)]
struct Addition {
    dry_run: bool,
    changes: Vec<Change>,
}

/// The answer document `answered`, with what a dry run adds.
#[must_use]
pub fn rehearsed(answered: &str, candidate: &Candidate<'_>, stored: &str, filled: &[FilledIn]) -> String {
    let addition = Addition {
        dry_run: true,
        changes: made_of(candidate, stored, filled),
    };
    let (Some(object), Ok(addition)) = (answered.strip_suffix('}'), answer::one_line(&addition)) else {
        return answered.to_owned();
    };
    format!("{object},{}", addition.strip_prefix('{').unwrap_or_default())
}

/// The changes from what a candidate has sent to the document that would be stored.
#[must_use]
pub fn made_of(candidate: &Candidate<'_>, stored: &str, filled: &[FilledIn]) -> Vec<Change> {
    let document = candidate.format.read(candidate.body, candidate.api);
    let sent = document.root().map(value).unwrap_or_default();
    let stored = crate::es::json::Document::read(stored.as_bytes())
        .root()
        .map(value)
        .unwrap_or_default();
    changes(&sent, &stored, filled)
}

/// A document's value as a tree. Half characters, which no text of Rust has, are replaced.
fn value(node: Node<'_>) -> Value {
    use crate::es::json::Token;
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::es::caller::Caller;
    use crate::es::format::Format;
    use crate::es::version::Version;

    #[test]
    fn an_answer_says_that_nothing_was_stored_and_what_was_changed() {
        let candidate = Candidate {
            id: "j",
            query: "",
            path: "/j",
            body: br#"{"a": 1.50}"#,
            format: Format::Json,
            api: Version::BASE,
            caller: &Caller::default(),
            now_millis: 0,
        };
        let answer = rehearsed(r#"{"id":"j","a":1.5}"#, &candidate, r#"{"id":"j","a":1.50}"#, &[]);
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!(answer["dry_run"], true);
        let expected = json!([{"op": "add", "path": "/id", "value": "j", "origin": "elasticsearch"}]);
        assert_eq!(answer["changes"], expected);
    }
}
