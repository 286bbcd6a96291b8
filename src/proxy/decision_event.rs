//! The event of a decision: what was decided on which request, by which revision of the policies, and why.

use super::evaluate::Submission;
use crate::admission::Verdict;
use crate::admission::engine::Decision;
use crate::admission::policy::{Problem, Revision, Violation};
use crate::telemetry::events::policies::{NotEvaluated, violated};
use crate::telemetry::events::requests::{Decision as DecisionEvent, dry_run};
use crate::telemetry::request_record::RequestRecord;

/// How many violations a line of the log names.
const MOST_LOGGED: usize = 64;
/// How many characters it has of each.
const MOST_CHARACTERS: usize = 1000;

/// Logs and counts a decision, and notes it in the record of its request.
pub(super) fn log(plugin: &'static str, submission: &Submission, decision: &Decision, record: &RequestRecord) {
    let is_admitted = matches!(decision.verdict, Verdict::Admitted(_));
    record.decided(is_admitted);
    let rule = match &decision.verdict {
        Verdict::Refused(refusal) => refusal.rule(),
        Verdict::Admitted(_) => None,
    };
    let (id, revision) = (&submission.id, submission.policies.active.revision());
    let filled: Vec<_> = decision
        .filled
        .iter()
        .map(|filled| format!("{} by {}", filled.pointer, filled.policy))
        .collect();
    note_problems(Some(plugin), id, revision, &decision.problems);
    count(&decision.violations, submission.asked.is_dry_run == Some(true));
    let event = DecisionEvent {
        asked: &submission.asked,
        plugin,
        id,
        is_admitted,
        rule,
        revision,
        violations: &lines(&decision.violations),
        filled: &filled.join(", "),
    };
    event.emit();
}

/// Logs and counts the policies that could not be evaluated.
pub(super) fn note_problems(plugin: Option<&str>, id: &str, revision: &Revision, problems: &[Problem]) {
    for problem in problems {
        let event = NotEvaluated {
            plugin,
            id,
            revision,
            problem,
        };
        event.emit(&problem.policy);
    }
}

/// Counts the violations that policies have found.
pub(super) fn count(violations: &[Violation], is_dry_run: bool) {
    let is_alike =
        |one: &Violation, other: &Violation| (&one.policy, one.enforcement) == (&other.policy, other.enforcement);
    for alike in violations.chunk_by(is_alike) {
        if let Some(first) = alike.first() {
            let enforcement = first.enforcement.name();
            violated(&first.policy, enforcement, dry_run(is_dry_run), alike.len() as u64);
        }
    }
}

/// Violations on one line, each with what comes of it; of very many, the first, and of a long one its beginning.
pub(super) fn lines(violations: &[Violation]) -> String {
    let line = |violation: &Violation| {
        let enforcement = violation.enforcement.name();
        let text = violation.text.char_indices().nth(MOST_CHARACTERS);
        let text = text.map_or(violation.text.as_str(), |(end, _)| {
            violation.text.get(..end).unwrap_or_default()
        });
        format!("{} ({enforcement}): {text}", violation.policy)
    };
    let mut lines: Vec<String> = violations.iter().take(MOST_LOGGED).map(line).collect();
    if let Some(more @ 1..) = violations.len().checked_sub(MOST_LOGGED) {
        lines.push(format!("and {more} more"));
    }
    lines.join("; ")
}
