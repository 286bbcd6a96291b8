//! A claimed request that is only tried out: how it is told from one that is to be done, and what it is answered.

use std::sync::Arc;

use http::Response;

use super::admit::Admission;
use super::context::RequestContext;
use super::evaluate::Submission;
use super::failure::Failure;
use super::own_body::{Content, OwnBody};
use super::{CommitMode, Proxy};
use crate::es::error::Exception;
use crate::es::parameters::Parameters;

/// The parameter that makes a request one that is only tried out.
const DRY_RUN: &str = "dry_run";

impl Proxy {
    /// Whether a request is only to be tried out. The parameter is the gateway's own, so nobody else is shown it; switched
    /// off, it is Elasticsearch's to refuse. A value that is none is refused once nothing else is wrong.
    pub(super) fn asks_for_dry_run(
        &self,
        submission: &mut Submission,
        context: &RequestContext,
    ) -> Result<bool, Exception> {
        let Ok(parameters) = Parameters::parse(&submission.query) else {
            return Ok(false); // Refused with the rest of the query.
        };
        if !self.shared.allows_dry_runs || parameters.value(DRY_RUN).is_none() {
            return Ok(false);
        }
        submission.query = Parameters::without(&submission.query, DRY_RUN);
        let is_dry_run = parameters.flag(DRY_RUN)?;
        context.record.is_tried_out(is_dry_run);
        submission.asked.is_dry_run = Some(is_dry_run);
        Ok(is_dry_run)
    }

    /// Answers what would be stored, and what was changed of what was sent, if the caller may have it stored.
    pub(super) async fn try_out(
        &self,
        admission: Admission<'_>,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let Admission {
            claim,
            submission,
            admitted,
            filled,
            is_authorized,
            ..
        } = admission;
        if !is_authorized {
            self.authorize(claim.plugin.permission(), context).await?;
        }
        let acting = self.acting(context);
        context.warn(admitted.warnings.iter().map(String::as_str));
        let (before, stored) = (admitted.before.clone(), admitted.with_companion());
        let answered = match self.shared.commit_mode {
            CommitMode::Store => {
                let trying = claim.plugin.dry_run(admitted, acting.store());
                let tried = context.record.while_the_cluster_works(trying).await;
                tried.map_err(|error| self.uncommitted(error))?
            }
            // Which names are in use is the cluster's to say, and it is not asked.
            CommitMode::Forward | CommitMode::Both => admitted.documents,
        };
        let length = submission.body.len().max(answered.length());
        let (form, share) = (context.form.clone(), Arc::clone(&submission.share));
        let write = move || {
            let answer = submission.dry_run_report(answered, before.as_ref(), &stored, &filled);
            drop((submission, before, stored)); // A filter needs room for what it keeps.
            form.writing(answer)
        };
        let written = self.shared.offload.run(length, write).await?;
        Ok(context.done(OwnBody::document(written, &self.shared.offload, Some(share))))
    }
}
