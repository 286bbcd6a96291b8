//! One decision as it is kept: who asked, what was decided, and why. Of the body it has no more than policies report, and how
//! much it takes is bounded.

use serde_json::{Value, json};

use super::evaluate::Submission;
use crate::admission::engine::Decision;
use crate::admission::policy::Violation;
use crate::admission::{Verdict, shown_time};
use crate::telemetry::asked::{Asked, shortened};

/// How many policies, values that were filled in, and violations a decision has at most of each; of more, how many.
const MAX_LISTED: usize = 16;

/// A decision.
#[derive(Debug)]
pub struct KeptDecision {
    id: String,
    summary: Value,
    why: Value,
}

impl KeptDecision {
    /// What was decided on a submission.
    pub(super) fn of(id: String, plugin: &str, submission: &Submission, decision: &Decision) -> Self {
        let is_admitted = matches!(decision.verdict, Verdict::Admitted(_));
        let rule = match &decision.verdict {
            Verdict::Refused(refusal) => refusal.rule(),
            Verdict::Admitted(_) => None,
        };
        let Asked {
            client,
            user,
            opaque_id,
            method,
            path,
            is_dry_run,
        } = &submission.asked;
        let summary = json!({
            "decision_id": id,
            "at": shown_time(submission.now_millis),
            "plugin": plugin,
            "id": shortened(&submission.id),
            "verdict": if is_admitted { "admitted" } else { "refused" },
            "dry_run": is_dry_run.unwrap_or_default(),
            "user": user,
            "violations": decision.violations.len(),
        });
        let policies = &submission.policies.active;
        let matched = decision
            .concerning
            .iter()
            .filter_map(|place| policies.policies().get(*place));
        let matched = matched.map(|policy| {
            let enforcement = policy.enforcement_at(submission.now_millis);
            json!({"policy": shortened(&policy.name), "enforcement": enforcement.name()})
        });
        let filled = decision.filled.iter();
        let filled =
            filled.map(|filled| json!({"pointer": shortened(&filled.pointer), "policy": shortened(&filled.policy)}));
        let problems = decision.problems.iter();
        let problems =
            problems.map(|problem| json!({"policy": shortened(&problem.policy), "reason": shortened(&problem.reason)}));
        let why = json!({
            "client": client.to_string(),
            "opaque_id": opaque_id,
            "method": method,
            "path": path,
            "api": submission.api.to_string(),
            "revision": policies.revision().to_string(),
            "rule": rule,
            "matched": listed(matched),
            "filled_in": listed(filled),
            "violated": listed(decision.violations.iter().map(shown)),
            "not_evaluated": listed(problems),
        });
        Self { id, summary, why }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// In a few words, for a list.
    #[must_use]
    pub const fn summary(&self) -> &Value {
        &self.summary
    }

    /// All that is kept of it.
    #[must_use]
    pub fn whole(&self) -> Value {
        let mut whole = self.summary.clone();
        if let (Value::Object(whole), Value::Object(why)) = (&mut whole, &self.why) {
            whole.extend(why.clone());
        }
        whole
    }

    #[cfg(test)]
    pub(super) fn nothing(id: String) -> Self {
        Self::of_values(id, json!({}), json!({}))
    }

    #[cfg(test)]
    pub(super) fn of_values(id: String, summary: Value, why: Value) -> Self {
        Self { id, summary, why }
    }
}

/// The first of them, and how many more there are.
fn listed(all: impl Iterator<Item = Value>) -> Value {
    let mut all = all.fuse();
    let mut listed: Vec<Value> = all.by_ref().take(MAX_LISTED).collect();
    if let more @ 1.. = all.count() {
        listed.push(json!({ "more": more }));
    }
    listed.into()
}

/// What policies report of a violation; its text has the value, if that is short, and the limit.
fn shown(violation: &Violation) -> Value {
    json!({
        "policy": shortened(&violation.policy),
        "enforcement": violation.enforcement.name(),
        "pointer": shortened(&violation.pointer),
        "text": shortened(&violation.text),
        "message": violation.message.as_deref().map(shortened),
        "link": violation.link.as_deref().map(shortened),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_the_first_are_listed_with_how_many_more() {
        let many = listed((0..MAX_LISTED + 3).map(Value::from));
        assert_eq!(many.as_array().map(Vec::len), Some(MAX_LISTED + 1));
        assert_eq!(many[MAX_LISTED], json!({"more": 3}));
        assert_eq!(listed((0..2).map(Value::from)), json!([0, 1]));
    }

    #[test]
    fn a_long_text_is_kept_by_its_beginning() {
        let violation = Violation {
            text: "x".repeat(1_000_000),
            message: Some("m".repeat(1_000_000)),
            ..Violation::default()
        };
        assert!(shown(&violation).to_string().len() < 3000);
    }
}
