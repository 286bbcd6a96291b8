//! What a job gets when the client says nothing (create-job.md §2.2 to §2.8, the columns "dflt" and "Later").

use std::borrow::Cow;

use crate::es::time_value::TimeValue;
use crate::es::version::Version;

use super::job::{AnalysisConfig, AnalysisLimits, Analyzer, Blocked, Job};
use super::rules::analysis::DEFAULT_BUCKET_SPAN;

/// Days that snapshots are kept, before 7.8.
const SNAPSHOT_RETENTION_DAYS_BEFORE: i64 = 1;
/// Days that snapshots are kept.
pub(super) const SNAPSHOT_RETENTION_DAYS: i64 = 10;
/// Days after which only one snapshot a day is kept.
const DAILY_SNAPSHOT_RETENTION_DAYS: i64 = 1;
/// MiB of memory.
const MEMORY_LIMIT: i64 = 1024;
/// MiB of memory of a job that was stored without any limit.
const MEMORY_LIMIT_BEFORE: i64 = 4096;
/// Examples for each category.
const EXAMPLES_LIMIT: i64 = 4;

/// From this version on the retention is longer and has a daily part.
const KEEPS_DAILY: Version = Version::new(7, 8, 0);
/// From this version on annotations can be left out of model plots, and categories kept apart by partition.
const ANNOTATES: Version = Version::new(7, 9, 0);
/// From this version on the analyzer of categorization is written into the job.
const WRITES_ANALYZER: Version = Version::new(7, 14, 0);
/// From this version on the first line that counts is one with letters (not in 7.15.2).
const FINDS_LETTERS: Version = Version::new(7, 16, 0);
/// From this version on `blocked` is known.
pub(super) const BLOCKS: Version = Version::new(7, 14, 0);
/// From this version on (8.10 at the latest) that analyzer looks at a limited number of tokens.
const LIMITS_TOKENS: Version = Version::new(8, 0, 0);
/// From this version on models of entities that are gone are pruned.
const PRUNES: Version = Version::new(8, 1, 0);

/// Fills in what is missing.
pub(super) fn fill_in(job: &mut Job<'_>, api: Version) {
    fill_in_limits(&mut job.analysis_limits);
    fill_in_retention(job, api);
    fill_in_everywhere(job, api);
    if let Some(config) = &mut job.analysis_config {
        fill_in_analysis(config, api);
    }
}

/// Fills in what Elasticsearch fills in while it reads a job that is stored (jobs-api.md §1.3).
pub(super) fn fill_in_stored(job: &mut Job<'_>, api: Version) {
    let limits = &mut job.analysis_limits;
    limits.model_memory_limit.get_or_insert(MEMORY_LIMIT_BEFORE);
    limits.categorization_examples_limit.get_or_insert(EXAMPLES_LIMIT);
    fill_in_everywhere(job, api);
    if let Some(config) = &mut job.analysis_config {
        config.bucket_span.get_or_insert(DEFAULT_BUCKET_SPAN);
        fill_in_partitions(config, api);
    }
}

/// Fills in the limits of a new job.
pub(super) fn fill_in_limits(limits: &mut AnalysisLimits) {
    limits.model_memory_limit.get_or_insert(MEMORY_LIMIT);
    limits.categorization_examples_limit.get_or_insert(EXAMPLES_LIMIT);
}

/// Fills in what a job has whether it is created or read again.
fn fill_in_everywhere(job: &mut Job<'_>, api: Version) {
    job.job_type.get_or_insert(Cow::Borrowed("anomaly_detector"));
    job.results_index_name = Some(results_index_name(job.results_index_name.take()));
    if let Some(description) = &mut job.data_description {
        description.time_field.get_or_insert(Cow::Borrowed("time"));
        description.time_format.get_or_insert(Cow::Borrowed("epoch_ms"));
        if description.is_delimited {
            description.field_delimiter.get_or_insert(Cow::Borrowed("\t"));
            description.quote_character.get_or_insert(Cow::Borrowed("\""));
        }
    }
    if let Some(plot) = &mut job.model_plot_config
        && api >= ANNOTATES
    {
        plot.annotations_enabled.get_or_insert(plot.enabled);
    }
    if api >= BLOCKS {
        // A job that is being deleted is blocked for that reason, and the reverse (create-job.md §2.2, `deleting`).
        let is_blocked = job.blocked.as_ref().is_some_and(|blocked| blocked.reason == "delete");
        if job.is_deleting && !is_blocked {
            // Another reason goes, and the task that gave it.
            job.blocked = Some(Blocked {
                reason: "delete".to_owned(),
                task_id: None,
            });
        }
        job.is_deleting |= is_blocked;
    }
}

fn fill_in_retention(job: &mut Job<'_>, api: Version) {
    if api < KEEPS_DAILY {
        job.model_snapshot_retention_days
            .get_or_insert(SNAPSHOT_RETENTION_DAYS_BEFORE);
        return;
    }
    let whole = *job.model_snapshot_retention_days.get_or_insert(SNAPSHOT_RETENTION_DAYS);
    if whole > DAILY_SNAPSHOT_RETENTION_DAYS {
        job.daily_model_snapshot_retention_after_days
            .get_or_insert(DAILY_SNAPSHOT_RETENTION_DAYS);
    }
}

fn fill_in_analysis(config: &mut AnalysisConfig<'_>, api: Version) {
    let bucket_span = *config.bucket_span.get_or_insert(DEFAULT_BUCKET_SPAN);
    fill_in_partitions(config, api);
    let categorizes = config.categorization_field_name.is_some();
    if api >= WRITES_ANALYZER && categorizes && config.categorization_analyzer.is_none() {
        let filters = config.categorization_filters.take().unwrap_or_default();
        config.categorization_analyzer = Some(Analyzer::Standard {
            filters,
            finds_line: if api >= FINDS_LETTERS {
                "first_line_with_letters"
            } else {
                "first_non_blank_line"
            },
            limits_tokens: api >= LIMITS_TOKENS,
        });
    }
    if api >= PRUNES {
        config
            .model_prune_window
            .get_or_insert_with(|| default_prune_window(bucket_span));
    }
}

fn fill_in_partitions(config: &mut AnalysisConfig<'_>, api: Version) {
    if api >= ANNOTATES && config.categorization_field_name.is_some() {
        config.per_partition_categorization.get_or_insert_default();
    }
}

/// 30 days, raised to a whole number of bucket spans and to at least 20 of them, in the largest unit that fits.
fn default_prune_window(bucket_span: TimeValue) -> TimeValue {
    let bucket = bucket_span.seconds().max(1);
    let month = 30 * 24 * 60 * 60_i64;
    let buckets = (month / bucket + i64::from(month % bucket != 0)).max(20);
    TimeValue::from_secs(buckets.saturating_mul(bucket)).in_largest_unit()
}

/// The results index that a name asks for.
fn results_index_name(name: Option<Cow<'_, str>>) -> Cow<'_, str> {
    match name {
        None => Cow::Borrowed("shared"),
        Some(name) if name.is_empty() => Cow::Borrowed("shared"),
        Some(name) if name == "shared" || name.starts_with("custom-") => name,
        Some(name) => Cow::Owned(format!("custom-{name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// create-job.md §2.3, `model_prune_window`.
    #[test]
    fn prune_window_is_a_whole_number_of_spans() {
        for (span, window) in [
            ("5m", "30d"),
            ("45s", "30d"),
            ("1h", "30d"),
            ("1d", "30d"),
            ("2d", "40d"),
            ("7d", "140d"),
            ("25h", "725h"),
            ("7h", "721h"),
            ("13m", "43212m"),
            ("7m", "43204m"),
            ("11m", "43208m"),
        ] {
            let span = TimeValue::parse(span, "bucket_span").expect("a time value");
            assert_eq!(default_prune_window(span).to_string(), window);
        }
    }

    /// create-job.md §2.2, `results_index_name`.
    #[test]
    fn results_indices_are_shared_or_custom() {
        for (name, index) in [
            ("", "shared"),
            ("shared", "shared"),
            ("foo", "custom-foo"),
            ("custom-foo", "custom-foo"),
        ] {
            assert_eq!(results_index_name(Some(name.into())), index);
        }
    }
}
