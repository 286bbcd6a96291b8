//! What a datafeed gets when the client says nothing (jobs-api.md §5.1, §5.5).

use super::aggregation::Histogram;
use super::interval::Interval;
use super::random::Random;
use super::{Chunking, Datafeed, DelayedDataCheck};
use crate::es::index_options::IndexOptions;
use crate::es::time_value::TimeValue;

/// Documents that a search gives at a time.
const SCROLL_SIZE: i64 = 1000;
/// The shortest delay of a query, and how much longer it may be, in milliseconds.
const QUERY_DELAY: (i64, i64) = (60_000, 60_000);
/// Buckets of aggregated data in a chunk.
const BUCKETS: i64 = 1000;

/// Fills in what is missing; of aggregated data by the histogram that was found. `options` are those of the request's
/// parameters.
pub(in super::super) fn fill_in(
    datafeed: &mut Datafeed<'_>,
    job_id: &str,
    options: IndexOptions,
    found: Option<Histogram<'_>>,
) {
    datafeed.query_delay.get_or_insert_with(|| query_delay(job_id));
    datafeed.scroll_size.get_or_insert(SCROLL_SIZE);
    datafeed.index_options.get_or_insert(options);
    datafeed.delayed_data_check.get_or_insert(DelayedDataCheck {
        is_enabled: true,
        check_window: None,
    });
    if datafeed.chunking.is_none() {
        datafeed.chunking = chunking(datafeed.aggregations.is_some(), found);
    }
}

/// `None` if only the cluster understands the aggregations.
fn chunking(is_aggregated: bool, found: Option<Histogram<'_>>) -> Option<Chunking> {
    match found {
        None if is_aggregated => None,
        None => Some(Chunking::Auto),
        Some(histogram) if histogram.is_composite() => Some(Chunking::Off),
        Some(histogram) => match histogram.interval() {
            Interval::Millis(interval) => Some(Chunking::Manual(chunk_of(interval))),
            _ => None,
        },
    }
}

/// The chunk for an interval, in milliseconds.
pub(in super::super) const fn chunk_of(interval: i64) -> TimeValue {
    TimeValue::from_millis(interval.wrapping_mul(BUCKETS))
}

/// A random delay, which is always the same for one job.
fn query_delay(job_id: &str) -> TimeValue {
    let (least, range) = QUERY_DELAY;
    TimeValue::from_millis(least + Random::of(job_id).below(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// jobs-api.md §5.5.
    #[test]
    fn the_delay_of_a_query_is_a_function_of_the_jobs_id() {
        let long = "x".repeat(64);
        for (job_id, delay) in [
            ("j", "72314ms"),
            ("a", "62634ms"),
            ("0", "80892ms"),
            ("job_1", "76527ms"),
            ("web-1", "80630ms"),
            ("total-requests", "83474ms"),
            ("logs.nginx-2024", "94100ms"),
            (long.as_str(), "100740ms"),
        ] {
            assert_eq!(query_delay(job_id).to_string(), delay, "{job_id}");
        }
    }
}
