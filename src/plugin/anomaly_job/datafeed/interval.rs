//! How long the buckets of a histogram are (jobs-api.md §5.4).

use crate::es::time_value::TimeValue;
use crate::xcontent::json::Node;
use crate::xcontent::number;

/// The calendar's intervals that always have the same length, in milliseconds.
const CALENDAR: [(&str, &str, i64); 5] = [
    ("second", "1s", 1_000),
    ("minute", "1m", 60_000),
    ("hour", "1h", 3_600_000),
    ("day", "1d", 86_400_000),
    ("week", "1w", 604_800_000),
];
/// Those that vary in length.
const LONG: [(&str, &str); 3] = [("month", "1M"), ("quarter", "1q"), ("year", "1y")];

/// How long buckets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Interval {
    /// A number of milliseconds.
    Millis(i64),
    /// A calendar's interval that differs in length.
    Varying,
    /// No interval is given.
    Absent,
    /// Only the cluster can read what is given, or it refuses it.
    Unknown,
}

impl Interval {
    /// The interval of a histogram of numbers.
    pub(super) fn of_number(interval: Node<'_>) -> Self {
        let double = match (interval.as_number(), interval.as_text()) {
            (Some(_), _) => interval.as_double(),
            (None, Some(text)) => number::double_from_text(&text).ok(),
            (None, None) => None,
        };
        #[allow(clippy::cast_possible_truncation, reason = "cut and saturating, as Java's cast is")]
        double.map_or(Self::Unknown, |double| Self::Millis(double as i64))
    }

    /// The interval of a histogram of dates, or of a source of dates, with these settings.
    pub(super) fn of_dates(settings: Node<'_>) -> Self {
        let text = |name: &str| settings.member(name).and_then(Node::as_text);
        if let Some(text) = text("calendar_interval") {
            return of_calendar(&text).unwrap_or(Self::Unknown);
        }
        if let Some(text) = text("fixed_interval") {
            return of_span(&text);
        }
        // Up to 7.x either of them, or a number of milliseconds.
        match settings.member("interval") {
            None => Self::Absent,
            Some(interval) => match interval.as_text() {
                Some(text) => of_calendar(&text).unwrap_or_else(|| of_span(&text)),
                None => interval.as_number().map_or(Self::Unknown, |number| {
                    number::long_from_number(number).map_or(Self::Unknown, Self::Millis)
                }),
            },
        }
    }
}

fn of_calendar(text: &str) -> Option<Interval> {
    let fixed = CALENDAR.iter().find(|(name, short, _)| text == *name || text == *short);
    let varies = || LONG.iter().any(|(name, short)| text == *name || text == *short);
    match fixed {
        Some((.., millis)) => Some(Interval::Millis(*millis)),
        None => varies().then_some(Interval::Varying),
    }
}

fn of_span(text: &str) -> Interval {
    TimeValue::parse(text, "").map_or(Interval::Unknown, |span| Interval::Millis(span.millis()))
}
