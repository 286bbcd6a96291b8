//! What was decided, evaluated once more while the client has its answer: by the policies that only audit, and by the shadow
//! set, another set of policies that is compared with the one in use.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use tokio::task::spawn_local;

use super::background::leave_out;
use super::evaluate::Submission;
use super::{Proxy, decision_event};
use crate::admission::engine::{Decision, Engine, PolicyInput};
use crate::admission::policy::origin::FilledIn;
use crate::admission::policy::{PolicySet, Violation, origin};
use crate::admission::{Companion, Verdict, judged};
use crate::cluster::identity::Product;
use crate::plugin::Plugin;
use crate::telemetry::asked::shortened;
use crate::telemetry::events::policies::{Audited, ShadowDisagrees};
use crate::telemetry::outcome::Agreement;
use crate::xcontent::elided_text::ElidedText;

/// The largest body, and the largest document, that is evaluated in the background, in bytes: what waits is held in memory.
const MOST_BYTES: usize = 64 * 1024;

/// How often a disagreement of the shadow set is logged at most, in milliseconds; all are counted.
const SAMPLE_INTERVAL: i64 = 1000;

/// What was decided, for a second look at it.
pub(super) struct BackgroundEvaluation {
    plugin: Arc<dyn Plugin>,
    submission: Submission,
    /// The documents of an admitted job, of which the stored one is judged, with its companion.
    documents: Option<(ElidedText, Option<Companion>)>,
    violations: Vec<Violation>,
    filled: Vec<FilledIn>,
}

impl BackgroundEvaluation {
    /// What was decided, if anything is to look at it again.
    pub(super) fn of(plugin: &Arc<dyn Plugin>, submission: &Submission, decision: &Decision) -> Option<Self> {
        let policies = &submission.policies;
        let documents = match &decision.verdict {
            Verdict::Admitted(admitted) => Some((&admitted.documents, &admitted.companion)),
            Verdict::Refused(_) => None,
        };
        // What is refused is not audited.
        let is_audited = documents.is_some() && policies.active.audits();
        if !is_audited && policies.shadow.is_none() {
            return None;
        }
        let length = documents.map_or(0, |(documents, companion)| {
            documents.length() + companion.as_ref().map_or(0, |companion| companion.value.len())
        });
        if submission.body.len().max(length) > MOST_BYTES {
            leave_out(&submission.id, "it is too large");
            return None;
        }
        Some(Self {
            plugin: Arc::clone(plugin),
            submission: submission.clone(),
            documents: documents.map(|(documents, companion)| (documents.clone(), companion.clone())),
            violations: decision.violations.clone(),
            filled: decision.filled.clone(),
        })
    }

    /// Whether it has to be known who asks, and is not yet.
    fn asks_for_user(&self) -> bool {
        let policies = &self.submission.policies;
        let shadow_asks = policies.shadow.as_ref().is_some_and(|shadow| shadow.asks_for_user());
        let audits_ask = self.documents.is_some() && policies.active.audits_ask_for_user();
        self.submission.user.is_none() && (audits_ask || shadow_asks)
    }

    fn run(&self, samples: &Samples) {
        if let Some((documents, companion)) = &self.documents {
            self.audit(&judged(documents, companion.as_ref()));
        }
        if let Some(shadow) = &self.submission.policies.shadow {
            self.compare(shadow, samples);
        }
    }

    fn audit(&self, document: &str) {
        let submission = &self.submission;
        let policies = &submission.policies.active;
        if !policies.audits() {
            return;
        }
        let input = PolicyInput {
            id: &submission.id,
            user: submission.user.as_ref(),
            now_millis: submission.now_millis,
        };
        let engine = Engine {
            call: &*self.plugin,
            policies,
        };
        let mut found = engine.audit(document, input);
        origin::name(&mut found.violations, &submission.candidate(), &self.filled);
        let (id, revision) = (&submission.id, policies.revision());
        decision_event::note_problems(None, id, revision, &found.problems);
        decision_event::count(&found.violations, false);
        if !found.violations.is_empty() {
            let violations = &decision_event::lines(&found.violations);
            let event = Audited {
                asked: &submission.asked,
                id,
                revision,
                violations,
            };
            event.log();
        }
    }

    fn compare(&self, shadow: &PolicySet, samples: &Samples) {
        let decision = self.submission.decided_by(&*self.plugin, shadow);
        let agreement = self.agreement(&decision);
        agreement.count();
        if agreement == Agreement::Same {
            return;
        }
        if let Some(unsaid) = samples.take(self.submission.now_millis) {
            let event = ShadowDisagrees {
                asked: &self.submission.asked,
                id: &self.submission.id,
                revision: self.submission.policies.active.revision(),
                shadow: shadow.revision(),
                disagreement: agreement.name(),
                violations: &decision_event::lines(&self.violations),
                shadow_violations: &decision_event::lines(&decision.violations),
                unsaid,
            };
            event.log();
        }
    }

    fn agreement(&self, shadow: &Decision) -> Agreement {
        match (&self.documents, &shadow.verdict) {
            (Some(_), Verdict::Refused(_)) => Agreement::Refuses,
            (None, Verdict::Admitted(_)) => Agreement::Admits,
            (Some((documents, _)), Verdict::Admitted(admitted)) if *documents != admitted.documents => {
                Agreement::Differs
            }
            _ if self.violations != shadow.violations => Agreement::Differs,
            _ => Agreement::Same,
        }
    }
}

impl Proxy {
    /// Has what was decided evaluated once more, without the client waiting for it.
    pub(super) fn evaluate_in_background(self: &Rc<Self>, evaluation: Option<BackgroundEvaluation>, product: Product) {
        let Some(mut evaluation) = evaluation else { return };
        if !evaluation.asks_for_user() {
            return self.hand_in(evaluation);
        }
        let proxy = Rc::clone(self);
        spawn_local(async move {
            let permission = evaluation.plugin.permission();
            match proxy.user(permission, product, &evaluation.submission.caller).await {
                Ok(user) => {
                    if let Some(user) = &user {
                        evaluation.submission.asked.user = Some(shortened(&user.name));
                    }
                    evaluation.submission.user = user;
                    proxy.hand_in(evaluation);
                }
                Err(error) => leave_out(&evaluation.submission.id, &format!("it is not known who asks: {error}")),
            }
        });
    }

    fn hand_in(&self, evaluation: BackgroundEvaluation) {
        let samples = self.shared.samples.clone();
        let id = evaluation.submission.id.clone();
        self.shared.background.put(id, move || evaluation.run(&samples));
    }
}

/// Which events of a kind are logged: no more than one in an interval, by all workers together.
#[derive(Debug, Clone, Default)]
pub struct Samples(Arc<Sampling>);

#[derive(Debug, Default)]
struct Sampling {
    next_millis: AtomicI64,
    unsaid: AtomicU64,
}

impl Samples {
    /// How many were not logged since the last one that was, if this one is to be.
    pub(super) fn take(&self, now_millis: i64) -> Option<u64> {
        let Sampling { next_millis, unsaid } = &*self.0;
        let due = |next: i64| (now_millis >= next).then_some(now_millis.saturating_add(SAMPLE_INTERVAL));
        if next_millis
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, due)
            .is_ok()
        {
            return Some(unsaid.swap(0, Ordering::Relaxed));
        }
        unsaid.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_disagreement_in_an_interval_is_logged_and_the_others_counted() {
        let samples = Samples::default();
        let taken = [0, 1, 999, 1000, 1001, 5000].map(|now| samples.take(now));
        assert_eq!(taken, [Some(0), None, None, Some(2), None, Some(1)]);
    }
}
