//! A value of a document: what it is, where it stands and what is inside it.

use std::borrow::Cow;

use super::entries::WIDTH;
use super::inside::{Elements, Inside, Members};
use super::{Document, Entry, EntryKind, OPEN, tape, text};

/// One value of a [`Document`]. Copying it copies an index.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    source: Source<'a>,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Tape {
        document: &'a Document<'a>,
        index: u32,
    },
    /// A string that stands in no document, such as a name that a schema judges.
    Loose(&'a str),
}

/// The kinds of value, by the names that Elasticsearch's messages use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// A number.
    Number,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
    /// Bytes, which JSON does not have.
    Binary,
    /// The end of a body of CBOR or SMILE, where it is taken for a token without a name.
    Nothing,
}

impl Token {
    /// The name of the token that such a value starts with.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Object => "START_OBJECT",
            Self::Array => "START_ARRAY",
            Self::String => "VALUE_STRING",
            Self::Number => "VALUE_NUMBER",
            Self::Boolean => "VALUE_BOOLEAN",
            Self::Null => "VALUE_NULL",
            Self::Binary => "VALUE_EMBEDDED_OBJECT",
            Self::Nothing => "null",
        }
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node")
            .field("token", &self.token())
            .field("start", &self.start())
            .finish()
    }
}

impl<'a> Node<'a> {
    pub(super) const fn new(document: &'a Document<'a>, index: u32) -> Self {
        Self {
            source: Source::Tape { document, index },
        }
    }

    pub(super) const fn loose(text: &'a str) -> Self {
        Self {
            source: Source::Loose(text),
        }
    }

    #[inline]
    pub(super) fn entry(self) -> Entry {
        let absent = Entry {
            kind: EntryKind::Null,
            start: 0,
            end: 0,
            inside_end: OPEN,
            next: OPEN,
        };
        match self.source {
            Source::Tape { document, index } => document.entries.get(index).unwrap_or(absent),
            Source::Loose(_) => Entry {
                kind: EntryKind::PlainString,
                ..absent
            },
        }
    }

    /// What kind of value it is.
    #[must_use]
    pub fn token(self) -> Token {
        match self.entry().kind {
            EntryKind::Object => Token::Object,
            EntryKind::Array => Token::Array,
            EntryKind::Name | EntryKind::PlainName | EntryKind::EscapedString | EntryKind::PlainString => Token::String,
            EntryKind::Number | EntryKind::Single => Token::Number,
            EntryKind::Binary => Token::Binary,
            EntryKind::True | EntryKind::False => Token::Boolean,
            EntryKind::Null => Token::Null,
            EntryKind::Nothing | EntryKind::Closing => Token::Nothing,
        }
    }

    /// The byte at which it starts.
    #[must_use]
    pub fn start(self) -> usize {
        self.entry().start as usize
    }

    /// The byte at which its last token starts: the closing bracket of an object or list, else its own first byte.
    /// None when the text broke off before it was complete.
    #[must_use]
    pub fn last_token(self) -> Option<usize> {
        let entry = self.entry();
        match entry.kind {
            _ if entry.end == OPEN => None,
            kind if kind.is_container() => Some(entry.end as usize),
            _ => Some(entry.start as usize),
        }
    }

    /// The byte after its last one; of what the text left open its first.
    #[must_use]
    pub fn end(self) -> usize {
        let entry = self.entry();
        if entry.end == OPEN {
            entry.start as usize
        } else {
            entry.end as usize + 1
        }
    }

    /// Its text, as it stands in the document.
    #[must_use]
    pub fn raw(self) -> &'a str {
        let (document, entry) = match self.source {
            Source::Tape { document, .. } => (document, self.entry()),
            Source::Loose(text) => return text,
        };
        document
            .text
            .get(entry.start as usize..=entry.end as usize)
            .unwrap_or_default()
    }

    /// Whether the text holds all of it.
    #[must_use]
    pub fn is_complete(self) -> bool {
        self.entry().end != OPEN
    }

    /// The members of an object in their order; of anything else none.
    #[must_use]
    pub fn members(self) -> Members<'a> {
        Members(self.inside(EntryKind::Object))
    }

    /// The elements of a list in their order; of anything else none.
    #[must_use]
    pub fn elements(self) -> Elements<'a> {
        Elements(self.inside(EntryKind::Array))
    }

    fn inside(self, kind: EntryKind) -> Inside<'a> {
        match (self.source, self.entry()) {
            (Source::Tape { document, index }, entry) if entry.kind == kind => {
                Inside::new(document, index + WIDTH, entry.inside_end)
            }
            _ => Inside::NOTHING,
        }
    }

    /// The value of the member of that name.
    #[must_use]
    pub fn member(self, name: &str) -> Option<Node<'a>> {
        self.members().named(name)
    }

    /// The text of a string.
    #[must_use]
    pub fn as_text(self) -> Option<Cow<'a, str>> {
        let (document, entry) = match self.source {
            Source::Tape { document, .. } => (document, self.entry()),
            Source::Loose(text) => return Some(Cow::Borrowed(text)),
        };
        if !entry.kind.is_string() {
            return None;
        }
        let end = if entry.end == OPEN { entry.start + 1 } else { entry.end };
        let raw = document
            .text
            .get(entry.start as usize + 1..end as usize)
            .unwrap_or_default();
        Some(if entry.kind == EntryKind::EscapedString {
            Cow::Owned(text::decode(raw))
        } else {
            Cow::Borrowed(raw)
        })
    }

    /// The text of a number: as it was written also where its format, as YAML, has other ways to write numbers.
    #[must_use]
    pub fn number_text(self) -> Option<&'a str> {
        let number = self.as_number()?;
        match self.source {
            Source::Tape { document, .. } => {
                Some(tape::written(&document.written, self.entry().start).unwrap_or(number))
            }
            Source::Loose(_) => Some(number),
        }
    }

    /// A number as JSON has it.
    #[must_use]
    pub fn as_number(self) -> Option<&'a str> {
        match (self.source, self.entry()) {
            (Source::Tape { document, .. }, entry) if matches!(entry.kind, EntryKind::Number | EntryKind::Single) => {
                document.text.get(entry.start as usize..=entry.end as usize)
            }
            _ => None,
        }
    }

    /// A number as the double nearest to it: of single precision, where that is what was sent, at first.
    #[must_use]
    pub fn as_double(self) -> Option<f64> {
        let number = self.as_number()?;
        if self.is_single() {
            number.parse::<f32>().ok().map(f64::from)
        } else {
            number.parse().ok()
        }
    }

    /// Whether the body was in another format than JSON.
    #[must_use]
    pub fn is_in_other_format(self) -> bool {
        matches!(self.source, Source::Tape { document, .. } if !document.spots.is_empty())
    }

    /// Whether the body was in a format without lines, CBOR or SMILE.
    #[must_use]
    pub fn is_in_binary(self) -> bool {
        matches!(self.source, Source::Tape { document, .. } if document.place(self.start()).line.is_none())
    }

    /// Whether it is a number of single precision.
    #[must_use]
    pub fn is_single(self) -> bool {
        self.entry().kind == EntryKind::Single
    }

    /// Bytes, as Base64.
    #[must_use]
    pub fn as_base64(self) -> Option<&'a str> {
        (self.token() == Token::Binary).then(|| self.raw().trim_matches('"'))
    }

    /// A boolean.
    #[must_use]
    pub fn as_boolean(self) -> Option<bool> {
        match self.entry().kind {
            EntryKind::True => Some(true),
            EntryKind::False => Some(false),
            _ => None,
        }
    }

    /// What tells this value from every other of its document.
    pub(super) fn address(self) -> Option<(usize, u32)> {
        match self.source {
            Source::Tape { document, index } => Some((std::ptr::from_ref(document) as usize, index)),
            Source::Loose(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_members_and_elements() {
        let document = Document::read(br#"{"a":[1,[2],{"b":3}],"\u0063":"x\ny","d":-1.50}"#);
        let root = document.root().expect("a root");
        let list = root.member("a").expect("a list");
        let kinds: Vec<_> = list.elements().map(Node::token).collect();
        assert_eq!(kinds, [Token::Number, Token::Array, Token::Object]);
        assert_eq!(root.member("c").and_then(Node::as_text).expect("a text"), "x\ny");
        assert_eq!(root.member("d").and_then(Node::as_number), Some("-1.50"));
        assert_eq!(root.members().count(), 3);
    }

    #[test]
    fn keeps_what_was_read_before_a_fault() {
        let document = Document::read(br#"{"a":1,"b":{"c":"cut off"#);
        let members: Vec<_> = document.root().expect("a root").members().collect();
        assert_eq!(members.len(), 2);
        assert!(members[0].value.is_complete());
        assert!(!members[1].value.is_complete());
        assert_eq!(members[1].value.members().next().expect("a member").name, "c");
    }
}
