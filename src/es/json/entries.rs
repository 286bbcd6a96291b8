//! The tokens of a document in two words each: what the smallest values cost decides what a body can be made to cost.

/// Where a value that the text, or a fault, left open ends.
pub(super) const OPEN: u32 = u32::MAX;

/// How many bits of a word tell where a token starts; the others tell its kind.
const START_BITS: u32 = 28;

/// The first place that a token cannot start at.
pub(super) const MOST_STARTS: usize = 1 << START_BITS;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum EntryKind {
    Object,
    Array,
    /// A member's name, which may have escapes.
    Name,
    /// A member's name whose text is what it means.
    PlainName,
    /// A string whose text is not what it means.
    EscapedString,
    /// A string whose text is what it means.
    PlainString,
    Number,
    /// A number of single precision.
    Single,
    /// Bytes, as Base64 in quotes. JSON has none.
    Binary,
    True,
    False,
    Null,
    /// No value, where one was begun.
    Nothing,
    /// The closing bracket of an object or list: no token of its own.
    Closing,
}

const KINDS: [EntryKind; 14] = [
    EntryKind::Object,
    EntryKind::Array,
    EntryKind::Name,
    EntryKind::PlainName,
    EntryKind::EscapedString,
    EntryKind::PlainString,
    EntryKind::Number,
    EntryKind::Single,
    EntryKind::Binary,
    EntryKind::True,
    EntryKind::False,
    EntryKind::Null,
    EntryKind::Nothing,
    EntryKind::Closing,
];

impl EntryKind {
    pub(super) const fn is_container(self) -> bool {
        matches!(self, Self::Object | Self::Array)
    }

    pub(super) const fn is_string(self) -> bool {
        matches!(self, Self::EscapedString | Self::PlainString)
    }
}

/// One token, as it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// What it is.
    pub(super) kind: EntryKind,
    /// Where it starts.
    pub(super) start: u32,
    /// Where its last byte stands; for an object or list that of its closing bracket. [`OPEN`] when it never ended.
    pub(super) end: u32,
    /// The index after all that is inside of it.
    pub(super) inside_end: u32,
    /// The index of the entry that follows this one and all that is inside it.
    pub(super) next: u32,
}

/// One token, as it is kept.
#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Its kind, and where it starts.
    start: u32,
    /// Where its last byte stands; for an object or list the index of its closing bracket's slot.
    end: u32,
}

impl Slot {
    fn new(kind: EntryKind, start: usize, end: u32) -> Self {
        let start = index(start.min(MOST_STARTS - 1));
        Self {
            start: u32::from(kind as u8) << START_BITS | start,
            end,
        }
    }

    #[inline]
    fn kind(self) -> EntryKind {
        let kind = KINDS.get((self.start >> START_BITS) as usize);
        kind.copied().unwrap_or(EntryKind::Nothing)
    }

    #[inline]
    const fn start(self) -> u32 {
        self.start & ((1 << START_BITS) - 1)
    }
}

/// The tokens of a document, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Entries {
    slots: Vec<Slot>,
}

impl Entries {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            slots: Vec::with_capacity(capacity),
        }
    }

    /// How many slots there are: the index of the next token.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether the next token needs more memory.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.slots.len() == self.slots.capacity()
    }

    /// Makes room for so many more.
    pub(super) fn reserve(&mut self, more: usize) {
        self.slots.reserve_exact(more);
    }

    /// The token of an index.
    #[inline]
    pub(super) fn get(&self, at: u32) -> Option<Entry> {
        let slot = *self.slots.get(at as usize)?;
        let (kind, start) = (slot.kind(), slot.start());
        let entry = if !kind.is_container() {
            Entry {
                kind,
                start,
                end: slot.end,
                inside_end: at + 1,
                next: at + 1,
            }
        } else if let Some(closing) = self.slots.get(slot.end as usize) {
            Entry {
                kind,
                start,
                end: closing.start(),
                inside_end: slot.end,
                next: slot.end + 1,
            }
        } else {
            let all = index(self.slots.len());
            Entry {
                kind,
                start,
                end: OPEN,
                inside_end: all,
                next: all,
            }
        };
        Some(entry)
    }

    /// Every token.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Entry> {
        let all = (0..index(self.slots.len())).filter_map(|at| self.get(at));
        all.filter(|entry| entry.kind != EntryKind::Closing)
    }

    /// Adds a token whose last byte stands at `end`; an object or list, or what is not read yet, with [`OPEN`].
    #[inline]
    pub(super) fn push(&mut self, kind: EntryKind, start: usize, end: usize) {
        self.slots.push(Slot::new(kind, start, index(end)));
    }

    /// Says what a token that is no object or list turned out to be, and where its last byte stands.
    pub(super) fn complete(&mut self, at: usize, kind: EntryKind, end: usize) {
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Slot::new(kind, slot.start() as usize, index(end));
        }
    }

    /// Ends an object or list with the bracket at this byte.
    pub(super) fn close(&mut self, at: usize, bracket: usize) {
        let closing = index(self.slots.len());
        if let Some(slot) = self.slots.get_mut(at) {
            slot.end = closing;
            self.slots.push(Slot::new(EntryKind::Closing, bracket, OPEN));
        }
    }

    /// Takes the last token back.
    pub(super) fn pop(&mut self) {
        self.slots.pop();
    }
}

/// A place or count as it is kept; texts and tapes are shorter than 2³¹.
pub(super) fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(OPEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_kept_as_its_number() {
        for (number, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
            assert_eq!(Slot::new(kind, 7, 9).kind(), kind);
            assert_eq!(Slot::new(kind, MOST_STARTS - 1, 9).start() as usize, MOST_STARTS - 1);
        }
    }

    #[test]
    fn what_follows_an_object_is_found_and_what_was_never_closed_ends_at_the_end() {
        let mut entries = Entries::default();
        entries.push(EntryKind::Array, 0, OPEN as usize); // [{"a":1},
        entries.push(EntryKind::Object, 1, OPEN as usize);
        entries.push(EntryKind::PlainName, 2, 4);
        entries.push(EntryKind::Number, 6, 6);
        entries.close(1, 7);
        entries.push(EntryKind::True, 9, 12);
        let object = entries.get(1).expect("an object");
        assert_eq!((object.end, object.inside_end, object.next), (7, 4, 5));
        assert_eq!(entries.get(5).map(|entry| entry.kind), Some(EntryKind::True));
        let list = entries.get(0).expect("a list");
        assert_eq!((list.end, list.inside_end, list.next), (OPEN, 6, 6));
        assert_eq!(entries.iter().count(), 5);
    }
}
