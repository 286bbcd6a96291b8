//! The smallest things in a text: strings, numbers, literals.

use super::encoding::OVERLONG;
use super::fault::{Fault, FaultKind};
use super::reader::{Quoted, Reader, Step};
use super::{EntryKind, MAX_NUMBER_DIGITS};

/// How many bytes stand before the first that ends a string, escapes the next one, or must not be in a string.
fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    let mut length = 0;
    for word in words {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return length + special.trailing_zeros() as usize / 8;
        }
        length += word.len();
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    length + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// The high bit of the first byte in a word that is special, and of some after it; eight bytes are looked at together.
const fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGH_BITS: u64 = ONES << 7;
    // Taking a number from each byte sets the high bit of those that are less, and may do so of a byte after one.
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let not_quote = word ^ (ONES * b'"' as u64);
    let quote = not_quote.wrapping_sub(ONES) & !not_quote;
    let not_escape = word ^ (ONES * b'\\' as u64);
    let escape = not_escape.wrapping_sub(ONES) & !not_escape;
    (control | quote | escape) & HIGH_BITS
}

/// Whether a backslash may stand before it, and stands for one character with it.
const fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')
}

impl Reader<'_> {
    /// Reads a string from its opening quote to past its closing one; whether it has escapes.
    pub(super) fn string(&mut self, quoted: Quoted) -> Step<bool> {
        let mut at = self.at + 1;
        let mut escaped = false;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            at += plain_length(rest);
            match self.bytes.get(at) {
                None => {
                    return Err(match quoted {
                        Quoted::Name => self.end_of_name(),
                        Quoted::Value => self.end_of_string(),
                    });
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at += self.escape_length(at)?;
                }
                Some(_) => return Err(self.at_character(FaultKind::String("raw control character"), at)),
            }
        }
        self.at = at + 1;
        Ok(escaped)
    }

    /// The length of the escape here, in a string that may go on behind the text.
    pub(super) fn escape_length(&self, at: usize) -> Step<usize> {
        match self.bytes.get(at + 1) {
            Some(b'u') if self.is_overlong(at) => Ok(OVERLONG),
            Some(b'\\') if self.is_overlong(at + 1) => Err(self.unknown_escape(at)),
            Some(escaped) if is_escaped(*escaped) => Ok(2),
            _ if self.counts_bytes => self.escape_length_in(self.body_from(at + 1), at),
            _ => self.escape_length_in(self.bytes.get(at + 1..).unwrap_or_default(), at),
        }
    }

    fn escape_length_in(&self, escaped: &[u8], at: usize) -> Step<usize> {
        match escaped.split_first() {
            None => Err(self.end_of_text()),
            Some((b'u', rest)) => {
                let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
                match (digits, rest.get(digits)) {
                    (4, _) => Ok(6),
                    (_, None) => Err(self.end_of_text()),
                    (_, Some(byte @ 0x80..)) if self.counts_bytes && self.dialect.looks_up_any_digit => {
                        Err(self.at_character(FaultKind::Index(byte.cast_signed()), at + 2 + digits))
                    }
                    _ => {
                        let kind = FaultKind::String("a \\u escape needs four hexadecimal digits");
                        Err(self.at_character(kind, at + 2 + digits))
                    }
                }
            }
            Some((escaped, _)) if is_escaped(*escaped) => Ok(2),
            Some(_) => Err(self.unknown_escape(at)),
        }
    }

    pub(super) fn literal(&mut self, word: &str, kind: EntryKind) -> Step<()> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.no_value());
        }
        let end = start + word.len();
        self.check_is_followed(end)?;
        self.check_end_of_word(start, word.len())?;
        self.push(kind, start, end - 1);
        self.at = end;
        Ok(())
    }

    pub(super) fn number(&mut self) -> Step<()> {
        let start = self.at;
        if self.bytes.get(start) == Some(&b'-') {
            self.at += 1;
        }
        let whole = self.digits();
        if whole == 0 {
            return Err(match self.peek() {
                Some(b'I') => self.no_infinity(),
                _ => self.number_fault("no digit after the sign"),
            });
        }
        let mut digits = whole;
        if whole > 1 && self.bytes.get(self.at - whole) == Some(&b'0') {
            let kind = FaultKind::Number("leading zeros are not allowed");
            return Err(self.fault(kind, self.at - whole + 1));
        }
        let after_whole = self.at;
        if self.peek() == Some(b'.') {
            self.at += 1;
            let fraction = self.digits();
            if fraction == 0 {
                let what = "no digit after the decimal point";
                return Err(if self.is_at_end() {
                    // Told before the end of the text is.
                    self.at_character(FaultKind::Number(what), after_whole)
                } else {
                    self.fraction_fault(what, after_whole)
                });
            }
            digits += fraction;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            let exponent = self.digits();
            if exponent == 0 {
                return Err(self.fraction_fault("no digit in the exponent", after_whole));
            }
            digits += exponent;
        }
        if self.dialect.refuses_long_numbers && digits > MAX_NUMBER_DIGITS {
            return Err(self.fault(FaultKind::LongNumber(digits), start));
        }
        self.check_is_followed(self.at)?;
        // A number that stands alone must end where a blank or the text does.
        let ends_root = match self.peek() {
            Some(next) => matches!(next, b' ' | b'\t' | b'\n' | b'\r'),
            None => self.rest.is_empty(),
        };
        if self.open.is_empty() && !ends_root {
            return Err(self.unexpected("a blank after the number"));
        }
        self.push(EntryKind::Number, start, self.at - 1);
        Ok(())
    }

    /// Where a word or a number ends is known by what follows it: by the end of the text, but not by half a character.
    fn check_is_followed(&self, end: usize) -> Step<()> {
        if end == self.bytes.len() && self.broken.is_some() {
            return Err(self.end_of_text());
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }

    fn is_at_end(&self) -> bool {
        self.peek().is_none() && self.rest.is_empty()
    }

    fn number_fault(&self, what: &'static str) -> Fault {
        if self.is_at_end() {
            self.end_of_text()
        } else {
            self.at_character(FaultKind::Number(what), self.at)
        }
    }

    /// As [`Self::number_fault`], of what follows the whole part: read by units, the place is that where it starts.
    fn fraction_fault(&self, what: &'static str, after_whole: usize) -> Fault {
        let fault = self.number_fault(what);
        match fault.kind {
            FaultKind::Number(_) if !self.counts_bytes => Fault {
                offset: after_whole,
                ..fault
            },
            _ => fault,
        }
    }

    /// A fault at a character that is out of place.
    pub(super) fn at_character(&self, kind: FaultKind, offset: usize) -> Fault {
        let is_there = offset < self.bytes.len() + self.rest.len();
        Fault {
            read_on: usize::from(is_there && self.dialect.counts_unexpected),
            ..self.fault(kind, offset)
        }
    }

    pub(super) fn fault(&self, kind: FaultKind, offset: usize) -> Fault {
        Fault {
            kind,
            offset,
            read_on: 0,
            token: self.token,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_special_byte_ends_what_is_plain() {
        for length in 0..20 {
            for special in (0..=u8::MAX).filter(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
                for plain in [b' ', b'!', b'#', b'[', b']', 0x7F, 0x80, 0xA2, 0xFF] {
                    let mut bytes = vec![plain; length];
                    assert_eq!(plain_length(&bytes), length, "{plain:#x}");
                    bytes.extend([special, plain, 0, b'"']);
                    bytes.extend([plain; 9]);
                    assert_eq!(plain_length(&bytes), length, "{special:#x} after {plain:#x}");
                }
            }
        }
    }
}
