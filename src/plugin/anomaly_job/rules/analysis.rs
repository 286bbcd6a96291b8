//! The rules of `analysis_config` (contract job.md §4.2), in their order.

use crate::es::error::{Exception, Kind};
use crate::es::time_value::TimeValue;
use crate::es::utf16;
use crate::es::version::Version;

use super::super::functions::METRIC;
use super::super::job::{AnalysisConfig, Detector, DetectorText, PerPartition, Text};
use super::super::parts::Texts;
use super::java_regex;
use super::names::check_field_name;
use super::{argument, status};

/// The field that categorization fills.
const CATEGORY: &str = "mlcategory";

/// The bucket span of a job that names none.
pub(in super::super) const DEFAULT_BUCKET_SPAN: TimeValue = TimeValue::from_minutes(5);

/// Checks an analysis that has been read.
pub(in super::super) fn check(config: &AnalysisConfig<'_>, api: Version) -> Result<(), Exception> {
    let bucket_span = config.bucket_span.unwrap_or(DEFAULT_BUCKET_SPAN);
    if bucket_span.nanos() <= 0 {
        let value = bucket_span.to_rough_text();
        return Err(argument(format!(
            "[bucket_span] is [{value}]; use a span of some length, such as [15m]"
        )));
    }
    check_whole_seconds("bucket_span", bucket_span)?;
    check_prune_window(config.model_prune_window, bucket_span)?;
    if let Some(latency) = config.latency {
        if latency.nanos() < 0 {
            let value = latency.to_rough_text();
            return Err(argument(format!(
                "[latency] is [{value}]; data cannot be late by less than nothing: use [0s] or more"
            )));
        }
        check_whole_seconds("latency", latency)?;
    }
    if config.detectors.is_empty() {
        return Err(status("[detectors] is empty; add one detector or more"));
    }
    check_field_name(config.summary_count_field_name.as_deref())?;
    check_field_name(config.categorization_field_name.as_deref())?;
    check_categorization(config)?;
    check_filters(config)?;
    if api >= Version::new(7, 9, 0) {
        check_partitions(config)?;
    }
    let is_summarized = config
        .summary_count_field_name
        .as_ref()
        .is_some_and(|name| !name.is_empty());
    let is_metric = |detector: &Detector<'_>| detector.function.is_some_and(|function| function.name == METRIC);
    if is_summarized && config.detectors.iter().any(is_metric) {
        return Err(status(format!(
            "[summary_count_field_name] is given, and the function [{METRIC}] does not work on summarised data: use [mean], [min] \
             or [max]"
        )));
    }
    check_nested_names(config)
}

/// Refuses a span that is no multiple of a second.
pub(in super::super) fn check_whole_seconds(field: &str, span: TimeValue) -> Result<(), Exception> {
    if span.is_whole_seconds() {
        return Ok(());
    }
    let actual = span.to_rough_text();
    Err(argument(format!(
        "[{field}] is [{actual}], which is no whole number of seconds; use one, such as [1s]"
    )))
}

/// `model_prune_window`, from 7.15 on (contract job.md §2.3).
fn check_prune_window(window: Option<TimeValue>, bucket_span: TimeValue) -> Result<(), Exception> {
    let Some(window) = window else {
        return Ok(());
    };
    let (seconds, bucket) = (window.seconds(), bucket_span.seconds());
    if seconds % bucket.max(1) != 0 {
        let window = window.to_rough_text();
        return Err(status(format!(
            "[model_prune_window] is [{window}], which is no whole number of buckets of [{bucket_span}]; use a multiple of \
             [bucket_span]"
        )));
    }
    if seconds / bucket.max(1) < 2 {
        let window = window.to_rough_text();
        return Err(status(format!(
            "[model_prune_window] is [{window}], less than two buckets of [{bucket_span}]; use at least twice the \
             [bucket_span]"
        )));
    }
    Ok(())
}

fn uses_category(detector: &Detector<'_>) -> bool {
    detector.analysis_fields().any(|name| name == CATEGORY)
}

fn check_categorization(config: &AnalysisConfig<'_>) -> Result<(), Exception> {
    let uses_category = config.detectors.iter().any(uses_category);
    let has_field = config.categorization_field_name.is_some();
    if uses_category && !has_field {
        return Err(status(format!(
            "a detector uses [{CATEGORY}], which only [categorization_field_name] makes available, and that is not given: name \
             the field whose texts are to be categorized"
        )));
    }
    if has_field && !uses_category {
        let reason = format!(
            "[categorization_field_name] is given, but no detector uses [{CATEGORY}] as its by, over or partition field: \
             add one that does, or leave out [categorization_field_name]"
        );
        return Err(status(reason));
    }
    if config.categorization_analyzer.is_some() && !has_field {
        return Err(status(
            "[categorization_analyzer] is given without [categorization_field_name]: name the field whose texts are to be \
             categorized, or leave out the analyzer",
        ));
    }
    Ok(())
}

fn check_filters(config: &AnalysisConfig<'_>) -> Result<(), Exception> {
    let filters = config.categorization_filters.unwrap_or_default();
    if filters.is_empty() {
        return Ok(());
    }
    if config.categorization_analyzer.is_some() {
        return Err(status(
            "[categorization_filters] and [categorization_analyzer] exclude each other: leave out the filters, and in the \
             analyzer make each of them a [char_filter] of the type [pattern_replace]",
        ));
    }
    if config.categorization_field_name.is_none() {
        return Err(status(
            "[categorization_filters] is given without [categorization_field_name]: name the field whose texts are to be \
             categorized, or leave out the filters",
        ));
    }
    if !are_distinct(filters) {
        return Err(status(
            "[categorization_filters] has the same filter twice; leave one of them out",
        ));
    }
    match filters
        .iter()
        .find(|filter| filter.as_ref().is_none_or(|filter| filter.is_empty()))
    {
        Some(Some(_)) => return Err(status("[categorization_filters] has an empty filter; leave it out")),
        Some(None) => {
            let reason = "[categorization_filters] has bytes, which are no regular expression; use texts";
            return Err(Exception::new(Kind::Library("null_pointer_exception"), reason));
        }
        None => {}
    }
    match filters.iter().flatten().find(|filter| !java_regex::compiles(filter)) {
        Some(filter) => Err(status(format!(
            "[categorization_filters] has [{filter}], which is not a regular expression; use one of Java, in which a \
             bracket that is meant as such has a backslash before it"
        ))),
        None => Ok(()),
    }
}

/// Whether no text comes twice.
fn are_distinct(texts: Texts<'_>) -> bool {
    let mut sorted: Vec<Option<Text<'_>>> = Vec::with_capacity(texts.iter().count());
    sorted.extend(texts.iter());
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair.first() != pair.last())
}

/// Per-partition categorization, from 7.9 on.
fn check_partitions(config: &AnalysisConfig<'_>) -> Result<(), Exception> {
    if !config
        .per_partition_categorization
        .is_some_and(|per_partition| per_partition.enabled)
    {
        return Ok(());
    }
    if config.categorization_field_name.is_none() {
        return Err(status(
            "[per_partition_categorization] is enabled without [categorization_field_name]: name the field whose texts are to \
             be categorized, or do not enable it",
        ));
    }
    let mut partition = None;
    for detector in &config.detectors {
        let name = detector.text(DetectorText::PartitionFieldName).map(AsRef::as_ref);
        if name == Some(CATEGORY) {
            return Err(status(format!(
                "[per_partition_categorization] is enabled, and [partition_field_name] is [{CATEGORY}], which it makes: use \
                 another field"
            )));
        }
        if name.is_none() && uses_category(detector) {
            return Err(status(format!(
                "[per_partition_categorization] is enabled, and a detector that uses [{CATEGORY}] has no \
                 [partition_field_name]: name the field to partition by"
            )));
        }
        match (partition, name) {
            (Some(first), Some(name)) if first != name => {
                let reason = format!(
                    "[per_partition_categorization] is enabled, and detectors differ in \
                     [partition_field_name]: [{first}] and [{name}]; use the same field in all of them"
                );
                return Err(status(reason));
            }
            (None, name) => partition = name,
            _ => {}
        }
    }
    Ok(())
}

/// `per_partition_categorization` by itself.
pub(in super::super) fn check_per_partition(per_partition: PerPartition) -> Result<(), Exception> {
    if per_partition.stop_on_warn && !per_partition.enabled {
        let reason = "[stop_on_warn] is true, but [per_partition_categorization] is not enabled: set [enabled] to [true], or \
                      leave out [stop_on_warn]";
        return Err(status(reason));
    }
    Ok(())
}

/// Refuses a field beside an object that has it, as far as Elasticsearch notices: it compares neighbours in the order
/// of UTF-16 code units only (contract job.md §4.2, 11).
fn check_nested_names(config: &AnalysisConfig<'_>) -> Result<(), Exception> {
    let of_detectors = config.detectors.iter().flat_map(Detector::analysis_fields);
    let mut names: Vec<Text<'_>> = of_detectors.map(|name| Text::Borrowed(&**name)).collect();
    names.reserve_exact(config.influencers.iter().count());
    names.extend(config.influencers.iter().flatten());
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    // The order of bytes is another one only where there are characters beyond the basic plane.
    if names.iter().any(|name| name.bytes().any(|byte| byte >= 0xF0)) {
        names.sort_unstable_by(|left, right| utf16::units(left).cmp(utf16::units(right)));
    }
    let mut neighbours = names.iter().zip(names.iter().skip(1));
    let clash =
        neighbours.find(|(outer, inner)| inner.strip_prefix(&***outer).is_some_and(|rest| rest.starts_with('.')));
    match clash {
        Some((outer, inner)) => Err(status(format!(
            "the analysis uses both [{outer}] and [{inner}], of which one is inside the other: leave out [{outer}], which as an \
             object has no value of its own"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::es::json::Document;

    /// What is found of an analysis with these influencers.
    fn check_influencers(names: &[&str]) -> Result<(), Exception> {
        let list = serde_json::to_string(names).expect("JSON");
        let document = Document::read(list.as_bytes());
        check_nested_names(&AnalysisConfig {
            influencers: document.root().map(Texts::of).unwrap_or_default(),
            ..AnalysisConfig::default()
        })
    }

    /// Contract job.md §4.2, 11.
    #[test]
    fn only_neighbours_clash() {
        assert!(check_influencers(&["a", "a.b"]).is_err());
        assert!(check_influencers(&["a.b", "", "a"]).is_err());
        assert!(check_influencers(&["a", "a-b", "a.b"]).is_ok());
        assert!(check_influencers(&["a", "a", "ab"]).is_ok());
    }

    /// Half of a character beyond the basic plane comes before the last characters of that plane.
    #[test]
    fn the_first_clash_in_utf_16_is_told() {
        let error = check_influencers(&["\u{ffff}", "\u{ffff}.b", "\u{10000}", "\u{10000}.b"]).expect_err("a clash");
        assert!(error.reason.contains("[\u{10000}.b]"), "{}", error.reason);
    }
}
