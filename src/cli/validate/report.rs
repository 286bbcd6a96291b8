//! What a report tells: what came of each file, and what came of all.

use std::borrow::Cow;

use super::Print;
use super::input::InputError;
use crate::admission::Decision;
use crate::admission::policy::Enforcement;
use crate::cli::Exit;
use crate::cli::engine::Outcome;
use crate::config::policies::Verdict;

/// A file, and what came of it: the job's id and its outcome.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) name: String,
    pub(super) outcome: Result<(String, Outcome), InputError>,
}

/// A run of the command.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) judged: Vec<Judged>,
    pub(super) print: Option<Print>,
    pub(super) warnings_fail: bool,
}

/// How many files came to what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) admitted: usize,
    pub(super) refused: usize,
    pub(super) warned: usize,
    pub(super) unusable: usize,
}

/// One thing that is told of a job.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    /// Whether it is why the job is refused.
    pub(super) refuses: bool,
    /// The policy's name, or `elasticsearch`, with the id of its rule if there is one.
    pub(super) rule: String,
    pub(super) enforcement: Option<Enforcement>,
    pub(super) pointer: String,
    pub(super) text: String,
    pub(super) link: Option<String>,
}

impl Report {
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for judged in &self.judged {
            match &judged.outcome {
                Err(_) => counts.unusable += 1,
                Ok((_, outcome)) => {
                    match outcome.verdict() {
                        Verdict::Admitted => counts.admitted += 1,
                        Verdict::Refused => counts.refused += 1,
                    }
                    counts.warned += usize::from(!outcome.warnings().is_empty());
                }
            }
        }
        counts
    }

    /// How the command ends: what could not be judged weighs more than what was refused.
    pub(super) fn exit(&self) -> Exit {
        let counts = self.counts();
        if counts.unusable > 0 {
            Exit::Usage
        } else if counts.refused > 0 || self.warnings_fail && counts.warned > 0 {
            Exit::Findings
        } else {
            Exit::Fine
        }
    }
}

/// All that is told of a job, what refuses it first.
pub(super) fn findings(outcome: &Outcome) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(outcome.refused_by_elasticsearch().map(|text| Finding {
        refuses: true,
        rule: outcome.rule(),
        enforcement: None,
        pointer: String::new(),
        text,
        link: None,
    }));
    findings.extend(outcome.violations().map(|violation| Finding {
        refuses: violation.enforcement == Enforcement::Enforce,
        rule: violation.policy.clone(),
        enforcement: Some(violation.enforcement),
        pointer: violation.pointer.clone(),
        text: violation.line(),
        link: violation.link.clone(),
    }));
    // What policies warn of is in the list already; these are Elasticsearch's own.
    let lines: Vec<String> = outcome
        .violations()
        .map(crate::admission::policy::Violation::line)
        .collect();
    let own = outcome.warnings().iter().filter(|warning| !lines.contains(warning));
    findings.extend(own.map(|warning| Finding {
        refuses: false,
        rule: "elasticsearch".to_owned(),
        enforcement: Some(Enforcement::Warn),
        pointer: String::new(),
        text: warning.clone(),
        link: None,
    }));
    findings.extend(outcome.unsettled().map(|text| Finding {
        refuses: false,
        rule: "elasticsearch".to_owned(),
        enforcement: None,
        pointer: String::new(),
        text,
        link: None,
    }));
    findings.sort_by_key(|finding| !finding.refuses);
    findings
}

/// The document that would be stored.
pub(super) fn effective(outcome: &Outcome) -> Option<Cow<'_, str>> {
    match &outcome.ruling.decision {
        Decision::Admitted(admitted) => Some(admitted.stored()),
        Decision::Refused(_) => None,
    }
}

/// The word for an enforcement.
pub(super) const fn word(finding: &Finding) -> &'static str {
    match (finding.refuses, finding.enforcement) {
        (true, _) => "error",
        (false, Some(Enforcement::Audit)) => "audit",
        (false, None) => "note",
        _ => "warning",
    }
}
