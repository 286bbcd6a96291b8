//! A day of the calendar, in UTC, as policies name it: `2027-03-01`.

use std::fmt;
use std::time::UNIX_EPOCH;

const MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    start_millis: i64,
}

/// A text that is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written like `2027-03-01`")]
pub struct DayError;

impl Day {
    /// Reads `year-month-day`.
    pub fn parse(text: &str) -> Result<Self, DayError> {
        let start = humantime::parse_rfc3339(&format!("{text}T00:00:00Z")).map_err(|_| DayError)?;
        let since_epoch = start.duration_since(UNIX_EPOCH).map_err(|_| DayError)?;
        let start_millis = i64::try_from(since_epoch.as_millis()).map_err(|_| DayError)?;
        Ok(Self { start_millis })
    }

    /// Its first moment, in milliseconds since the epoch.
    #[must_use]
    pub const fn start_millis(self) -> i64 {
        self.start_millis
    }

    /// The first moment of the day after it.
    #[must_use]
    pub const fn end_millis(self) -> i64 {
        self.start_millis + MILLIS
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = UNIX_EPOCH + std::time::Duration::from_millis(self.start_millis.unsigned_abs());
        let text = humantime::format_rfc3339_seconds(start).to_string();
        f.write_str(text.split('T').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_shown_alike() {
        for text in ["1970-01-01", "2027-03-01", "2028-02-29"] {
            assert_eq!(Day::parse(text).expect("a day").to_string(), text);
        }
        assert_eq!(Day::parse("1970-01-02").expect("a day").start_millis(), MILLIS);
    }

    #[test]
    fn nothing_else_is_a_day() {
        for text in [
            "2027-02-29",
            "2027-13-01",
            "2027-3-1",
            "1969-12-31",
            "tomorrow",
            "",
            "2027-03-01T00:00:00Z",
        ] {
            assert_eq!(Day::parse(text), Err(DayError), "{text:?}");
        }
    }
}
