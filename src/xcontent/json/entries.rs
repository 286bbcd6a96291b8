//! The tokens of a document in words of 32 bits: what the smallest values cost decides what a body can be made to cost.

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

    pub(super) const fn is_name(self) -> bool {
        matches!(self, Self::Name | Self::PlainName)
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

/// How many words a token takes. A closing bracket, which is none, takes one.
pub(super) const WIDTH: u32 = 2;

/// A token's first word: its kind, and where it starts. The second is where its last byte stands; for an object or list
/// the index of its closing bracket's word.
fn first_word(kind: EntryKind, start: usize) -> u32 {
    u32::from(kind as u8) << START_BITS | index(start.min(MOST_STARTS - 1))
}

#[inline]
fn kind_of(first: u32) -> EntryKind {
    let kind = KINDS.get((first >> START_BITS) as usize);
    kind.copied().unwrap_or(EntryKind::Nothing)
}

#[inline]
const fn start_of(first: u32) -> u32 {
    first & ((1 << START_BITS) - 1)
}

/// The tokens of a document, in the order of the text. A token's index is that of its first word.
#[derive(Debug, Default)]
pub(super) struct Entries {
    words: Vec<u32>,
}

impl Entries {
    pub(super) fn with_capacity(tokens: usize) -> Self {
        Self {
            words: Vec::with_capacity(tokens * WIDTH as usize),
        }
    }

    /// How many words there are: the index of the next token.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether the next token needs more memory.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.words.capacity() - self.words.len() < WIDTH as usize
    }

    /// Makes room for so many more words.
    pub(super) fn reserve(&mut self, more: usize) {
        self.words.reserve_exact(more);
    }

    /// The token of an index.
    #[inline]
    pub(super) fn get(&self, at: u32) -> Option<Entry> {
        let first = *self.words.get(at as usize)?;
        let (kind, start) = (kind_of(first), start_of(first));
        let end = self.words.get(at as usize + 1).copied().unwrap_or(OPEN);
        let entry = if !kind.is_container() {
            Entry {
                kind,
                start,
                end,
                inside_end: at + WIDTH,
                next: at + WIDTH,
            }
        } else if let Some(closing) = self.words.get(end as usize) {
            Entry {
                kind,
                start,
                end: start_of(*closing),
                inside_end: end,
                next: end + 1,
            }
        } else {
            let all = index(self.words.len());
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

    /// Every token, from the last one back. A word of a bracket is known by its kind: no second word is so great that it
    /// could be taken for one.
    pub(super) fn backwards(&self) -> impl Iterator<Item = Entry> {
        let mut words = self.words.as_slice();
        std::iter::from_fn(move || {
            while let Some((last, rest)) = words.split_last()
                && kind_of(*last) == EntryKind::Closing
            {
                words = rest;
            }
            let at = words.len().checked_sub(WIDTH as usize)?;
            words = words.get(..at)?;
            self.get(index(at))
        })
    }

    /// Adds a token whose last byte stands at `end`; an object or list, or what is not read yet, with [`OPEN`].
    #[inline]
    pub(super) fn push(&mut self, kind: EntryKind, start: usize, end: usize) {
        self.words.extend([first_word(kind, start), index(end)]);
    }

    /// Says what a token that is no object or list turned out to be, and where its last byte stands.
    pub(super) fn complete(&mut self, at: usize, kind: EntryKind, end: usize) {
        if let Some([first, second]) = self.words.get_mut(at..at + WIDTH as usize) {
            *first = first_word(kind, start_of(*first) as usize);
            *second = index(end);
        }
    }

    /// Ends an object or list with the bracket at this byte.
    pub(super) fn close(&mut self, at: usize, bracket: usize) {
        let closing = index(self.words.len());
        if let Some(second) = self.words.get_mut(at + 1) {
            *second = closing;
            self.words.push(first_word(EntryKind::Closing, bracket));
        }
    }

    /// Takes the last token back.
    pub(super) fn pop(&mut self) {
        self.words.truncate(self.words.len().saturating_sub(WIDTH as usize));
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
            assert_eq!(kind_of(first_word(kind, 7)), kind);
            assert_eq!(start_of(first_word(kind, MOST_STARTS - 1)) as usize, MOST_STARTS - 1);
        }
    }

    #[test]
    fn what_follows_an_object_is_found_and_what_was_never_closed_ends_at_the_end() {
        let mut entries = Entries::default();
        entries.push(EntryKind::Array, 0, OPEN as usize); // [{"a":1},true,
        entries.push(EntryKind::Object, 1, OPEN as usize);
        entries.push(EntryKind::PlainName, 2, 4);
        entries.push(EntryKind::Number, 6, 6);
        entries.close(2, 7);
        entries.push(EntryKind::True, 9, 12);
        let object = entries.get(2).expect("an object");
        assert_eq!((object.end, object.inside_end, object.next), (7, 8, 9));
        assert_eq!(entries.get(object.next).map(|entry| entry.kind), Some(EntryKind::True));
        let list = entries.get(0).expect("a list");
        assert_eq!((list.end, list.inside_end, list.next), (OPEN, 11, 11));
        let kinds: Vec<_> = entries.backwards().map(|entry| entry.kind).collect();
        let (list, object, name) = (EntryKind::Array, EntryKind::Object, EntryKind::PlainName);
        assert_eq!(kinds, [EntryKind::True, EntryKind::Number, name, object, list]);
    }

    #[test]
    fn brackets_are_passed_over_on_the_way_back() {
        let mut entries = Entries::default();
        entries.push(EntryKind::Array, 0, OPEN as usize); // [[""]]
        entries.push(EntryKind::Array, 1, OPEN as usize);
        entries.push(EntryKind::PlainString, 2, MOST_STARTS - 1);
        entries.close(2, 4);
        entries.close(0, 5);
        let last = entries.backwards().next().expect("a string");
        assert_eq!(last.kind, EntryKind::PlainString);
        assert_eq!(entries.backwards().count(), 3);
    }
}
