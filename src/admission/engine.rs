//! The whole of admission: the operator's defaults, what Elasticsearch says, the operator's policies, and the verdict.
//!
//! `serve` and every command that judges a job go through [`Engine`], so that they cannot differ.

use super::notice::{refusal, warnings};
use super::policy::defaults::fill;
use super::policy::matching::Subject;
use super::policy::origin::{self, FilledIn};
use super::policy::{Enforcement, Evaluation, OnError, OnUpdate, Policy, PolicySet, Problem, Violation};
use super::{Candidate, Verdict};
use crate::es::error::Refusal;
use crate::es::user::User;
use crate::xcontent::format::Format;
use crate::xcontent::json::{Document, Node};

/// A call of Elasticsearch's API, as far as admission has to know it.
pub trait Call {
    /// Judges a request as Elasticsearch does. Pure: the command line, fuzzing and benches call it too.
    fn admit(&self, candidate: &Candidate<'_>) -> Verdict;

    /// The groups of a document of the call, by which policies may be chosen.
    fn groups(&self, document: Node<'_>) -> Vec<String>;
}

/// A call together with the operator's policies.
#[derive(Clone, Copy)]
pub struct Engine<'e> {
    /// The call.
    pub call: &'e dyn Call,
    /// The policies.
    pub policies: &'e PolicySet,
}

/// A verdict and its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What becomes of the request.
    pub verdict: Verdict,
    /// What the policies that enforce or warn found.
    pub violations: Vec<Violation>,
    /// Which policies could not be evaluated.
    pub problems: Vec<Problem>,
    /// What was filled in, and by which policy.
    pub filled: Vec<FilledIn>,
    /// Which policies concern the final document, by their places in the set; none where it did not come to one.
    pub concerning: Vec<usize>,
}

/// What policies are asked of beside the document.
#[derive(Debug, Clone, Copy)]
pub struct PolicyInput<'a> {
    /// The id of what is created.
    pub id: &'a str,
    /// Who asks, where that is known.
    pub user: Option<&'a User>,
    /// When, in milliseconds since the epoch.
    pub now_millis: i64,
}

impl Engine<'_> {
    /// Decides on a candidate of this user, who may be unknown.
    #[must_use]
    pub fn decide(self, candidate: &Candidate<'_>, user: Option<&User>) -> Decision {
        let mut evaluation = Evaluation::default();
        let (verdict, filled) = self.with_defaults(candidate, user, &mut evaluation);
        let mut admitted = match verdict {
            Verdict::Admitted(admitted) => admitted,
            refused @ Verdict::Refused(_) => return Decision::of(refused, evaluation, filled),
        };
        let input = PolicyInput {
            id: candidate.id,
            user,
            now_millis: candidate.now_millis,
        };
        // Most often there are none, and then the document is not made for them.
        let found = if self.policies.policies().is_empty() {
            Evaluation::default()
        } else {
            let bites = |enforcement| matches!(enforcement, Enforcement::Enforce | Enforcement::Warn);
            self.evaluate(&admitted.judged(), input, bites)
        };
        evaluation.violations.extend(found.violations);
        evaluation.problems.extend(found.problems);
        evaluation.concerning = found.concerning;
        if let Some(before) = &admitted.before {
            let (before, after) = (before.text(), admitted.stored());
            let [before, after] = [&before, &after].map(|text| Document::read(text.as_bytes()));
            self.spare_existing(&mut evaluation.violations, [&before, &after], input);
            origin::name_of_change(&mut evaluation.violations, candidate, &before);
        } else {
            origin::name(&mut evaluation.violations, candidate, &filled);
        }
        let of = |wanted: Enforcement| {
            let violations = evaluation.violations.iter();
            violations.filter(move |violation| violation.enforcement == wanted)
        };
        if of(Enforcement::Enforce).next().is_some() {
            let refusal = refusal(of(Enforcement::Enforce));
            return Decision::of(Verdict::Refused(refusal), evaluation, filled);
        }
        admitted.warnings.extend(warnings(of(Enforcement::Warn)));
        Decision::of(Verdict::Admitted(admitted), evaluation, filled)
    }

    /// What the policies that only audit say of the final document of a request that was admitted.
    #[must_use]
    pub fn audit(self, document: &str, input: PolicyInput<'_>) -> Evaluation {
        self.evaluate(document, input, |enforcement| enforcement == Enforcement::Audit)
    }

    /// What the policies that enforce say of a final document.
    #[must_use]
    pub fn enforced(self, document: &str, input: PolicyInput<'_>) -> Evaluation {
        self.evaluate(document, input, |enforcement| enforcement == Enforcement::Enforce)
    }

    /// What all policies say of a final document, whatever comes of it.
    #[must_use]
    pub fn standing(self, document: &str, input: PolicyInput<'_>) -> Evaluation {
        self.evaluate(document, input, |_| true)
    }

    /// Turns what is enforced into a warning where a document violated it before it was changed, and the change does not
    /// touch what is wrong; but for policies that want all of a changed document enforced.
    fn spare_existing(self, violations: &mut [Violation], documents: [&Document<'_>; 2], input: PolicyInput<'_>) {
        let [Some(before), Some(after)] = documents.map(Document::root) else {
            return;
        };
        let is_enforced = |enforcement| enforcement == Enforcement::Enforce;
        if !violations.iter().any(|violation| is_enforced(violation.enforcement)) {
            return;
        }
        let existing = self.evaluate_root(before, input, is_enforced).violations;
        for violation in violations
            .iter_mut()
            .filter(|violation| is_enforced(violation.enforcement))
        {
            let policy = self
                .policies
                .policies()
                .iter()
                .find(|policy| policy.name == violation.policy);
            if let Some(policy) = policy
                && policy.on_update == OnUpdate::New
                && policy.was_violated(violation, &existing, [before, after])
            {
                violation.enforcement = Enforcement::Warn;
            }
        }
    }

    /// Judges a final document by some of the policies.
    fn evaluate(self, document: &str, input: PolicyInput<'_>, wanted: impl Fn(Enforcement) -> bool) -> Evaluation {
        let document = Document::read(document.as_bytes());
        let root = document.root();
        root.map_or_else(Evaluation::default, |root| self.evaluate_root(root, input, wanted))
    }

    fn evaluate_root(self, root: Node<'_>, input: PolicyInput<'_>, wanted: impl Fn(Enforcement) -> bool) -> Evaluation {
        let groups = self.call.groups(root);
        let subject = Subject {
            id: input.id,
            groups: &groups,
            user: input.user,
        };
        self.policies.evaluate(root, subject, input.now_millis, wanted)
    }

    /// What Elasticsearch says to the candidate with the operator's defaults. Where these alone are what it refuses, the
    /// policies that have them cannot be evaluated.
    fn with_defaults(
        self,
        candidate: &Candidate<'_>,
        user: Option<&User>,
        evaluation: &mut Evaluation,
    ) -> (Verdict, Vec<FilledIn>) {
        let Some(Filled { text, by }) = self.filled(candidate, user) else {
            return (self.call.admit(candidate), Vec::new());
        };
        let refusal = match self.call.admit(&Candidate {
            body: text.as_bytes(),
            format: Format::Json,
            ..*candidate
        }) {
            Verdict::Refused(refusal) => refusal,
            admitted @ Verdict::Admitted(_) => {
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
        let verdict = self.call.admit(candidate);
        if matches!(verdict, Verdict::Admitted(_)) {
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
        (verdict, Vec::new())
    }

    /// The candidate's body with the defaults of the policies that concern it, if there is anything to fill in. Of two
    /// policies the first one fills in, and what it has filled in the second one finds there.
    fn filled(&self, candidate: &Candidate<'_>, user: Option<&User>) -> Option<Filled<'_>> {
        // A document that is changed got its defaults when it was created.
        if !self.policies.fills_in() || candidate.current.is_some() {
            return None;
        }
        let document = candidate.format.read(candidate.body, candidate.api);
        // What is broken is Elasticsearch's to refuse.
        let root = document.root().filter(|_| document.fault().is_none())?;
        let groups = self.call.groups(root);
        let subject = Subject {
            id: candidate.id,
            groups: &groups,
            user,
        };
        let mut filled: Option<Filled<'_>> = None;
        for (policy, enforcement) in self.policies.concerning(subject, candidate.now_millis) {
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
}

impl Decision {
    /// What a client is warned of by policies.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let violations = self.violations.iter();
        warnings(violations.filter(|violation| violation.enforcement == Enforcement::Warn))
    }

    /// A request that is refused before anything is known of what it is about.
    #[must_use]
    pub fn refused(refusal: Refusal) -> Self {
        Self::of(Verdict::Refused(refusal), Evaluation::default(), Vec::new())
    }

    fn of(verdict: Verdict, evaluation: Evaluation, filled: Vec<FilledIn>) -> Self {
        Self {
            verdict,
            violations: evaluation.violations,
            problems: evaluation.problems,
            filled,
            concerning: evaluation.concerning,
        }
    }
}

/// A body with the operator's defaults.
struct Filled<'p> {
    text: String,
    by: Vec<(&'p Policy, Vec<String>)>,
}
