//! Stores what was admitted in the cluster, and answers with the document.

use std::rc::Rc;

use http::Response;

use super::Proxy;
use super::admit::Admission;
use super::context::RequestContext;
use super::failure::Failure;
use super::own_body::{Content, OwnBody};
use crate::es::answer_form::{AnswerForm, Written};
use crate::xcontent::elided_text::ElidedText;

impl Proxy {
    /// Stores what was admitted, if the caller may have it stored.
    pub(super) async fn store(
        self: &Rc<Self>,
        admission: Admission<'_>,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let Admission {
            claim,
            submission,
            admitted,
            background,
            is_authorized,
            ..
        } = admission;
        if !is_authorized {
            self.authorize(claim.plugin.permission(), context).await?;
        }
        let acting = self.acting(context);
        context.warn(admitted.warnings.iter().map(String::as_str));
        self.evaluate_in_background(background, context.product()?);
        let committing = claim.plugin.commit(admitted, acting.store());
        let committed = context.record.while_the_cluster_works(committing).await;
        let document = committed.map_err(|error| self.uncommitted(error))?;
        let written = self.write(document, context.form.clone()).await?;
        let body = OwnBody::document(written, &self.shared.offload, Some(submission.into_share()));
        Ok(context.done(body))
    }

    /// A document as an answer has it.
    pub(super) async fn write(&self, document: ElidedText, form: AnswerForm) -> Result<Written, Failure> {
        if form.leaves_as_it_is() {
            return Ok(Written::Whole(document.into_bytes()));
        }
        let length = document.length();
        let write = move || form.writing(document.into_whole());
        Ok(self.shared.offload.run(length, write).await?)
    }
}
