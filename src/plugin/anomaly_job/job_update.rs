//! An update as a request describes it: typed, with what the client left out left out.

use crate::es::time_value::TimeValue;
use crate::xcontent::json::Node;

use super::job::{AnalysisLimits, DetectionRule, ModelPlotConfig, PerPartition};
use super::texts::{Text, Texts};

/// The whole request (jobs-api.md §3.2). A field that is `None` stays as the job has it.
#[derive(Debug, Clone, Default)]
pub(super) struct JobUpdate<'a> {
    pub(super) groups: Option<Texts<'a>>,
    pub(super) description: Option<Text<'a>>,
    pub(super) detectors: Vec<DetectorUpdate<'a>>,
    pub(super) model_plot_config: Option<ModelPlotConfig<'a>>,
    pub(super) analysis_limits: Option<AnalysisLimits>,
    pub(super) renormalization_window_days: Option<i64>,
    pub(super) background_persist_interval: Option<TimeValue>,
    pub(super) results_retention_days: Option<i64>,
    pub(super) model_snapshot_retention_days: Option<i64>,
    pub(super) daily_model_snapshot_retention_after_days: Option<i64>,
    pub(super) categorization_filters: Option<Texts<'a>>,
    pub(super) per_partition_categorization: Option<PerPartition>,
    pub(super) custom_settings: Option<Node<'a>>,
    pub(super) allow_lazy_open: Option<bool>,
    pub(super) model_prune_window: Option<TimeValue>,
}

/// What changes of one detector (jobs-api.md §3.4).
#[derive(Debug, Clone, Default)]
pub(super) struct DetectorUpdate<'a> {
    /// Its place among the job's detectors, which may be no place at all.
    pub(super) detector_index: i64,
    pub(super) description: Option<Text<'a>>,
    pub(super) custom_rules: Option<Box<[DetectionRule<'a>]>>,
}
