//! Update anomaly detection job: `POST _ml/anomaly_detectors/<job_id>/_update`, judged on the job that comes of it.
//!
//! An update says only what changes, so the job has to be known as it is. One request goes through the files of this room in
//! this order: `schemas` judges the body, `request::update` makes an update of it, `stored` reads the job as it is, `merge`
//! makes of both the job as it would be, and `response` writes that.

mod look_up;
mod merge;
mod plugin;
mod schemas;
mod stored;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use http::StatusCode;

use super::job_update::JobUpdate;
use super::request;
use super::response::{self, Stamp};
use super::rulebook::{Rule, Rulebook};
use super::{AnomalyJob, Edition, commit};
use crate::admission::engine::Call;
use crate::admission::schema::{Schema, SchemaError};
use crate::admission::{Admitted, Candidate, Verdict};
use crate::es::error::{Exception, Kind};
use crate::es::parameters::{Known, Parameters};
use crate::es::version::Version;
use crate::xcontent::elided_text::ElidedText;
use crate::xcontent::json::{Document, Node};

pub use plugin::UpdateJobPlugin;

/// The parameters that the call takes besides those that every call takes (jobs-api.md §3.1).
const PARAMETERS: Known = Known {
    times: &["timeout", "master_timeout"],
    // Of no effect: the id in the path wins.
    others: &[("job_id", Version::BASE)],
};

/// The name by which other calls mean all jobs.
const ALL: &str = "_all";

/// The call, with the schemas of every version that was asked for so far.
#[derive(Debug)]
pub struct UpdateJob {
    jobs: AnomalyJob,
    schemas: RwLock<HashMap<Version, Arc<Schemas>>>,
}

/// What one version of the call reads.
#[derive(Debug)]
struct Schemas {
    update: Schema,
    stored: Schema,
}

impl UpdateJob {
    /// The call as Elasticsearch's `api` has it. The schemas of other versions are made when they are first asked for.
    pub fn new(api: Version) -> Result<Self, SchemaError> {
        let call = Self {
            jobs: AnomalyJob::new(api)?,
            schemas: RwLock::default(),
        };
        call.schemas(&call.jobs.edition(api)?.rules)?;
        Ok(call)
    }

    fn schemas(&self, rules: &Rulebook) -> Result<Arc<Schemas>, SchemaError> {
        let known = self.schemas.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(schemas) = known.get(&rules.api) {
            return Ok(Arc::clone(schemas));
        }
        drop(known);
        let schemas = Arc::new(Schemas {
            update: schemas::of_update(rules)?,
            stored: schemas::of_stored(rules)?,
        });
        let mut known = self.schemas.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry(rules.api).or_insert(schemas)))
    }

    /// Judges a request, whose candidate has the job as it is.
    #[must_use]
    pub fn admit(&self, candidate: &Candidate<'_>) -> Verdict {
        match self.judge(candidate) {
            Ok(admitted) => Verdict::Admitted(admitted),
            Err(exception) => Verdict::Refused(exception.into()),
        }
    }

    /// What is wrong with a request whatever the job is, and else the groups that it puts the job in.
    pub fn groups_of(&self, candidate: &Candidate<'_>) -> Result<Vec<String>, Exception> {
        let (edition, schemas) = self.of_version(candidate.api)?;
        let document = candidate.format.read(candidate.body, candidate.api);
        let (update, _) = read(candidate, &document, &schemas.update, &edition.rules)?;
        let groups = update.groups.unwrap_or_default();
        Ok(commit::names(candidate.id, groups).others)
    }

    /// A stored job as an answer shows it, JSON on one line (jobs-api.md §1.3).
    pub(super) fn shown(&self, stored: &str, id: &str, api: Version, for_humans: bool) -> Result<String, Exception> {
        let (edition, schemas) = self.of_version(api)?;
        let document = Document::read(stored.as_bytes());
        let job = stored::read_whole(&document, id, &schemas.stored, &edition.rules)?;
        let stamp = Stamp {
            id,
            kept: &job.kept,
            api,
            for_humans,
        };
        response::documents_of_stored(&job.job, stamp, stored.len()).map(ElidedText::into_whole)
    }

    /// Whether a text can be the id of a job. One that cannot is no name of anything that is to be looked up.
    pub(super) fn is_id(&self, text: &str, api: Version) -> bool {
        let Ok(edition) = self.jobs.edition(api) else {
            return false;
        };
        let (form, length) = (edition.rules.row(Rule::JobId), edition.rules.row(Rule::JobIdLength));
        form.is_some_and(|row| row.has_form(text)) && length.is_none_or(|row| text.len() <= row.max_length)
    }

    fn judge(&self, candidate: &Candidate<'_>) -> Result<Admitted, Exception> {
        let Candidate { id, api, .. } = *candidate;
        let (edition, schemas) = self.of_version(api)?;
        let rules = &edition.rules;
        let document = candidate.format.read(candidate.body, api);
        let (update, parameters) = read(candidate, &document, &schemas.update, rules)?;
        let Some(current) = candidate.current else {
            return Err(Exception::new(Kind::Internal, "the job was not looked up"));
        };
        let stored = Document::read(current.as_bytes());
        let stored = stored::read(&stored, id, &schemas.stored, rules)?;
        let mut job = stored.job;
        let stamp = Stamp {
            id,
            kept: &stored.kept,
            api,
            for_humans: parameters.flag("human")?,
        };
        let before = response::documents_of_stored(&job, stamp, current.len())?;
        merge::merge(&mut job, update, id, rules)?;
        parameters.check_filter(api)?;
        let length = current.len() + candidate.body.len();
        Ok(Admitted {
            document_id: commit::document_id(id),
            documents: response::documents_of_stored(&job, stamp, length)?,
            // The request is sent on as it came.
            set_by_server: Vec::new(),
            names: commit::names(id, job.groups),
            unsettled: None,
            companion: None,
            warnings: Vec::new(),
            before: Some(before),
            replaces: None,
        })
    }

    fn of_version(&self, api: Version) -> Result<(Arc<Edition>, Arc<Schemas>), Exception> {
        let edition = self.jobs.edition(api).map_err(|error| internal(&error))?;
        let schemas = self.schemas(&edition.rules).map_err(|error| internal(&error))?;
        Ok((edition, schemas))
    }
}

fn internal(error: &SchemaError) -> Exception {
    Exception::new(Kind::Internal, error.to_string())
}

/// The update that a request asks for, and its parameters.
fn read<'a>(
    candidate: &Candidate<'_>,
    document: &'a Document<'a>,
    schema: &Schema,
    rules: &'a Rulebook,
) -> Result<(JobUpdate<'a>, Parameters), Exception> {
    if candidate.body.is_empty() {
        return Err(Exception::new(Kind::Parse, "request body is required").by(Rule::BodyAbsent.id()));
    }
    let parameters = Parameters::parse(candidate.query)?;
    let update = request::update::read(document, schema, rules)?;
    if candidate.id == ALL {
        let reason = "[_all] is not the id of a job: one job is updated at a time; name it";
        return Err(Exception::new(Kind::Status(StatusCode::BAD_REQUEST), reason));
    }
    let checked = parameters.check(&PARAMETERS, candidate.path, candidate.api);
    checked.map_err(|exception| exception.by(Rule::RequestParameter.id()))?;
    Ok((update, parameters))
}

impl Call for UpdateJob {
    fn admit(&self, candidate: &Candidate<'_>) -> Verdict {
        Self::admit(self, candidate)
    }

    fn groups(&self, job: Node<'_>) -> Vec<String> {
        self.jobs.groups(job)
    }
}
