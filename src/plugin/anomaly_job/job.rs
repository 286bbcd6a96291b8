//! A job as a request describes it: typed, with what the client left out left out.

#![allow(
    clippy::struct_field_names,
    reason = "the fields have the names that the call gives them"
)]

use std::hash::{Hash, Hasher};

use crate::es::time_value::TimeValue;
use crate::xcontent::json::Node;

use super::datafeed::Datafeed;
use super::rulebook::Function;
use super::texts::{Text, Texts};

/// The whole request (create-job.md §2.2).
#[derive(Debug, Clone, Default)]
pub(super) struct Job<'a> {
    pub(super) job_id: Option<Text<'a>>,
    pub(super) job_type: Option<Text<'a>>,
    pub(super) groups: Texts<'a>,
    pub(super) description: Option<Text<'a>>,
    pub(super) analysis_config: Option<AnalysisConfig<'a>>,
    pub(super) analysis_limits: AnalysisLimits,
    pub(super) data_description: Option<DataDescription<'a>>,
    pub(super) model_plot_config: Option<ModelPlotConfig<'a>>,
    pub(super) renormalization_window_days: Option<i64>,
    pub(super) background_persist_interval: Option<TimeValue>,
    pub(super) model_snapshot_retention_days: Option<i64>,
    pub(super) daily_model_snapshot_retention_after_days: Option<i64>,
    pub(super) results_retention_days: Option<i64>,
    pub(super) custom_settings: Option<CustomSettings<'a>>,
    pub(super) model_snapshot_min_version: Option<MinVersion>,
    pub(super) results_index_name: Option<Text<'a>>,
    pub(super) is_deleting: bool,
    pub(super) allow_lazy_open: bool,
    pub(super) blocked: Option<Blocked>,
    pub(super) datafeed: Option<Box<Datafeed<'a>>>,
    /// Which of the fields that only the server sets were sent.
    pub(super) sent_by_client: SentByClient,
}

/// `custom_settings`, by the map that Elasticsearch reads them into, which its answers show.
#[derive(Debug, Clone, Copy)]
pub(super) enum CustomSettings<'a> {
    /// One that keeps the order: of a job.
    InOrder(Node<'a>),
    /// One that does not: of an update.
    Hashed(Node<'a>),
}

/// `model_snapshot_min_version`: a version, or the server's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MinVersion {
    Server,
    Given(String),
}

/// The fields of create-job.md §3.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SentByClient {
    pub(super) model_snapshot_id: bool,
    pub(super) finished_time: bool,
    pub(super) create_time: bool,
}

impl SentByClient {
    /// Whether there is none.
    pub(super) const fn is_empty(self) -> bool {
        !(self.model_snapshot_id || self.finished_time || self.create_time)
    }

    /// Whether a field was sent.
    pub(super) fn has(self, field: &str) -> bool {
        match field {
            "model_snapshot_id" => self.model_snapshot_id,
            "finished_time" => self.finished_time,
            "create_time" => self.create_time,
            _ => false,
        }
    }
}

/// `analysis_config` (create-job.md §2.3).
#[derive(Debug, Clone, Default)]
pub(super) struct AnalysisConfig<'a> {
    pub(super) bucket_span: Option<TimeValue>,
    pub(super) latency: Option<TimeValue>,
    pub(super) model_prune_window: Option<TimeValue>,
    pub(super) categorization_field_name: Option<Text<'a>>,
    pub(super) categorization_filters: Option<Texts<'a>>,
    pub(super) categorization_analyzer: Option<Analyzer<'a>>,
    pub(super) per_partition_categorization: Option<PerPartition>,
    pub(super) summary_count_field_name: Option<Text<'a>>,
    pub(super) influencers: Texts<'a>,
    pub(super) multivariate_by_fields: Option<bool>,
    pub(super) detectors: Vec<Detector<'a>>,
}

/// `per_partition_categorization`, from 7.9 on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PerPartition {
    pub(super) enabled: bool,
    pub(super) stop_on_warn: bool,
}

/// `categorization_analyzer` (create-job.md §2.8).
#[derive(Debug, Clone)]
pub(super) enum Analyzer<'a> {
    /// A global analyzer.
    Name(Text<'a>),
    /// One that is put together here.
    Custom(Node<'a>),
    /// The one that is filled in, from 7.14 on.
    Standard {
        /// A character filter is made of each of these patterns.
        filters: Texts<'a>,
        /// The character filter before those.
        finds_line: &'static str,
        /// Whether it looks at a limited number of tokens.
        limits_tokens: bool,
    },
}

/// A detector (create-job.md §2.7). A body can have one for every few bytes, so one keeps nothing for what it lacks.
#[derive(Debug, Clone, Default)]
pub(super) struct Detector<'a> {
    pub(super) function: Option<&'a Function>,
    pub(super) use_null: bool,
    /// The texts that were sent, empty ones too, in the order of their kinds.
    pub(super) texts: Box<[(DetectorText, Text<'a>)]>,
    pub(super) custom_rules: Box<[DetectionRule<'a>]>,
}

/// What a text of a detector is, in the order of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum DetectorText {
    Description,
    FieldName,
    ByFieldName,
    OverFieldName,
    PartitionFieldName,
    /// In lower case.
    ExcludeFrequent,
}

impl DetectorText {
    /// The kind of a member whose value is kept as it was sent.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "detector_description" => Self::Description,
            "field_name" => Self::FieldName,
            "by_field_name" => Self::ByFieldName,
            "over_field_name" => Self::OverFieldName,
            "partition_field_name" => Self::PartitionFieldName,
            _ => return None,
        })
    }
}

impl<'a> Detector<'a> {
    /// The same detector with these texts, of each kind one at most.
    pub(super) fn with_texts(self, mut texts: Vec<(DetectorText, Text<'a>)>) -> Self {
        texts.sort_unstable_by_key(|(kind, _)| *kind);
        Self {
            texts: texts.into_boxed_slice(),
            ..self
        }
    }

    /// The text of a kind.
    pub(super) fn text(&self, kind: DetectorText) -> Option<&Text<'a>> {
        self.texts
            .iter()
            .find(|(other, _)| *other == kind)
            .map(|(_, text)| text)
    }

    /// Every text but the description.
    pub(super) fn texts_but_description(&self) -> &[(DetectorText, Text<'a>)] {
        match &*self.texts {
            [(DetectorText::Description, _), rest @ ..] => rest,
            all => all,
        }
    }

    /// The names of the field and of the by, over and partition field that were sent, in this order.
    pub(super) fn names(&self) -> impl Iterator<Item = &Text<'a>> {
        let texts = self.texts_but_description().iter();
        texts
            .filter(|(kind, _)| *kind != DetectorText::ExcludeFrequent)
            .map(|(_, name)| name)
    }

    /// The names of the by, over and partition field that were sent, in this order.
    pub(super) fn analysis_fields(&self) -> impl Iterator<Item = &Text<'a>> {
        let has_field = self.text(DetectorText::FieldName).is_some();
        self.names().skip(usize::from(has_field))
    }
}

/// A rule of a detector.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct DetectionRule<'a> {
    pub(super) skips_result: bool,
    pub(super) skips_model_update: bool,
    pub(super) forces_time_shift: bool,
    /// In the order in which Elasticsearch keeps them.
    pub(super) scope: Vec<(Text<'a>, FilterRef<'a>)>,
    pub(super) conditions: Vec<RuleCondition<'a>>,
    /// By how many seconds the time is shifted, from 8.16 on.
    pub(super) time_shift_amount: Option<i64>,
}

impl Default for DetectionRule<'_> {
    fn default() -> Self {
        Self {
            skips_result: true,
            skips_model_update: false,
            forces_time_shift: false,
            scope: Vec::new(),
            conditions: Vec::new(),
            time_shift_amount: None,
        }
    }
}

/// What a field's values are looked up in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct FilterRef<'a> {
    pub(super) filter_id: Text<'a>,
    /// In lower case.
    pub(super) filter_type: Text<'a>,
}

/// A condition of a rule; texts in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct RuleCondition<'a> {
    pub(super) applies_to: Text<'a>,
    pub(super) operator: Text<'a>,
    pub(super) value: Double,
}

/// A number that equals those of the same bits only: 0 and -0 are two.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Double(pub(super) f64);

impl PartialEq for Double {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Double {}

impl Hash for Double {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// `analysis_limits` (create-job.md §2.4).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AnalysisLimits {
    /// In MiB.
    pub(super) model_memory_limit: Option<i64>,
    pub(super) categorization_examples_limit: Option<i64>,
}

/// `data_description` (create-job.md §2.5).
#[derive(Debug, Clone, Default)]
pub(super) struct DataDescription<'a> {
    pub(super) is_delimited: bool,
    pub(super) time_field: Option<Text<'a>>,
    pub(super) time_format: Option<Text<'a>>,
    pub(super) field_delimiter: Option<Text<'a>>,
    pub(super) quote_character: Option<Text<'a>>,
}

impl DataDescription<'_> {
    /// The name of the field that holds the time.
    pub(super) fn time_field(&self) -> &str {
        self.time_field.as_deref().unwrap_or("time")
    }
}

/// `model_plot_config` (create-job.md §2.6).
#[derive(Debug, Clone, Default)]
pub(super) struct ModelPlotConfig<'a> {
    pub(super) enabled: bool,
    pub(super) terms: Option<Text<'a>>,
    pub(super) annotations_enabled: Option<bool>,
}

/// `blocked`, from 7.14 to 8.13.
#[derive(Debug, Clone, Default)]
pub(super) struct Blocked {
    /// In lower case.
    pub(super) reason: String,
    /// As it is printed.
    pub(super) task_id: Option<String>,
}
