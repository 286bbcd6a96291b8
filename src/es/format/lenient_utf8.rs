//! UTF-8 as Jackson's binary formats decode it: halves of surrogate pairs and overlong forms are taken, what continues
//! nothing is not.

use std::borrow::Cow;

use crate::es::json::Text;

/// The text of some bytes, or the index of the first that cannot stand where it does.
pub(super) fn decode(bytes: &[u8]) -> Result<Text<'_>, usize> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Text::Plain(Cow::Borrowed(text))),
        Err(_) => units(bytes).map(Text::Units),
    }
}

fn units(bytes: &[u8]) -> Result<Vec<u16>, usize> {
    let mut units = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(first) = bytes.get(at) {
        let length = length(*first).ok_or(at)?;
        for offset in 1..length {
            if bytes.get(at + offset).is_none_or(|byte| byte & 0xC0 != 0x80) {
                return Err(at + offset);
            }
        }
        push(bytes.get(at..at + length).unwrap_or_default(), &mut units);
        at += length;
    }
    Ok(units)
}

/// The same of a text whose bytes are not checked: what a character lacks is taken from the bytes that follow.
pub(super) fn decode_unchecked(bytes: &[u8]) -> Text<'_> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Text::Plain(Cow::Borrowed(text));
    }
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let length = length(*first).unwrap_or(1).min(rest.len());
        let (character, after) = rest.split_at(length);
        push(character, &mut units);
        rest = after;
    }
    Text::Units(units)
}

/// How many bytes a character has that starts with this one.
const fn length(first: u8) -> Option<usize> {
    match first {
        0..0x80 => Some(1),
        0xC0..0xE0 => Some(2),
        0xE0..0xF0 => Some(3),
        0xF0..0xF8 => Some(4),
        _ => None,
    }
}

/// Adds one character, whatever its bits are.
fn push(character: &[u8], units: &mut Vec<u16>) {
    let low_bits = |byte: &u8| u32::from(*byte & 0x3F);
    let code = match character {
        [one] => u32::from(*one),
        [first, rest @ ..] => {
            let own = u32::from(*first) & (0x7F >> character.len());
            rest.iter().fold(own, |code, byte| code << 6 | low_bits(byte))
        }
        [] => return,
    };
    if let Ok(unit) = u16::try_from(code) {
        units.push(unit);
    } else {
        let rest = code - 0x10000;
        let half = |bits: u32, base: u16| base | u16::try_from(bits & 0x3FF).unwrap_or_default();
        units.extend([half(rest >> 10, 0xD800), half(rest, 0xDC00)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Elasticsearch 7.17.28, 8.19.21 and 9.5.3 read them in CBOR.
    #[test]
    fn halves_of_pairs_are_taken_and_stray_bytes_are_not() {
        assert_eq!(decode("é😀".as_bytes()), Ok("é😀".into()));
        assert_eq!(decode(b"\xED\xA0\x80"), Ok(Text::Units(vec![0xD800])));
        assert_eq!(decode(b"\xC3\x28"), Err(1));
        assert_eq!(decode(b"a\xFF"), Err(1));
        assert_eq!(decode(b"a\xC3"), Err(2));
    }

    /// As every version reads it in a short string of SMILE.
    #[test]
    fn unchecked_bytes_make_characters() {
        assert_eq!(decode_unchecked(b"\xC3\x28A"), Text::Units(vec![0xE8, 0x41]));
    }
}
