//! What a date or a time of day says of each field. Weeks are those of the root locale: they start on a Sunday, and the
//! first one has at least one day.

use super::Field;
use super::civil::Date;

/// The day that a week starts on, counted from Monday, which is 1.
pub(super) const SUNDAY: i64 = 7;

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) nano: i64,
}

/// What a time of day says of a field.
pub(super) fn of_time(time: Time, field: Field) -> Option<i64> {
    Some(match field {
        Field::AmPm | Field::DayPeriod => time.hour / 12,
        Field::HourOfAmPm => time.hour % 12,
        Field::HourOfDay => time.hour,
        Field::MinuteOfHour => time.minute,
        Field::SecondOfMinute => time.second,
        Field::NanoOfSecond => time.nano,
        _ => return None,
    })
}

/// What a date says of a field.
pub(super) fn of_date(date: Date, field: Field) -> Option<i64> {
    Some(match field {
        Field::Era => i64::from(date.year > 0),
        Field::Year => date.year,
        Field::QuarterOfYear => (date.month + 2) / 3,
        Field::MonthOfYear => date.month,
        Field::DayOfYear => date.day_of_year(),
        Field::DayOfMonth => date.day,
        Field::AlignedWeekOfMonth => (date.day - 1) / 7 + 1,
        Field::DayOfWeek => date.day_of_week(),
        Field::WeekOfMonth => week_of_month(date),
        Field::WeekBasedYear => week_based_year(date),
        Field::WeekOfWeekBasedYear => {
            let start = start_of_week_based_year(week_based_year(date));
            (date.epoch_day() - start.epoch_day()) / 7 + 1
        }
        _ => return None,
    })
}

/// The day of the week counted from Sunday, which is 1.
pub(super) const fn local_day(day_of_week: i64) -> i64 {
    (day_of_week - SUNDAY).rem_euclid(7) + 1
}

/// The week of the month in which a day is, counted from 1.
pub(super) fn week_of_month(date: Date) -> i64 {
    let first = Date::first_of(date.year, date.month);
    (date.day - 1 + local_day(first.day_of_week()) - 1) / 7 + 1
}

/// The first day of the week that has the first of January.
pub(super) fn start_of_week_based_year(year: i64) -> Date {
    let first = Date::first_of(year, 1);
    first.plus(1 - local_day(first.day_of_week()))
}

fn week_based_year(date: Date) -> i64 {
    let next = start_of_week_based_year(date.year + 1);
    date.year + i64::from(date.epoch_day() >= next.epoch_day())
}
