//! The event of a decision: what was decided on which request, by which revision of the policies, and why.

use super::judge::Question;
use crate::admission::Decision;
use crate::admission::policy::Violation;
use crate::admission::policy::pipeline::Ruling;

/// Writes a decision to the log. What the policies have to do with is for the operator; what Elasticsearch alone would
/// refuse is not.
pub(super) fn log(plugin: &'static str, question: &Question, ruling: &Ruling) {
    let verdict = match &ruling.decision {
        Decision::Refused(_) => "refused",
        Decision::Admitted(_) => "admitted",
    };
    let (id, revision) = (&question.id, question.policies.revision());
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
        tracing::debug!(plugin, id, verdict, %revision, "decided");
    } else {
        tracing::info!(plugin, id, verdict, %revision, violations, filled, "decided");
    }
}

/// Violations on one line, each with what comes of it.
pub(super) fn lines(violations: &[Violation]) -> String {
    let line = |violation: &Violation| {
        let enforcement = violation.enforcement.name();
        format!("{} ({enforcement}): {}", violation.policy, violation.text)
    };
    violations.iter().map(line).collect::<Vec<_>>().join("; ")
}
