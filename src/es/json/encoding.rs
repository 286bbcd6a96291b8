//! Which encoding a JSON text is in, as Jackson finds out (RFC 4627 §3), and the text itself.

use std::borrow::Cow;

/// How the characters of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Read as it is.
    Utf8,
    /// Two bytes a unit.
    Utf16 { big_endian: bool },
    /// Four bytes a character.
    Utf32 { big_endian: bool },
}

impl Encoding {
    /// The encoding of a body, and how many bytes of it are a byte order mark.
    pub(super) fn of(body: &[u8]) -> (Self, usize) {
        match body {
            [0xEF, 0xBB, 0xBF, ..] => (Self::Utf8, 3),
            [0, 0, 0xFE, 0xFF, ..] => (Self::Utf32 { big_endian: true }, 4),
            [0xFF, 0xFE, 0, 0, ..] => (Self::Utf32 { big_endian: false }, 4),
            [0xFE, 0xFF, ..] => (Self::Utf16 { big_endian: true }, 2),
            [0xFF, 0xFE, ..] => (Self::Utf16 { big_endian: false }, 2),
            // The first character of a JSON text is an ASCII one, so zeros tell where its other bytes are.
            [0, 0, 0, 1..=255, ..] => (Self::Utf32 { big_endian: true }, 0),
            [1..=255, 0, 0, 0, ..] => (Self::Utf32 { big_endian: false }, 0),
            [0, 1..=255, ..] => (Self::Utf16 { big_endian: true }, 0),
            [1..=255, 0, ..] => (Self::Utf16 { big_endian: false }, 0),
            _ => (Self::Utf8, 0),
        }
    }

    /// The text, up to the first byte that is none in this encoding, and whether that is all of it.
    pub(super) fn decode(self, body: &[u8]) -> (Cow<'_, str>, bool) {
        match self {
            Self::Utf8 => match std::str::from_utf8(body) {
                Ok(text) => (Cow::Borrowed(text), true),
                Err(error) => {
                    let valid = body.get(..error.valid_up_to()).unwrap_or_default();
                    (Cow::Borrowed(std::str::from_utf8(valid).unwrap_or_default()), false)
                }
            },
            Self::Utf16 { big_endian } => {
                let (units, rest) = body.as_chunks::<2>();
                let read = if big_endian {
                    u16::from_be_bytes
                } else {
                    u16::from_le_bytes
                };
                let characters = char::decode_utf16(units.iter().map(|unit| read(*unit)));
                let text = characters
                    .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect();
                (Cow::Owned(text), rest.is_empty())
            }
            Self::Utf32 { big_endian } => {
                let (units, rest) = body.as_chunks::<4>();
                let read = if big_endian {
                    u32::from_be_bytes
                } else {
                    u32::from_le_bytes
                };
                let mut characters = units.iter().map(|unit| char::from_u32(read(*unit)));
                let text: String = characters.by_ref().map_while(|character| character).collect();
                let is_whole = rest.is_empty() && text.chars().count() == units.len();
                (Cow::Owned(text), is_whole)
            }
        }
    }

    /// How many columns a text takes: bytes of UTF-8, and else units of UTF-16, as Java counts characters.
    pub(super) fn columns(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 { .. } | Self::Utf32 { .. } => text.encode_utf16().count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &[u8]) -> String {
        let (encoding, mark) = Encoding::of(body);
        let (text, is_whole) = encoding.decode(&body[mark..]);
        assert!(is_whole);
        text.into_owned()
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

    #[test]
    fn half_a_character_is_not_the_whole_text() {
        assert!(!Encoding::Utf16 { big_endian: true }.decode(b"\0{\0").1);
        assert!(!Encoding::Utf32 { big_endian: true }.decode(b"\0\0\0{\0\x11\0\0").1);
        assert!(!Encoding::Utf8.decode(b"{\xFF").1);
    }
}
