//! The keys of a job in the order in which a version writes them (create-job.md §5.1).

use super::super::datafeed::companion;
use crate::es::version::Version;

/// From this version on the keys of a job come in another order (it changed in 7.11 or 7.12).
const NEW_ORDER: Version = Version::new(7, 11, 0);

/// The keys of a job in the order of this version.
pub(super) fn of_version(api: Version) -> &'static [&'static str] {
    if api >= NEW_ORDER { NEW_KEYS } else { OLD_KEYS }
}

/// The keys of a job in the order before and after the change.
const OLD_KEYS: &[&str] = &[
    "job_id",
    "job_type",
    "job_version",
    "groups",
    "description",
    "create_time",
    "finished_time",
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
    "model_snapshot_id",
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
    "finished_time",
    "model_snapshot_id",
    "deleting",
    "model_snapshot_min_version",
    "custom_settings",
    companion::MEMBER,
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
