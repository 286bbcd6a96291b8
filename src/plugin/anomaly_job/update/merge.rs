//! A job with an update merged into it, as each version of Elasticsearch merges (jobs-api.md §3.2, §3.4 to §3.6). The first
//! fault wins; those of what is merged are not wrapped, as there is no text that they are in.

use http::StatusCode;

use super::super::defaults;
use super::super::job::{AnalysisConfig, AnalysisLimits, CustomSettings, Detector, DetectorText, Job, PerPartition};
use super::super::job_update::{DetectorUpdate, JobUpdate};
use super::super::rulebook::Rulebook;
use super::super::rules;
use crate::es::error::{Exception, Kind};
use crate::es::version::Version;

/// From this version on (9.3, 9.4 or 9.5) limits that an update leaves out stay as they are.
const KEEPS_LIMITS: Version = Version::new(9, 3, 0);
/// From this version on annotations can be left out of model plots.
const ANNOTATES: Version = Version::new(7, 9, 0);

/// Merges an update into the job with this id, and checks what becomes of it.
pub(super) fn merge<'a>(
    job: &mut Job<'a>,
    update: JobUpdate<'a>,
    id: &str,
    rules: &'a Rulebook,
) -> Result<(), Exception> {
    if let Some(config) = &mut job.analysis_config {
        merge_detectors(config, &update.detectors, rules)?;
    }
    merge_limits(&mut job.analysis_limits, update.analysis_limits, rules.api);
    if let Some(mut plot) = update.model_plot_config {
        if rules.api >= ANNOTATES {
            plot.annotations_enabled.get_or_insert(plot.enabled);
        }
        job.model_plot_config = Some(plot);
    }
    replace(&mut job.groups, update.groups);
    put(&mut job.description, update.description);
    put(&mut job.renormalization_window_days, update.renormalization_window_days);
    put(&mut job.background_persist_interval, update.background_persist_interval);
    put(&mut job.results_retention_days, update.results_retention_days);
    put(
        &mut job.model_snapshot_retention_days,
        update.model_snapshot_retention_days,
    );
    put(
        &mut job.daily_model_snapshot_retention_after_days,
        update.daily_model_snapshot_retention_after_days,
    );
    put(
        &mut job.custom_settings,
        update.custom_settings.map(CustomSettings::Hashed),
    );
    replace(&mut job.allow_lazy_open, update.allow_lazy_open);
    if let Some(config) = &mut job.analysis_config {
        put(&mut config.categorization_filters, update.categorization_filters);
        put(&mut config.model_prune_window, update.model_prune_window);
        merge_partitions(config, update.per_partition_categorization)?;
        rules::analysis::check(config, rules)?;
    }
    rules::whole_job::check_updated(job, id, rules)?;
    rules::stored::check(job, rules)
}

/// Sets what an update has.
fn put<T>(value: &mut Option<T>, update: Option<T>) {
    if update.is_some() {
        *value = update;
    }
}

fn replace<T>(value: &mut T, update: Option<T>) {
    if let Some(update) = update {
        *value = update;
    }
}

/// Each entry starts from the detector of the stored job, so that of two for one detector the last one counts, whole.
fn merge_detectors<'a>(
    config: &mut AnalysisConfig<'a>,
    updates: &[DetectorUpdate<'a>],
    rules: &'a Rulebook,
) -> Result<(), Exception> {
    if updates.is_empty() {
        return Ok(());
    }
    let stored = config.detectors.clone();
    for update in updates {
        let place = usize::try_from(update.detector_index).map_err(|_| negative(update.detector_index, &stored))?;
        let (Some(before), Some(detector)) = (stored.get(place), config.detectors.get_mut(place)) else {
            return Err(status(format!(
                "[detector_index] is [{place}], and the job has [{}] detectors, which are counted from [0]",
                stored.len()
            )));
        };
        *detector = updated(before, update);
        rules::detector::check(detector, rules)?;
    }
    Ok(())
}

/// The one fault of an update that Elasticsearch does not foresee (jobs-api.md §3.4).
fn negative(index: i64, detectors: &[Detector<'_>]) -> Exception {
    let reason = format!(
        "[detector_index] is [{index}], and the job has [{}] detectors, which are counted from [0]",
        detectors.len()
    );
    Exception::new(Kind::Library("index_out_of_bounds_exception"), reason)
}

fn updated<'a>(before: &Detector<'a>, update: &DetectorUpdate<'a>) -> Detector<'a> {
    let mut detector = before.clone();
    if let Some(description) = &update.description {
        let mut texts = before.texts.to_vec();
        texts.retain(|(kind, _)| *kind != DetectorText::Description);
        texts.push((DetectorText::Description, description.clone()));
        detector = detector.with_texts(texts);
    }
    if let Some(rules) = &update.custom_rules {
        detector.custom_rules.clone_from(rules);
    }
    detector
}

/// What an update leaves out gets its default, as in a new job, or stays from a later version on.
fn merge_limits(limits: &mut AnalysisLimits, update: Option<AnalysisLimits>, api: Version) {
    let Some(update) = update else {
        return;
    };
    if api >= KEEPS_LIMITS {
        put(&mut limits.model_memory_limit, update.model_memory_limit);
        put(
            &mut limits.categorization_examples_limit,
            update.categorization_examples_limit,
        );
    } else {
        *limits = update;
        defaults::fill_in_limits(limits);
    }
}

/// Whether categories are kept apart by partition cannot change, only what belongs to it.
fn merge_partitions(config: &mut AnalysisConfig<'_>, update: Option<PerPartition>) -> Result<(), Exception> {
    let Some(update) = update else {
        return Ok(());
    };
    let is_enabled = config
        .per_partition_categorization
        .is_some_and(|partitions| partitions.enabled);
    if is_enabled != update.enabled {
        return Err(status(format!(
            "[per_partition_categorization.enabled] is [{is_enabled}] and cannot be changed; create another job"
        )));
    }
    config.per_partition_categorization = Some(update);
    Ok(())
}

fn status(reason: String) -> Exception {
    Exception::new(Kind::Status(StatusCode::BAD_REQUEST), reason)
}
