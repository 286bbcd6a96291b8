//! The characters of a text as `SnakeYAML` goes through it to write it: from its units of UTF-16, of which a high
//! surrogate makes a pair with whatever follows it.

use crate::xcontent::format::LATER_JACKSON;
use crate::xcontent::utf16;
use crate::xcontent::version::Version;

/// One step through a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// A character.
    Character(char),
    /// Half a character.
    Half(u16),
    /// A pair of units that is written by its number.
    Pair(u32),
}

/// Goes through a text.
pub(super) fn codes(text: &str, api: Version) -> impl Iterator<Item = Code> {
    let mut units = utf16::units(text).peekable();
    std::iter::from_fn(move || {
        let unit = units.next()?;
        let pair = (0xD800..0xDC00)
            .contains(&unit)
            .then(|| units.peek().map(|next| number(unit, *next)))
            .flatten();
        let Some(number) = pair else {
            let character = char::from_u32(u32::from(unit));
            return Some(character.map_or(Code::Half(unit), Code::Character));
        };
        if api < LATER_JACKSON {
            units.next();
            return Some(Code::Pair(number));
        }
        if number > 0xFFFF {
            units.next();
        }
        Some(match char::from_u32(number) {
            Some(character) if is_printable(character) => Code::Character(character),
            _ if number > 0xFFFF => Code::Pair(number),
            _ => Code::Half(unit),
        })
    })
}

/// The number of a pair, also of one that is none.
fn number(high: u16, low: u16) -> u32 {
    let high = u32::from(high & 0x3FF) << 10;
    (high + 0x10000 + u32::from(low)).wrapping_sub(0xDC00)
}

/// Whether a character of YAML can stand for itself.
pub(super) fn is_printable(character: char) -> bool {
    matches!(
        character,
        ' '..='~' | '\n' | '\r' | '\t' | '\u{85}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Elasticsearch 7.8.1, 7.17.28 and 9.5.3 write them in `custom_settings`.
    #[test]
    fn a_high_surrogate_takes_what_follows_it() {
        let text = |units: &[u32]| {
            let mut text = utf16::Text::with_capacity(0);
            for unit in units {
                text.push(*unit);
            }
            text.finish()
        };
        let read = |units: &[u32], api| codes(&text(units), api).collect::<Vec<_>>();
        let (earlier, later) = (Version::new(7, 8, 1), Version::new(9, 5, 3));
        assert_eq!(read(&[0xD83D, 0x62], earlier), [Code::Pair(0x11862)]);
        assert_eq!(read(&[0xD83D, 0x62], later), [Code::Character('\u{11862}')]);
        assert_eq!(read(&[0xD83D], later), [Code::Half(0xD83D)]);
        assert_eq!(
            read(&[0xDE00, 0xD83D, 0x21], later),
            [Code::Half(0xDE00), Code::Character('\u{11821}')]
        );
        let lower = [Code::Character('\u{2441}'), Code::Character('A')];
        assert_eq!(read(&[0xD800, 0x41], later), lower);
    }
}
