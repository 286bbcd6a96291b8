//! UTF-8 as Jackson takes it: by the first byte of a character alone (RFC 3629 §3 allows less).

/// How many bytes a character has that starts with this one; none where no character does.
#[must_use]
pub const fn sequence_length(first: u8) -> Option<usize> {
    match first {
        0..0x80 => Some(1),
        0xC0..0xE0 => Some(2),
        0xE0..0xF0 => Some(3),
        0xF0..0xF8 => Some(4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_as_long_as_its_first_byte_says() {
        for character in ["a", "é", "日", "😀"] {
            assert_eq!(sequence_length(character.as_bytes()[0]), Some(character.len()));
        }
        for none in [0x80, 0xBF, 0xF8, 0xFF] {
            assert_eq!(sequence_length(none), None);
        }
    }
}
