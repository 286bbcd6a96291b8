//! The rules of a datafeed, in the order of jobs-api.md §5.4: of its values while it is read, of the whole, and of the
//! datafeed beside its job.

use http::StatusCode;

use super::super::datafeed::Datafeed;
use super::super::datafeed::aggregation::{self, Histogram};
use super::super::datafeed::defaults::chunk_of;
use super::super::datafeed::interval::Interval;
use super::super::job::AnalysisConfig;
use super::super::rulebook::{Rule, Rulebook};
use super::analysis::{DEFAULT_BUCKET_SPAN, check_whole_seconds};
use crate::es::error::{Exception, Kind};
use crate::es::time_value::TimeValue;
use crate::xcontent::json::{Node, Token};
use crate::xcontent::number::with_thousands;

type Checked = Result<(), Exception>;

/// The nanoseconds of a millisecond.
const MILLISECOND: i64 = 1_000_000;

/// Refuses a number below the rule's least.
pub(in super::super) fn check_least(rule: Rule, number: Option<i64>, rules: &Rulebook) -> Checked {
    match number.zip(rules.row(rule)) {
        Some((number, row)) if number < row.minimum => {
            rules.refuse(rule, &[("value", &with_thousands(number)), ("minimum", &row.minimum)])
        }
        _ => Ok(()),
    }
}

/// Refuses a span below the rule's least, in nanoseconds.
fn check_span(rule: Rule, span: TimeValue, rules: &Rulebook) -> Checked {
    match rules.row(rule) {
        Some(row) if span.nanos() < row.minimum => rules.refuse(rule, &[("value", &span.to_rough_text())]),
        _ => Ok(()),
    }
}

pub(in super::super) fn check_query_delay(delay: Option<TimeValue>, rules: &Rulebook) -> Checked {
    let Some(delay) = delay else { return Ok(()) };
    check_span(Rule::QueryDelayMinimum, delay, rules)?;
    if delay.nanos() % MILLISECOND == 0 {
        return Ok(());
    }
    rules.refuse(Rule::QueryDelayWholeMilliseconds, &[("value", &delay)])
}

pub(in super::super) fn check_frequency(frequency: Option<TimeValue>, rules: &Rulebook) -> Checked {
    let Some(frequency) = frequency else { return Ok(()) };
    check_span(Rule::FrequencyMinimum, frequency, rules)?;
    check_whole_seconds(Rule::FrequencyWholeSeconds, frequency, rules)
}

/// `chunking_config`, whose mode is in lower case.
pub(in super::super) fn check_chunking(mode: &str, span: Option<TimeValue>, rules: &Rulebook) -> Checked {
    match (mode, span) {
        ("manual", None) => rules.refuse(Rule::ChunkingTimeSpanNeeded, &[]),
        ("manual", Some(span)) => check_least(Rule::ChunkingTimeSpanMinimum, Some(span.millis()), rules),
        (_, Some(_)) => rules.refuse(Rule::ChunkingTimeSpanNotTaken, &[("mode", &mode)]),
        _ => Ok(()),
    }
}

/// The window in which data is looked for that has come late.
pub(in super::super) fn check_window(window: Option<TimeValue>, rules: &Rulebook) -> Checked {
    let Some(window) = window else { return Ok(()) };
    check_span(Rule::CheckWindowMinimum, window, rules)?;
    match rules.row(Rule::CheckWindowMaximum) {
        Some(row) if window.nanos() > row.maximum => {
            rules.refuse(Rule::CheckWindowMaximum, &[("value", &window.to_rough_text())])
        }
        _ => Ok(()),
    }
}

/// The datafeed's own idea of its job, if it has one.
fn check_job_id(datafeed: &Datafeed<'_>, job_id: &str, rules: &Rulebook) -> Checked {
    match datafeed.job_id.as_deref() {
        Some(id) if id != job_id => rules.refuse(Rule::DatafeedJobId, &[("id", &id), ("job", &job_id)]),
        _ => Ok(()),
    }
}

/// What is asked of a datafeed alone, once it has been read.
pub(in super::super) fn check_whole(datafeed: &Datafeed<'_>, job_id: &str, rules: &Rulebook) -> Checked {
    check_job_id(datafeed, job_id, rules)?;
    let id = datafeed.id(job_id);
    if rules.row(Rule::DatafeedId).is_some_and(|row| !row.has_form(id)) {
        rules.refuse(Rule::DatafeedId, &[("id", &id)])?;
    }
    let mut indices = datafeed.indices.iter();
    let is_nameless = |index: Option<std::borrow::Cow<'_, str>>| index.is_none_or(|index| index.is_empty());
    if datafeed.indices.is_empty() || indices.any(is_nameless) {
        rules.refuse(Rule::DatafeedIndices, &[])?;
    }
    let has_scripts = datafeed.script_fields.as_ref().is_some_and(|fields| !fields.is_empty());
    if datafeed.aggregations.is_some() && has_scripts {
        rules.refuse(Rule::ScriptFieldsWithAggregations, &[])?;
    }
    check_runtime_mappings(datafeed.runtime_mappings, rules)?;
    if let (Some(aggregations), None) = (datafeed.aggregations, datafeed.chunking) {
        check_default_chunking(aggregations, rules)?;
    }
    if datafeed.has_project_routing {
        return rules
            .refuse(Rule::DatafeedProjectRouting, &[])
            .map_err(|mut exception| {
                exception.kind = Kind::Status(StatusCode::FORBIDDEN);
                exception
            });
    }
    Ok(())
}

fn check_runtime_mappings(mappings: Option<Node<'_>>, rules: &Rulebook) -> Checked {
    let mut fields = mappings.into_iter().flat_map(Node::members);
    let has_type = |field: Node<'_>| field.member("type").is_some_and(|kind| kind.token() != Token::Null);
    match fields.find(|field| !has_type(field.value)) {
        Some(field) => rules.refuse(Rule::RuntimeMappingsType, &[("name", &field.name)]),
        None => Ok(()),
    }
}

/// Whether there are chunks by default.
fn check_default_chunking(aggregations: Node<'_>, rules: &Rulebook) -> Checked {
    let found = aggregation::histogram(aggregations, rules)?;
    let Some(histogram) = found.filter(|histogram| !histogram.is_composite()) else {
        return Ok(());
    };
    let Some(interval) = interval(&histogram, rules)? else {
        return Ok(());
    };
    if chunk_of(interval).millis() < -1 {
        rules.refuse(Rule::DatafeedChunkLength, &[])?;
    }
    Ok(())
}

/// The interval of a histogram, in milliseconds, if it can be told here.
fn interval(histogram: &Histogram<'_>, rules: &Rulebook) -> Result<Option<i64>, Exception> {
    if !histogram.is_in_utc() {
        rules.refuse(Rule::DatafeedHistogramTimeZone, &[])?;
    }
    match histogram.interval() {
        Interval::Unknown => Ok(None),
        Interval::Varying => rules.refuse(Rule::DatafeedHistogramVarying, &[]).map(|()| None),
        Interval::Absent => rules.refuse(Rule::DatafeedHistogramAbsent, &[]).map(|()| None),
        Interval::Millis(interval) => {
            check_least(Rule::DatafeedHistogramMinimum, Some(interval), rules)?;
            Ok(Some(interval))
        }
    }
}

/// What is asked of a datafeed beside the analysis of its job.
pub(in super::super) fn check_beside(
    datafeed: &Datafeed<'_>,
    config: &AnalysisConfig<'_>,
    rules: &Rulebook,
) -> Checked {
    if config.latency.is_some_and(|latency| latency.seconds() > 0) {
        rules.refuse(Rule::DatafeedLatency, &[])?;
    }
    let bucket_span = config.bucket_span.unwrap_or(DEFAULT_BUCKET_SPAN);
    if let Some(aggregations) = datafeed.aggregations {
        let counts = config.summary_count_field_name.as_deref().unwrap_or_default();
        if counts.is_empty() {
            rules.refuse(Rule::DatafeedSummaryCount, &[])?;
        }
        if let Some(histogram) = aggregation::histogram(aggregations, rules)? {
            check_interval(&histogram, datafeed.frequency, bucket_span, rules)?;
        }
    }
    check_window_beside(datafeed, bucket_span, rules)
}

fn check_interval(
    histogram: &Histogram<'_>,
    frequency: Option<TimeValue>,
    bucket_span: TimeValue,
    rules: &Rulebook,
) -> Checked {
    let Some(interval) = interval(histogram, rules)? else {
        return Ok(());
    };
    let bucket = bucket_span.millis();
    let refuse =
        |rule: Rule, value: &dyn std::fmt::Display| rules.refuse(rule, &[("interval", &interval), ("value", value)]);
    if interval > bucket {
        refuse(Rule::DatafeedIntervalMaximum, &bucket)?;
    }
    if bucket % interval.max(1) != 0 {
        refuse(Rule::DatafeedIntervalDivides, &bucket)?;
    }
    match frequency {
        Some(frequency) if frequency.millis() % interval.max(1) != 0 => {
            refuse(Rule::DatafeedFrequencyMultiple, &frequency)
        }
        _ => Ok(()),
    }
}

fn check_window_beside(datafeed: &Datafeed<'_>, bucket_span: TimeValue, rules: &Rulebook) -> Checked {
    let check = datafeed.delayed_data_check.filter(|check| check.is_enabled);
    let Some(window) = check.and_then(|check| check.check_window) else {
        return Ok(());
    };
    let refuse = |rule: Rule| {
        rules.refuse(
            rule,
            &[("value", &window.to_rough_text()), ("bucket_span", &bucket_span)],
        )
    };
    if window.nanos() < bucket_span.nanos() {
        refuse(Rule::CheckWindowBucket)?;
    }
    match rules.row(Rule::CheckWindowBuckets) {
        Some(row) if window.millis() > bucket_span.millis().saturating_mul(row.maximum) => {
            refuse(Rule::CheckWindowBuckets)
        }
        _ => Ok(()),
    }
}

/// What is asked of the shape of a datafeed's aggregations, which Elasticsearch looks at when it has stored the job. Gives
/// the histogram, if there are aggregations.
pub(in super::super) fn check_shape<'a>(
    datafeed: &Datafeed<'a>,
    rules: &Rulebook,
) -> Result<Option<Histogram<'a>>, Exception> {
    let Some(aggregations) = datafeed.aggregations else {
        return Ok(None);
    };
    let found = aggregation::histogram(aggregations, rules)?;
    if let Some(what) = found.as_ref().and_then(Histogram::fault) {
        rules.refuse(Rule::DatafeedAggregationShape, &[("what", &what)])?;
    }
    Ok(found)
}
