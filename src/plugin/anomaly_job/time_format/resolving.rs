//! Makes a date and a time of day of the values of fields, as `java.time.format.Parsed` does with its smart rules.

use super::civil::Date;
use super::derived::{SUNDAY, Time, local_day, of_date, of_time, start_of_week_based_year, week_of_month};
use super::reading::Fields;
use super::{Field, PatternFault};

const NANOS_OF_SECOND: i64 = 1_000_000_000;

/// Fails unless the fields give a date and a time of day.
pub(super) fn resolve(fields: Fields) -> Result<(), PatternFault> {
    let mut parsed = Parsed {
        fields,
        date: None,
        time: None,
    };
    parsed.date_fields()?;
    parsed.time_fields()?;
    if parsed.week_fields()? {
        parsed.date_fields()?;
        parsed.time_fields()?;
    }
    parsed.time_leniently()?;
    parsed.cross_check()?;
    match (parsed.date, parsed.time) {
        (Some(_), Some(_)) => Ok(()),
        _ => Err(PatternFault::Incomplete),
    }
}

struct Parsed {
    fields: Fields,
    date: Option<Date>,
    /// The hour of the time of day; what is smaller is 0 wherever it is read as printed, and never compared.
    time: Option<Time>,
}

type Resolved<T> = Result<T, PatternFault>;

fn within(value: i64, least: i64, most: i64) -> Resolved<i64> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(PatternFault::Conflict)
    }
}

impl Parsed {
    fn get(&self, field: Field) -> Option<i64> {
        self.fields.get(&field).copied()
    }

    fn take(&mut self, field: Field) -> Option<i64> {
        self.fields.remove(&field)
    }

    /// Gives a field a value that follows from another one's.
    fn put(&mut self, field: Field, value: i64) -> Resolved<()> {
        match self.fields.insert(field, value) {
            Some(before) if before != value => Err(PatternFault::Conflict),
            _ => Ok(()),
        }
    }

    fn put_date(&mut self, date: Date) -> Resolved<()> {
        match self.date.replace(date) {
            Some(before) if before != date => Err(PatternFault::Conflict),
            _ => Ok(()),
        }
    }

    fn date_fields(&mut self) -> Resolved<()> {
        if let Some(year) = self.take(Field::YearOfEra) {
            let year = within(year, 1, 1_000_000_000)?;
            let is_before = self.take(Field::Era) == Some(0);
            self.put(Field::Year, if is_before { 1 - year } else { year })?;
        }
        let Some(year) = self.get(Field::Year) else {
            return Ok(());
        };
        let month = self.get(Field::MonthOfYear);
        if let (Some(month), Some(day)) = (month, self.get(Field::DayOfMonth)) {
            self.remove([Field::Year, Field::MonthOfYear, Field::DayOfMonth]);
            let first = Date::first_of(year, within(month, 1, 12)?);
            let day = within(day, 1, 31)?.min(first.days_of_month());
            return self.put_date(Date { day, ..first });
        }
        let aligned = self.get(Field::AlignedWeekOfMonth);
        if let (Some(month), Some(week), Some(day)) = (month, aligned, self.get(Field::DayOfWeek)) {
            self.remove([Field::Year, Field::MonthOfYear, Field::DayOfWeek]);
            self.remove([Field::AlignedWeekOfMonth]);
            let first = Date::first_of(year, within(month, 1, 12)?).plus((within(week, 1, 5)? - 1) * 7);
            let later = (within(day, 1, 7)? - first.day_of_week()).rem_euclid(7);
            return self.put_date(first.plus(later));
        }
        if let Some(day) = self.get(Field::DayOfYear) {
            self.remove([Field::Year, Field::DayOfYear]);
            let date = Date::first_of(year, 1).plus(within(day, 1, 366)? - 1);
            // Day 366 of a year that has none.
            within(date.year, year, year)?;
            return self.put_date(date);
        }
        Ok(())
    }

    fn remove<const N: usize>(&mut self, fields: [Field; N]) {
        for field in fields {
            self.fields.remove(&field);
        }
    }

    /// Dates by week, and by number of the day; whether anything came of it.
    fn week_fields(&mut self) -> Resolved<bool> {
        let mut has_changed = false;
        if let Some(day) = self.take(Field::LocalDayOfWeek) {
            let day = (SUNDAY - 1 + within(day, 1, 7)? - 1).rem_euclid(7) + 1;
            self.fields.insert(Field::DayOfWeek, day);
            has_changed = true;
        }
        if let Some(day) = self.take(Field::ModifiedJulianDay) {
            self.put_date(Date::from_epoch_day(day - 40_587))?;
            has_changed = true;
        }
        let Some(day) = self.get(Field::DayOfWeek) else {
            return Ok(has_changed);
        };
        let day = local_day(within(day, 1, 7)?);
        if let Some(year) = self.get(Field::Year) {
            if let (Some(month), Some(week)) = (self.get(Field::MonthOfYear), self.get(Field::WeekOfMonth)) {
                self.remove([Field::Year, Field::MonthOfYear, Field::WeekOfMonth, Field::DayOfWeek]);
                let first = Date::first_of(year, within(month, 1, 12)?);
                let weeks = within(week, 0, 6)? - week_of_month(first);
                self.put_date(first.plus(weeks * 7 + day - local_day(first.day_of_week())))?;
                has_changed = true;
            }
        } else if let (Some(year), Some(week)) = (self.get(Field::WeekBasedYear), self.get(Field::WeekOfWeekBasedYear))
        {
            self.remove([Field::WeekBasedYear, Field::WeekOfWeekBasedYear, Field::DayOfWeek]);
            let start = start_of_week_based_year(year);
            self.put_date(start.plus((within(week, 1, 53)? - 1) * 7 + day - 1))?;
            has_changed = true;
        }
        Ok(has_changed)
    }

    fn time_fields(&mut self) -> Resolved<()> {
        if let Some(hour) = self.take(Field::ClockHourOfDay) {
            let hour = if hour == 0 { 0 } else { within(hour, 1, 24)? };
            self.put(Field::HourOfDay, hour % 24)?;
        }
        if let Some(hour) = self.take(Field::ClockHourOfAmPm) {
            let hour = if hour == 0 { 0 } else { within(hour, 1, 12)? };
            self.put(Field::HourOfAmPm, hour % 12)?;
        }
        for half in [Field::AmPm, Field::DayPeriod] {
            if let (Some(half_of_day), Some(hour)) = (self.get(half), self.get(Field::HourOfAmPm)) {
                self.remove([half, Field::HourOfAmPm]);
                self.put(Field::HourOfDay, half_of_day * 12 + within(hour, 0, 11)?)?;
            }
        }
        if let Some(nanos) = self.take(Field::NanoOfDay) {
            self.put_parts(within(nanos, 0, 24 * 3600 * NANOS_OF_SECOND - 1)?)?;
        }
        if let Some(millis) = self.take(Field::MilliOfDay) {
            let millis = within(millis, 0, 24 * 3600 * 1000 - 1)?;
            // What a second has besides its milliseconds stays.
            let nanos = self.get(Field::NanoOfSecond);
            let finer = nanos.filter(|nanos| nanos / 1_000_000 == millis % 1000);
            self.put_parts(millis * 1_000_000 + finer.unwrap_or_default() % 1_000_000)?;
        }
        Ok(())
    }

    fn put_parts(&mut self, nanos: i64) -> Resolved<()> {
        let seconds = nanos / NANOS_OF_SECOND;
        self.put(Field::HourOfDay, seconds / 3600)?;
        self.put(Field::MinuteOfHour, seconds / 60 % 60)?;
        self.put(Field::SecondOfMinute, seconds % 60)?;
        self.put(Field::NanoOfSecond, nanos % NANOS_OF_SECOND)
    }

    /// Fills in what may be missing of a time of day.
    fn time_leniently(&mut self) -> Resolved<()> {
        let parts = [
            (Field::MinuteOfHour, 59),
            (Field::SecondOfMinute, 59),
            (Field::NanoOfSecond, NANOS_OF_SECOND - 1),
        ];
        let hour = self.get(Field::HourOfDay);
        if hour.is_none() && parts.iter().all(|(field, _)| self.get(*field).is_none()) {
            // Half a day stands for its middle.
            let half = [Field::AmPm, Field::DayPeriod]
                .into_iter()
                .find_map(|half| self.take(half));
            if let Some(half) = half {
                self.fields.insert(Field::HourOfDay, half * 12 + 6);
            }
        }
        let [minute, second, nano] = parts.map(|(field, _)| self.get(field));
        let has_gap =
            (minute.is_none() && (second.is_some() || nano.is_some())) || (second.is_none() && nano.is_some());
        if let Some(hour) = self.get(Field::HourOfDay)
            && !has_gap
        {
            let value = |(field, most)| within(self.get(field).unwrap_or_default(), 0, most);
            let [minute, second, nano] = parts.map(value);
            self.time = Some(Time {
                hour: within(hour, 0, 23)?,
                minute: minute?,
                second: second?,
                nano: nano?,
            });
            self.remove([
                Field::HourOfDay,
                Field::MinuteOfHour,
                Field::SecondOfMinute,
                Field::NanoOfSecond,
            ]);
        }
        let ranges = [
            (Field::AmPm, 1),
            (Field::HourOfDay, 23),
            (Field::HourOfAmPm, 11),
            (Field::MinuteOfHour, 59),
            (Field::SecondOfMinute, 59),
            (Field::NanoOfSecond, NANOS_OF_SECOND - 1),
        ];
        for (field, most) in ranges {
            within(self.get(field).unwrap_or_default(), 0, most)?;
        }
        Ok(())
    }

    /// Fails if a field that is left contradicts the date or the time.
    fn cross_check(&self) -> Resolved<()> {
        let conflicts = |(field, value): (&Field, &i64)| {
            let derived = self
                .date
                .and_then(|date| of_date(date, *field))
                .or_else(|| self.time.and_then(|time| of_time(time, *field)));
            derived.is_some_and(|derived| derived != *value)
        };
        if self.fields.iter().any(conflicts) {
            return Err(PatternFault::Conflict);
        }
        Ok(())
    }
}
