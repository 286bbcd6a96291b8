//! What a report tells: what came of each job, and what came of all.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Print;
use super::input::{InputError, Place};
use crate::admission::Verdict;
use crate::admission::policy::{Enforcement, Violation};
use crate::cli::Exit;
use crate::cli::engine::Outcome;
use crate::es::version::Version;

/// A job of a file, and what came of it: its id and its outcome.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) file: String,
    /// Where in it; none for the only job of a file.
    pub(super) place: Option<Place>,
    /// It is one that the cluster has already.
    pub(super) exists: bool,
    /// The members that were left out, as a create does not take them.
    pub(super) left_out: Vec<String>,
    /// What follows it in the file and is no value.
    pub(super) trailing: Option<String>,
    /// What only a cluster can tell of it, and why that is not known.
    pub(super) not_looked_up: Option<String>,
    pub(super) outcome: Result<(String, Outcome), InputError>,
    /// How long the judgement took.
    pub(super) took: Duration,
}

/// A run of the command.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) judged: Vec<Judged>,
    /// How many files of folders hold no job.
    pub(super) passed_over: usize,
    pub(super) print: Option<Print>,
    pub(super) warnings_fail: bool,
    /// As what was judged because nobody has said it.
    pub(super) assumed: Option<Version>,
}

/// How many jobs came to what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) admitted: usize,
    pub(super) refused: usize,
    pub(super) warned: usize,
    pub(super) unusable: usize,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// It is why the job is refused.
    Error,
    /// The job is admitted all the same.
    Warning,
    /// A policy that is being tried out has found it.
    Audit,
    /// What the judgement does not cover.
    Note,
}

/// One thing that is told of a job.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    pub(super) level: Level,
    /// The policy's name, `elasticsearch` with the id of its rule if there is one, or `anomaly-gateway` for what concerns
    /// the judgement.
    pub(super) rule: String,
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
                    match &outcome.decision.verdict {
                        Verdict::Admitted(_) => counts.admitted += 1,
                        Verdict::Refused(_) => counts.refused += 1,
                    }
                    let is_warned = !outcome.warnings().is_empty() || judged.trailing.is_some();
                    counts.warned += usize::from(is_warned);
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

    /// What the judgement does not cover, a line for each kind.
    pub(super) fn notes(&self) -> Vec<String> {
        let noun = |count: usize| if count == 1 { "job" } else { "jobs" };
        let mut notes = Vec::new();
        notes.extend(self.assumed.map(|version| {
            format!(
                "judged as Elasticsearch {}, as `jobs.api` is `auto` and no cluster was asked; --against asks it, --api \
                 names a version; before OpenSearch the gateway judges as {}",
                version,
                Version::BASE
            )
        }));
        let shown: Vec<&Judged> = self
            .judged
            .iter()
            .filter(|judged| !judged.left_out.is_empty())
            .collect();
        if !shown.is_empty() {
            let names: BTreeSet<&String> = shown.iter().flat_map(|judged| &judged.left_out).collect();
            notes.push(format!(
                "of {} {}, what a create does not take was left out: {}",
                shown.len(),
                noun(shown.len()),
                bracketed(names)
            ));
        }
        let reasons: Vec<&String> = self
            .judged
            .iter()
            .filter_map(|judged| judged.not_looked_up.as_ref())
            .collect();
        for reason in reasons.iter().collect::<BTreeSet<_>>() {
            let count = reasons.iter().filter(|other| *other == reason).count();
            notes.push(format!("of {count} {}, {reason}", noun(count)));
        }
        match self.passed_over {
            0 => {}
            1 => notes.push("1 file holds no job and was passed over".to_owned()),
            many => notes.push(format!("{many} files hold no job and were passed over")),
        }
        notes
    }
}

/// Names as messages have them.
fn bracketed<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("[{name}]")).collect();
    names.join(", ")
}

impl Judged {
    /// Where the job is, as editors and compilers write it.
    pub(super) fn at(&self) -> String {
        at(&self.file, self.place.as_ref())
    }

    /// All that there is to say of the job, what refuses it first.
    pub(super) fn findings(&self, outcome: &Outcome) -> Vec<Finding> {
        let mut findings = findings(outcome);
        let own = |level, rule: &str, text: String| Finding {
            level,
            rule: rule.to_owned(),
            pointer: String::new(),
            text,
            link: None,
        };
        findings.extend(self.trailing.as_ref().map(|text| {
            let text = format!("what follows the job in the file is not read: [{text}]");
            own(Level::Warning, "elasticsearch", text)
        }));
        findings.sort_by_key(|finding| finding.level != Level::Error);
        if !self.left_out.is_empty() {
            let text = format!(
                "what a create does not take was left out: {}",
                bracketed(&self.left_out)
            );
            findings.push(own(Level::Note, "anomaly-gateway", text));
        }
        findings.extend(
            self.not_looked_up
                .clone()
                .map(|text| own(Level::Note, "anomaly-gateway", text)),
        );
        findings
    }
}

/// A place in a file, or the file.
pub(super) fn at(file: &str, place: Option<&Place>) -> String {
    match place {
        Some(Place { position, .. }) => format!("{file}:{}:{}", position.line, position.column),
        None => file.to_owned(),
    }
}

/// What admission and the cluster have found.
fn findings(outcome: &Outcome) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(outcome.refused_by_elasticsearch().map(|text| Finding {
        level: Level::Error,
        rule: outcome.rule(),
        pointer: String::new(),
        text,
        link: None,
    }));
    findings.extend(outcome.violations().map(|violation| Finding {
        level: match violation.enforcement {
            Enforcement::Enforce => Level::Error,
            Enforcement::Audit => Level::Audit,
            Enforcement::Warn | Enforcement::Off => Level::Warning,
        },
        rule: violation.policy.clone(),
        pointer: violation.pointer.clone(),
        text: violation.line(),
        link: violation.link.clone(),
    }));
    // What policies warn of is in the list already; these are Elasticsearch's own.
    let lines: Vec<String> = outcome.violations().map(Violation::line).collect();
    let own = outcome.warnings().iter().filter(|warning| !lines.contains(warning));
    findings.extend(own.map(|warning| Finding {
        level: Level::Warning,
        rule: "elasticsearch".to_owned(),
        pointer: String::new(),
        text: warning.clone(),
        link: None,
    }));
    findings
}

/// The document that would be stored, with what would be stored beside it.
pub(super) fn effective(outcome: &Outcome) -> Option<String> {
    match &outcome.decision.verdict {
        Verdict::Admitted(admitted) => Some(admitted.with_companion().text().into_owned()),
        Verdict::Refused(_) => None,
    }
}

impl Level {
    /// The word for it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Audit => "audit",
            Self::Note => "note",
        }
    }
}
