//! A document that a reader of another format makes: JSON text, its tokens, and where each of them stood in the body.

mod quoting;
mod values;

use std::borrow::Cow;
use std::collections::HashSet;

use super::encoding::{Encoding, Shifts};
pub(in crate::xcontent) use quoting::Text;
pub(in crate::xcontent) use values::Broken;

use super::entries::{WIDTH, index};
use super::{Document, Entries, EntryKind, Fault, FaultKind, MAX_DEPTH, OPEN, Place};

/// How many tokens a document may have. A token of a byte takes more than twenty, and what clients send has some
/// hundred: so a body takes 32 MiB at most, besides a few times its size.
const MAX_TOKENS: usize = 1 << 20;
const MAX_WORDS: usize = MAX_TOKENS * WIDTH as usize;

/// Why reading stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::xcontent) struct Stop {
    /// What is wrong.
    pub(in crate::xcontent) kind: FaultKind,
    /// How far the reader had come.
    pub(in crate::xcontent) at: Place,
    /// Where the last token that it had begun to read starts.
    pub(in crate::xcontent) token: Place,
}

/// Where a token stood, by where its JSON text starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    offset: u32,
    /// None is 0.
    line: u32,
    column: u32,
}

impl Spot {
    fn new(offset: usize, place: Place) -> Self {
        Self {
            offset: index(offset),
            line: index(place.line.unwrap_or_default()),
            column: index(place.column),
        }
    }

    fn place(self) -> Place {
        Place {
            line: (self.line > 0).then_some(self.line as usize),
            column: self.column as usize,
        }
    }
}

/// A number that was written otherwise than JSON has it, by where its JSON text starts.
#[derive(Debug, Clone)]
pub(super) struct WrittenNumber {
    offset: u32,
    text: Box<str>,
}

/// A document that is being made.
#[derive(Debug, Default)]
pub(in crate::xcontent) struct Tape {
    text: String,
    entries: Entries,
    spots: Vec<Spot>,
    written: Vec<WrittenNumber>,
    open: Vec<Container>,
}

#[derive(Debug)]
struct Container {
    entry: usize,
    names: Option<HashSet<String>>,
    is_empty: bool,
    has_name: bool,
}

impl Tape {
    /// How many objects and lists are open.
    pub(in crate::xcontent) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether nothing has been read.
    pub(in crate::xcontent) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the innermost open value is an object whose next token is a name, or its end.
    pub(in crate::xcontent) fn wants_name(&self) -> bool {
        self.open
            .last()
            .is_some_and(|container| container.names.is_some() && !container.has_name)
    }

    /// Whether the innermost open value is an object.
    pub(in crate::xcontent) fn is_in_object(&self) -> bool {
        self.open.last().is_some_and(|container| container.names.is_some())
    }

    /// Begins an object.
    pub(in crate::xcontent) fn begin_object(&mut self, start: Place) -> Result<(), FaultKind> {
        self.begin(EntryKind::Object, '{', Some(HashSet::new()), start)
    }

    /// Begins a list.
    pub(in crate::xcontent) fn begin_list(&mut self, start: Place) -> Result<(), FaultKind> {
        self.begin(EntryKind::Array, '[', None, start)
    }

    fn begin(
        &mut self,
        kind: EntryKind,
        bracket: char,
        names: Option<HashSet<String>>,
        start: Place,
    ) -> Result<(), FaultKind> {
        if self.open.len() >= MAX_DEPTH {
            return Err(FaultKind::TooDeep);
        }
        self.separate();
        let container = Container {
            entry: self.entries.len(),
            names,
            is_empty: true,
            has_name: false,
        };
        self.push(kind, start)?;
        self.text.push(bracket);
        self.open.push(container);
        Ok(())
    }

    /// Ends the innermost object or list.
    pub(in crate::xcontent) fn end(&mut self, start: Place) {
        let Some(container) = self.open.pop() else { return };
        self.spot(start);
        self.entries.close(container.entry, self.text.len());
        self.text.push(if container.names.is_some() { '}' } else { ']' });
    }

    /// Adds a member's name, unless the object has one of that name.
    pub(in crate::xcontent) fn name(&mut self, name: &Text<'_>, start: Place) -> Result<(), FaultKind> {
        self.separate();
        let from = self.text.len();
        self.push(EntryKind::Name, start)?;
        quoting::quote(name, &mut self.text);
        self.complete(EntryKind::Name, from);
        let key = self.text.get(from + 1..self.text.len() - 1).unwrap_or_default();
        let Some(container) = self.open.last_mut() else {
            return Ok(());
        };
        container.has_name = true;
        let is_new = container
            .names
            .as_mut()
            .is_none_or(|names| names.insert(key.to_owned()));
        if is_new {
            self.text.push(':');
            return Ok(());
        }
        let duplicate = match name {
            Text::Plain(name) => name.clone().into_owned(),
            Text::Units(units) => String::from_utf16_lossy(units),
        };
        // A name without a value is none.
        self.entries.pop();
        Err(FaultKind::DuplicateName(duplicate))
    }

    /// The document, with what broke the reading off, or else where it ended.
    pub(in crate::xcontent) fn finish(mut self, stop: Option<Stop>, end: Place) -> Document<'static> {
        let length = self.text.len();
        let fault = stop.map(|stop| {
            self.spot(stop.token);
            self.spots.push(Spot::new(length + 1, stop.at));
            Fault {
                kind: stop.kind,
                offset: length + 1,
                read_on: 0,
                token: Some(length),
            }
        });
        if fault.is_none() {
            self.spot(end);
        }
        Document {
            text: Cow::Owned(self.text),
            encoding: Encoding::Utf8,
            entries: self.entries,
            fault,
            skipped: 0,
            has_rest: false,
            shifts: Shifts::default(),
            spots: self.spots,
            written: self.written,
        }
    }

    /// What stands between two tokens.
    fn separate(&mut self) {
        let Some(container) = self.open.last_mut() else { return };
        if container.has_name {
            container.has_name = false;
        } else if !std::mem::take(&mut container.is_empty) {
            self.text.push(',');
        }
    }

    fn push(&mut self, kind: EntryKind, start: Place) -> Result<(), FaultKind> {
        if self.entries.len() >= MAX_WORDS || self.text.len() > super::MAX_BYTES {
            return Err(FaultKind::TooLong);
        }
        self.spot(start);
        self.entries.push(kind, self.text.len(), OPEN as usize);
        Ok(())
    }

    /// Ends the last token, which is no object or list, with the text so far.
    fn complete(&mut self, kind: EntryKind, from: usize) {
        let end = self.text.len().saturating_sub(1).max(from);
        self.entries
            .complete(self.entries.len().saturating_sub(WIDTH as usize), kind, end);
    }

    /// Where a number ends: only one can be wrong in a way that names it, and one of a single digit is never wrong. It is
    /// kept with the last digit, as the next token may begin right behind.
    fn last_spot(&mut self, place: Place) {
        let spot = Spot::new(self.text.len().saturating_sub(1), place);
        if self.spots.last().is_none_or(|last| last.offset < spot.offset) {
            self.spots.push(spot);
        }
    }

    fn spot(&mut self, place: Place) {
        self.spots.push(Spot::new(self.text.len(), place));
    }
}

/// How the number whose JSON text starts here was written, if it was written otherwise.
pub(super) fn written(numbers: &[WrittenNumber], offset: u32) -> Option<&str> {
    let found = numbers.binary_search_by_key(&offset, |number| number.offset).ok()?;
    numbers.get(found).map(|number| number.text.as_ref())
}

/// The place of the token at, or last before, a byte of the text.
pub(super) fn place(spots: &[Spot], offset: usize) -> Option<Place> {
    let after = spots.partition_point(|spot| spot.offset as usize <= offset);
    spots.get(after.checked_sub(1)?).map(|spot| spot.place())
}

#[cfg(test)]
mod tests;
