//! Compares two errors: their chains of exceptions, their root causes, and the envelope around them.

use serde_json::Value;

use super::{Aspect, are_written_alike};
use crate::answer::json;
use crate::reason;

/// The aspects of two errors, and whether they agree in each.
pub(super) fn compared(theirs: &str, ours: &str) -> Vec<(Aspect, bool)> {
    let (Some(theirs), Some(ours)) = (json(theirs), json(ours)) else {
        return vec![(Aspect::Envelope, theirs == ours)];
    };
    let (theirs, ours): (Value, Value) = (theirs, ours);
    let (their_chain, our_chain) = (chain(&theirs), chain(&ours));
    if their_chain.is_empty() {
        // The short form.
        let text = |body: &Value| body.get("error").and_then(Value::as_str).unwrap_or_default().to_owned();
        return vec![
            (Aspect::Reasons, reason::agree(&text(&theirs), &text(&ours))),
            (
                Aspect::Envelope,
                are_written_alike(&without_words(&theirs), &without_words(&ours)),
            ),
        ];
    }
    let reasons = their_chain.len() == our_chain.len()
        && (their_chain.iter().zip(&our_chain)).all(|(theirs, ours)| reason::agree(theirs.reason, ours.reason));
    let types = |chain: &[Link<'_>]| chain.iter().map(|link| link.kind.to_owned()).collect::<Vec<_>>();
    vec![
        (Aspect::Chain, types(&their_chain) == types(&our_chain)),
        (
            Aspect::RootCause,
            types(&root_causes(&theirs)) == types(&root_causes(&ours)),
        ),
        (Aspect::Reasons, reasons && root_reasons_agree(&theirs, &ours)),
        (
            Aspect::Envelope,
            are_written_alike(&without_words(&theirs), &without_words(&ours)),
        ),
    ]
}

fn root_reasons_agree(theirs: &Value, ours: &Value) -> bool {
    let (theirs, ours) = (root_causes(theirs), root_causes(ours));
    theirs.len() == ours.len()
        && (theirs.iter().zip(&ours)).all(|(theirs, ours)| reason::agree(theirs.reason, ours.reason))
}

/// One exception of a chain.
pub(super) struct Link<'a> {
    pub(super) kind: &'a str,
    reason: &'a str,
}

impl<'a> Link<'a> {
    fn of(exception: &'a Value) -> Option<Self> {
        let text = |name: &str| exception.get(name).and_then(Value::as_str);
        Some(Self {
            kind: text("type")?,
            reason: text("reason").unwrap_or_default(),
        })
    }
}

pub(super) fn chain(body: &Value) -> Vec<Link<'_>> {
    let outermost = body.get("error");
    std::iter::successors(outermost, |exception| exception.get("caused_by"))
        .map_while(Link::of)
        .collect()
}

fn root_causes(body: &Value) -> Vec<Link<'_>> {
    let root = body.get("error").and_then(|error| error.get("root_cause"));
    let causes = root.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    causes.iter().filter_map(Link::of).collect()
}

/// An error's body with nothing for its types and reasons, which are compared by themselves, and for its traces, which
/// name places in a program.
fn without_words(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let emptied = members.iter().map(|(name, member)| {
                let is_text =
                    matches!(name.as_str(), "type" | "reason" | "error" | "stack_trace") && member.is_string();
                let member = if is_text { Value::Null } else { without_words(member) };
                (name.clone(), member)
            });
            Value::Object(emptied.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_words).collect()),
        scalar => scalar.clone(),
    }
}
