//! The event of a decision: what was decided on which request, by which revision of the policies, and why.

use super::judge::Question;
use crate::admission::Decision;
use crate::admission::policy::pipeline::Ruling;
use crate::admission::policy::{Problem, Violation};
use crate::telemetry::metrics;

/// Writes a decision to the log, and counts it. What the policies have to do with is for the operator; what Elasticsearch
/// alone would refuse is not.
pub(super) fn log(plugin: &'static str, question: &Question, ruling: &Ruling) {
    let is_admitted = matches!(ruling.decision, Decision::Admitted(_));
    metrics::decided(plugin, is_admitted);
    count(&ruling.violations, &ruling.problems);
    let verdict = if is_admitted { "admitted" } else { "refused" };
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
        tracing::debug!(plugin, id, verdict, %revision, "decided");
    } else {
        tracing::info!(plugin, id, verdict, %revision, violations, filled, "decided");
    }
}

/// Counts what policies have found.
pub(super) fn count(violations: &[Violation], problems: &[Problem]) {
    for violation in violations {
        metrics::violated(&violation.policy, violation.enforcement.name());
    }
    for problem in problems {
        metrics::not_evaluated(&problem.policy);
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
