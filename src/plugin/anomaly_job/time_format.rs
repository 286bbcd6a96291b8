//! `time_format`: whether a pattern of Java's `DateTimeFormatter` gives a whole timestamp (contract job.md §4.8).

use http::StatusCode;

use crate::es::error::{Exception, Kind};

/// Refuses a pattern that Elasticsearch refuses.
pub(super) fn check(pattern: &str) -> Result<(), Exception> {
    if matches!(pattern, "epoch" | "epoch_ms") {
        return Ok(());
    }
    let refusal = Exception::new(
        Kind::Status(StatusCode::BAD_REQUEST),
        format!("Invalid Time format string '{pattern}'"),
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
    has_conflicting_year: bool,
    has_month: bool,
    has_day: bool,
    has_day_of_year: bool,
    has_hour: bool,
    has_half_day_hour: bool,
    has_half_day: bool,
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
            'M' | 'L' | 'Q' | 'q' | 'E' | 'e' | 'c' | 'G' | 'X' | 'x' | 'Z' => 5,
            'D' => 3,
            'd' | 'H' | 'h' | 'K' | 'k' | 'm' | 's' | 'w' | 'V' => 2,
            'F' | 'W' | 'a' => 1,
            'z' | 'O' => 4,
            _ => return None,
        };
        let fits = match letter {
            'V' => count == 2,
            'O' => count == 1 || count == 4,
            _ => count <= most,
        };
        if !fits {
            return None;
        }
        match letter {
            'u' | 'Y' => self.has_conflicting_year = true,
            'M' | 'L' => self.has_month = true,
            'd' => self.has_day = true,
            'D' => self.has_day_of_year = true,
            'H' | 'k' | 'A' | 'N' => self.has_hour = true,
            'h' | 'K' => self.has_half_day_hour = true,
            'a' => self.has_half_day = true,
            _ => {}
        }
        Some(())
    }

    fn give_a_timestamp(&self) -> bool {
        let has_date = (self.has_month && self.has_day) || self.has_day_of_year;
        let has_time = self.has_hour || (self.has_half_day_hour && self.has_half_day);
        has_date && has_time && !self.has_conflicting_year
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
