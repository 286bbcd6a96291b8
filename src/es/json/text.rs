//! What the characters between two quotes mean.
//!
//! JSON may name half a character (`\ud800`), which Rust's strings cannot hold. Such a half is read as U+FFFD, and the
//! decoder says that it did.

/// The text that an escaped string means, and whether it is exact: false when a lone surrogate was replaced.
pub(super) fn decode(raw: &str) -> (String, bool) {
    let mut exact = true;
    let mut decoded = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(start) = rest.find('\\') {
        let (plain, escape) = rest.split_at(start);
        decoded.push_str(plain);
        let (unit, length) = unit(escape);
        let (character, length) = match unit {
            Unit::Character(character) => (character, length),
            Unit::Surrogate(high) => {
                let after = escape.get(length..).unwrap_or_default();
                match self::unit(after) {
                    (Unit::Surrogate(low), low_length) if after.starts_with('\\') => match pair(high, low) {
                        Some(character) => (character, length + low_length),
                        None => (char::REPLACEMENT_CHARACTER, length),
                    },
                    _ => (char::REPLACEMENT_CHARACTER, length),
                }
            }
        };
        exact &= character != char::REPLACEMENT_CHARACTER || matches!(unit, Unit::Character(_));
        decoded.push(character);
        rest = escape.get(length..).unwrap_or_default();
    }
    decoded.push_str(rest);
    (decoded, exact)
}

/// The bytes of an escaped string, with lone surrogates in the generalized form of UTF-8, so that two strings are
/// equal only when they name the same UTF-16 units.
pub(super) fn units(raw: &str) -> Vec<u8> {
    let (decoded, exact) = decode(raw);
    if exact {
        return decoded.into_bytes();
    }
    // Lone surrogates are told apart by their escapes; in one spelling, as case of the digits does not matter.
    let mut bytes = vec![0xFF];
    bytes.extend(raw.to_ascii_lowercase().into_bytes());
    bytes
}

enum Unit {
    Character(char),
    Surrogate(u32),
}

/// The first unit of a text that starts with an escape, and the length of its spelling.
fn unit(escape: &str) -> (Unit, usize) {
    let bytes = escape.as_bytes();
    let character = match bytes.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let digits = escape.get(2..6).unwrap_or_default();
            let code = u32::from_str_radix(digits, 16).unwrap_or(0xFFFD);
            let unit = char::from_u32(code).map_or(Unit::Surrogate(code), Unit::Character);
            return (unit, 6);
        }
        Some(other) => char::from(*other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (Unit::Character(character), 2)
}

fn pair(high: u32, low: u32) -> Option<char> {
    let is_pair = (0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low);
    if is_pair {
        char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_every_escape() {
        assert_eq!(
            decode(r#"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z"#),
            ("a\"\\/\u{8}\u{c}\n\r\té😀z".to_owned(), true)
        );
    }

    #[test]
    fn replaces_half_a_character_and_says_so() {
        assert_eq!(decode(r"\ud800"), ("\u{FFFD}".to_owned(), false));
        assert_eq!(decode(r"\ude00\ud83d!"), ("\u{FFFD}\u{FFFD}!".to_owned(), false));
        assert_eq!(decode(r"\ud800\n"), ("\u{FFFD}\n".to_owned(), false));
        assert_eq!(decode(r"\ufffd"), ("\u{FFFD}".to_owned(), true));
    }
}
