//! The effective document: the job as Elasticsearch answers it and, without the indices of its detectors, stores it
//! (contract job.md §5.1, §5.2).

use serde_json::{Map, Value, json};

use crate::admission::hash_order::in_order;
use crate::es::number::{self, double_value};
use crate::es::version::Version;

use super::analyzer;
use super::defaults::BLOCKS;
use super::description;
use super::job::{
    AnalysisConfig, AnalysisLimits, Blocked, DataDescription, DetectionRule, Detector, Job, MinVersion,
    ModelPlotConfig, Text,
};

/// From this version on the keys of a job come in another order (it changed in 7.11 or 7.12).
const NEW_ORDER: Version = Version::new(7, 11, 0);
/// From this version on `allow_lazy_open` is always written.
const OPENS_LAZILY: Version = Version::new(7, 5, 0);

/// The keys of a job in the order before and after the change.
const OLD_KEYS: &[&str] = &[
    "job_id",
    "job_type",
    "job_version",
    "groups",
    "description",
    "create_time",
    "analysis_config",
    "analysis_limits",
    "data_description",
    "model_plot_config",
    "renormalization_window_days",
    "background_persist_interval",
    "model_snapshot_retention_days",
    "daily_model_snapshot_retention_after_days",
    "results_retention_days",
    "custom_settings",
    "model_snapshot_min_version",
    "results_index_name",
    "deleting",
    "allow_lazy_open",
];
const NEW_KEYS: &[&str] = &[
    "job_id",
    "job_type",
    "job_version",
    "create_time",
    "deleting",
    "model_snapshot_min_version",
    "custom_settings",
    "groups",
    "description",
    "analysis_config",
    "analysis_limits",
    "data_description",
    "model_plot_config",
    "renormalization_window_days",
    "background_persist_interval",
    "model_snapshot_retention_days",
    "daily_model_snapshot_retention_after_days",
    "results_retention_days",
    "results_index_name",
    "allow_lazy_open",
    "blocked",
];

/// What the server adds to a job.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp<'s> {
    /// The job's id.
    pub(super) id: &'s str,
    /// When it was created, in milliseconds since the epoch.
    pub(super) now_millis: i64,
    /// The version to answer as.
    pub(super) api: Version,
}

/// Which of the two documents of a job is made. Each is made from the job: copying the one would need a stack for every
/// level of what a client nests in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// What the client is answered.
    Answer,
    /// What is stored, which leaves out the indices of the detectors.
    Storage,
}

/// The effective document of a job that is filled in.
pub(super) fn document(job: &Job<'_>, stamp: Stamp<'_>, purpose: Purpose) -> Value {
    let keys = if stamp.api >= NEW_ORDER { NEW_KEYS } else { OLD_KEYS };
    let mut document = Map::with_capacity(keys.len());
    for key in keys {
        if let Some(value) = value_of(job, key, stamp, purpose) {
            document.insert((*key).to_owned(), value);
        }
    }
    Value::Object(document)
}

fn value_of(job: &Job<'_>, key: &str, stamp: Stamp<'_>, purpose: Purpose) -> Option<Value> {
    Some(match key {
        "job_id" => stamp.id.into(),
        "job_type" => text(job.job_type.as_ref())?,
        "job_version" => job_version(stamp.api).into(),
        "groups" => non_empty(&job.groups)?,
        "description" => text(job.description.as_ref())?,
        "create_time" => stamp.now_millis.into(),
        "analysis_config" => analysis_config(job.analysis_config.as_ref()?, purpose),
        "analysis_limits" => analysis_limits(job.analysis_limits),
        "data_description" => data_description(job.data_description.as_ref()?, stamp.api),
        "model_plot_config" => model_plot_config(job.model_plot_config.as_ref()?),
        "renormalization_window_days" => job.renormalization_window_days?.into(),
        "background_persist_interval" => job.background_persist_interval?.to_string().into(),
        "model_snapshot_retention_days" => job.model_snapshot_retention_days?.into(),
        "daily_model_snapshot_retention_after_days" => job.daily_model_snapshot_retention_after_days?.into(),
        "results_retention_days" => job.results_retention_days?.into(),
        "custom_settings" => in_order(job.custom_settings?),
        "model_snapshot_min_version" => match job.model_snapshot_min_version.as_ref()? {
            MinVersion::Server => job_version(stamp.api).into(),
            MinVersion::Given(version) => version.as_str().into(),
        },
        "results_index_name" => text(job.results_index_name.as_ref())?,
        "deleting" if job.is_deleting => true.into(),
        "allow_lazy_open" if stamp.api >= OPENS_LAZILY => job.allow_lazy_open.into(),
        "blocked" if stamp.api >= BLOCKS => blocked(job.blocked.as_ref()?)?,
        _ => return None,
    })
}

/// The version that a job carries: the server's own, later that of the jobs' configuration (contract job.md §5.1).
fn job_version(api: Version) -> String {
    match (api.major, api.minor) {
        (..8, _) | (8, ..10) => api.to_string(),
        (8, 10..13) => "10.0.0".to_owned(),
        _ => "12.0.0".to_owned(),
    }
}

fn text(text: Option<&Text<'_>>) -> Option<Value> {
    text.map(|text| Value::from(text.as_ref()))
}

fn texts(texts: &[Text<'_>]) -> Value {
    texts.iter().map(|text| Value::from(text.as_ref())).collect()
}

fn non_empty(list: &[Text<'_>]) -> Option<Value> {
    (!list.is_empty()).then(|| texts(list))
}

/// An object that is built key by key, leaving out what is not there.
struct Members(Map<String, Value>);

impl Members {
    fn new() -> Self {
        // As many as the objects of a job have; a detector has ten.
        Self(Map::with_capacity(10))
    }

    fn add(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    fn add_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.add(key, value);
        }
    }

    fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

fn analysis_config(config: &AnalysisConfig<'_>, purpose: Purpose) -> Value {
    let mut members = Members::new();
    members.add_some("bucket_span", config.bucket_span.map(|span| span.to_string()));
    members.add_some(
        "categorization_field_name",
        text(config.categorization_field_name.as_ref()),
    );
    members.add_some(
        "categorization_filters",
        config.categorization_filters.as_deref().map(texts),
    );
    members.add_some(
        "categorization_analyzer",
        config.categorization_analyzer.as_ref().map(analyzer::document),
    );
    if config.categorization_field_name.is_some()
        && let Some(per_partition) = config.per_partition_categorization
    {
        let mut object = Members::new();
        object.add("enabled", per_partition.enabled);
        if per_partition.enabled {
            object.add("stop_on_warn", per_partition.stop_on_warn);
        }
        members.add("per_partition_categorization", object.into_value());
    }
    members.add_some("latency", config.latency.map(|latency| latency.to_string()));
    members.add_some(
        "summary_count_field_name",
        text(config.summary_count_field_name.as_ref()),
    );
    let index = |index| (purpose == Purpose::Answer).then_some(index);
    let detectors: Vec<Value> = config
        .detectors
        .iter()
        .enumerate()
        .map(|(at, one)| detector(one, index(at)))
        .collect();
    members.add("detectors", detectors);
    members.add("influencers", texts(&config.influencers));
    members.add_some("multivariate_by_fields", config.multivariate_by_fields);
    members.add_some(
        "model_prune_window",
        config.model_prune_window.map(|window| window.to_string()),
    );
    members.into_value()
}

fn detector(detector: &Detector<'_>, index: Option<usize>) -> Value {
    let mut members = Members::new();
    members.add("detector_description", description::of(detector).into_owned());
    members.add_some("function", detector.function.map(|function| function.name));
    members.add_some("field_name", text(detector.field_name.as_ref()));
    members.add_some("by_field_name", text(detector.by_field_name.as_ref()));
    members.add_some("over_field_name", text(detector.over_field_name.as_ref()));
    members.add_some("partition_field_name", text(detector.partition_field_name.as_ref()));
    members.add_some("use_null", detector.use_null.then_some(true));
    members.add_some("exclude_frequent", detector.exclude_frequent.as_deref());
    if !detector.custom_rules.is_empty() {
        let rules: Vec<Value> = detector.custom_rules.iter().map(rule).collect();
        members.add("custom_rules", rules);
    }
    members.add_some("detector_index", index);
    members.into_value()
}

fn rule(rule: &DetectionRule<'_>) -> Value {
    let actions = [
        ("skip_result", rule.skips_result),
        ("skip_model_update", rule.skips_model_update),
    ];
    let actions: Vec<&str> = actions
        .into_iter()
        .filter(|(_, is_set)| *is_set)
        .map(|(name, _)| name)
        .collect();
    let mut members = Members::new();
    members.add("actions", actions);
    if !rule.scope.is_empty() {
        let scope = rule.scope.iter().map(|(field, filter)| {
            (
                field.to_string(),
                json!({"filter_id": filter.filter_id, "filter_type": filter.filter_type}),
            )
        });
        members.add("scope", scope.collect::<Map<_, _>>());
    }
    if !rule.conditions.is_empty() {
        let conditions = rule.conditions.iter().map(|condition| {
            let mut object = Members::new();
            object.add("applies_to", condition.applies_to.as_str());
            object.add("operator", condition.operator.as_str());
            object.add("value", double_value(condition.value));
            object.into_value()
        });
        members.add("conditions", conditions.collect::<Vec<_>>());
    }
    members.into_value()
}

fn analysis_limits(limits: AnalysisLimits) -> Value {
    let mut members = Members::new();
    members.add_some(
        "model_memory_limit",
        limits.model_memory_limit.map(|memory| format!("{memory}mb")),
    );
    members.add_some("categorization_examples_limit", limits.categorization_examples_limit);
    members.into_value()
}

fn data_description(description: &DataDescription<'_>, api: Version) -> Value {
    let mut members = Members::new();
    if description.is_delimited && api < Version::new(8, 0, 0) {
        members.add("format", "delimited");
    }
    members.add_some("time_field", text(description.time_field.as_ref()));
    members.add_some("time_format", text(description.time_format.as_ref()));
    if api < Version::new(8, 0, 0) {
        members.add_some("field_delimiter", text(description.field_delimiter.as_ref()));
        members.add_some("quote_character", text(description.quote_character.as_ref()));
    }
    members.into_value()
}

fn model_plot_config(plot: &ModelPlotConfig<'_>) -> Value {
    let mut members = Members::new();
    members.add("enabled", plot.enabled);
    members.add_some("terms", text(plot.terms.as_ref()));
    members.add_some("annotations_enabled", plot.annotations_enabled);
    members.into_value()
}

fn blocked(blocked: &Blocked<'_>) -> Option<Value> {
    if blocked.reason == "none" {
        return None;
    }
    let mut members = Members::new();
    members.add("reason", blocked.reason.as_str());
    members.add_some("task_id", text(blocked.task_id.as_ref()));
    Some(members.into_value())
}

/// A number of a component's settings as text.
pub(super) fn number_text(number: &str) -> String {
    match number::round_trip(number) {
        Value::String(text) => text,
        value => value.to_string(),
    }
}
