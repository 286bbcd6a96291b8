//! Judges jobs without a cluster, by the same admission as `serve`.

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::places::Places;
use crate::admission::engine::{self, Call as _, Decision, PolicyInput};
use crate::admission::policy::changes::{Change, Limit, Stored};
use crate::admission::policy::{PolicySet, Violation, dry_run, origin};
use crate::admission::{Candidate, Names, Unsettled, Verdict, now_millis};
use crate::es::error::{Exception, Refusal};
use crate::es::user::User;
use crate::es::version::Version;
use crate::plugin::anomaly_job::AnomalyJob;
use crate::xcontent::format::Format;
use crate::xcontent::json::Document;

/// The version that is judged as when nobody says which: the newest one.
pub(super) const NEWEST: Version = Version::new(9, 5, 0);

/// Admission, with the policies that it is to apply.
#[derive(Debug)]
pub(super) struct Engine {
    call: AnomalyJob,
    pub(super) policies: Arc<PolicySet>,
    /// The version that is judged as where a job does not say another.
    pub(super) api: Version,
}

/// A job that is to be judged.
#[derive(Debug, Clone, Default)]
pub(super) struct Submission {
    pub(super) id: String,
    pub(super) body: Vec<u8>,
    /// JSON unless it is said.
    pub(super) format: Option<Format>,
    pub(super) user: Option<User>,
    pub(super) api: Option<Version>,
    /// What places in the body are in the file that it comes from.
    pub(super) places: Places,
    /// When it is asked, in milliseconds since the epoch; now if it is not said.
    pub(super) now_millis: Option<i64>,
}

/// The decision on a job, and what only reports show of it.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) decision: Decision,
    /// What the policies that only audit found.
    pub(super) audited: Vec<Violation>,
    pub(super) changes: Vec<Change>,
}

impl Engine {
    pub(super) fn new(policies: Arc<PolicySet>, api: Version) -> Result<Self> {
        let call = AnomalyJob::new(api).context("the product's own schema cannot be used")?;
        Ok(Self { call, policies, api })
    }

    /// What `serve` decides by.
    fn admission(&self) -> engine::Engine<'_> {
        engine::Engine {
            call: &self.call,
            policies: &self.policies,
        }
    }

    /// The groups of a job, as policies see them.
    pub(super) fn groups(&self, job: &[u8]) -> Vec<String> {
        let document = Document::read(job);
        document.root().map(|job| self.call.groups(job)).unwrap_or_default()
    }

    pub(super) fn judge(&self, submission: &Submission) -> Outcome {
        let candidate = Candidate {
            id: &submission.id,
            query: "",
            path: "",
            body: &submission.body,
            format: submission.format.unwrap_or(Format::Json),
            api: submission.api.unwrap_or(self.api),
            now_millis: submission.now_millis.unwrap_or_else(now_millis),
            current: None,
        };
        let engine = self.admission();
        let user = submission.user.as_ref();
        let mut decision = engine.decide(&candidate, user);
        let (audited, changes) = match &mut decision.verdict {
            Verdict::Refused(refusal) => {
                submission.places.correct(refusal);
                Default::default()
            }
            Verdict::Admitted(admitted) => {
                let asked = PolicyInput {
                    id: candidate.id,
                    user,
                    now_millis: candidate.now_millis,
                };
                let mut found = engine.audit(&admitted.judged(), asked);
                origin::name(&mut found.violations, &candidate, &decision.filled);
                let documents = admitted.with_companion();
                let (text, left_out) = documents.parts();
                let stored = Stored { text, left_out };
                let changes = dry_run::made_of(&candidate, stored, &decision.filled, Limit::NONE);
                (found.violations, changes.listed)
            }
        };
        Outcome {
            decision,
            audited,
            changes,
        }
    }
}

impl Outcome {
    /// The names that an admitted job takes: its id, and its groups.
    pub(super) fn names(&self) -> Option<&Names> {
        match &self.decision.verdict {
            Verdict::Admitted(admitted) => Some(&admitted.names),
            Verdict::Refused(_) => None,
        }
    }

    /// Refuses a job, which was admitted, for what is around it.
    pub(super) fn refuse(&mut self, exception: Exception) {
        self.decision.verdict = Verdict::Refused(exception.into());
        self.changes.clear();
    }

    /// All that the policies found.
    pub(super) fn violations(&self) -> impl Iterator<Item = &Violation> {
        self.decision.violations.iter().chain(&self.audited)
    }

    /// The texts of warnings, policies' and Elasticsearch's own.
    pub(super) fn warnings(&self) -> &[String] {
        match &self.decision.verdict {
            Verdict::Admitted(admitted) => &admitted.warnings,
            Verdict::Refused(_) => &[],
        }
    }

    /// What of an admitted job only a cluster can tell, as a sentence.
    pub(super) fn unsettled(&self) -> Option<String> {
        let Verdict::Admitted(admitted) = &self.decision.verdict else {
            return None;
        };
        let about = admitted.unsettled.as_ref()?.about;
        Some(format!(
            "{about} were not looked up: a gateway asks its cluster for them, and so does `validate --against`"
        ))
    }

    /// Takes what only a cluster can tell out of an admitted job, to ask one.
    pub(super) fn take_unsettled(&mut self) -> Option<Unsettled> {
        match &mut self.decision.verdict {
            Verdict::Admitted(admitted) => admitted.unsettled.take(),
            Verdict::Refused(_) => None,
        }
    }

    /// The rule of Elasticsearch by which the job is refused, if it is: its id after Elasticsearch's name.
    pub(super) fn rule(&self) -> String {
        let rule = match &self.decision.verdict {
            Verdict::Refused(refusal) => refusal.rule(),
            Verdict::Admitted(_) => None,
        };
        rule.map_or_else(|| "elasticsearch".to_owned(), |rule| format!("elasticsearch/{rule}"))
    }

    /// What Elasticsearch itself has against the job, as the chain of its reasons.
    pub(super) fn refused_by_elasticsearch(&self) -> Option<String> {
        match &self.decision.verdict {
            Verdict::Refused(Refusal::Exception(exception)) => {
                let chain = std::iter::successors(Some(exception), |exception| exception.cause.as_deref());
                Some(
                    chain
                        .map(|exception: &Exception| exception.reason.as_str())
                        .collect::<Vec<_>>()
                        .join(": "),
                )
            }
            Verdict::Refused(Refusal::Text { text, .. } | Refusal::NoHandler { text }) => Some(text.clone()),
            Verdict::Refused(Refusal::Several { .. }) | Verdict::Admitted(_) => None,
        }
    }
}
