//! What a client is told of violations: a refusal for those that are enforced, warnings for the others.

use super::policy::Violation;
use crate::es::error::{Exception, Kind, Refusal};
use crate::es::warning;

/// How many violations a client is warned of.
const MOST_WARNINGS: usize = 16;
/// How many bytes each of the warnings takes of its field, at about.
const MOST_BYTES: usize = 400;

/// The warnings of violations. Clients read heads of about 16 KiB, so what is told is bounded.
pub(super) fn warnings<'v>(mut violations: impl Iterator<Item = &'v Violation>) -> Vec<String> {
    let mut warnings: Vec<String> = violations.by_ref().take(MOST_WARNINGS).map(Violation::line).collect();
    let more = violations.count();
    for text in &mut warnings {
        *text = warning::within(text, MOST_BYTES);
    }
    if more > 0 {
        warnings.push(format!("the policies were violated in {more} more places"));
    }
    warnings
}

/// The refusal that tells all violations at once.
pub(super) fn refusal<'v>(violations: impl Iterator<Item = &'v Violation>) -> Refusal {
    let causes: Vec<Exception> = violations.map(exception).collect();
    let reason = match causes.as_slice() {
        [only] => only.reason.clone(),
        several => format!(
            "the job violates policies in {} places, see [root_cause]",
            several.len()
        ),
    };
    Refusal::Several {
        exception: Box::new(Exception::new(Kind::PolicyViolation, reason)),
        causes,
    }
}

fn exception(violation: &Violation) -> Exception {
    let mut exception = Exception::new(Kind::PolicyViolation, violation.line());
    exception.metadata = [
        ("policy", violation.policy.clone().into()),
        ("pointer", violation.pointer.clone().into()),
        ("value", violation.value.clone()),
        ("origin", violation.origin.clone().into()),
        ("limit", violation.limit.clone()),
        ("message", violation.message.clone().into()),
        ("link", violation.link.clone().into()),
    ]
    .into_iter()
    .filter(|(_, value): &(_, serde_json::Value)| !value.is_null())
    .collect();
    exception
}
