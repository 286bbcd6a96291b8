//! The event of a decision: what was decided on which request, by which revision of the policies, and why.

use super::judge::Question;
use crate::admission::Decision;
use crate::admission::policy::pipeline::Ruling;
use crate::admission::policy::{Problem, Violation};
use crate::telemetry::metrics;
use crate::telemetry::request_record::RequestRecord;

/// How many violations a line of the log names.
const MOST_LOGGED: usize = 64;
/// How many characters it has of each.
const MOST_CHARACTERS: usize = 1000;

/// Writes a decision to the log, counts it, and notes it in the record of its request. What the policies have to do with is for the operator; what Elasticsearch
/// alone would refuse is not.
pub(super) fn log(plugin: &'static str, question: &Question, ruling: &Ruling, record: &RequestRecord) {
    let is_admitted = matches!(ruling.decision, Decision::Admitted(_));
    record.decided(is_admitted);
    metrics::decided(plugin, is_admitted);
    count(&ruling.violations, &ruling.problems);
    let verdict = if is_admitted { "admitted" } else { "refused" };
    // The rule of the API by which a job is refused; policies have their names among the violations.
    let rule = match &ruling.decision {
        Decision::Refused(refusal) => refusal.rule(),
        Decision::Admitted(_) => None,
    };
    let (id, revision) = (&question.id, question.policies.active.revision());
    let violations = lines(&ruling.violations);
    let filled: Vec<_> = ruling
        .filled
        .iter()
        .map(|filled| format!("{} by {}", filled.pointer, filled.policy))
        .collect();
    let filled = filled.join(", ");
    for problem in &ruling.problems {
        tracing::warn!(plugin, id, %revision, %problem, "a policy was not evaluated");
    }
    if violations.is_empty() && filled.is_empty() {
        tracing::debug!(plugin, id, verdict, rule, %revision, "decided");
    } else {
        tracing::info!(plugin, id, verdict, rule, %revision, violations, filled, "decided");
    }
}

/// Counts what policies have found.
pub(super) fn count(violations: &[Violation], problems: &[Problem]) {
    let is_alike =
        |one: &Violation, other: &Violation| (&one.policy, one.enforcement) == (&other.policy, other.enforcement);
    for alike in violations.chunk_by(is_alike) {
        if let Some(first) = alike.first() {
            metrics::violated(&first.policy, first.enforcement.name(), alike.len() as u64);
        }
    }
    for problem in problems {
        metrics::not_evaluated(&problem.policy);
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
