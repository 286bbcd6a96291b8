//! Puts the values on a tape that nothing can be inside of, whole or broken.

use super::{Tape, Text, WrittenNumber, quoting};
use crate::xcontent::json::entries::index;
use crate::xcontent::json::{EntryKind, FaultKind, Place};

/// What could be told of a value before it turned out to be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::xcontent) enum Broken {
    String,
    Number,
    Binary,
    /// The end of the body, which has been taken for a value.
    Nothing,
}

impl Tape {
    /// Adds a string.
    pub(in crate::xcontent) fn string(&mut self, text: &Text<'_>, start: Place) -> Result<(), FaultKind> {
        self.separate();
        let from = self.text.len();
        self.push(EntryKind::PlainString, start)?;
        let kind = if quoting::quote(text, &mut self.text) {
            EntryKind::EscapedString
        } else {
            EntryKind::PlainString
        };
        self.complete(kind, from);
        Ok(())
    }

    /// Adds a number, as its text.
    pub(in crate::xcontent) fn number(&mut self, number: &str, start: Place, end: Place) -> Result<(), FaultKind> {
        self.scalar(EntryKind::Number, number, start)?;
        self.last_spot(end);
        Ok(())
    }

    /// Adds a number that was written as something else than its text in JSON.
    pub(in crate::xcontent) fn number_written(
        &mut self,
        (number, written): (&str, &str),
        start: Place,
        end: Place,
    ) -> Result<(), FaultKind> {
        self.number(number, start, end)?;
        self.written.push(WrittenNumber {
            offset: index(self.text.len() - number.len()),
            text: written.into(),
        });
        Ok(())
    }

    /// Adds a number of single precision, as its text.
    pub(in crate::xcontent) fn single(&mut self, number: &str, start: Place, end: Place) -> Result<(), FaultKind> {
        self.scalar(EntryKind::Single, number, start)?;
        self.last_spot(end);
        Ok(())
    }

    /// Adds bytes, as Base64.
    pub(in crate::xcontent) fn binary(&mut self, base64: &str, start: Place) -> Result<(), FaultKind> {
        self.scalar(EntryKind::Binary, &format!("\"{base64}\""), start)
    }

    /// Adds a boolean.
    pub(in crate::xcontent) fn boolean(&mut self, value: bool, start: Place) -> Result<(), FaultKind> {
        let (kind, text) = if value {
            (EntryKind::True, "true")
        } else {
            (EntryKind::False, "false")
        };
        self.scalar(kind, text, start)
    }

    /// Adds a null.
    pub(in crate::xcontent) fn null(&mut self, start: Place) -> Result<(), FaultKind> {
        self.scalar(EntryKind::Null, "null", start)
    }

    /// Adds a value of which no more than its kind could be read: what is wrong with that is told first.
    pub(in crate::xcontent) fn broken(&mut self, kind: Broken, start: Place) -> Result<(), FaultKind> {
        self.separate();
        let kind = match kind {
            Broken::String => EntryKind::PlainString,
            Broken::Number => EntryKind::Number,
            Broken::Binary => EntryKind::Binary,
            Broken::Nothing => EntryKind::Nothing,
        };
        self.push(kind, start)?;
        self.text.push(' ');
        Ok(())
    }

    fn scalar(&mut self, kind: EntryKind, text: &str, start: Place) -> Result<(), FaultKind> {
        self.separate();
        let from = self.text.len();
        self.push(kind, start)?;
        self.text.push_str(text);
        self.complete(kind, from);
        Ok(())
    }
}
