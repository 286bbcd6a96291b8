//! Time values such as `10m`: how Elasticsearch reads and prints them (create-job.md §4.7).

mod fault;

use std::fmt;
use std::time::Duration;

use serde::ser::{Serialize, Serializer};

use crate::xcontent::{java, number};
pub use fault::TimeFault;

/// A span of time in the unit that it was written in, which is the unit it is printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeValue {
    amount: i64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Nanos,
    Micros,
    Millis,
    Seconds,
    Minutes,
    Hours,
    Days,
}

impl Unit {
    /// In the order in which suffixes are tried.
    const ALL: [Self; 7] = [
        Self::Nanos,
        Self::Micros,
        Self::Millis,
        Self::Seconds,
        Self::Minutes,
        Self::Hours,
        Self::Days,
    ];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Nanos => "nanos",
            Self::Micros => "micros",
            Self::Millis => "ms",
            Self::Seconds => "s",
            Self::Minutes => "m",
            Self::Hours => "h",
            Self::Days => "d",
        }
    }

    const fn nanos(self) -> i64 {
        match self {
            Self::Nanos => 1,
            Self::Micros => 1_000,
            Self::Millis => 1_000_000,
            Self::Seconds => 1_000_000_000,
            Self::Minutes => 60 * Self::Seconds.nanos(),
            Self::Hours => 60 * Self::Minutes.nanos(),
            Self::Days => 24 * Self::Hours.nanos(),
        }
    }
}

impl TimeValue {
    /// A span of whole seconds.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self {
            amount: seconds,
            unit: Unit::Seconds,
        }
    }

    /// A span of whole milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self {
            amount: millis,
            unit: Unit::Millis,
        }
    }

    /// A span of whole minutes.
    #[must_use]
    pub const fn from_minutes(minutes: i64) -> Self {
        Self {
            amount: minutes,
            unit: Unit::Minutes,
        }
    }

    /// The suffixes of units, in the order in which they are tried, and the nanoseconds of each.
    pub fn units() -> impl Iterator<Item = (&'static str, i64)> {
        Unit::ALL.into_iter().map(|unit| (unit.suffix(), unit.nanos()))
    }

    /// Reads the value of the field `name`.
    pub fn parse(text: &str, name: &str) -> Result<Self, TimeFault> {
        let lower = text.to_lowercase();
        let normalized = java::trim(&lower);
        for unit in Unit::ALL {
            // `m` alone is told from `M` on the raw text; a trailing blank hides it as well.
            let is_unit = match unit {
                Unit::Minutes => text.ends_with('m'),
                _ => normalized.ends_with(unit.suffix()),
            };
            if is_unit {
                let number = normalized
                    .strip_suffix(unit.suffix())
                    .map(java::trim)
                    .unwrap_or_default();
                return Self::from_number(number, unit, text, name);
            }
        }
        let digits = normalized.strip_prefix('-').unwrap_or(normalized);
        let is_minus_one = normalized.starts_with('-') && digits.trim_start_matches('0') == "1";
        let is_zero = !normalized.is_empty() && normalized.bytes().all(|byte| byte == b'0');
        if is_minus_one || is_zero {
            let amount = if is_minus_one { -1 } else { 0 };
            return Ok(Self {
                amount,
                unit: Unit::Millis,
            });
        }
        Err(TimeFault::Unit {
            name: name.to_owned(),
            text: text.to_owned(),
        })
    }

    fn from_number(number: &str, unit: Unit, text: &str, name: &str) -> Result<Self, TimeFault> {
        match java::ascii_digits(number).parse::<i64>() {
            Ok(amount) if amount < -1 => Err(TimeFault::Negative {
                name: name.to_owned(),
                text: text.to_owned(),
            }),
            Ok(amount) => Ok(Self { amount, unit }),
            Err(_) if number::double_from_text(number).is_ok() => Err(TimeFault::Fraction {
                text: text.to_owned(),
                number: number.to_owned(),
            }),
            Err(_) => Err(TimeFault::Number {
                text: text.to_owned(),
                number: number.to_owned(),
            }),
        }
    }

    /// The span in nanoseconds; very long ones saturate.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.amount.saturating_mul(self.unit.nanos())
    }

    /// The span in whole seconds, cut towards zero; not saturating as [`Self::nanos`] does.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        let second = Unit::Seconds.nanos();
        let nanos = self.unit.nanos();
        if nanos >= second {
            self.amount.saturating_mul(nanos / second)
        } else {
            self.amount / (second / nanos)
        }
    }

    /// The span in whole milliseconds, cut towards zero; not saturating as [`Self::nanos`] does.
    #[must_use]
    pub const fn millis(self) -> i64 {
        let millisecond = Unit::Millis.nanos();
        let nanos = self.unit.nanos();
        if nanos >= millisecond {
            self.amount.saturating_mul(nanos / millisecond)
        } else {
            self.amount / (millisecond / nanos)
        }
    }

    /// The same span, of whole seconds, in the largest unit that counts it exactly.
    #[must_use]
    pub fn in_largest_unit(self) -> Self {
        let seconds = self.seconds();
        let unit = [Unit::Days, Unit::Hours, Unit::Minutes]
            .into_iter()
            .find(|unit| seconds % (unit.nanos() / Unit::Seconds.nanos()) == 0)
            .unwrap_or(Unit::Seconds);
        Self {
            amount: seconds / (unit.nanos() / Unit::Seconds.nanos()),
            unit,
        }
    }

    /// Whether the span is a whole number of seconds, judged on its nanoseconds.
    #[must_use]
    pub const fn is_whole_seconds(self) -> bool {
        self.nanos() % Unit::Seconds.nanos() == 0
    }

    /// The span for the standard library; nothing for a negative one.
    #[must_use]
    pub fn to_duration(self) -> Option<Duration> {
        u64::try_from(self.nanos()).ok().map(Duration::from_nanos)
    }

    /// The form that messages use: in the largest unit that gives at least one, with at most one decimal, cut.
    #[must_use]
    pub fn to_rough_text(self) -> String {
        let nanos = self.nanos();
        if self.amount < 0 {
            return self.amount.to_string();
        }
        if nanos == 0 {
            return "0s".to_owned();
        }
        let unit = Unit::ALL
            .into_iter()
            .rev()
            .find(|unit| nanos >= unit.nanos())
            .unwrap_or(Unit::Nanos);
        let tenths = i128::from(nanos) * 10 / i128::from(unit.nanos());
        match (tenths / 10, tenths % 10) {
            (whole, 0) => format!("{whole}{}", unit.suffix()),
            (whole, tenth) => format!("{whole}.{tenth}{}", unit.suffix()),
        }
    }
}

impl fmt::Display for TimeValue {
    /// As it is printed in a job: in its own unit; a negative one as the bare number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.amount < 0 {
            write!(f, "{}", self.amount)
        } else {
            write!(f, "{}{}", self.amount, self.unit.suffix())
        }
    }
}

impl Serialize for TimeValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// create-job.md §4.7.
    #[test]
    fn reads_and_prints_in_its_own_unit() {
        for (text, printed) in [
            ("10m", "10m"),
            ("2H", "2h"),
            ("10S", "10s"),
            ("1D", "1d"),
            ("10s ", "10s"),
            ("3600000ms", "3600000ms"),
            ("0", "0ms"),
            ("00", "0ms"),
            ("-1", "-1"),
            ("-1h", "-1"),
            (" +5 S ", "5s"),
            ("5nanos", "5nanos"),
            ("007m", "7m"),
            ("1MS", "1ms"),
        ] {
            assert_eq!(
                TimeValue::parse(text, "f").map(|value| value.to_string()),
                Ok(printed.to_owned()),
                "{text:?}"
            );
        }
    }

    /// create-job.md §4.7.
    #[test]
    fn refuses_what_elasticsearch_refuses() {
        for text in ["10M", "10m ", "5", "", "x", "5w", "1"] {
            assert!(
                matches!(TimeValue::parse(text, "f"), Err(TimeFault::Unit { .. })),
                "{text:?}"
            );
        }
        assert!(matches!(TimeValue::parse("-5s", "f"), Err(TimeFault::Negative { .. })));
        for text in ["1.5h", "99999999999999999999s"] {
            assert!(
                matches!(TimeValue::parse(text, "f"), Err(TimeFault::Fraction { .. })),
                "{text:?}"
            );
        }
        assert!(matches!(TimeValue::parse("abcs", "f"), Err(TimeFault::Number { .. })));
    }

    #[test]
    fn long_spans_saturate_and_are_no_whole_seconds() {
        let span = TimeValue::parse("99999999999d", "f").expect("a time value");
        assert!(!span.is_whole_seconds());
        assert_eq!(span.to_rough_text(), "106751.9d");
        assert_eq!(
            TimeValue::parse("1500ms", "f").expect("a time value").to_rough_text(),
            "1.5s"
        );
    }
}
