//! The histogram by which a datafeed aggregates, as far as the names of aggregations tell it (jobs-api.md §5.4).

use std::borrow::Cow;

use super::super::rulebook::{Rule, Rulebook};
use super::interval::Interval;
use crate::es::error::Exception;
use crate::xcontent::json::{Node, Token};

/// Pipeline aggregations, which work on the results of others. They do not count as a second aggregation beside a histogram.
const PIPELINES: [&str; 22] = [
    "avg_bucket",
    "bucket_correlation",
    "bucket_count_ks_test",
    "bucket_script",
    "bucket_selector",
    "bucket_sort",
    "change_point",
    "cumulative_cardinality",
    "cumulative_sum",
    "derivative",
    "extended_stats_bucket",
    "inference",
    "max_bucket",
    "min_bucket",
    "moving_avg",
    "moving_fn",
    "moving_percentiles",
    "normalize",
    "percentiles_bucket",
    "serial_diff",
    "stats_bucket",
    "sum_bucket",
];

/// The names by which time zones are UTC, whatever the day is.
const UTC: [&str; 19] = [
    "UTC",
    "Z",
    "GMT",
    "UT",
    "UCT",
    "Zulu",
    "Universal",
    "Greenwich",
    "GMT0",
    "Etc/UTC",
    "Etc/UCT",
    "Etc/GMT",
    "Etc/GMT0",
    "Etc/GMT+0",
    "Etc/GMT-0",
    "Etc/Zulu",
    "Etc/Universal",
    "Etc/Greenwich",
    "+00:00",
];

/// One aggregation.
#[derive(Debug, Clone)]
struct Aggregation<'a> {
    kind: Cow<'a, str>,
    settings: Node<'a>,
    below: Option<Node<'a>>,
}

impl<'a> Aggregation<'a> {
    fn read(object: Node<'a>) -> Option<Self> {
        let mut read = None;
        let mut below = None;
        for member in object.members() {
            match member.name.as_ref() {
                "meta" => {}
                "aggs" | "aggregations" => below = Some(member.value),
                _ => read = Some((member.name, member.value)),
            }
        }
        let (kind, settings) = read?;
        Some(Self { kind, settings, below })
    }

    fn is_pipeline(&self) -> bool {
        PIPELINES.contains(&self.kind.as_ref())
    }

    fn below(&self) -> impl Iterator<Item = Aggregation<'a>> {
        self.below.into_iter().flat_map(of)
    }

    /// Whether it puts documents into buckets by time.
    fn histogram(self, is_below: bool) -> Option<Histogram<'a>> {
        let source = match self.kind.as_ref() {
            "histogram" | "date_histogram" => self.settings,
            "composite" => dates(self.settings).next()?.settings,
            _ => return None,
        };
        Some(Histogram {
            source,
            aggregation: self,
            is_below,
        })
    }
}

/// The aggregations of a level without pipeline aggregations.
fn of(level: Node<'_>) -> impl Iterator<Item = Aggregation<'_>> {
    let read = level.members().filter_map(|member| Aggregation::read(member.value));
    read.filter(|aggregation| !aggregation.is_pipeline())
}

/// A source of dates of a composite aggregation.
#[derive(Debug, Clone)]
struct Dates<'a> {
    name: Cow<'a, str>,
    settings: Node<'a>,
}

/// The sources of dates of a composite aggregation.
fn dates(settings: Node<'_>) -> impl Iterator<Item = Dates<'_>> {
    // One may come without a list.
    let list = settings.member("sources").into_iter().flat_map(|sources| {
        let alone = (sources.token() == Token::Object).then_some(sources);
        alone.into_iter().chain(sources.elements())
    });
    let sources = list.filter(|source| source.token() == Token::Object);
    let named = sources.filter_map(|source| source.members().next());
    named.filter_map(|source| {
        let kind = source.value.members().next()?;
        (kind.name == "date_histogram").then_some(Dates {
            name: source.name,
            settings: kind.value,
        })
    })
}

/// The aggregation that makes buckets by time.
#[derive(Debug, Clone)]
pub(in super::super) struct Histogram<'a> {
    aggregation: Aggregation<'a>,
    /// The settings that say how long buckets are: its own, or those of its source of dates.
    source: Node<'a>,
    /// Whether there is another aggregation above it.
    is_below: bool,
}

/// The histogram of a datafeed's aggregations; an exception where there is none, or another aggregation beside it.
pub(in super::super) fn histogram<'a>(
    aggregations: Node<'a>,
    rules: &Rulebook,
) -> Result<Option<Histogram<'a>>, Exception> {
    let mut level = Some(aggregations);
    let mut is_below = false;
    while let Some(aggregations) = level {
        let mut found = of(aggregations);
        let (first, second) = (found.next(), found.next());
        if second.is_some() {
            rules.refuse(Rule::DatafeedHistogramAlone, &[])?;
        }
        let Some(first) = first else { break };
        level = first.below;
        if let Some(histogram) = first.histogram(is_below) {
            return Ok(Some(histogram));
        }
        is_below = true;
    }
    rules.refuse(Rule::DatafeedHistogramMissing, &[])?;
    Ok(None)
}

impl Histogram<'_> {
    /// Whether it is a composite aggregation.
    pub(in super::super) fn is_composite(&self) -> bool {
        self.aggregation.kind == "composite"
    }

    /// Whether it counts numbers.
    fn is_of_numbers(&self) -> bool {
        self.aggregation.kind == "histogram"
    }

    /// Whether its buckets begin where those of UTC do.
    pub(in super::super) fn is_in_utc(&self) -> bool {
        let zone = self.source.member("time_zone").filter(|_| !self.is_of_numbers());
        zone.is_none_or(|zone| match zone.as_text() {
            Some(zone) => UTC.contains(&zone.as_ref()),
            None => zone.as_number() == Some("0"),
        })
    }

    /// How long its buckets are.
    pub(in super::super) fn interval(&self) -> Interval {
        if self.is_of_numbers() {
            let interval = self.source.member("interval");
            return interval.map_or(Interval::Unknown, Interval::of_number);
        }
        Interval::of_dates(self.source)
    }

    /// What the rules about the shape of aggregations do not allow, in words (jobs-api.md §5.4 stage 7).
    pub(in super::super) fn fault(&self) -> Option<String> {
        // Elasticsearch looks at the sources of one that is above all others only.
        let has_sources = self.is_composite() && !self.is_below;
        let composite = has_sources.then(|| self.fault_of_sources()).flatten();
        composite
            .or_else(|| self.aggregation.below().find_map(|below| second(&below)))
            .or_else(|| self.fault_without_time())
    }

    fn fault_of_sources(&self) -> Option<String> {
        let mut dates = dates(self.aggregation.settings);
        let Dates { name, settings } = dates.next()?;
        if dates.next().is_some() {
            return Some("a composite aggregation has two sources of dates; leave one of them out".to_owned());
        }
        if settings.member("missing_bucket").and_then(Node::as_boolean) == Some(true) {
            return Some(format!(
                "the source [{name}] has a bucket for what is missing; leave out [missing_bucket]"
            ));
        }
        let order = settings.member("order").and_then(Node::as_text);
        let descends = order.is_some_and(|order| order.eq_ignore_ascii_case("desc"));
        descends.then(|| format!("the source [{name}] descends; let its [order] be [asc]"))
    }

    /// The aggregation that gives each bucket the time of its last document is missing.
    fn fault_without_time(&self) -> Option<String> {
        let field = self.source.member("field").and_then(Node::as_text);
        let is_of_field = |below: &Aggregation<'_>| {
            below.kind == "max" && below.settings.member("field").and_then(Node::as_text) == field
        };
        let has_time = field.is_some() && self.aggregation.below().any(|below| is_of_field(&below));
        let field = field.as_deref().unwrap_or_default();
        (!has_time).then(|| format!("the histogram has no aggregation [max] of its field [{field}] below it; add one"))
    }
}

/// A second aggregation that makes buckets by time, or a composite one.
fn second(aggregation: &Aggregation<'_>) -> Option<String> {
    if matches!(aggregation.kind.as_ref(), "histogram" | "date_histogram" | "composite") {
        let kind = &aggregation.kind;
        return Some(format!(
            "there is a [{kind}] below the histogram; leave it out: there may be only one in all"
        ));
    }
    aggregation.below().find_map(|below| second(&below))
}
