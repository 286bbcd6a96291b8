//! `time_format`: whether a pattern of Java's `DateTimeFormatter` gives a whole timestamp (contract job.md §4.8).
//!
//! This looks at which parts a pattern has. Elasticsearch prints a time with it and reads that back, which a pattern
//! whose digits run into each other (`MM-dsd`) fails as well; such a pattern is accepted here.

use http::StatusCode;

use crate::es::error::{Exception, Kind};

/// Refuses a pattern that Elasticsearch refuses.
pub(super) fn check(pattern: &str) -> Result<(), Exception> {
    if matches!(pattern, "epoch" | "epoch_ms") {
        return Ok(());
    }
    let refusal = Exception::new(
        Kind::Status(StatusCode::BAD_REQUEST),
        format!("[time_format] is [{pattern}], which cannot be used to read timestamps"),
    );
    let Some(fields) = Fields::of(pattern) else {
        return Err(refusal);
    };
    if fields.give_a_timestamp() {
        return Ok(());
    }
    let reason = "the pattern does not give a date and a time of day";
    let inner = Exception::new(Kind::DateTime, reason);
    Err(refusal.caused_by(Exception::new(Kind::DateTime, reason).caused_by(inner)))
}

/// The parts of a timestamp that a pattern has.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each says whether one part is there")]
struct Fields {
    has_year_of_era: bool,
    has_other_year: bool,
    has_month: bool,
    has_day: bool,
    has_day_of_year: bool,
    has_time_of_day: bool,
    has_hour: bool,
    has_half_day_hour: bool,
    has_half_day: bool,
    has_minute: bool,
    has_second: bool,
    has_fraction: bool,
}

impl Fields {
    /// The parts of a pattern; none when it is no pattern.
    fn of(pattern: &str) -> Option<Self> {
        let mut fields = Self::default();
        let mut characters = pattern.chars().peekable();
        let mut optional = 0_usize;
        while let Some(character) = characters.next() {
            match character {
                '\'' => loop {
                    // Two quotes are one that is meant; the closing one must be there.
                    if characters.next()? == '\'' && characters.next_if_eq(&'\'').is_none() {
                        break;
                    }
                },
                '[' => optional += 1,
                ']' => optional = optional.checked_sub(1)?,
                '{' | '}' | '#' => return None,
                letter if letter.is_ascii_alphabetic() => {
                    let mut count = 1;
                    while characters.next_if_eq(&letter).is_some() {
                        count += 1;
                    }
                    fields.add(letter, count)?;
                }
                _ => {}
            }
        }
        Some(fields)
    }

    fn add(&mut self, letter: char, count: usize) -> Option<()> {
        let most = match letter {
            'y' | 'u' | 'Y' | 'A' | 'n' | 'N' => 19,
            'S' => 9,
            'M' | 'L' | 'Q' | 'q' | 'E' | 'e' | 'c' | 'G' | 'X' | 'x' | 'Z' | 'B' => 5,
            'D' => 3,
            'd' | 'H' | 'h' | 'K' | 'k' | 'm' | 's' | 'w' | 'V' => 2,
            'F' | 'W' | 'a' => 1,
            'z' | 'O' => 4,
            _ => return None,
        };
        let fits = match letter {
            'V' => count == 2,
            'O' => count == 1 || count == 4,
            'B' => matches!(count, 1 | 4 | 5),
            _ => count <= most,
        };
        if !fits {
            return None;
        }
        match letter {
            'y' => self.has_year_of_era = true,
            'u' | 'Y' => self.has_other_year = true,
            'M' | 'L' => self.has_month = true,
            'd' => self.has_day = true,
            'D' => self.has_day_of_year = true,
            'A' | 'N' => self.has_time_of_day = true,
            'H' | 'k' => self.has_hour = true,
            'h' | 'K' => self.has_half_day_hour = true,
            // A half of the day, or a part of it, stands for its middle when there is no hour.
            'a' | 'B' => self.has_half_day = true,
            'm' => self.has_minute = true,
            's' => self.has_second = true,
            'S' | 'n' => self.has_fraction = true,
            _ => {}
        }
        Some(())
    }

    fn give_a_timestamp(&self) -> bool {
        let has_date = (self.has_month && self.has_day) || self.has_day_of_year;
        // An hour alone will do, but no second without its minute and no fraction without its second.
        let lacks_minute = !self.has_minute && (self.has_second || self.has_fraction);
        let lacks_second = !self.has_second && self.has_fraction;
        let has_gap = lacks_minute || lacks_second;
        let has_whole_hour = self.has_hour || (self.has_half_day_hour && self.has_half_day);
        let has_half_day_only = self.has_half_day && !self.has_half_day_hour;
        let has_time = self.has_time_of_day || ((has_whole_hour || has_half_day_only) && !has_gap);
        // The year of the era is filled in when it is missing, and then differs from any other year.
        let has_conflict = self.has_other_year && !self.has_year_of_era;
        has_date && has_time && !has_conflict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contract job.md §4.8, its lists.
    #[test]
    fn accepts_patterns_of_whole_timestamps() {
        for pattern in [
            "epoch",
            "epoch_ms",
            "yyyy-MM-dd HH",
            "yyyy-MM-dd'T'HH:mm:ssX",
            "DDD HH",
            "MM-dd HH:mm",
            "yyyy-MM-dd hh:mm a",
            "yyyy-MM-dd kk",
            "yy-MM-dd HH",
            "G yyyy-MM-dd HH",
            "yyyy-MM-dd A",
            "yyyy-MM-dd N",
            "yyyy-MM-dd HH:mm:ss z",
            "yyyy-MM-dd HH[:mm]",
            "yyyy-MM-dd HH VV",
            "yyyy-MM-dd HH O",
        ] {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
        for pattern in [
            "yyyy-MM-dd",
            "uuuu-MM-dd HH",
            "YYYY-MM-dd HH",
            "HH:mm:ss",
            "dd HH",
            "yyyy-MM-dd hh",
            "yyyy-MM-dd n",
            "",
            "EPOCH",
            "yyyy-MM-dd HH:mm:ss.SSSSSSSSSS",
            "yyyy-MM-dd HH '",
            "x",
        ] {
            assert!(check(pattern).is_err(), "{pattern}");
        }
    }
}
