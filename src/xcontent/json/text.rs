//! What the characters between two quotes mean. Half a character (`\ud800`) is kept as [`crate::xcontent::utf16`] has it.

use crate::xcontent::utf16;

/// The text that an escaped string means.
pub(super) fn decode(raw: &str) -> String {
    let mut decoded = utf16::Text::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(start) = rest.find('\\') {
        let (plain, escape) = rest.split_at(start);
        decoded.push_str(plain);
        let (unit, length) = unit(escape);
        decoded.push(unit);
        rest = escape.get(length..).unwrap_or_default();
    }
    decoded.push_str(rest);
    decoded.finish()
}

/// The unit of UTF-16 that a text starts with as an escape, and the length of its spelling.
fn unit(escape: &str) -> (u32, usize) {
    let character = match escape.as_bytes().get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let digits = escape.get(2..6).unwrap_or_default();
            let replacement = u32::from(char::REPLACEMENT_CHARACTER);
            return (u32::from_str_radix(digits, 16).unwrap_or(replacement), 6);
        }
        Some(other) => char::from(*other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (u32::from(character), 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_every_escape() {
        assert_eq!(
            decode(r#"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z"#),
            "a\"\\/\u{8}\u{c}\n\r\té😀z"
        );
    }

    #[test]
    fn keeps_half_a_character() {
        assert_eq!(decode(r"\ud800"), utf16::stand_in(0xD800).to_string());
        assert_eq!(decode(r"\ud83d\n\ude00!").chars().count(), 4);
        assert_ne!(decode(r"\ud800"), decode(r"\ufffd"));
    }
}
