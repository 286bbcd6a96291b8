//! What ends the reading of a text that is not JSON as Elasticsearch reads it.

use super::{MAX_DEPTH, MAX_NUMBER_DIGITS};

/// Where and why a text stopped being JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The byte at which it was found.
    pub offset: usize,
    /// How many characters from there on were read before it was found: columns of the same line, also where they end it.
    pub read_on: usize,
    /// The byte that Elasticsearch names: where the last token it had begun to read starts. None before the first.
    pub token: Option<usize>,
}

/// What can be wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The text ends inside a value.
    #[error("the text ends before its value is complete")]
    EndOfText,
    /// A character that no value, name or separator starts with here.
    #[error("unexpected {found}: expected {expected}")]
    Unexpected {
        /// What stands there.
        found: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// An object with two members of one name.
    #[error("duplicate field '{0}'")]
    DuplicateName(String),
    /// A number such as `01` or `1.`.
    #[error("malformed number: {0}")]
    Number(&'static str),
    /// A string with a raw control character or an unknown escape.
    #[error("malformed string: {0}")]
    String(&'static str),
    /// A byte beyond ASCII among the digits of an escape, to readers that look its value up in a table.
    #[error("Index {0} out of bounds for length 128")]
    Index(i8),
    /// A token that needs more bytes than there are.
    #[error("{needed} bytes are needed, and there are fewer")]
    Truncated {
        /// How many there should be.
        needed: usize,
        /// How many of them a reader passes who does not want the token.
        passed_over: usize,
    },
    /// A length that no token has.
    #[error("no value has the length {0}")]
    Length(u64),
    /// A body that does not begin as its format asks for.
    #[error("malformed header: {0}")]
    Header(&'static str),
    /// A body that ends within its header.
    #[error("the body ends before its header is complete")]
    HeaderCut,
    /// A text that is not YAML.
    #[error("malformed YAML: {message}")]
    Yaml {
        /// Which part of the reader has found it.
        part: YamlPart,
        /// What is wrong.
        message: String,
    },
    /// A number in a form that only its kind allows.
    #[error("malformed number '{0}'")]
    NumberForm(String),
    /// Bytes that are not UTF-8.
    #[error("invalid UTF-8")]
    Encoding,
    /// More levels than [`MAX_DEPTH`].
    #[error("nesting is deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A number with more digits than Elasticsearch reads.
    #[error("a number of {0} digits is longer than {MAX_NUMBER_DIGITS}")]
    LongNumber(usize),
    /// Bytes that are not UTF-32.
    #[error("{0}")]
    Conversion(&'static str),
    /// UTF-32 with the bytes of each character in an order in which nobody writes them. Found before anything is read.
    #[error("the body is in UTF-32 with the byte order {0}, which cannot be read; write it in UTF-8")]
    ByteOrder(&'static str),
    /// A longer text than [`super::MAX_BYTES`].
    #[error("the text is too long")]
    TooLong,
}

/// The parts of a reader of YAML, each of which has an exception of its own in Elasticsearch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YamlPart {
    /// Bytes to characters.
    Character,
    /// The same, at the end of the text.
    CutCharacter,
    /// The characters, which have to be printable.
    Reader,
    /// Characters to tokens.
    Scanner,
    /// The same, where a name has to be.
    Key,
    /// Tokens to nodes.
    Parser,
}
