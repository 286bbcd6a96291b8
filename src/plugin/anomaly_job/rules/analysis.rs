//! The rules of `analysis_config` (create-job.md §4.2), in their order.

use super::super::job::{AnalysisConfig, Detector, DetectorText, PerPartition};
use super::super::rulebook::{AnalysisField, Condition, Demand, Row, Rule, Rulebook, State};
use super::super::texts::{Text, Texts};
use super::java_regex;
use super::names::check_field_name;
use crate::es::error::Exception;
use crate::es::time_value::TimeValue;
use crate::xcontent::utf16;

/// The bucket span of a job that names none.
pub(in super::super) const DEFAULT_BUCKET_SPAN: TimeValue = TimeValue::from_minutes(5);

/// Checks an analysis that has been read.
pub(in super::super) fn check(config: &AnalysisConfig<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let bucket_span = config.bucket_span.unwrap_or(DEFAULT_BUCKET_SPAN);
    check_least(Rule::BucketSpanMinimum, bucket_span, rules)?;
    check_whole_seconds(Rule::BucketSpanWholeSeconds, bucket_span, rules)?;
    check_prune_window(config.model_prune_window, bucket_span, rules)?;
    if let Some(latency) = config.latency {
        check_least(Rule::LatencyMinimum, latency, rules)?;
        check_whole_seconds(Rule::LatencyWholeSeconds, latency, rules)?;
    }
    if config.detectors.is_empty() {
        rules.refuse(Rule::AnalysisNoDetectors, &[])?;
    }
    check_field_name(config.summary_count_field_name.as_deref(), rules)?;
    check_field_name(config.categorization_field_name.as_deref(), rules)?;
    check_categorization(config, rules)?;
    check_filters(config, rules)?;
    check_partitions(config, rules)?;
    check_summary(config, rules)?;
    check_nested_names(config, rules)
}

/// Refuses a span below the rule's least, in nanoseconds.
fn check_least(rule: Rule, span: TimeValue, rules: &Rulebook) -> Result<(), Exception> {
    match rules.row(rule) {
        Some(row) if span.nanos() < row.minimum => rules.refuse(rule, &[("value", &span.to_rough_text())]),
        _ => Ok(()),
    }
}

/// Refuses a span that is no multiple of a second.
pub(in super::super) fn check_whole_seconds(rule: Rule, span: TimeValue, rules: &Rulebook) -> Result<(), Exception> {
    if span.is_whole_seconds() {
        return Ok(());
    }
    rules.refuse(rule, &[("value", &span.to_rough_text())])
}

/// `model_prune_window` (create-job.md §2.3).
fn check_prune_window(window: Option<TimeValue>, bucket_span: TimeValue, rules: &Rulebook) -> Result<(), Exception> {
    let Some(window) = window else {
        return Ok(());
    };
    let (seconds, bucket) = (window.seconds(), bucket_span.seconds().max(1));
    let refuse = |rule: Rule| {
        let window = window.to_rough_text();
        rules.refuse(rule, &[("value", &window), ("bucket_span", &bucket_span)])
    };
    if seconds % bucket != 0 {
        refuse(Rule::ModelPruneWindowWholeBuckets)?;
    }
    let two_buckets = Rule::ModelPruneWindowTwoBuckets;
    match rules.row(two_buckets) {
        Some(row) if seconds / bucket < row.minimum => refuse(two_buckets),
        _ => Ok(()),
    }
}

/// Whether a member is what a condition asks.
fn holds(condition: &Condition, config: &AnalysisConfig<'_>) -> bool {
    let (is_present, is_empty, is_enabled) = match condition.field {
        AnalysisField::CategorizationFieldName => {
            let name = config.categorization_field_name.as_deref();
            (name.is_some(), name.is_some_and(str::is_empty), false)
        }
        AnalysisField::CategorizationAnalyzer => (config.categorization_analyzer.is_some(), false, false),
        AnalysisField::CategorizationFilters => {
            let filters = config.categorization_filters;
            (filters.is_some(), filters.is_none_or(Texts::is_empty), false)
        }
        AnalysisField::PerPartitionCategorization => {
            let per_partition = config.per_partition_categorization;
            let is_enabled = per_partition.is_some_and(|per_partition| per_partition.enabled);
            (per_partition.is_some(), false, is_enabled)
        }
    };
    match condition.is {
        State::Present => is_present,
        State::NotEmpty => is_present && !is_empty,
        State::Enabled => is_enabled,
    }
}

/// Whether a rule applies to an analysis: it is in force, and what it starts from is the case.
fn applies<'r>(rule: Rule, config: &AnalysisConfig<'_>, rules: &'r Rulebook) -> Option<&'r Row> {
    let row = rules.row(rule)?;
    let is_given = row.given.as_ref().is_none_or(|given| holds(given, config));
    is_given.then_some(row)
}

/// Refuses a member without another that it needs, or beside one that it excludes.
fn check_beside(rule: Rule, config: &AnalysisConfig<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let Some(row) = applies(rule, config, rules) else {
        return Ok(());
    };
    let lacks = row.needs.as_ref().is_some_and(|needed| !holds(needed, config));
    let clashes = row.excludes.as_ref().is_some_and(|excluded| holds(excluded, config));
    if lacks || clashes {
        return rules.refuse(rule, &[]);
    }
    Ok(())
}

/// Whether a detector has the field of categories, which the rule names, as one to split by.
fn uses(detector: &Detector<'_>, category: &str) -> bool {
    detector.analysis_fields().any(|name| name == category)
}

fn check_categorization(config: &AnalysisConfig<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let has_field = config.categorization_field_name.is_some();
    let rule = if has_field {
        Rule::AnalysisFieldWithoutCategory
    } else {
        Rule::AnalysisCategoryWithoutField
    };
    if let Some(row) = rules.row(rule) {
        let category = row.word();
        if config.detectors.iter().any(|detector| uses(detector, category)) != has_field {
            rules.refuse(rule, &[("name", &category)])?;
        }
    }
    check_beside(Rule::CategorizationAnalyzerWithoutField, config, rules)
}

fn check_filters(config: &AnalysisConfig<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let filters = config.categorization_filters.unwrap_or_default();
    if filters.is_empty() {
        return Ok(());
    }
    check_beside(Rule::CategorizationFiltersWithAnalyzer, config, rules)?;
    check_beside(Rule::CategorizationFiltersWithoutField, config, rules)?;
    if !are_distinct(filters) {
        rules.refuse(Rule::CategorizationFiltersTwice, &[])?;
    }
    let is_empty_or_bytes = |filter: &Option<Text<'_>>| filter.as_ref().is_none_or(|filter| filter.is_empty());
    match filters.iter().find(is_empty_or_bytes) {
        Some(Some(_)) => rules.refuse(Rule::CategorizationFiltersEmpty, &[])?,
        Some(None) => rules.refuse(Rule::CategorizationFiltersBytes, &[])?,
        None => {}
    }
    match filters.iter().flatten().find(|filter| !java_regex::compiles(filter)) {
        Some(filter) => rules.refuse(Rule::CategorizationFiltersPattern, &[("filter", &filter)]),
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

/// Per-partition categorization.
fn check_partitions(config: &AnalysisConfig<'_>, rules: &Rulebook) -> Result<(), Exception> {
    if config.per_partition_categorization.is_none() {
        return Ok(());
    }
    check_beside(Rule::PerPartitionWithoutField, config, rules)?;
    let by_category = applies(Rule::PerPartitionByCategory, config, rules).is_some();
    let no_partition = applies(Rule::PerPartitionNoPartition, config, rules).is_some();
    let differs = applies(Rule::PerPartitionDiffers, config, rules).is_some();
    let category = rules.row(Rule::AnalysisCategoryWithoutField).map_or("", Row::word);
    let mut partition = None;
    for detector in &config.detectors {
        let name = detector.text(DetectorText::PartitionFieldName).map(AsRef::as_ref);
        if by_category && name == Some(category) {
            rules.refuse(Rule::PerPartitionByCategory, &[("name", &category)])?;
        }
        if no_partition && name.is_none() && uses(detector, category) {
            rules.refuse(Rule::PerPartitionNoPartition, &[("name", &category)])?;
        }
        match (partition, name) {
            (Some(first), Some(name)) if differs && first != name => {
                rules.refuse(Rule::PerPartitionDiffers, &[("first", &first), ("name", &name)])?;
            }
            (None, name) => partition = name,
            _ => {}
        }
    }
    Ok(())
}

/// `per_partition_categorization` by itself.
pub(in super::super) fn check_per_partition(per_partition: PerPartition, rules: &Rulebook) -> Result<(), Exception> {
    if per_partition.stop_on_warn && !per_partition.enabled {
        return rules.refuse(Rule::PerPartitionStopOnWarn, &[]);
    }
    Ok(())
}

/// Refuses functions that do not work on summarised data.
fn check_summary(config: &AnalysisConfig<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let name = config.summary_count_field_name.as_ref();
    if name.is_none_or(|name| name.is_empty()) {
        return Ok(());
    }
    let mut functions = config.detectors.iter().filter_map(|detector| detector.function);
    match functions.find(|function| function.demands.summary_count == Demand::Forbidden) {
        Some(function) => rules.refuse(Rule::SummaryCountFieldNameFunction, &[("function", &function.name)]),
        None => Ok(()),
    }
}

/// Refuses a field beside an object that has it, as far as Elasticsearch notices: it compares neighbours in the order
/// of UTF-16 code units only (create-job.md §4.2, 11).
fn check_nested_names(config: &AnalysisConfig<'_>, rules: &Rulebook) -> Result<(), Exception> {
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
        Some((outer, inner)) => rules.refuse(Rule::AnalysisNestedNames, &[("outer", outer), ("inner", inner)]),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::rulebook::tests::rulebook;
    use super::*;
    use crate::es::version::Version;
    use crate::xcontent::json::Document;

    /// What is found of an analysis with these influencers.
    fn check_influencers(names: &[&str]) -> Result<(), Exception> {
        let list = serde_json::to_string(names).expect("JSON");
        let document = Document::read(list.as_bytes());
        let config = AnalysisConfig {
            influencers: document.root().map(Texts::of).unwrap_or_default(),
            ..AnalysisConfig::default()
        };
        check_nested_names(&config, rulebook(Version::BASE))
    }

    /// create-job.md §4.2, 11.
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
