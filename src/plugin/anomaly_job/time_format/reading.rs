//! Prints the start of 1970 with a formatter and reads that back, leniently: numbers may be shorter or longer than they
//! are printed, which is why digits that run into each other may be read otherwise than they were printed.

use std::collections::BTreeMap;

use super::offset;
use super::pattern::{Item, Next, Number, NumberKind};
use super::{Field, PatternFault};

/// The values that were read.
pub(super) type Fields = BTreeMap<Field, i64>;

/// How many digits a number has at most where nothing says how many it has.
const MOST_DIGITS: usize = 9;
/// How many decimals a second has at most.
const DECIMALS: usize = 9;
/// The year that two digits are counted from.
const REDUCED_BASE: i64 = 2000;

/// The text of 1970-01-01T00:00:00Z.
pub(super) fn print(items: &[Item]) -> Result<String, PatternFault> {
    let mut text = String::new();
    for item in items {
        print_item(item, &mut text)?;
    }
    Ok(text)
}

fn print_item(item: &Item, text: &mut String) -> Result<(), PatternFault> {
    match item {
        Item::Literal(literal) => text.push(*literal),
        Item::Number(number) => {
            let value = if number.kind == NumberKind::Reduced {
                70
            } else {
                value_of(number.field)
            };
            let digits = value.to_string();
            text.extend(std::iter::repeat_n('0', number.least.saturating_sub(digits.len())));
            text.push_str(&digits);
        }
        Item::Text { printed, .. } | Item::Offset(printed) => text.push_str(printed),
        Item::LocalizedOffset { .. } => text.push_str("GMT"),
        Item::Padded { width, item } => {
            let mut padded = String::new();
            print_item(item, &mut padded)?;
            let blanks = width
                .checked_sub(padded.chars().count())
                .ok_or(PatternFault::PadWidth)?;
            text.extend(std::iter::repeat_n(' ', blanks));
            text.push_str(&padded);
        }
        Item::Optional(items) => {
            for item in items {
                print_item(item, text)?;
            }
        }
    }
    Ok(())
}

/// The value of a field at the start of 1970, a Thursday.
const fn value_of(field: Field) -> i64 {
    match field {
        Field::YearOfEra | Field::Year | Field::WeekBasedYear => 1970,
        Field::DayOfWeek => 4,
        Field::LocalDayOfWeek => 5,
        Field::ModifiedJulianDay => 40_587,
        Field::ClockHourOfDay => 24,
        Field::ClockHourOfAmPm => 12,
        Field::Era
        | Field::QuarterOfYear
        | Field::MonthOfYear
        | Field::DayOfYear
        | Field::DayOfMonth
        | Field::AlignedWeekOfMonth
        | Field::WeekOfWeekBasedYear
        | Field::WeekOfMonth => 1,
        _ => 0,
    }
}

/// The values of a text's fields.
pub(super) fn parse(items: &[Item], text: &str) -> Result<Fields, PatternFault> {
    let mut reader = Reader {
        text,
        fields: Fields::new(),
    };
    match reader.items(items, 0)? {
        Some(end) if end == text.len() => Ok(reader.fields),
        _ => Err(PatternFault::Unreadable),
    }
}

struct Reader<'t> {
    text: &'t str,
    fields: Fields,
}

/// Where the part ends; nothing when it cannot be read.
type Read = Result<Option<usize>, PatternFault>;

impl Reader<'_> {
    fn items(&mut self, items: &[Item], mut at: usize) -> Read {
        for item in items {
            match self.item(item, at)? {
                Some(end) => at = end,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    fn item(&mut self, item: &Item, at: usize) -> Read {
        let rest = self.text.get(at..).unwrap_or_default();
        let after = |part: &str| rest.starts_with(part).then_some(at + part.len());
        Ok(match item {
            Item::Literal(literal) => after(literal.encode_utf8(&mut [0; 4])),
            Item::Number(number) => self.number(number, at, self.text.len()),
            Item::Text { field, .. } => self.text(*field, at),
            Item::Offset(printed) => after(printed).and_then(|end| self.set(Field::OffsetSeconds, 0, end)),
            Item::LocalizedOffset { is_full } => match after("GMT") {
                Some(start) => offset::localized(self.text.as_bytes(), start, *is_full)?.and_then(|end| {
                    let seconds = offset::seconds(self.text.get(start..end)?);
                    self.set(Field::OffsetSeconds, seconds, end)
                }),
                None => None,
            },
            Item::Padded { width, item } => return self.padded(*width, item, at),
            Item::Optional(items) => {
                let before = self.fields.clone();
                let end = self.items(items, at)?;
                if end.is_none() {
                    self.fields = before;
                }
                Some(end.unwrap_or(at))
            }
        })
    }

    fn padded(&mut self, width: usize, item: &Item, at: usize) -> Read {
        if at == self.text.len() {
            return Ok(None);
        }
        let end = (at + width).min(self.text.len());
        let Some(whole) = self.text.get(..end) else {
            return Ok(None);
        };
        let blanks = whole.bytes().skip(at).take_while(|byte| *byte == b' ').count();
        // What is inside sees no more of the text than its width.
        let outer = std::mem::replace(&mut self.text, whole);
        let read = self.item(item, at + blanks);
        self.text = outer;
        read
    }

    /// Keeps a value, unless the field has another one already.
    fn set(&mut self, field: Field, value: i64, end: usize) -> Option<usize> {
        let kept = *self.fields.entry(field).or_insert(value);
        (kept == value).then_some(end)
    }

    fn number(&mut self, number: &Number, at: usize, length: usize) -> Option<usize> {
        if number.kind == NumberKind::Fraction {
            let taken = self.digits(at, length, DECIMALS);
            // Zeros are printed, but other digits may follow that are read with them.
            let decimals = self.text.get(at..at + taken)?.bytes();
            let scaled = decimals.chain(std::iter::repeat(b'0')).take(DECIMALS);
            let nanos = scaled.fold(0, |nanos, digit| nanos * 10 + i64::from(digit - b'0'));
            return self.set(number.field, nanos, at + taken);
        }
        if at == length {
            return None;
        }
        let (least, most) = number.bounds;
        let (at, sign) = match self.text.as_bytes().get(at) {
            // Lenient readers take a sign before whatever has no width of its own.
            Some(b'+' | b'-') if number.is_unsigned && least == most => return None,
            Some(b'+') => (at + 1, 1),
            Some(b'-') => (at + 1, -1),
            _ => (at, 1),
        };
        let subsequent = match number.next {
            Next::Digits(digits) => digits,
            Next::Unknown => 0,
        };
        let is_fixed = number.kind != NumberKind::Reduced
            && match number.next {
                Next::Unknown => true,
                Next::Digits(digits) => digits > 0 && least == most && number.is_unsigned,
            };
        let (least, most) = if is_fixed { (least, most) } else { (1, MOST_DIGITS) };
        let mut taken = self.digits(at, length, most + subsequent);
        if subsequent > 0 {
            taken = taken.min(least.max(taken.saturating_sub(subsequent)));
        }
        if taken < least {
            return None;
        }
        let value: i64 = self.text.get(at..at + taken)?.parse().ok()?;
        let is_reduced = number.kind == NumberKind::Reduced && taken == 2;
        self.set(
            number.field,
            if is_reduced { REDUCED_BASE + value } else { sign * value },
            at + taken,
        )
    }

    /// How many digits stand at a place, up to `most`.
    fn digits(&self, at: usize, length: usize, most: usize) -> usize {
        let rest = self.text.as_bytes().get(at..length).unwrap_or_default();
        rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// A name of any length, the longest one that fits; or else a number.
    fn text(&mut self, field: Field, at: usize) -> Option<usize> {
        let rest = self.text.get(at..).unwrap_or_default();
        let longest = names(field)
            .filter(|(name, _)| rest.starts_with(name.as_str()))
            .max_by_key(|(name, _)| name.len());
        match longest {
            Some((name, value)) => self.set(field, value, at + name.len()),
            None => None,
        }
    }
}

/// The names of the values of a field, of all lengths.
fn names(field: Field) -> impl Iterator<Item = (String, i64)> {
    let listed: &[(&str, i64)] = match field {
        Field::Era => &[("CE", 1), ("BCE", 0)],
        Field::AmPm | Field::DayPeriod => &[("AM", 0), ("PM", 1)],
        Field::MonthOfYear => &[
            ("Jan", 1),
            ("Feb", 2),
            ("Mar", 3),
            ("Apr", 4),
            ("May", 5),
            ("Jun", 6),
            ("Jul", 7),
            ("Aug", 8),
            ("Sep", 9),
            ("Oct", 10),
            ("Nov", 11),
            ("Dec", 12),
        ],
        Field::QuarterOfYear => &[("Q1", 1), ("Q2", 2), ("Q3", 3), ("Q4", 4)],
        Field::DayOfWeek => &[("Thu", 4), ("T", 4)],
        _ => &[],
    };
    let numbered = match field {
        Field::MonthOfYear => 1..=12,
        Field::QuarterOfYear => 1..=4,
        #[allow(clippy::reversed_empty_ranges, reason = "the others have none")]
        _ => 1..=0,
    };
    let listed = listed.iter().map(|(name, value)| ((*name).to_owned(), *value));
    listed.chain(numbered.map(|value| (value.to_string(), value)))
}
