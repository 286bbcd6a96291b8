//! The parts of a pattern: what `DateTimeFormatterBuilder.appendPattern` makes of its letters.

use std::iter::Peekable;
use std::str::Chars;

use super::{Field, PatternFault};

/// How long a pattern may be, in bytes: each of its letters may become a part of some dozen bytes. Elasticsearch has no
/// such limit.
const LONGEST: usize = 64 * 1024;
/// How deep optional sections may nest. Java overflows its stack somewhat later.
const DEEPEST: usize = 500;

/// One part of a formatter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Literal(char),
    Number(Number),
    /// A name from a table; which of its lengths is printed.
    Text {
        field: Field,
        printed: &'static str,
    },
    /// What is printed of an offset of zero, and nothing else.
    Offset(&'static str),
    /// `GMT` and perhaps an offset, whose hours have two digits and a colon in its full form.
    LocalizedOffset {
        is_full: bool,
    },
    /// Blanks before what is shorter.
    Padded {
        width: usize,
        item: Box<Item>,
    },
    /// What need not be there.
    Optional(Vec<Item>),
}

/// A number and its width, in digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) field: Field,
    pub(super) kind: NumberKind,
    /// The least width in the text.
    pub(super) least: usize,
    /// The least and most widths by which it and its neighbours are set apart.
    pub(super) bounds: (usize, usize),
    /// Whether it is never printed with a sign.
    pub(super) is_unsigned: bool,
    pub(super) next: Next,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberKind {
    Plain,
    /// Two digits of a year from 2000 on.
    Reduced,
    /// Decimals of a second.
    Fraction,
}

/// How many digits that directly follow a number belong to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Digits(usize),
    /// The number has exactly its own width.
    Unknown,
}

/// The parts of a pattern.
pub(super) fn compile(pattern: &str) -> Result<Vec<Item>, PatternFault> {
    if pattern.len() > LONGEST {
        return Err(PatternFault::Malformed);
    }
    let mut builder = Builder::default();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' => builder.quoted(&mut characters)?,
            '[' => builder.open()?,
            ']' => builder.close()?,
            '{' | '}' | '#' => return Err(PatternFault::Malformed),
            letter if letter.is_ascii_alphabetic() => builder.letters(letter, &mut characters)?,
            other => _ = builder.push(Item::Literal(other)),
        }
    }
    while !builder.outer.is_empty() {
        builder.close()?;
    }
    Ok(builder.section.items)
}

#[derive(Default)]
struct Builder {
    section: Section,
    outer: Vec<Section>,
}

/// The parts up to the end of an optional section, or of the pattern.
#[derive(Default)]
struct Section {
    items: Vec<Item>,
    /// The number that digits which follow are counted for.
    active: Option<usize>,
    pad: Option<usize>,
}

impl Builder {
    fn push(&mut self, item: Item) -> usize {
        let section = &mut self.section;
        let item = match section.pad.take() {
            None => item,
            Some(width) => Item::Padded {
                width,
                item: Box::new(item),
            },
        };
        section.items.push(item);
        section.active = None;
        section.items.len() - 1
    }

    fn open(&mut self) -> Result<(), PatternFault> {
        if self.outer.len() >= DEEPEST {
            return Err(PatternFault::Malformed);
        }
        self.section.active = None;
        self.outer.push(std::mem::take(&mut self.section));
        Ok(())
    }

    fn close(&mut self) -> Result<(), PatternFault> {
        let outer = self.outer.pop().ok_or(PatternFault::Malformed)?;
        let inner = std::mem::replace(&mut self.section, outer);
        if !inner.items.is_empty() {
            self.push(Item::Optional(inner.items));
        }
        Ok(())
    }

    fn quoted(&mut self, characters: &mut Peekable<Chars<'_>>) -> Result<(), PatternFault> {
        let mut is_empty = true;
        loop {
            match characters.next() {
                None => return Err(PatternFault::Malformed),
                Some('\'') if characters.next_if_eq(&'\'').is_none() => break,
                Some(character) => {
                    is_empty = false;
                    self.push(Item::Literal(character));
                }
            }
        }
        if is_empty {
            self.push(Item::Literal('\''));
        }
        Ok(())
    }

    fn letters(&mut self, letter: char, characters: &mut Peekable<Chars<'_>>) -> Result<(), PatternFault> {
        let mut run = |letter: char| {
            let mut count = 1;
            while characters.next_if_eq(&letter).is_some() {
                count += 1;
            }
            count
        };
        let mut count = run(letter);
        if letter != 'p' {
            return self.part(letter, count);
        }
        let width = count;
        let padded = characters
            .next_if(char::is_ascii_alphabetic)
            .ok_or(PatternFault::Malformed)?;
        count = 1;
        while characters.next_if_eq(&padded).is_some() {
            count += 1;
        }
        self.section.pad = Some(width);
        self.section.active = None;
        self.part(padded, count)
    }

    fn part(&mut self, letter: char, count: usize) -> Result<(), PatternFault> {
        let texts = |short, long, narrow| match count {
            ..=3 => Some(short),
            4 => Some(long),
            5 => Some(narrow),
            _ => None,
        };
        let text = |field, printed: Option<&'static str>| {
            let printed = printed.ok_or(PatternFault::Malformed)?;
            Ok(Item::Text { field, printed })
        };
        let offset = |printed: &[&'static str]| {
            let printed = printed.get(count - 1).ok_or(PatternFault::Malformed)?;
            Ok(Item::Offset(printed))
        };
        let item = match letter {
            'G' => text(Field::Era, texts("CE", "CE", "CE"))?,
            'M' | 'L' if count > 2 => text(Field::MonthOfYear, texts("Jan", "Jan", "1"))?,
            'Q' if count > 2 => text(Field::QuarterOfYear, texts("Q1", "Q1", "1"))?,
            'q' if count > 2 => text(Field::QuarterOfYear, texts("1", "Q1", "1"))?,
            'E' => text(Field::DayOfWeek, texts("Thu", "Thu", "T"))?,
            'e' | 'c' if count > 2 => text(Field::DayOfWeek, texts("Thu", "Thu", "T"))?,
            'a' if count == 1 => text(Field::AmPm, Some("AM"))?,
            'B' if matches!(count, 1 | 4 | 5) => text(Field::DayPeriod, Some("AM"))?,
            // The name of a zone, which is no offset.
            'V' if count == 2 => Item::Literal('Z'),
            'v' if matches!(count, 1 | 4) => Item::Literal('Z'),
            'z' if count <= 4 => Item::Literal('Z'),
            'X' => offset(&["Z"; 5])?,
            'x' => offset(&["+00", "+0000", "+00:00", "+0000", "+00:00"])?,
            'Z' if count == 4 => Item::LocalizedOffset { is_full: true },
            'Z' => offset(&["+0000", "+0000", "+0000", "", "Z"])?,
            'O' if matches!(count, 1 | 4) => Item::LocalizedOffset { is_full: count == 4 },
            _ => return self.number(number(letter, count).ok_or(PatternFault::Malformed)?),
        };
        self.push(item);
        Ok(())
    }

    /// Adds a number, and says how many digits of it directly follow the number before it.
    fn number(&mut self, mut number: Number) -> Result<(), PatternFault> {
        let Some(active) = self.section.active else {
            self.section.active = Some(self.push(Item::Number(number)));
            return Ok(());
        };
        let (least, most) = number.bounds;
        let is_fixed = least == most && number.is_unsigned;
        // A padded number cannot be told about its neighbour: Java fails.
        let Some(Item::Number(base)) = self.section.items.get_mut(active) else {
            return Err(PatternFault::PaddedNeighbour);
        };
        if is_fixed {
            base.next = match base.next {
                Next::Digits(digits) => Next::Digits(digits + most),
                // One more than none at all: -1 and the width.
                Next::Unknown => Next::Digits(most - 1),
            };
            number.next = Next::Unknown;
            self.push(Item::Number(number));
            self.section.active = Some(active);
        } else {
            base.next = Next::Unknown;
            self.section.active = Some(self.push(Item::Number(number)));
        }
        Ok(())
    }
}

/// What a run of one letter means as a number.
fn number(letter: char, count: usize) -> Option<Number> {
    let field = match letter {
        'y' => Field::YearOfEra,
        'u' => Field::Year,
        'Q' | 'q' => Field::QuarterOfYear,
        'M' | 'L' => Field::MonthOfYear,
        'D' => Field::DayOfYear,
        'd' => Field::DayOfMonth,
        'F' => Field::AlignedWeekOfMonth,
        'e' | 'c' => Field::LocalDayOfWeek,
        'g' => Field::ModifiedJulianDay,
        'Y' => Field::WeekBasedYear,
        'w' => Field::WeekOfWeekBasedYear,
        'W' => Field::WeekOfMonth,
        'H' => Field::HourOfDay,
        'k' => Field::ClockHourOfDay,
        'K' => Field::HourOfAmPm,
        'h' => Field::ClockHourOfAmPm,
        'm' => Field::MinuteOfHour,
        's' => Field::SecondOfMinute,
        'S' | 'n' => Field::NanoOfSecond,
        'A' => Field::MilliOfDay,
        'N' => Field::NanoOfDay,
        _ => return None,
    };
    let (kind, bounds, is_unsigned) = match (letter, count) {
        ('y' | 'u' | 'Y', 2) => (NumberKind::Reduced, (2, 2), true),
        ('y' | 'u' | 'g', ..=19) => (NumberKind::Plain, (count, 19), false),
        ('Y' | 'A' | 'n' | 'N', ..=19) => (NumberKind::Plain, (count, 19), true),
        ('S', ..=9) => (NumberKind::Fraction, (count, count), true),
        ('D', 2 | 3) => (NumberKind::Plain, (count, 3), true),
        ('w', 1 | 2) => (NumberKind::Plain, (count, 2), true),
        ('W' | 'c', 1) | ('e', 1 | 2) => (NumberKind::Plain, (count, count), true),
        ('F' | 'D' | 'Q' | 'q' | 'M' | 'L' | 'd' | 'H' | 'h' | 'k' | 'K' | 'm' | 's', 1) => {
            (NumberKind::Plain, (1, 19), false)
        }
        ('Q' | 'q' | 'M' | 'L' | 'd' | 'H' | 'h' | 'k' | 'K' | 'm' | 's', 2) => (NumberKind::Plain, (2, 2), true),
        _ => return None,
    };
    Some(Number {
        field,
        kind,
        least: bounds.0,
        bounds,
        is_unsigned,
        next: Next::Digits(0),
    })
}
