//! Judges a job, or a detector, that nobody wants created: what is wrong with it by itself, whatever there is in the cluster
//! (jobs-api.md §4).

use std::sync::Arc;

use crate::admission::Candidate;
use crate::admission::schema::{Schema, SchemaError};
use crate::es::error::{Exception, Kind};
use crate::es::version::Version;

use super::request;
use super::rules;
use super::{AnomalyJob, Edition, put_functions};

/// The id of a job that gives none.
const NO_ID: &str = "ok";

/// From this version on (7.8.1 at the latest) detectors are looked at before it is known whether there are any.
const FAILS_WITHOUT_ANALYSIS: Version = Version::new(7, 2, 0);

impl AnomalyJob {
    /// What is wrong with a job.
    pub(super) fn validate(&self, candidate: &Candidate<'_>) -> Result<(), Exception> {
        let edition = self.edition_of(candidate.api)?;
        let rules = &edition.rules;
        let document = candidate.format.read(candidate.body, candidate.api);
        let job = request::read(&document, &edition.schema, rules)?;
        if job.analysis_config.is_none() && candidate.api >= FAILS_WITHOUT_ANALYSIS {
            let reason = "[analysis_config] is missing: it says what is analysed; add it";
            return Err(Exception::new(Kind::Library("null_pointer_exception"), reason));
        }
        let id = job.job_id.as_deref().unwrap_or(NO_ID);
        rules::whole_job::check_validated(&job, id, rules)?;
        match &job.datafeed {
            Some(datafeed) => rules::datafeed::check_whole(datafeed, id, rules),
            None => Ok(()),
        }
    }

    /// What is wrong with a detector, whose schema is that of [`Self::schema_of_detectors`].
    pub(super) fn validate_detector(&self, candidate: &Candidate<'_>, schema: &Schema) -> Result<(), Exception> {
        let edition = self.edition_of(candidate.api)?;
        let document = candidate.format.read(candidate.body, candidate.api);
        request::read_detector(&document, schema, &edition.rules).map(|_| ())
    }

    /// The schema of a detector by itself.
    pub(super) fn schema_of_detectors(&self, api: Version) -> Result<Schema, SchemaError> {
        let edition = self.edition(api)?;
        let mut source = self.schema_source.read()?;
        put_functions(&mut source, &edition.rules);
        if let Some(root) = source.get_mut("$ref") {
            *root = "#/$defs/detector".into();
        }
        Schema::of(source, self.schema_source.readers, api)
    }

    fn edition_of(&self, api: Version) -> Result<Arc<Edition>, Exception> {
        let edition = self.edition(api);
        edition.map_err(|error| Exception::new(Kind::Internal, error.to_string()))
    }
}
