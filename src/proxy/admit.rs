//! A claimed request, once it may be read: read, evaluated, and then refused, tried out, stored or delegated to the cluster.

use std::rc::Rc;
use std::sync::Arc;

use http::request::Parts;
use http::{Request, Response};

use super::background_evaluation::BackgroundEvaluation;
use super::commit_account::CommitAccount;
use super::context::RequestContext;
use super::decisions::Noted;
use super::evaluate::{Submission, evaluate, wanted};
use super::failure::Failure;
use super::kept_decision::KeptDecision;
use super::offload::{self, Panicked};
use super::own_body::{Content, OwnBody};
use super::turns::Turn;
use super::{CommitMode, Proxy, decision_event};
use crate::admission::engine::Decision;
use crate::admission::policy::origin::FilledIn;
use crate::admission::{Admitted, DocumentVersion, Verdict};
use crate::es::error::{Exception, Refusal};
use crate::http::body_budget::BodyShare;
use crate::http::client_body::ClientBody;
use crate::http::target::Target;
use crate::plugin::Wanted;
use crate::route::PluginClaim;
use crate::xcontent::format::Format;

/// What of a claimed request goes with it through its phases, once its body was read.
#[derive(Clone, Copy)]
pub(super) struct Claimed<'c> {
    pub(super) claim: PluginClaim<'c>,
    pub(super) target: &'c Target,
    pub(super) head: &'c Parts,
    /// Whether it is only to be tried out, or why that is not known.
    pub(super) dry_run: &'c Result<bool, Exception>,
}

/// What is known of a request that changes a document, before it is judged.
pub(super) struct Change<'c> {
    pub(super) wanted: &'c Wanted,
    /// The version of the document that was looked up, where the gateway keeps it.
    pub(super) version: Option<DocumentVersion>,
    /// Its turn among the changes of the document.
    pub(super) turn: &'c Rc<Turn>,
    /// Whether it is not judged again if others were faster.
    pub(super) is_last: bool,
}

/// A request that was admitted.
pub(super) struct Admission<'c> {
    pub(super) claim: PluginClaim<'c>,
    /// What was submitted. Its body is gone unless it is needed: the admitted document is in its place.
    pub(super) submission: Submission,
    pub(super) admitted: Admitted,
    /// What policies warn of.
    pub(super) warnings: Vec<String>,
    /// What policies have filled in.
    pub(super) filled: Vec<FilledIn>,
    /// What is to be evaluated once the request is on its way.
    pub(super) background: Option<BackgroundEvaluation>,
    /// Of a request that changes a document.
    pub(super) change: Option<Change<'c>>,
    /// The caller was found to be permitted.
    pub(super) is_authorized: bool,
}

impl Admission<'_> {
    /// The name of the plugin, as logs have it.
    pub(super) fn plugin(&self) -> &'static str {
        self.claim.plugin.name()
    }
}

impl Proxy {
    /// Reads, evaluates and carries out a claimed request.
    pub(super) async fn admit(
        self: &Rc<Self>,
        claim: PluginClaim<'_>,
        target: &Target,
        request: Request<ClientBody>,
        format: Format,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let (head, body) = request.into_parts();
        let mut submission = self.read(claim, target, &head, body, format, context).await?;
        let dry_run = self.asks_for_dry_run(&mut submission, context);
        let claimed = Claimed {
            claim,
            target,
            head: &head,
            dry_run: &dry_run,
        };
        if !claim.plugin.changes_documents() {
            return self.judge(claimed, submission, None, context).await;
        }
        let asked = wanted(&self.shared.offload, claim.plugin, submission).await;
        let (wanted, submission) = asked.map_err(|Panicked| Failure::PluginPanicked(claim.plugin.name()))?;
        match wanted {
            // In a box, so that no other claimed request has the size of a change.
            Ok(wanted) => Box::pin(self.change(claimed, submission, wanted, context)).await,
            Err(refusal) => {
                let decision = Decision::refused(refusal);
                self.carry_out(claimed, submission, decision, None, context).await
            }
        }
    }

    /// Evaluates a request and carries it out. One that changes a document comes with the document as it is.
    pub(super) async fn judge(
        self: &Rc<Self>,
        claimed: Claimed<'_>,
        submission: Submission,
        change: Option<Change<'_>>,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let plugin = claimed.claim.plugin;
        let evaluated = evaluate(&self.shared.offload, plugin, submission).await;
        let (decision, submission) = evaluated.map_err(|Panicked| Failure::PluginPanicked(plugin.name()))?;
        self.carry_out(claimed, submission, decision, change, context).await
    }

    /// Does what was decided.
    async fn carry_out(
        self: &Rc<Self>,
        claimed: Claimed<'_>,
        mut submission: Submission,
        decision: Decision,
        change: Option<Change<'_>>,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let Claimed {
            claim,
            target,
            head,
            dry_run,
        } = claimed;
        decision_event::log(claim.plugin.name(), &submission, &decision, &context.record);
        let keep = |id| KeptDecision::of(id, claim.plugin.name(), &submission, &decision);
        let Noted { told, audited } = self.shared.decisions.keep(claim.plugin.changes_documents(), keep);
        context.decision = told;
        let background = match dry_run {
            Ok(true) => None,
            _ => BackgroundEvaluation::of(claim.plugin, &submission, &decision),
        };
        let warnings = decision.warnings();
        let mut admitted = match decision.verdict {
            Verdict::Admitted(admitted) => admitted,
            Verdict::Refused(refusal) => {
                self.evaluate_in_background(background, context.product()?);
                let share = submission.into_share();
                // Whoever tries a job out wants to look the rule up; otherwise the answer is Elasticsearch's.
                let refusal = if *dry_run == Ok(true) {
                    refusal.naming_rule()
                } else {
                    refusal
                };
                return Err(self.refused(refusal, context, share).await);
            }
        };
        let is_dry_run = dry_run.clone().map_err(Refusal::from)?;
        let is_change = change.is_some();
        let is_tried_again = change.as_ref().is_some_and(|change| !change.is_last);
        if !is_dry_run && !is_change {
            submission.drop_body();
        }
        admitted.replaces = change.as_ref().and_then(|change| change.version);
        let admission = Admission {
            claim,
            submission,
            admitted,
            warnings,
            filled: decision.filled,
            background,
            change,
            // What a change is about is shown to those only who may make it.
            is_authorized: is_change && self.shared.commit_mode == CommitMode::Store,
        };
        if is_dry_run {
            return self.try_out(admission, context).await;
        }
        let account = CommitAccount::open(
            admission.plugin(),
            &admission.submission,
            &context.record,
            self.shared.commit_mode,
            audited,
        );
        let done = if self.shared.commit_mode == CommitMode::Store {
            self.store(admission, context).await
        } else {
            // In a box, so that what is stored has not the size of what is delegated.
            Box::pin(self.delegate(admission, target, head.clone(), context)).await
        };
        match &done {
            Err(failure) if is_tried_again && failure.is_outdated() => account.withdraw(),
            done => account.settle(done),
        }
        done
    }

    /// Why a request is not done, written beforehand where that is long.
    async fn refused(&self, refusal: Refusal, context: &RequestContext, share: Arc<BodyShare>) -> Failure {
        let length = refusal.length();
        if length <= offload::SHORTEST {
            return refusal.into();
        }
        let (form, status) = (context.form.clone(), refusal.status());
        match self
            .shared
            .offload
            .run(length, move || form.writing_refusal(&refusal))
            .await
        {
            Ok(written) => Failure::Told {
                status,
                body: OwnBody::document(written, &self.shared.offload, Some(share)),
            },
            Err(panicked) => panicked.into(),
        }
    }
}
