//! The answer to a dry run: the job that would be stored, and what became of what was sent on the way.

use serde::Serialize;

use super::changes::{Change, Changes, Limit, Stored, changes};
use super::origin::FilledIn;
use crate::admission::Candidate;
use crate::xcontent::answer;
use crate::xcontent::elided_text::ElidedText;
use crate::xcontent::json::Document;

/// How many changes an answer lists: of jobs there are about twenty, and whoever sends a list of a million numbers need not
/// read of each that it is written otherwise.
const LISTED: Limit = Limit {
    changes: 1000,
    bytes: 64 * 1024,
};

/// Who makes the changes of a document that is changed.
const UPDATE: &str = "update";

/// What a dry run adds to an answer.
#[derive(Debug, Serialize)]
struct Addition {
    dry_run: bool,
    changes: Vec<Change>,
    /// How many changes are not listed, where there are so many that they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes_not_listed: Option<u64>,
}

/// The answer document `answered`, with what a dry run adds.
#[must_use]
pub fn report(answered: ElidedText, candidate: &Candidate<'_>, stored: &ElidedText, filled: &[FilledIn]) -> String {
    let (text, left_out) = stored.parts();
    let Changes { listed, unlisted } = made_of(candidate, Stored { text, left_out }, filled, LISTED);
    let addition = Addition {
        dry_run: true,
        changes: listed,
        changes_not_listed: (unlisted > 0).then_some(unlisted),
    };
    with(answered.into_whole(), &addition)
}

/// The same where a document is changed: what becomes of the one that was there `before`.
#[must_use]
pub fn report_of_change(answered: ElidedText, before: &ElidedText, stored: &ElidedText) -> String {
    let before = before.text();
    let document = Document::read(before.as_bytes());
    let (text, left_out) = stored.parts();
    let Changes { mut listed, unlisted } = changes(document.root(), Stored { text, left_out }, &[], LISTED);
    for change in &mut listed {
        UPDATE.clone_into(&mut change.origin);
    }
    let addition = Addition {
        dry_run: true,
        changes: listed,
        changes_not_listed: (unlisted > 0).then_some(unlisted),
    };
    with(answered.into_whole(), &addition)
}

fn with(mut answered: String, addition: &Addition) -> String {
    if let Ok(addition) = answer::one_line(addition)
        && answered.ends_with('}')
    {
        answered.pop();
        let addition = addition.strip_prefix('{').unwrap_or_default();
        // No more than that: an answer may be long.
        answered.reserve_exact(1 + addition.len());
        answered.extend([",", addition]);
    }
    answered
}

/// The changes from what a candidate has sent to the document that would be stored.
#[must_use]
pub fn made_of(candidate: &Candidate<'_>, stored: Stored<'_>, filled: &[FilledIn], limit: Limit) -> Changes {
    let document = candidate.format.read(candidate.body, candidate.api);
    changes(document.root(), stored, filled, limit)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::es::version::Version;
    use crate::xcontent::format::Format;

    fn answer(body: &str, answered: &str, stored: &str) -> Value {
        let candidate = Candidate {
            id: "j",
            query: "",
            path: "/j",
            body: body.as_bytes(),
            format: Format::Json,
            api: Version::BASE,
            now_millis: 0,
            current: None,
        };
        let [answered, stored] = [answered, stored].map(|text| ElidedText::from(text.to_owned()));
        serde_json::from_str(&report(answered, &candidate, &stored, &[])).expect("JSON")
    }

    #[test]
    fn an_answer_says_that_nothing_was_stored_and_what_was_changed() {
        let answer = answer(r#"{"a": 1.50}"#, r#"{"id":"j","a":1.5}"#, r#"{"id":"j","a":1.50}"#);
        assert_eq!(answer["dry_run"], true);
        let expected = json!([{"op": "add", "path": "/id", "value": "j", "origin": "elasticsearch"}]);
        assert_eq!(answer["changes"], expected);
        assert_eq!(answer.get("changes_not_listed"), None);
    }

    #[test]
    fn an_answer_says_how_many_changes_it_does_not_list() {
        let list = |element: &str| format!("{{\"a\":[{}]}}", vec![element; 5000].join(","));
        let answer = answer(&list("1e9"), &list("1.0E9"), &list("1.0E9"));
        let listed = answer["changes"].as_array().map(Vec::len).expect("a list");
        assert_eq!(listed, LISTED.changes);
        assert_eq!(answer["changes_not_listed"], 5000 - listed);
    }
}
