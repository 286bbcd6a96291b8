//! A claimed request that is only tried out: how it is told from one that is to be done, and what it is answered.

use super::failure::Failure;
use super::judge::Question;
use super::rescue::Asked;
use super::{CommitMode, Proxy};
use crate::admission::Admitted;
use crate::admission::policy::origin::FilledIn;
use crate::es::answer_form::{AnswerForm, Written};
use crate::es::error::Exception;
use crate::es::parameters::Parameters;
use crate::plugin::Plugin;
use crate::store::Store;
use crate::telemetry::request_record::RequestRecord;

/// The parameter that makes a request one that is only tried out.
const DRY_RUN: &str = "dry_run";

/// A request that is only tried out and would be done.
pub(super) struct Tried {
    pub(super) question: Question,
    pub(super) admitted: Admitted,
    pub(super) filled: Vec<FilledIn>,
    pub(super) form: AnswerForm,
}

impl Proxy {
    /// Whether a request is only to be tried out. The parameter is the gateway's own, so nobody else is shown it; switched
    /// off, it is Elasticsearch's to refuse. A value that is none is refused once nothing else is wrong.
    pub(super) fn dry_run(&self, question: &mut Question, asked: &Asked) -> Result<bool, Exception> {
        let Ok(parameters) = Parameters::parse(&question.query) else {
            return Ok(false); // Refused with the rest of the query.
        };
        if !self.allows_dry_runs || parameters.value(DRY_RUN).is_none() {
            return Ok(false);
        }
        question.query = Parameters::without(&question.query, DRY_RUN);
        let is_dry_run = parameters.flag(DRY_RUN)?;
        asked.record.is_tried_out(is_dry_run);
        Ok(is_dry_run)
    }

    /// The answer to a request that is only tried out: what would be stored, and what was changed of it.
    pub(super) async fn rehearse(
        &self,
        plugin: &dyn Plugin,
        tried: Tried,
        store: Store<'_>,
        record: &RequestRecord,
    ) -> Result<Written, Failure> {
        let Tried {
            question,
            admitted,
            filled,
            form,
        } = tried;
        let stored = admitted.documents.clone();
        let answered = match self.commit_mode {
            CommitMode::Store => {
                let rehearsing = plugin.rehearse(admitted, store);
                let rehearsed = record.while_the_cluster_works(rehearsing).await;
                rehearsed.map_err(|error| self.uncommitted(error))?
            }
            // Which names are in use is the cluster's to say, and it is not asked.
            CommitMode::Forward | CommitMode::Both => admitted.documents,
        };
        let length = question.body.len().max(answered.length());
        let write = move || {
            let answer = question.rehearsed(answered, &stored, &filled);
            drop((question, stored)); // A filter needs room for what it keeps.
            form.writing(answer)
        };
        Ok(self.offload.run(length, write).await?)
    }
}
