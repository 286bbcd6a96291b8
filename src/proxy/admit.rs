//! A claimed request, once it may be read: read, evaluated, and then refused, tried out, stored or delegated to the cluster.

use std::rc::Rc;
use std::sync::Arc;

use http::request::Parts;
use http::{Request, Response};

use super::answer_body::{Content, OwnBody};
use super::background_evaluation::BackgroundEvaluation;
use super::commit_account::CommitAccount;
use super::context::RequestContext;
use super::evaluate::{Submission, evaluate};
use super::failure::Failure;
use super::offload::{self, Panicked};
use super::{CommitMode, Proxy, decision_event};
use crate::admission::policy::origin::FilledIn;
use crate::admission::{Admitted, Decision};
use crate::es::error::Refusal;
use crate::http::body_budget::BodyShare;
use crate::http::client_body::ClientBody;
use crate::http::target::Target;
use crate::route::Claim;
use crate::xcontent::format::Format;

/// A request that was admitted.
pub(super) struct Admission<'c> {
    pub(super) claim: Claim<'c>,
    /// What was submitted. Its body is gone unless it is only tried out: the admitted document is in its place.
    pub(super) submission: Submission,
    pub(super) admitted: Admitted,
    /// What policies warn of.
    pub(super) warnings: Vec<String>,
    /// What policies have filled in.
    pub(super) filled: Vec<FilledIn>,
    /// What is to be evaluated once the request is on its way.
    pub(super) background: Option<BackgroundEvaluation>,
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
        claim: Claim<'_>,
        target: &Target,
        request: Request<ClientBody>,
        format: Format,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let (head, body) = request.into_parts();
        let mut submission = self.read(claim, target, &head, body, format, context).await?;
        let dry_run = self.asks_for_dry_run(&mut submission, context);
        let evaluated = evaluate(&self.shared.offload, claim.plugin, submission).await;
        let (ruling, mut submission) = evaluated.map_err(|Panicked| Failure::PluginPanicked(claim.plugin.name()))?;
        decision_event::log(claim.plugin.name(), &submission, &ruling, &context.record);
        let background = match dry_run {
            Ok(true) => None,
            _ => BackgroundEvaluation::of(claim.plugin, &submission, &ruling),
        };
        let warnings = ruling.warnings();
        let admitted = match ruling.decision {
            Decision::Admitted(admitted) => admitted,
            Decision::Refused(refusal) => {
                self.evaluate_in_background(background, context.product()?);
                let share = submission.into_share();
                // Whoever tries a job out wants to look the rule up; otherwise the answer is Elasticsearch's.
                let refusal = if dry_run == Ok(true) {
                    refusal.naming_rule()
                } else {
                    refusal
                };
                return Err(self.refused(refusal, context, share).await);
            }
        };
        let is_dry_run = dry_run.map_err(Refusal::from)?;
        if !is_dry_run {
            submission.drop_body();
        }
        let admission = Admission {
            claim,
            submission,
            admitted,
            warnings,
            filled: ruling.filled,
            background,
        };
        self.carry_out(admission, is_dry_run, target, head, context).await
    }

    async fn carry_out(
        self: &Rc<Self>,
        admission: Admission<'_>,
        is_dry_run: bool,
        target: &Target,
        head: Parts,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        if is_dry_run {
            return self.try_out(admission, context).await;
        }
        let account = CommitAccount::open(
            admission.plugin(),
            &admission.submission,
            &context.record,
            self.shared.commit_mode,
        );
        let done = if self.shared.commit_mode == CommitMode::Store {
            self.store(admission, context).await
        } else {
            self.delegate(admission, target, head, context).await
        };
        account.settle(&done);
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
