//! UTF-8 as Jackson takes it: by the first byte of a character alone (RFC 3629 §3 allows less).

/// What bytes start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// A character, which may be a surrogate or be written with too many bytes.
    Character {
        /// Its code point.
        code: u32,
        /// How many bytes it takes.
        length: usize,
    },
    /// The beginning of a character, with nothing behind it.
    CutOff,
    /// No character.
    Broken {
        /// How many bytes have been read when that is seen.
        read: usize,
    },
    /// Nothing.
    Nothing,
}

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

/// What these bytes start with.
#[must_use]
pub fn start(bytes: &[u8]) -> Start {
    let Some((first, rest)) = bytes.split_first() else {
        return Start::Nothing;
    };
    let Some(length) = sequence_length(*first) else {
        return Start::Broken { read: 1 };
    };
    let head = u32::from(*first) & (0xFF >> if length == 1 { 0 } else { length + 1 });
    let mut code = head;
    let mut read = 1;
    for byte in rest.iter().take(length - 1) {
        read += 1;
        if byte & 0xC0 != 0x80 {
            return Start::Broken { read };
        }
        code = code << 6 | u32::from(byte & 0x3F);
    }
    if read < length {
        Start::CutOff
    } else {
        Start::Character { code, length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_as_long_as_its_first_byte_says() {
        for character in ["a", "é", "日", "😀"] {
            let bytes = [character.as_bytes(), b"x"].concat();
            let (code, length) = (u32::from(character.chars().next().unwrap()), character.len());
            assert_eq!(sequence_length(bytes[0]), Some(length));
            assert_eq!(start(&bytes), Start::Character { code, length });
        }
        for none in [0x80, 0xBF, 0xF8, 0xFF] {
            assert_eq!(sequence_length(none), None);
            assert_eq!(start(&[none, b'x']), Start::Broken { read: 1 });
        }
        assert_eq!(start(b""), Start::Nothing);
    }

    #[test]
    fn what_is_wrong_is_seen_at_the_first_byte_that_does_not_go_on() {
        assert_eq!(start(b"\xE2\x82"), Start::CutOff);
        assert_eq!(start(b"\xE2x\x82"), Start::Broken { read: 2 });
        assert_eq!(start(b"\xF0\x9D\x92\r"), Start::Broken { read: 4 });
        assert_eq!(start(b"\xC0\x80"), Start::Character { code: 0, length: 2 });
    }
}
