//! `time_format`: whether a pattern of Java's `DateTimeFormatter` gives a whole timestamp (contract job.md §4.8).
//!
//! Elasticsearch makes a formatter of the pattern (`pattern`), prints the start of 1970 with it, reads that back
//! leniently (`reading`), and makes a date and a time of day of what it has read (`resolving`); so does this. A pattern
//! without a year is taken to be of the present one, so whether an odd pattern (`E MM-dd HH`) passes can depend on the
//! day it is sent. Texts are those of Java 25's root locale.

mod civil;
mod derived;
mod offset;
mod pattern;
mod reading;
mod resolving;

use http::StatusCode;

use crate::es::error::{Exception, Kind};

/// A field of a date or a time, as Java names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Era,
    YearOfEra,
    Year,
    QuarterOfYear,
    MonthOfYear,
    DayOfYear,
    DayOfMonth,
    AlignedWeekOfMonth,
    DayOfWeek,
    ModifiedJulianDay,
    WeekBasedYear,
    WeekOfWeekBasedYear,
    WeekOfMonth,
    LocalDayOfWeek,
    AmPm,
    DayPeriod,
    HourOfDay,
    ClockHourOfDay,
    HourOfAmPm,
    ClockHourOfAmPm,
    MinuteOfHour,
    SecondOfMinute,
    NanoOfSecond,
    MilliOfDay,
    NanoOfDay,
    OffsetSeconds,
}

/// Why a pattern is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum PatternFault {
    #[error("the pattern is not well-formed")]
    Malformed,
    #[error("a padded number is followed directly by another number")]
    PaddedNeighbour,
    #[error("a padded part is longer than what it is padded to")]
    PadWidth,
    #[error("the time 1970-01-01T00:00:00Z printed with the pattern cannot be read with it")]
    Unreadable,
    #[error("an offset is followed directly by a sign at the end")]
    OffsetCutOff,
    #[error("the parts of the pattern contradict each other")]
    Conflict,
    #[error("the pattern does not give a date and a time of day")]
    Incomplete,
}

/// Refuses a pattern that Elasticsearch refuses.
pub(super) fn check(pattern: &str) -> Result<(), Exception> {
    if matches!(pattern, "epoch" | "epoch_ms") {
        return Ok(());
    }
    judge(pattern, civil::this_year()).map_err(|fault| refusal(pattern, fault))
}

fn refusal(pattern: &str, fault: PatternFault) -> Exception {
    let refusal = Exception::new(
        Kind::Status(StatusCode::BAD_REQUEST),
        format!(
            "[time_format] is [{pattern}], which cannot be used to read timestamps; use [epoch], [epoch_ms] or a \
                 pattern such as [yyyy-MM-dd HH:mm:ssX]"
        ),
    );
    let inner = |kind: Kind| Exception::new(kind, fault.to_string());
    match fault {
        PatternFault::Malformed => refusal,
        // These two are let through as they are.
        PatternFault::PaddedNeighbour => inner(Kind::ClassCast),
        PatternFault::PadWidth => inner(Kind::DateTime),
        PatternFault::Unreadable => refusal.caused_by(inner(Kind::Library("date_time_parse_exception"))),
        PatternFault::OffsetCutOff => refusal.caused_by(
            inner(Kind::Library("date_time_parse_exception"))
                .caused_by(inner(Kind::Library("string_index_out_of_bounds_exception"))),
        ),
        PatternFault::Conflict => {
            refusal.caused_by(inner(Kind::Library("date_time_parse_exception")).caused_by(inner(Kind::DateTime)))
        }
        PatternFault::Incomplete => refusal.caused_by(inner(Kind::DateTime).caused_by(inner(Kind::DateTime))),
    }
}

fn judge(pattern: &str, this_year: i64) -> Result<(), PatternFault> {
    let items = pattern::compile(pattern)?;
    let text = reading::print(&items)?;
    let mut fields = reading::parse(&items, &text)?;
    fields.entry(Field::YearOfEra).or_insert(this_year);
    resolving::resolve(fields)
}

#[cfg(test)]
mod tests;
