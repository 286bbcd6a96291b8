//! Who has set what a policy judges, where it was not the client: the operator's own defaults, or Elasticsearch's.
//!
//! A client that is told of a value it never sent would look for it in vain.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::Violation;
use super::evaluation::{at, shown};
use crate::admission::Candidate;
use crate::xcontent::json::{Document, Node, Token};

/// A value that a policy has filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledIn {
    /// Where, as a JSON Pointer.
    pub pointer: String,
    /// The policy's name.
    pub policy: String,
}

impl FilledIn {
    /// Whether a place is the one that was filled in, or inside of it.
    #[must_use]
    pub fn covers(&self, pointer: &str) -> bool {
        let inside = pointer.strip_prefix(self.pointer.as_str());
        inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// What was sent, and what was filled in.
struct Origins<'a> {
    sent: Node<'a>,
    /// The id in the path, which a document has as well.
    id: &'a str,
    filled: &'a [FilledIn],
    /// All texts and numbers that were sent: Elasticsearch moves some to other places.
    values: OnceCell<HashSet<String>>,
}

/// Adds to violations who has set the values that the candidate did not send.
pub fn name(violations: &mut [Violation], candidate: &Candidate<'_>, filled: &[FilledIn]) {
    if violations.iter().all(|violation| violation.pointer.is_empty()) {
        return;
    }
    let document: Document<'_> = candidate.format.read(candidate.body, candidate.api);
    let Some(sent) = document.root() else {
        return;
    };
    let origins = Origins {
        sent,
        id: candidate.id,
        filled,
        values: OnceCell::new(),
    };
    for violation in violations {
        if let Some(origin) = origins.of(violation) {
            violation.say_origin(&origin);
        }
    }
}

/// Adds to violations of a document that was changed who has set the values that the change did not send: they were there
/// before, or are Elasticsearch's.
pub fn name_of_change(violations: &mut [Violation], candidate: &Candidate<'_>, before: &Document<'_>) {
    let document: Document<'_> = candidate.format.read(candidate.body, candidate.api);
    let (Some(sent), Some(before)) = (document.root(), before.root()) else {
        return;
    };
    let origins = Origins {
        sent,
        id: candidate.id,
        filled: &[],
        values: OnceCell::new(),
    };
    for violation in violations {
        let Some(origin) = origins.of(violation) else {
            continue;
        };
        let was_there = at(before, &violation.pointer).is_some_and(|value| shown(value) == violation.value);
        violation.say_origin(if was_there { "as it was before" } else { &origin });
    }
}

impl Origins<'_> {
    fn of(&self, violation: &Violation) -> Option<String> {
        let pointer = &violation.pointer;
        if pointer.is_empty() || self.was_sent(pointer) {
            return None;
        }
        if let Some(filled) = self.filled.iter().find(|filled| filled.covers(pointer)) {
            return Some(format!("the default of policy [{}]", filled.policy));
        }
        let value = match &violation.value {
            serde_json::Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let comes_from_client = value == self.id || self.values().contains(&value);
        (!comes_from_client).then(|| "Elasticsearch's default".to_owned())
    }

    /// Whether a pointer into the final document leads anywhere in what was sent, where a single element may stand for
    /// its list.
    fn was_sent(&self, pointer: &str) -> bool {
        let mut steps = pointer.split('/').skip(1);
        steps.try_fold(self.sent, step).is_some()
    }

    fn values(&self) -> &HashSet<String> {
        self.values.get_or_init(|| {
            let mut values = HashSet::new();
            collect(self.sent, &mut values);
            values
        })
    }
}

/// Where a step of a pointer leads.
fn step<'a>(node: Node<'a>, step: &str) -> Option<Node<'a>> {
    match node.token() {
        Token::Array => node.elements().nth(step.parse().ok()?),
        _ if step == "0" => node.member(step).or(Some(node)),
        _ => node.member(&step.replace("~1", "/").replace("~0", "~")),
    }
}

fn collect(node: Node<'_>, values: &mut HashSet<String>) {
    match node.token() {
        Token::Object => node.members().for_each(|member| collect(member.value, values)),
        Token::Array => node.elements().for_each(|element| collect(element, values)),
        Token::String => values.extend(node.as_text().map(std::borrow::Cow::into_owned)),
        Token::Number => values.extend(node.as_number().map(str::to_owned)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn origin(sent: &str, pointer: &str, value: Value, filled: &[FilledIn]) -> Option<String> {
        let document = Document::read(sent.as_bytes());
        let origins = Origins {
            sent: document.root().expect("a value"),
            id: "web-1",
            filled,
            values: OnceCell::new(),
        };
        origins.of(&Violation {
            pointer: pointer.to_owned(),
            value,
            ..Violation::default()
        })
    }

    #[test]
    fn what_was_sent_has_no_other_origin() {
        let sent = r#"{"limits":{"memory":"1gb"},"detectors":{"function":"nzc"},"groups":"web","filters":["x"]}"#;
        for (pointer, value) in [
            ("", json!(null)),
            ("/limits/memory", json!("1024mb")),
            // A lone element stands for its list.
            ("/detectors/0/function", json!("non_zero_count")),
            ("/groups/0", json!("web")),
            // The id in the path, and what was sent elsewhere.
            ("/job_id", json!("web-1")),
            ("/analyzer/char_filter/1/pattern", json!("x")),
        ] {
            assert_eq!(origin(sent, pointer, value, &[]), None, "{pointer}");
        }
    }

    #[test]
    fn what_nobody_sent_is_elasticsearchs_or_a_policys() {
        let filled = [FilledIn {
            pointer: "/limits".to_owned(),
            policy: "budget".to_owned(),
        }];
        let of = |filled: &[FilledIn]| origin("{}", "/limits/memory", json!("1024mb"), filled);
        assert_eq!(of(&[]).as_deref(), Some("Elasticsearch's default"));
        assert_eq!(of(&filled).as_deref(), Some("the default of policy [budget]"));
        assert_eq!(
            origin("{}", "/limitsless", json!(null), &filled).as_deref(),
            Some("Elasticsearch's default")
        );
    }
}
