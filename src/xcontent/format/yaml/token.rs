//! What a text of YAML is made of: tokens, and the events that they add up to, each with where it starts and ends.

use crate::xcontent::json::Place;

/// A place in a text, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    /// Characters before it.
    pub(super) index: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl From<Mark> for Place {
    fn from(mark: Mark) -> Self {
        Self {
            line: Some(mark.line + 1),
            column: mark.column + 1,
        }
    }
}

/// One token.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

impl Token {
    /// A token that no character stands for.
    pub(super) const fn at(mark: Mark, kind: TokenKind) -> Self {
        Self {
            kind,
            start: mark,
            end: mark,
        }
    }
}

/// What a token is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Directive(Directive),
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor,
    Tag { handle: Option<String>, suffix: String },
    Scalar { text: String, is_plain: bool },
}

/// A line that begins with `%`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Directive {
    Version { major: i32 },
    Tag { handle: String, prefix: String },
    Unknown,
}

/// One event.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) kind: EventKind,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

/// What happens: values are whole, objects and lists begin and end. Texts are kept as [`crate::xcontent::utf16`] has them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    SequenceStart,
    SequenceEnd,
    MappingStart,
    MappingEnd,
    Alias(String),
    Scalar {
        text: String,
        tag: Option<String>,
        is_plain: bool,
    },
}
