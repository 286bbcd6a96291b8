//! UTF-8 as Jackson's binary formats decode it: halves of surrogate pairs and overlong forms are taken, and where a
//! decoder is in a hurry also bytes that continue nothing.

use std::borrow::Cow;

use crate::xcontent::json::Text;
use crate::xcontent::utf8::sequence_length;

/// What is believed of the bytes that continue a character without a look at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Nothing.
    None,
    /// That those of a character of four bytes are right.
    InLong,
    /// That all are right.
    InAll,
}

/// What is told of a string whose bytes are wrong, and which is read only when it is asked for.
pub(super) const NOT_UTF_8: &str = "it is not UTF-8";

/// What is wrong with some bytes, and the index behind the byte that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A byte that begins no character.
    First(usize),
    /// A byte that continues no character.
    Next(usize),
    /// The last character has not all of its bytes.
    Cut(usize),
}

/// The text of some bytes. Where `behind` is given, a character that is cut off takes from there what it lacks, and
/// zeros after that.
pub(super) fn decode<'b>(bytes: &'b [u8], behind: Option<&[u8]>, trust: Trust) -> Result<Text<'b>, Wrong> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Text::Plain(Cow::Borrowed(text)));
    }
    let mut units = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(first) = bytes.get(at) {
        let length = sequence_length(*first).ok_or(Wrong::First(at + 1))?;
        let is_checked = trust == Trust::None || trust == Trust::InLong && length < 4;
        if at + length > bytes.len() && behind.is_none() {
            let continued = bytes.get(at + 1..).unwrap_or_default();
            let wrong = continued.iter().position(|byte| *byte & 0xC0 != 0x80);
            return Err(match wrong.filter(|_| is_checked) {
                Some(wrong) => Wrong::Next(at + wrong + 2),
                None => Wrong::Cut(at + 1),
            });
        }
        let mut character = [*first, 0, 0, 0];
        for (offset, place) in (at..at + length).zip(&mut character).skip(1) {
            let after = offset.checked_sub(bytes.len());
            let beyond = || after.and_then(|after| behind.unwrap_or_default().get(after));
            *place = bytes.get(offset).or_else(beyond).copied().unwrap_or_default();
            if is_checked && *place & 0xC0 != 0x80 {
                return Err(Wrong::Next(offset + 1));
            }
        }
        push(character.get(..length).unwrap_or_default(), &mut units);
        at += length;
    }
    Ok(Text::Units(units))
}

/// Adds one character, whatever its bits are. One of four bytes becomes a pair, also where it needs none or more.
fn push(character: &[u8], units: &mut Vec<u16>) {
    let low_bits = |byte: &u8| i32::from(*byte & 0x3F);
    let (code, is_pair) = match character {
        [one] => (i32::from(*one), false),
        [first, rest @ ..] => {
            let own = i32::from(*first) & (0x7F >> character.len());
            let code = rest.iter().fold(own, |code, byte| code << 6 | low_bits(byte));
            (code, rest.len() == 3)
        }
        [] => return,
    };
    let unit = |bits: i32| u16::try_from(bits & 0xFFFF).unwrap_or_default();
    if is_pair {
        let bits = code - 0x10000;
        units.extend([unit(0xD800 | bits >> 10), unit(0xDC00 | bits & 0x3FF)]);
    } else {
        units.push(unit(code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Elasticsearch 7.17.28, 8.19.21 and 9.5.3 read them in CBOR.
    #[test]
    fn halves_of_pairs_are_taken_and_stray_bytes_are_not() {
        let decode = |bytes| decode(bytes, None, Trust::None);
        assert_eq!(decode("é😀".as_bytes()), Ok("é😀".into()));
        assert_eq!(decode(b"\xED\xA0\x80"), Ok(Text::Units(vec![0xD800])));
        assert_eq!(decode(b"\xC3\x28"), Err(Wrong::Next(2)));
        assert_eq!(decode(b"a\xFF"), Err(Wrong::First(2)));
        assert_eq!(decode(b"a\xC3"), Err(Wrong::Cut(2)));
    }

    /// As every version reads it in a short string of SMILE.
    #[test]
    fn unchecked_bytes_make_characters() {
        let text = decode(b"\xC3\x28A", None, Trust::InAll);
        assert_eq!(text, Ok(Text::Units(vec![0xE8, 0x41])));
    }

    /// Elasticsearch before 7.17 finds whatever its buffer has kept.
    #[test]
    fn behind_the_body_there_are_zeros() {
        assert_eq!(
            decode(b"\xE2", Some(b"\x88"), Trust::InAll),
            Ok(Text::Units(vec![0x2200]))
        );
        assert_eq!(decode(b"\xE2", Some(b""), Trust::InAll), Ok(Text::Units(vec![0x2000])));
    }

    /// `unknown field [by_fiel\uDE3E\uDFA1me]`, as Elasticsearch 9.5.3 reads it in a name of CBOR.
    #[test]
    fn four_bytes_make_a_pair_of_whatever_they_hold() {
        let text = decode(b"\xF6\x5F\x6E\x61", None, Trust::InLong);
        assert_eq!(text, Ok(Text::Units(vec![0xDE3E, 0xDFA1])));
    }
}
