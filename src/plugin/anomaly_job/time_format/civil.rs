//! Days and dates of the ISO calendar, for any year.

use std::time::{SystemTime, UNIX_EPOCH};

const DAYS_OF_400_YEARS: i64 = 146_097;

/// A date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
}

impl Date {
    /// The first day of a month.
    pub(super) const fn first_of(year: i64, month: i64) -> Self {
        Self { year, month, day: 1 }
    }

    /// The number of days since 1970-01-01.
    pub(super) const fn epoch_day(self) -> i64 {
        // Years that start in March have their leap day at the end.
        let year = if self.month > 2 { self.year } else { self.year - 1 };
        let month = (self.month + 9) % 12;
        let of_era = year.rem_euclid(400);
        let day_of_year = (153 * month + 2) / 5 + self.day - 1;
        let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
        year.div_euclid(400) * DAYS_OF_400_YEARS + day_of_era - 719_468
    }

    /// The date so many days after 1970-01-01.
    pub(super) const fn from_epoch_day(day: i64) -> Self {
        let day = day + 719_468;
        let day_of_era = day.rem_euclid(DAYS_OF_400_YEARS);
        let of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let year = day.div_euclid(DAYS_OF_400_YEARS) * 400 + of_era;
        Self {
            year: if month >= 10 { year + 1 } else { year },
            month: if month >= 10 { month - 9 } else { month + 3 },
            day: day_of_year - (153 * month + 2) / 5 + 1,
        }
    }

    /// The date so many days later.
    pub(super) const fn plus(self, days: i64) -> Self {
        Self::from_epoch_day(self.epoch_day() + days)
    }

    /// The day of the year, from 1.
    pub(super) const fn day_of_year(self) -> i64 {
        self.epoch_day() - Self::first_of(self.year, 1).epoch_day() + 1
    }

    /// The day of the week: Monday is 1.
    pub(super) const fn day_of_week(self) -> i64 {
        (self.epoch_day() + 3).rem_euclid(7) + 1
    }

    /// How many days its month has.
    pub(super) const fn days_of_month(self) -> i64 {
        let (year, month) = if self.month == 12 {
            (self.year + 1, 1)
        } else {
            (self.year, self.month + 1)
        };
        Self::first_of(year, month).epoch_day() - Self::first_of(self.year, self.month).epoch_day()
    }
}

/// The year that it is, in UTC.
pub(super) fn this_year() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let days = i64::try_from(since_epoch.as_secs() / (24 * 60 * 60)).unwrap_or_default();
    Date::from_epoch_day(days).year
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_days() {
        for (date, day) in [
            ((1970, 1, 1), 0),
            ((2000, 2, 29), 11_016),
            ((2000, 3, 1), 11_017),
            ((2026, 11, 23), 20_780),
            ((1969, 12, 31), -1),
            ((0, 3, 1), -719_468),
        ] {
            let date = Date {
                year: date.0,
                month: date.1,
                day: date.2,
            };
            assert_eq!(date.epoch_day(), day, "{date:?}");
            assert_eq!(Date::from_epoch_day(day), date);
        }
        let monday = Date::from_epoch_day(20_780);
        assert_eq!((monday.day_of_week(), monday.day_of_year()), (1, 327));
        assert_eq!(Date::first_of(2024, 2).days_of_month(), 29);
        assert_eq!(Date::first_of(1900, 2).days_of_month(), 28);
    }
}
