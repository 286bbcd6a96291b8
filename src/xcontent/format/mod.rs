//! The formats of bodies and answers: JSON, YAML, CBOR and SMILE (http.md §2.3, §2.4). Here, and nowhere else, a
//! body becomes a document and a document becomes an answer's bytes.
//!
//! Each format has a folder with one file that reads and one that writes. The binary formats and YAML are read into the
//! same document as JSON: its text, with the places that Elasticsearch would name in the body.

mod big_integer;
mod cbor;
mod lenient_utf8;
mod piecewise;
mod pretty;
mod smile;
mod yaml;

use std::borrow::Cow;

use bytes::Bytes;

use super::json::{Dialect, Document};
use super::utf16;
use super::version::Version;
pub use piecewise::Piecewise;

/// A way to write a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// RFC 8259, as leniently as Elasticsearch reads it.
    #[default]
    Json,
    /// YAML 1.1.
    Yaml,
    /// RFC 8949.
    Cbor,
    /// The binary JSON of Jackson.
    Smile,
}

impl Format {
    /// The name that media types and the parameter `format` have for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Cbor => "cbor",
            Self::Smile => "smile",
        }
    }

    /// The format of that name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Json, Self::Yaml, Self::Cbor, Self::Smile]
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(name))
    }

    /// Reads a body, as far as it can be read.
    #[must_use]
    pub fn read(self, body: &[u8], api: Version) -> Document<'_> {
        match self {
            Self::Json => Document::read_as(body, Dialect::of(api)),
            Self::Yaml => yaml::read(body, api),
            Self::Cbor => cbor::read(body, api),
            Self::Smile => smile::read(body, api),
        }
    }

    /// Writes a document that stands as JSON on one line, all of it at once. `pretty` matters to JSON only.
    #[must_use]
    pub fn write(self, document: String, pretty: bool, api: Version) -> Bytes {
        self.writing(document, pretty, api)
            .map_or_else(Bytes::from, |document| document.whole().into())
    }

    /// The same, to be written piece by piece; or the document as it is, where that is what was asked for.
    ///
    /// A layout that would grow beyond all measure is left out: the document stays on its line.
    pub fn writing(self, document: String, pretty: bool, api: Version) -> Result<Piecewise, String> {
        let limit = match self {
            Self::Json if !pretty => return Err(document),
            Self::Json => MAX_SMALL_LAYOUT.max((document.len() as u64).saturating_mul(MAX_GROWTH)),
            Self::Yaml | Self::Cbor | Self::Smile => u64::MAX,
        };
        Piecewise::new(document, self, api, limit)
    }
}

/// How many times as long as a document its layout may be. Of jobs it is two or three times as long; what is nested a
/// thousand levels deep would take a thousand times as much.
const MAX_GROWTH: u64 = 8;
/// How long any layout may be, in bytes: a thousand levels with an entry each take two million.
const MAX_SMALL_LAYOUT: u64 = 4 * 1024 * 1024;

/// How many digits an integer may have that a binary format writes as one; a longer one is written as a text. What it takes
/// to make bytes of digits grows with the square of their number, and from 8.10 on no number has more than a thousand.
const LONGEST_INTEGER: usize = 10_000;

/// From this version on the formats are read and written by Jackson 2.10 instead of 2.8 (the libraries that
/// `x-content` 7.6.2 and 7.7.0 ask for).
const MIDDLE_JACKSON: Version = Version::new(7, 7, 0);

/// From this version on the formats are read and written by a later Jackson: 2.14 instead of 2.10 (seen of 7.8.1 and
/// 7.17.28; where in between it changed is not verified).
const LATER_JACKSON: Version = Version::new(7, 17, 0);

/// A text for formats that have no half characters.
fn whole_characters(text: &str) -> Cow<'_, str> {
    if text.chars().all(|character| utf16::surrogate(character).is_none()) {
        return Cow::Borrowed(text);
    }
    let units: Vec<u16> = utf16::units(text).collect();
    Cow::Owned(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests;
