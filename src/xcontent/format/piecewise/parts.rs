//! Where a long string, as JSON has it, can be cut.

/// How much of a long string is looked at at a time, in bytes of its JSON text.
pub(super) const LONGEST_PART: usize = 64 * 1024;

/// How much of a string, as JSON has it, is taken for its next part: up to a place where neither an escape nor a character
/// nor what a half of one belongs to is cut.
pub(super) fn part_length(string: &str) -> usize {
    if string.len() <= LONGEST_PART {
        return string.len();
    }
    let mut at = 0;
    let mut is_after_half = false;
    while at < LONGEST_PART || is_after_half {
        let rest = string.get(at..).unwrap_or_default();
        let ahead = LONGEST_PART.saturating_sub(at).max(1);
        let plain = memchr::memchr(b'\\', rest.as_bytes().get(..ahead.min(rest.len())).unwrap_or_default());
        let (length, is_half) = match plain {
            None if rest.is_empty() => break,
            None if is_after_half => (rest.chars().next().map_or(1, char::len_utf8), false),
            None => (ceiling(rest, ahead.min(rest.len())), false),
            Some(0) => escape_length(rest),
            Some(plain) => (plain, false),
        };
        at += length;
        is_after_half = is_half;
    }
    at.min(string.len())
}

/// The next place at or after this byte between two characters.
fn ceiling(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// How long the escape is that a text begins with, and whether it is the first half of a character.
fn escape_length(text: &str) -> (usize, bool) {
    if text.as_bytes().get(1) != Some(&b'u') {
        return (2, false);
    }
    let unit = text.get(2..6).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    (6, unit.is_some_and(|unit| (0xD800..0xDC00).contains(&unit)))
}
