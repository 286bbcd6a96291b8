//! Create anomaly detection job: `PUT _ml/anomaly_detectors/<job_id>`, judged and answered as Elasticsearch would.
//!
//! One request goes through the files of this room in this order: the schema judges the document
//! ([`crate::admission::violation`]), `request` makes a job of it and applies the rules that Elasticsearch applies while
//! it parses, `rules::whole_job` those it applies to the whole, `defaults` fills in what is missing, and `response`
//! writes the effective document.

mod analyzer;
mod commit;
mod config_version;
mod defaults;
mod deprecations;
mod description;
mod functions;
mod impact;
mod in_use;
mod job;
mod parts;
mod plugin;
mod request;
pub mod resending;
mod response;
mod rules;
mod server_version;
mod time_format;
mod values;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::admission::schema::{Schema, SchemaError, SchemaSource};
use crate::admission::violation::first_violation;
use crate::admission::{Admitted, Candidate, Decision, Unsettled};
use crate::es::error::{Exception, Kind};
use crate::es::index_options;
use crate::es::parameters::{Known, Parameters};
use crate::es::version::Version;

pub use analyzer::lookup::Lookup;
pub use in_use::JobNames;
pub use plugin::{AnomalyJobPlugin, BODY_LIMIT};
use request::Halt;
use response::Stamp;

/// What Elasticsearch accepts as the body of this call.
pub const SCHEMA: SchemaSource = SchemaSource {
    text: include_str!("../../../schemas/elasticsearch/7/put_job.schema.json"),
    readers: values::READERS,
};

/// The parameters that the call takes besides those that every call takes (contract job.md §1).
const PARAMETERS: Known = Known {
    times: &["timeout", "master_timeout"],
    others: &[
        // Of no effect: the id in the path wins (contract http.md §1.1).
        ("job_id", Version::BASE),
        ("expand_wildcards", TAKES_INDEX_OPTIONS),
        ("ignore_unavailable", TAKES_INDEX_OPTIONS),
        ("allow_no_indices", TAKES_INDEX_OPTIONS),
        ("ignore_throttled", TAKES_INDEX_OPTIONS),
    ],
};

/// From this version on a datafeed may come with the job, and its index options as parameters.
const TAKES_INDEX_OPTIONS: Version = Version::new(7, 15, 0);

/// The call, with the schema of every version that was asked for so far.
pub struct AnomalyJob {
    schema_source: SchemaSource,
    schemas: RwLock<HashMap<Version, Arc<Schema>>>,
}

impl AnomalyJob {
    /// The call as Elasticsearch's `api` has it. The schemas of other versions are made when they are first asked for.
    pub fn new(api: Version) -> Result<Self, SchemaError> {
        Self::with_schema(SCHEMA, api)
    }

    /// The call with another schema than the product's own.
    pub fn with_schema(schema_source: SchemaSource, api: Version) -> Result<Self, SchemaError> {
        let call = Self {
            schema_source,
            schemas: RwLock::default(),
        };
        call.schema(api)?;
        Ok(call)
    }

    /// The effective schema of a version.
    pub fn schema(&self, api: Version) -> Result<Arc<Schema>, SchemaError> {
        if let Some(schema) = self.schemas.read().unwrap_or_else(PoisonError::into_inner).get(&api) {
            return Ok(Arc::clone(schema));
        }
        let schema = Arc::new(Schema::compile(self.schema_source, api)?);
        let mut schemas = self.schemas.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(schemas.entry(api).or_insert(schema)))
    }

    /// Judges a request.
    #[must_use]
    pub fn admit(&self, candidate: &Candidate<'_>) -> Decision {
        match self.judge(candidate) {
            Ok(admitted) => Decision::Admitted(admitted),
            Err(exception) => Decision::Refused(exception.into()),
        }
    }

    fn judge(&self, candidate: &Candidate<'_>) -> Result<Admitted, Exception> {
        let Candidate { id, api, body, .. } = *candidate;
        if body.is_empty() {
            return Err(Exception::new(Kind::Parse, "request body is required"));
        }
        let parameters = Parameters::parse(candidate.query)?;
        if api >= TAKES_INDEX_OPTIONS {
            index_options::check(&parameters, api)?;
        }
        let schema = self
            .schema(api)
            .map_err(|error| Exception::new(Kind::Internal, error.to_string()))?;
        let document = candidate.format.read(body, api);
        let violation = first_violation(&schema, &document);
        let job = match (
            request::read(&document, violation.as_ref().map(|fault| fault.moment), api),
            violation,
        ) {
            (Err(Halt::Refused(exception)), _) => return Err(exception),
            (_, Some(violation)) => return Err(violation.exception),
            (Err(Halt::BrokenOff), None) => {
                return Err(Exception::new(
                    Kind::Internal,
                    "the body fits its schema but could not be read",
                ));
            }
            (Ok(job), None) => job,
        };
        check_id(id, job.job_id.as_deref())?;
        rules::whole_job::check(&job, id, api)?;
        parameters.check(&PARAMETERS, candidate.path, api)?;
        let analysis = job.analysis_config.as_ref();
        analyzer::check_extent(analysis.and_then(|analysis| analysis.categorization_analyzer.as_ref()))?;
        if job.datafeed_config.is_some() {
            let reason = "datafeed_config cannot be created together with the job here: leave it out, and create the datafeed by its \
                 own call";
            return Err(Exception::new(Kind::IllegalArgument, reason));
        }
        rules::stored::check(&job, api)?;
        let mut job = job;
        defaults::fill_in(&mut job, api);
        let stamp = Stamp {
            id,
            now_millis: candidate.now_millis,
            api,
            for_humans: parameters.flag("human")?,
        };
        let documents = response::documents(&job, stamp, body.len())?;
        let question = analyzer::lookup::question(documents.whole())
            .map_err(|error| Exception::new(Kind::Internal, format!("the document cannot be read again: {error}")))?;
        let mut warnings = index_options::warnings(&parameters, api);
        warnings.extend(deprecations::warnings(&job, document.root(), api));
        Ok(Admitted {
            document_id: format!("anomaly_detector-{id}"),
            documents,
            names: commit::names(id, job.groups),
            unsettled: question.map(|question| Unsettled {
                about: "the analyzer, tokenizers and filters that [categorization_analyzer] names",
                question,
            }),
            warnings,
        })
    }
}

impl std::fmt::Debug for AnomalyJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnomalyJob").finish_non_exhaustive()
    }
}

/// The id in the body, when there is one, is the id in the URL (contract job.md §1).
fn check_id(url: &str, body: Option<&str>) -> Result<(), Exception> {
    match body {
        Some(body) if body != url => {
            let reason = format!(
                "[job_id] is [{body}] in the body and [{url}] in the URL; leave it out of the body, or make them the same"
            );
            Err(Exception::new(Kind::IllegalArgument, reason))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
