//! What writes a document in each format, as one lexeme comes after the other.

use crate::xcontent::format::{Format, cbor, pretty, smile, yaml};
use crate::xcontent::json::Lexeme;
use crate::xcontent::version::Version;

/// Writes a document in a format, as one lexeme comes after the other.
pub(in crate::xcontent::format) trait Writer {
    /// Writes what comes next. A string that comes so is whole.
    fn lexeme(&mut self, lexeme: Lexeme<'_>, out: &mut Vec<u8>);

    /// Writes a part of a long string, as it stands in JSON. Parts begin and end between characters.
    fn part(&mut self, part: &str, place: Place, out: &mut Vec<u8>);

    /// Writes what comes after the document.
    fn end(&mut self, out: &mut Vec<u8>);
}

/// Which part of a long string it is. There are two at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::xcontent::format) enum Place {
    First,
    Middle,
    Last,
}

/// The writer of a format.
#[derive(Debug)]
pub(super) enum Kind {
    Pretty(pretty::Writer),
    Yaml(yaml::Writer),
    Cbor(cbor::Writer),
    Smile(smile::Writer),
}

impl Kind {
    pub(super) fn of(format: Format, api: Version) -> Self {
        match format {
            Format::Json => Self::Pretty(pretty::Writer::default()),
            Format::Yaml => Self::Yaml(yaml::Writer::new(api)),
            Format::Cbor => Self::Cbor(cbor::Writer::new(api)),
            Format::Smile => Self::Smile(smile::Writer::default()),
        }
    }

    pub(super) fn writer(&mut self) -> &mut dyn Writer {
        match self {
            Self::Pretty(writer) => writer,
            Self::Yaml(writer) => writer,
            Self::Cbor(writer) => writer,
            Self::Smile(writer) => writer,
        }
    }
}
