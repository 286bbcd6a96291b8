//! The names of an object's members, of which no two are alike.

use std::borrow::Cow;

use super::entries::{WIDTH, index};
use super::fault::FaultKind;
use super::inside::decoded;
use super::reader::{Quoted, Reader, Step};
use super::{Entries, Entry, EntryKind, text};

/// From this many members on, an object's names are looked up in a set instead of being compared one by one.
const FEW_NAMES: usize = 16;

impl Reader<'_> {
    /// Reads a member's name and the colon after it.
    pub(super) fn name(&mut self) -> Step<()> {
        if self.peek() != Some(b'"') {
            return Err(self.no_name());
        }
        let start = self.at;
        let escaped = self.string(Quoted::Name)?;
        let end = self.at - 1;
        self.refuse_duplicate(start, end, escaped)?;
        self.token = Some(start);
        let kind = if escaped { EntryKind::Name } else { EntryKind::PlainName };
        self.push(kind, start, end);
        self.skip_blanks()?;
        match self.peek() {
            Some(b':') => self.at += 1,
            None if self.rest.is_empty() => return Err(self.end_of_text()),
            _ => return Err(self.unexpected("a colon between field name and value")),
        }
        self.skip_blanks()
    }

    fn refuse_duplicate(&mut self, start: usize, end: usize, escaped: bool) -> Step<()> {
        let raw = self.text.get(start + 1..end).unwrap_or_default();
        let name = if escaped {
            Cow::Owned(text::decode(raw))
        } else {
            Cow::Borrowed(raw)
        };
        let Some(container) = self.open.last_mut() else {
            return Ok(());
        };
        let trace = trace(&name);
        let has_trace = container.traces & trace != 0;
        container.traces |= trace;
        let mut earlier = names_of(&self.entries, container.entry).map(|entry| decoded(&entry, self.text));
        let is_new = if let Some(names) = &mut container.names {
            names.insert(name)
        } else if container.members < FEW_NAMES {
            !has_trace || earlier.all(|earlier| earlier != name)
        } else {
            container.names.insert(earlier.collect()).insert(name)
        };
        if is_new {
            return Ok(());
        }
        let name = text::decode(raw);
        Err(self.fault(FaultKind::DuplicateName(name), end + 1))
    }
}

/// The names of the members that an object has so far.
fn names_of(entries: &Entries, object: usize) -> impl Iterator<Item = Entry> {
    let mut at = index(object) + WIDTH;
    std::iter::from_fn(move || {
        let name = entries.get(at)?;
        let value = entries.get(name.next)?;
        at = value.next;
        Some(name)
    })
}

/// One of 64 bits that tells most names apart.
fn trace(name: &str) -> u64 {
    let first = name.bytes().next().map_or(0, usize::from);
    1 << ((name.len() + first) % 64)
}
