//! One test: puts its job to admission, and compares.

use std::fmt;

use serde_json::Value;

use crate::admission::Verdict;
use crate::admission::policy::Violation;
use crate::cli::engine::{Outcome, Submission};
use crate::config::policies::{Case, Expectation, ExpectedViolation};

/// Something that is not as it was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) expected: String,
    pub(super) found: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

/// What a test submits.
pub(super) fn submission(case: &Case) -> Submission {
    Submission {
        id: case.job_id.clone(),
        body: case.job.to_string().into_bytes(),
        user: case.user.clone(),
        api: case.api,
        now_millis: case.today.map(crate::admission::policy::Day::start_millis),
        ..Submission::default()
    }
}

/// What is not as it was expected.
pub(super) fn failures(expected: &Expectation, outcome: &Outcome) -> Vec<Failure> {
    let mut failures = Vec::new();
    let verdict = outcome.decision.verdict.name();
    if let Some(wanted) = expected.verdict.filter(|wanted| wanted.name() != verdict) {
        failures.push(Failure {
            expected: format!("verdict `{}`", wanted.name()),
            found: outcome.refused_by_elasticsearch().map_or_else(
                || verdict.to_owned(),
                |reason| format!("{verdict} by Elasticsearch: {reason}"),
            ),
        });
    }
    if let Some(wanted) = &expected.violations {
        failures.extend(unlike(wanted, &outcome.violations().collect::<Vec<_>>()));
    }
    if let Some(wanted) = &expected.effective {
        match &outcome.decision.verdict {
            Verdict::Refused(_) => failures.push(Failure {
                expected: "an effective document".to_owned(),
                found: "a refusal".to_owned(),
            }),
            Verdict::Admitted(admitted) => {
                let document = serde_json::from_str(&admitted.judged()).unwrap_or_default();
                missing(wanted, &document, "", &mut failures);
            }
        }
    }
    failures
}

/// The violations that are expected and not there, and those that are there and not expected.
fn unlike(wanted: &[ExpectedViolation], found: &[&Violation]) -> Vec<Failure> {
    let fits = |wanted: &ExpectedViolation, found: &Violation| {
        wanted.policy == found.policy && wanted.pointer.as_ref().is_none_or(|pointer| *pointer == found.pointer)
    };
    let mut left: Vec<&Violation> = found.to_vec();
    let mut failures = Vec::new();
    for wanted in wanted {
        match left.iter().position(|found| fits(wanted, found)) {
            Some(place) => {
                left.remove(place);
            }
            None => failures.push(Failure {
                expected: format!(
                    "a violation of `{}`{}",
                    wanted.policy,
                    wanted
                        .pointer
                        .as_ref()
                        .map(|pointer| format!(" at `{pointer}`"))
                        .unwrap_or_default()
                ),
                found: "none".to_owned(),
            }),
        }
    }
    failures.extend(left.into_iter().map(|violation| Failure {
        expected: "no other violation".to_owned(),
        found: format!(
            "one of `{}` at `{}`: {}",
            violation.policy, violation.pointer, violation.text
        ),
    }));
    failures
}

/// What of `wanted` is not in `found`: of objects every member, lists and values whole.
fn missing(wanted: &Value, found: &Value, pointer: &str, failures: &mut Vec<Failure>) {
    if let (Value::Object(wanted), Value::Object(found)) = (wanted, found) {
        for (name, wanted) in wanted {
            let below = crate::admission::policy::defaults::below(pointer, name);
            missing(wanted, found.get(name).unwrap_or(&Value::Null), &below, failures);
        }
    } else if wanted != found {
        failures.push(Failure {
            expected: format!("`{pointer}` to be {wanted}"),
            found: found.to_string(),
        });
    }
}
