//! The whole of admission: the operator's defaults, what Elasticsearch says, the operator's policies, and the verdict.
//!
//! `serve` and every command that judges a job go through [`decide`], so that they cannot differ.

use super::defaults::fill;
use super::matching::Subject;
use super::origin::{self, FilledIn};
use super::{Enforcement, Evaluation, OnError, Policy, PolicySet, Problem, Violation};
use crate::admission::{Candidate, Decision};
use crate::es::error::{Exception, Kind, Refusal};
use crate::es::user::User;
use crate::es::warning;
use crate::xcontent::format::Format;
use crate::xcontent::json::{Document, Node};

/// How many violations a client is warned of.
const MOST_WARNINGS: usize = 16;
/// How many bytes each of the warnings takes of its field, at about.
const MOST_BYTES: usize = 400;

/// What Elasticsearch's call says to a candidate.
pub type Judge<'j> = dyn Fn(&Candidate<'_>) -> Decision + 'j;

/// What was decided, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// What is to be done.
    pub decision: Decision,
    /// What the policies that enforce or warn found.
    pub violations: Vec<Violation>,
    /// Which policies could not be evaluated.
    pub problems: Vec<Problem>,
    /// What was filled in, and by which policy.
    pub filled: Vec<FilledIn>,
}

/// What policies are asked of beside the document.
#[derive(Debug, Clone, Copy)]
pub struct PolicyInput<'a> {
    /// The job's id.
    pub job_id: &'a str,
    /// Who asks, where that is known.
    pub user: Option<&'a User>,
    /// When, in milliseconds since the epoch.
    pub now_millis: i64,
}

/// Decides on a candidate.
#[must_use]
pub fn decide(judge: &Judge<'_>, candidate: &Candidate<'_>, policies: &PolicySet, user: Option<&User>) -> Ruling {
    let mut evaluation = Evaluation::default();
    let (decision, filled) = with_defaults(judge, candidate, policies, user, &mut evaluation);
    let mut admitted = match decision {
        Decision::Admitted(admitted) => admitted,
        refused @ Decision::Refused(_) => return Ruling::of(refused, evaluation, filled),
    };
    let bites = |enforcement| matches!(enforcement, Enforcement::Enforce | Enforcement::Warn);
    let asked = PolicyInput {
        job_id: candidate.id,
        user,
        now_millis: candidate.now_millis,
    };
    // Most often there are none, and then the document is not made for them.
    let found = if policies.policies().is_empty() {
        Evaluation::default()
    } else {
        evaluate(policies, &admitted.stored(), asked, bites)
    };
    evaluation.violations.extend(found.violations);
    evaluation.problems.extend(found.problems);
    origin::name(&mut evaluation.violations, candidate, &filled);
    let of = |wanted: Enforcement| {
        let violations = evaluation.violations.iter();
        violations.filter(move |violation| violation.enforcement == wanted)
    };
    if of(Enforcement::Enforce).next().is_some() {
        let refusal = refusal(of(Enforcement::Enforce));
        return Ruling::of(Decision::Refused(refusal), evaluation, filled);
    }
    admitted.warnings.extend(warnings(of(Enforcement::Warn)));
    Ruling::of(Decision::Admitted(admitted), evaluation, filled)
}

/// Judges the final document of a job by some of the policies.
fn evaluate(
    policies: &PolicySet,
    document: &str,
    asked: PolicyInput<'_>,
    wanted: impl Fn(Enforcement) -> bool,
) -> Evaluation {
    let document = Document::read(document.as_bytes());
    let Some(root) = document.root() else {
        return Evaluation::default();
    };
    let groups = groups(root);
    let subject = Subject {
        job_id: asked.job_id,
        groups: &groups,
        user: asked.user,
    };
    policies.evaluate(root, subject, asked.now_millis, wanted)
}

/// What the policies that only audit say of the final document of a job that was admitted.
#[must_use]
pub fn audit(policies: &PolicySet, document: &str, asked: PolicyInput<'_>) -> Evaluation {
    evaluate(policies, document, asked, |enforcement| {
        enforcement == Enforcement::Audit
    })
}

/// What the policies that enforce say of a final document.
#[must_use]
pub fn enforced(policies: &PolicySet, document: &str, asked: PolicyInput<'_>) -> Evaluation {
    evaluate(policies, document, asked, |enforcement| {
        enforcement == Enforcement::Enforce
    })
}

impl Ruling {
    /// What a client is warned of by policies.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let violations = self.violations.iter();
        warnings(violations.filter(|violation| violation.enforcement == Enforcement::Warn))
    }

    fn of(decision: Decision, evaluation: Evaluation, filled: Vec<FilledIn>) -> Self {
        Self {
            decision,
            violations: evaluation.violations,
            problems: evaluation.problems,
            filled,
        }
    }
}

/// What Elasticsearch says to the candidate with the operator's defaults. Where these alone are what it refuses, the
/// policies that have them cannot be evaluated.
fn with_defaults(
    judge: &Judge<'_>,
    candidate: &Candidate<'_>,
    policies: &PolicySet,
    user: Option<&User>,
    evaluation: &mut Evaluation,
) -> (Decision, Vec<FilledIn>) {
    let Some(Filled { text, by }) = filled(candidate, policies, user) else {
        return (judge(candidate), Vec::new());
    };
    let refusal = match judge(&Candidate {
        body: text.as_bytes(),
        format: Format::Json,
        ..*candidate
    }) {
        Decision::Refused(refusal) => refusal,
        admitted @ Decision::Admitted(_) => {
            let filled = by.into_iter().flat_map(|(policy, pointers)| {
                let policy = policy.name.clone();
                pointers.into_iter().map(move |pointer| FilledIn {
                    pointer,
                    policy: policy.clone(),
                })
            });
            return (admitted, filled.collect());
        }
    };
    let decision = judge(candidate);
    if matches!(decision, Decision::Admitted(_)) {
        for (policy, _) in by {
            let reason = format!("with its defaults Elasticsearch refuses the job: {}", refusal.reason());
            // Left out, its defaults bite whatever comes of its violations.
            let enforcement = match policy.on_error {
                OnError::Refuse => Enforcement::Enforce,
                OnError::Admit => policy.enforcement_at(candidate.now_millis),
            };
            evaluation.fail(policy, enforcement, reason);
        }
    }
    (decision, Vec::new())
}

/// A body with the operator's defaults.
struct Filled<'p> {
    text: String,
    by: Vec<(&'p Policy, Vec<String>)>,
}

/// The candidate's body with the defaults of the policies that concern it, if there is anything to fill in. Of two
/// policies the first one fills in, and what it has filled in the second one finds there.
fn filled<'p>(candidate: &Candidate<'_>, policies: &'p PolicySet, user: Option<&User>) -> Option<Filled<'p>> {
    if !policies.fills_in() {
        return None;
    }
    let document = candidate.format.read(candidate.body, candidate.api);
    // What is broken is Elasticsearch's to refuse.
    let root = document.root().filter(|_| document.fault().is_none())?;
    let groups = groups(root);
    let subject = subject(candidate, &groups, user);
    let mut filled: Option<Filled<'p>> = None;
    for (policy, enforcement) in policies.concerning(subject, candidate.now_millis) {
        if enforcement == Enforcement::Audit || policy.defaults.is_empty() {
            continue;
        }
        let text = filled.as_ref().map(|filled| filled.text.clone());
        let reread = text.as_ref().map(|text| Document::read(text.as_bytes()));
        let Some(found) = fill(
            reread.as_ref().and_then(Document::root).unwrap_or(root),
            &policy.defaults,
        ) else {
            continue;
        };
        let mut by = filled.map(|filled| filled.by).unwrap_or_default();
        by.push((policy, found.pointers));
        filled = Some(Filled { text: found.text, by });
    }
    filled
}

fn subject<'s>(candidate: &Candidate<'s>, groups: &'s [String], user: Option<&'s User>) -> Subject<'s> {
    Subject {
        job_id: candidate.id,
        groups,
        user,
    }
}

/// The groups of a job that is given as JSON.
#[must_use]
pub fn groups_of(document: &[u8]) -> Vec<String> {
    Document::read(document).root().map(groups).unwrap_or_default()
}

/// The groups of a job. Elasticsearch takes a single text for a list of one.
fn groups(job: Node<'_>) -> Vec<String> {
    let Some(groups) = job.member("groups") else {
        return Vec::new();
    };
    let texts = groups.elements().chain([groups]).filter_map(Node::as_text);
    texts.map(std::borrow::Cow::into_owned).collect()
}

/// The warnings of violations. Clients read heads of about 16 KiB, so what is told is bounded.
fn warnings<'v>(mut violations: impl Iterator<Item = &'v Violation>) -> Vec<String> {
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
fn refusal<'v>(violations: impl Iterator<Item = &'v Violation>) -> Refusal {
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
