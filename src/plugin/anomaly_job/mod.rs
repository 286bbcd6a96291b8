//! Create anomaly detection job: `PUT _ml/anomaly_detectors/<job_id>`, judged and answered as Elasticsearch would.
//!
//! One request goes through the files of this room in this order: the schema judges the document
//! ([`crate::admission::schema_fault`]), `request` makes a job of it and applies the rules that Elasticsearch applies while
//! it parses, `rules::whole_job` those it applies to the whole, `defaults` fills in what is missing, and `response`
//! writes the effective document. What the rules know is data, which `rulebook` reads; `printed` makes of it, and of the
//! schema, what others are given.

mod analyzer;
mod commit;
mod config_version;
pub mod create_request;
mod datafeed;
mod defaults;
mod deprecations;
mod description;
mod impact;
mod in_use;
mod job;
mod job_update;
mod parts;
mod plugin;
mod printed;
mod request;
mod response;
mod rulebook;
mod rules;
pub mod serve;
mod server_version;
mod texts;
mod time_format;
pub mod update;
mod validation;
mod values;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::admission::engine::Call;
use crate::admission::schema::{Schema, SchemaError, SchemaSource};
use crate::admission::schema_fault::first_fault;
use crate::admission::{Admitted, Candidate, Decision, Unsettled};
use crate::es::error::{Exception, Kind};
use crate::es::index_options::{self, IndexOptions};
use crate::es::parameters::{Known, Parameters};
use crate::es::version::Version;
use crate::xcontent::format::Format;
use crate::xcontent::json::Node;

pub use analyzer::lookup::Lookup;
pub use in_use::JobNames;
pub use plugin::{AnomalyJobPlugin, BODY_LIMIT};
use printed::stored::Document;
use request::Halt;
use response::{Kept, Stamp};
use rulebook::{Rule, Rulebook};
pub use rulebook::{RuleRow, RuleSource, Said};

/// What Elasticsearch accepts as the body of this call.
pub const SCHEMA: SchemaSource = SchemaSource {
    text: include_str!("../../../schemas/elasticsearch/7/put_job.schema.json"),
    readers: values::READERS,
};

/// What the rules of this call know.
pub const RULES: RuleSource = RuleSource {
    functions: include_str!("../../../schemas/elasticsearch/7/put_job.functions.json"),
    rules: include_str!("../../../schemas/elasticsearch/7/put_job.rules.json"),
};

/// The parameters that the call takes besides those that every call takes (create-job.md §1).
const PARAMETERS: Known = Known {
    times: &["timeout", "master_timeout"],
    others: &[
        // Of no effect: the id in the path wins (http.md §1.1).
        ("job_id", Version::BASE),
        ("expand_wildcards", TAKES_INDEX_OPTIONS),
        ("ignore_unavailable", TAKES_INDEX_OPTIONS),
        ("allow_no_indices", TAKES_INDEX_OPTIONS),
        ("ignore_throttled", TAKES_INDEX_OPTIONS),
    ],
};

/// A job with no more in it than a job has to have, and that gets the fewest defaults.
const LEAST_JOB: &[u8] = br#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{},"model_snapshot_retention_days":0}"#;

/// Where the schema has the names of the functions.
const FUNCTION_NAMES: &str = "/$defs/function/enum";

/// From this version on a datafeed may come with the job, and its index options as parameters.
const TAKES_INDEX_OPTIONS: Version = Version::new(7, 15, 0);

/// The call, with the schema and the rules of every version that was asked for so far.
pub struct AnomalyJob {
    schema_source: SchemaSource,
    rule_source: RuleSource,
    editions: RwLock<HashMap<Version, Arc<Edition>>>,
}

/// The call as one version has it.
#[derive(Debug)]
struct Edition {
    schema: Arc<Schema>,
    rules: Rulebook,
}

impl AnomalyJob {
    /// The call as Elasticsearch's `api` has it. The schemas of other versions are made when they are first asked for.
    pub fn new(api: Version) -> Result<Self, SchemaError> {
        Self::with_sources(SCHEMA, RULES, api)
    }

    /// The call with another schema and other rules than the product's own.
    pub fn with_sources(
        schema_source: SchemaSource,
        rule_source: RuleSource,
        api: Version,
    ) -> Result<Self, SchemaError> {
        let call = Self {
            schema_source,
            rule_source,
            editions: RwLock::default(),
        };
        call.edition(api)?;
        Ok(call)
    }

    /// The effective schema of a version.
    pub fn schema(&self, api: Version) -> Result<Arc<Schema>, SchemaError> {
        self.edition(api).map(|edition| Arc::clone(&edition.schema))
    }

    fn edition(&self, api: Version) -> Result<Arc<Edition>, SchemaError> {
        if let Some(edition) = self.editions.read().unwrap_or_else(PoisonError::into_inner).get(&api) {
            return Ok(Arc::clone(edition));
        }
        let rules = Rulebook::read(self.rule_source, api).map_err(|error| SchemaError::Rules(error.to_string()))?;
        let mut source = self.schema_source.read()?;
        put_functions(&mut source, &rules);
        let schema = Schema::of(source, self.schema_source.readers, api)?;
        let edition = Arc::new(Edition {
            schema: Arc::new(schema),
            rules,
        });
        let mut editions = self.editions.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(editions.entry(api).or_insert(edition)))
    }

    /// The schema of a version in plain JSON Schema, which says all that a schema can say.
    pub fn printed_schema(&self, api: Version) -> Result<serde_json::Value, SchemaError> {
        let edition = self.edition(api)?;
        let rows = self.rules()?;
        let in_force = rows.iter().filter(|row| row.is_in_force(api));
        Ok(printed::printed(&edition.schema, &edition.rules, in_force))
    }

    /// The schema of a job as a version stores it.
    pub fn stored_schema(&self, api: Version) -> Result<serde_json::Value, SchemaError> {
        self.schema_of(Document::Stored, api)
    }

    /// The schema of a job as a version answers it, with the datafeed that it came with.
    pub fn answered_schema(&self, api: Version) -> Result<serde_json::Value, SchemaError> {
        self.schema_of(Document::Answered, api)
    }

    /// The call of a version as a document of `OpenAPI` 3.1.
    pub fn openapi(&self, api: Version) -> Result<serde_json::Value, SchemaError> {
        let answer = self.answered_schema(api)?;
        let others = PARAMETERS.others.iter();
        let known = others.filter(|(name, since)| *name != "job_id" && *since <= api);
        let parameters = PARAMETERS.times.iter().copied().chain(known.map(|(name, _)| *name));
        let parameters: Vec<&str> = parameters.collect();
        let request = self.printed_schema(api)?;
        Ok(printed::openapi::document(&request, &answer, &parameters, api))
    }

    /// The schema of a document of a job. Its required members are those of the job with the least in it.
    fn schema_of(&self, document: Document, api: Version) -> Result<serde_json::Value, SchemaError> {
        let edition = self.edition(api)?;
        let decision = self.admit(&Candidate {
            id: "j",
            query: "",
            path: "",
            body: LEAST_JOB,
            format: Format::Json,
            api,
            now_millis: 0,
            current: None,
        });
        let Decision::Admitted(admitted) = decision else {
            return Err(SchemaError::Rules("the least job is refused".to_owned()));
        };
        let plain = match document {
            Document::Stored => serde_json::from_str(&admitted.stored())?,
            Document::Answered => serde_json::from_str(admitted.effective())?,
        };
        Ok(printed::stored::schema(&edition.schema, document, &plain))
    }

    /// The page that tells of every rule, in Markdown.
    pub fn page_of_rules(&self) -> Result<String, SchemaError> {
        Ok(printed::page::page(&self.rules()?))
    }

    /// Every rule of every version.
    pub fn rules(&self) -> Result<Vec<RuleRow>, SchemaError> {
        rulebook::rows(self.rule_source).map_err(|error| SchemaError::Rules(error.to_string()))
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
            return Err(Exception::new(Kind::Parse, "request body is required").by(Rule::BodyAbsent.id()));
        }
        let parameters = Parameters::parse(candidate.query)?;
        let takes_options = api >= TAKES_INDEX_OPTIONS;
        let options = takes_options.then(|| IndexOptions::of_parameters(&parameters, api));
        let options = options.transpose()?;
        let edition = self
            .edition(api)
            .map_err(|error| Exception::new(Kind::Internal, error.to_string()))?;
        let rules = &edition.rules;
        let document = candidate.format.read(body, api);
        let schema_fault = first_fault(&edition.schema, &document);
        let job = match (
            request::read(&document, schema_fault.as_ref().map(|fault| fault.detected_at), rules),
            schema_fault,
        ) {
            (Err(Halt::Refused(exception)), _) => return Err(exception),
            (_, Some(fault)) => return Err(fault.exception),
            (Err(Halt::BrokenOff), None) => {
                return Err(Exception::new(
                    Kind::Internal,
                    "the body fits its schema but could not be read",
                ));
            }
            (Ok(job), None) => job,
        };
        check_id(id, job.job_id.as_deref(), rules)?;
        rules::whole_job::check(&job, id, rules)?;
        let checked = parameters.check(&PARAMETERS, candidate.path, api);
        checked.map_err(|exception| exception.by(Rule::RequestParameter.id()))?;
        let analysis = job.analysis_config.as_ref();
        analyzer::check_extent(analysis.and_then(|analysis| analysis.categorization_analyzer.as_ref()))?;
        if let (Some(datafeed), Some(analysis)) = (&job.datafeed, analysis) {
            rules::datafeed::check_whole(datafeed, id, rules)?;
            rules::datafeed::check_beside(datafeed, analysis, rules)?;
        }
        rules::stored::check(&job, rules)?;
        let mut job = job;
        defaults::fill_in(&mut job, api);
        let kept = Kept::of_new(candidate.now_millis, api);
        if let (Some(datafeed), Some(options)) = (&mut job.datafeed, options) {
            let histogram = rules::datafeed::check_shape(datafeed, rules)?;
            datafeed::defaults::fill_in(datafeed, id, options, histogram);
        }
        let stamp = Stamp {
            id,
            kept: &kept,
            api,
            for_humans: parameters.flag("human")?,
        };
        let checked = parameters.check_filter(api);
        checked.map_err(|exception| exception.by(Rule::RequestParameter.id()))?;
        let (documents, companion) = response::documents(&job, stamp, body.len())?;
        let question = analyzer::lookup::question(documents.whole())
            .map_err(|error| Exception::new(Kind::Internal, format!("the document cannot be read again: {error}")))?;
        let mut warnings = index_options::warnings(&parameters, api);
        warnings.extend(deprecations::warnings(&job, document.root(), api));
        Ok(Admitted {
            document_id: commit::document_id(id),
            documents,
            names: commit::names(id, job.groups),
            companion,
            unsettled: question.map(|question| Unsettled {
                about: "the analyzer, tokenizers and filters that [categorization_analyzer] names",
                question,
            }),
            warnings,
            before: None,
            replaces: None,
        })
    }
}

impl std::fmt::Debug for AnomalyJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnomalyJob").finish_non_exhaustive()
    }
}

/// Puts the names of the functions into the schema, which has them from their table.
fn put_functions(schema: &mut serde_json::Value, rules: &Rulebook) {
    if let Some(names) = schema.pointer_mut(FUNCTION_NAMES) {
        *names = rules.functions.names().collect();
    }
}

/// The id in the body, when there is one, is the id in the URL (create-job.md §1).
fn check_id(url: &str, body: Option<&str>, rules: &Rulebook) -> Result<(), Exception> {
    match body {
        Some(body) if body != url => rules.refuse(Rule::JobIdInUrl, &[("id", &body), ("url", &url)]),
        _ => Ok(()),
    }
}

impl Call for AnomalyJob {
    fn admit(&self, candidate: &Candidate<'_>) -> Decision {
        Self::admit(self, candidate)
    }

    /// Elasticsearch takes a single text for a list of one.
    fn groups(&self, job: Node<'_>) -> Vec<String> {
        let Some(groups) = job.member("groups") else {
            return Vec::new();
        };
        let texts = groups.elements().chain([groups]).filter_map(Node::as_text);
        texts.map(std::borrow::Cow::into_owned).collect()
    }
}

#[cfg(test)]
mod tests;
