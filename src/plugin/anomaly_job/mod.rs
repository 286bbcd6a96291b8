//! Create anomaly detection job: `PUT _ml/anomaly_detectors/<job_id>`, judged and answered as Elasticsearch would.
//!
//! One request goes through the files of this room in this order: the schema judges the document
//! ([`crate::admission::schema_fault`]), `request` makes a job of it and applies the rules that Elasticsearch applies while
//! it parses, `rules::whole_job` those it applies to the whole, `defaults` fills in what is missing, and `response`
//! writes the effective document. What the rules know is data, which `rulebook` reads; `printed` and `published` make of it,
//! and of the schema, what others are given.

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
mod published;
mod request;
mod response;
mod rulebook;
mod rules;
pub mod serve;
mod server_version;
mod stored_jobs;
mod texts;
mod time_format;
mod turns;
pub mod update;
mod validation;
mod values;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::admission::engine::Call;
use crate::admission::schema::{Schema, SchemaError, SchemaSource};
use crate::admission::{Admitted, Candidate, Unsettled, Verdict};
use crate::es::error::{Exception, Kind};
use crate::es::index_options::{self, IndexOptions};
use crate::es::parameters::{Known, Parameters};
use crate::es::version::Version;
use crate::xcontent::json::Node;

pub use analyzer::lookup::Lookup;
pub use in_use::JobNames;
pub use plugin::{AnomalyJobPlugin, BODY_LIMIT};
use response::{Kept, Stamp};
use rulebook::{Rule, Rulebook};
pub use rulebook::{RuleRow, RuleSource, Said};
pub use stored_jobs::{StoredJob, StoredJobPages};
pub use turns::TakesTurns;

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

    /// Judges a request.
    #[must_use]
    pub fn admit(&self, candidate: &Candidate<'_>) -> Verdict {
        match self.judge(candidate) {
            Ok(admitted) => Verdict::Admitted(admitted),
            Err(exception) => Verdict::Refused(exception.into()),
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
        let mut job = request::read(&document, &edition.schema, rules)?;
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
        let documents = response::documents(&job, stamp, body.len())?;
        let analysis = job.analysis_config.as_ref();
        let analyzer = analysis.and_then(|analysis| analysis.categorization_analyzer.as_ref());
        let question =
            analyzer::lookup::question(analyzer).map_err(|error| Exception::new(Kind::Internal, error.to_string()))?;
        let mut warnings = index_options::warnings(&parameters, api);
        warnings.extend(deprecations::warnings(&job, document.root(), api));
        Ok(Admitted {
            document_id: commit::document_id(id),
            documents: documents.of_job,
            set_by_server: documents.set_by_server,
            names: commit::names(id, job.groups),
            companion: documents.companion,
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
    fn admit(&self, candidate: &Candidate<'_>) -> Verdict {
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
