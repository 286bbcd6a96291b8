//! Which encoding a JSON text is in, as Jackson finds out (RFC 4627 §3), and the text itself.

use std::borrow::Cow;

use crate::xcontent::utf8::{self, Start};
use crate::xcontent::utf16;

use super::FaultKind;

/// A body as text.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    /// The text, with lone surrogates as [`crate::xcontent::utf16`] has them.
    pub(super) text: Cow<'a, str>,
    /// What the text and the rest were in UTF-8, byte for byte.
    pub(super) body: &'a [u8],
    /// What follows the text and is none in UTF-8.
    pub(super) rest: &'a [u8],
    /// What is wrong at the end of the text in UTF-32.
    pub(super) broken: Option<FaultKind>,
    /// Where bytes of the body are other ones than those of the text.
    pub(super) shifts: Shifts,
}

/// Characters that take other bytes in the text than they took in the body, each with where it ends in the text and by
/// how many columns what follows it is further on in the body.
#[derive(Debug, Default)]
pub(super) struct Shifts(Vec<(usize, isize)>);

impl Shifts {
    /// By how many bytes a byte of the text is further on in the body.
    pub(super) fn at(&self, offset: usize) -> isize {
        let before = self.0.partition_point(|(end, _)| *end <= offset);
        let last = before.checked_sub(1).and_then(|last| self.0.get(last));
        last.map_or(0, |(_, by)| *by)
    }

    /// Notes that a character that ends here took so many bytes more in the body.
    fn push(&mut self, end: usize, more: isize) {
        let so_far = self.0.last().map_or(0, |(_, by)| *by);
        self.0.push((end, so_far + more));
    }
}

impl<'a> Decoded<'a> {
    pub(super) fn whole(text: Cow<'a, str>) -> Self {
        Self {
            text,
            body: &[],
            rest: &[],
            broken: None,
            shifts: Shifts::default(),
        }
    }

    fn broken(text: String, why: FaultKind) -> Self {
        Self {
            broken: Some(why),
            ..Self::whole(Cow::Owned(text))
        }
    }
}

/// Whether a text has characters that could be taken for the stand-ins of lone surrogates: those from U+10F800 on.
fn stands_in(body: &[u8]) -> bool {
    memchr::memmem::find(body, &[0xF4, 0x8F]).is_some()
}

/// How many bytes of text a character of ASCII takes that was written with too many bytes: `\u0000`.
pub(super) const OVERLONG: usize = 6;

/// Reads UTF-8 as Jackson does: it checks that each character has as many bytes as its first one says, but not what
/// they add up to, so surrogates and overlong forms are read.
fn lenient_utf8(body: &[u8]) -> Decoded<'_> {
    let mut text = utf16::Text::with_capacity(body.len());
    let mut shifts = Shifts::default();
    let mut at = 0;
    while let Start::Character { code, length } = utf8::start(body.get(at..).unwrap_or_default()) {
        let before = text.len();
        if code < 0x80 && length > 1 {
            // Too long a form of a character of ASCII stands for itself only inside of strings, as an escape does.
            text.push_str(&format!("\\u{code:04x}"));
            debug_assert_eq!(text.len() - before, OVERLONG, "four digits");
        } else {
            text.push(code);
        }
        at += length;
        let grown = text.len().cast_signed() - before.cast_signed();
        if grown != length.cast_signed() {
            shifts.push(text.len(), length.cast_signed() - grown);
        }
    }
    Decoded {
        body,
        rest: body.get(at..).unwrap_or_default(),
        shifts,
        ..Decoded::whole(Cow::Owned(text.finish()))
    }
}

/// How the characters of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Read as it is.
    Utf8,
    /// Two bytes a unit.
    Utf16 { big_endian: bool },
    /// Four bytes a character.
    Utf32 { big_endian: bool },
    /// Four bytes a character, in an order that Jackson knows and does not read.
    Unreadable(&'static str),
}

impl Encoding {
    /// The encoding of a body, and how many bytes of it are a byte order mark. Marks other than that of UTF-8 are seen
    /// only where four bytes are there to be looked at.
    pub(super) fn of(body: &[u8]) -> (Self, usize) {
        match body {
            [0xEF, 0xBB, 0xBF, ..] => (Self::Utf8, 3),
            [0, 0, 0xFE, 0xFF, ..] => (Self::Utf32 { big_endian: true }, 4),
            [0xFF, 0xFE, 0, 0, ..] => (Self::Utf32 { big_endian: false }, 4),
            // The same marks and, as below, zeros, in orders of bytes that only Jackson's reader knows.
            [0, 0, 0xFF, 0xFE, ..] | [0, 0, 1..=255, 0, ..] => (Self::Unreadable("2143"), 0),
            [0xFE, 0xFF, 0, 0, ..] | [0, 1..=255, 0, 0, ..] => (Self::Unreadable("3412"), 0),
            [0xFE, 0xFF, _, _, ..] => (Self::Utf16 { big_endian: true }, 2),
            [0xFF, 0xFE, _, _, ..] => (Self::Utf16 { big_endian: false }, 2),
            // The first character of a JSON text is an ASCII one, so zeros tell where its other bytes are.
            [0, 0, 0, _, ..] => (Self::Utf32 { big_endian: true }, 0),
            [_, 0, 0, 0, ..] => (Self::Utf32 { big_endian: false }, 0),
            [0, _, ..] => (Self::Utf16 { big_endian: true }, 0),
            [_, 0, ..] => (Self::Utf16 { big_endian: false }, 0),
            _ => (Self::Utf8, 0),
        }
    }

    /// The text, up to the first byte that is none in this encoding.
    pub(super) fn decode(self, body: &[u8]) -> Decoded<'_> {
        match self {
            Self::Utf8 => match std::str::from_utf8(body) {
                Ok(text) if !stands_in(body) => Decoded {
                    body,
                    ..Decoded::whole(Cow::Borrowed(text))
                },
                _ => lenient_utf8(body),
            },
            Self::Utf16 { big_endian } => {
                let (units, rest) = body.as_chunks::<2>();
                let read = if big_endian {
                    u16::from_be_bytes
                } else {
                    u16::from_le_bytes
                };
                let mut units = units.iter().map(|unit| read(*unit));
                let characters =
                    char::decode_utf16(units.clone()).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
                // Half a unit at the end is as broken as a lone surrogate: Java replaces both, together where they meet.
                let ends_high = units.next_back().is_some_and(|unit| (0xD800..0xDC00).contains(&unit));
                let broken = (!rest.is_empty() && !ends_high).then_some(char::REPLACEMENT_CHARACTER);
                let mut text = String::with_capacity(body.len());
                for character in characters.chain(broken) {
                    utf16::push(&mut text, character);
                }
                Decoded::whole(Cow::Owned(text))
            }
            Self::Utf32 { big_endian } => {
                let (units, rest) = body.as_chunks::<4>();
                let read = if big_endian {
                    u32::from_be_bytes
                } else {
                    u32::from_le_bytes
                };
                let mut text = utf16::Text::with_capacity(body.len());
                for unit in units {
                    let code = read(*unit);
                    if code > 0x0010_FFFF {
                        // Read in blocks, of which nothing is seen when one of them cannot be read.
                        let why = FaultKind::Conversion("a UTF-32 character is above 0x10FFFF");
                        return Decoded::broken(String::new(), why);
                    }
                    text.push(code);
                }
                let text = text.finish();
                if rest.is_empty() {
                    Decoded::whole(Cow::Owned(text))
                } else {
                    let why = FaultKind::Conversion("the body ends in the middle of a UTF-32 character");
                    Decoded::broken(text, why)
                }
            }
            Self::Unreadable(order) => Decoded::broken(String::new(), FaultKind::ByteOrder(order)),
        }
    }

    /// How many columns a text takes: bytes of UTF-8, and else units of UTF-16, as Java counts characters.
    pub(super) fn columns(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 { .. } | Self::Utf32 { .. } | Self::Unreadable(_) => utf16::units(text).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &[u8]) -> String {
        let (encoding, mark) = Encoding::of(body);
        let decoded = encoding.decode(&body[mark..]);
        assert!(decoded.rest.is_empty() && decoded.broken.is_none());
        decoded.text.into_owned()
    }

    #[test]
    fn every_encoding_is_found_with_and_without_its_mark() {
        let text = "{\"ä\":\"𝒳\"}";
        let utf16 = |to_bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
        let utf32 = |to_bytes: fn(u32) -> [u8; 4]| text.chars().map(u32::from).flat_map(to_bytes).collect::<Vec<u8>>();
        for (mark, body) in [
            (b"\xEF\xBB\xBF".as_slice(), text.as_bytes().to_vec()),
            (b"\xFE\xFF", utf16(u16::to_be_bytes)),
            (b"\xFF\xFE", utf16(u16::to_le_bytes)),
            (b"\0\0\xFE\xFF", utf32(u32::to_be_bytes)),
            (b"\xFF\xFE\0\0", utf32(u32::to_le_bytes)),
        ] {
            assert_eq!(decoded(&body), text);
            assert_eq!(decoded(&[mark, &body].concat()), text);
        }
    }

    /// Seen of Elasticsearch's readers of every version.
    #[test]
    fn half_a_character_is_not_the_whole_text() {
        assert_eq!(decoded(b"\0{\0\"\0"), "{\"\u{FFFD}");
        let utf32 = Encoding::Utf32 { big_endian: true };
        assert_eq!(utf32.decode(b"\0\0\0{\0\0").text, "{");
        assert!(utf32.decode(b"\0\0\0{\0\0").broken.is_some());
        assert_eq!(utf32.decode(b"\0\0\0{\0\x11\0\0").text, "");
        assert_eq!(Encoding::Utf8.decode(b"{\xE2\x82x").rest, b"\xE2\x82x");
    }

    #[test]
    fn utf8_is_read_by_the_number_of_bytes_alone() {
        let decoded = Encoding::Utf8.decode(b"a\xED\xA0\x80\xC0\x80\xED\xA0\xB4\xED\xB4\x9Ez\xFF");
        assert_eq!(decoded.text, format!("a{}\\u0000\u{1D11E}z", utf16::stand_in(0xD800)));
        let shifts = [4, 5, 10, 11, 14, 15, 16].map(|offset| decoded.shifts.at(offset));
        assert_eq!(shifts, [0, -1, -1, -5, -5, -3, -3]);
        assert_eq!(decoded.rest, b"\xFF");
    }
}
