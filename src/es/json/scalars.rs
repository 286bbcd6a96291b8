//! The smallest things in a text: strings, numbers, literals; and how the reader says what is wrong with one.

use super::EntryKind;
use super::fault::{Fault, FaultKind};
use super::reader::{Reader, Step};

impl Reader<'_> {
    /// Reads a string from its opening quote to past its closing one; whether it has escapes.
    pub(super) fn string(&mut self) -> Step<bool> {
        let mut at = self.at + 1;
        let mut escaped = false;
        loop {
            match self.bytes.get(at) {
                None => {
                    self.at = at;
                    return Err(self.end_of_text());
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at += self.escape_length(at)?;
                }
                Some(0..0x20) => return Err(self.fault(FaultKind::String("raw control character"), at)),
                Some(_) => at += 1,
            }
        }
        self.at = at + 1;
        Ok(escaped)
    }

    fn escape_length(&self, at: usize) -> Step<usize> {
        match self.bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
            Some(b'u') => {
                let rest = self.bytes.get(at + 2..).unwrap_or_default();
                let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
                match (digits, rest.get(digits)) {
                    (4, _) => Ok(6),
                    (_, None) => Err(self.end_of_text()),
                    (_, Some(_)) => {
                        let kind = FaultKind::String("a \\u escape needs four hexadecimal digits");
                        Err(self.fault(kind, at + 2 + digits))
                    }
                }
            }
            Some(_) => Err(self.fault(FaultKind::String("unknown escape"), at + 1)),
            None => Err(self.end_of_text()),
        }
    }

    pub(super) fn literal(&mut self, word: &str, kind: EntryKind) -> Step<()> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.no_value());
        }
        let end = start + word.len();
        let goes_on = self
            .bytes
            .get(end)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if goes_on {
            return Err(self.no_value());
        }
        self.push(kind, start, end - 1, 1);
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
            return Err(self.number_fault("no digit after the sign"));
        }
        if whole > 1 && self.bytes.get(self.at - whole) == Some(&b'0') {
            return Err(self.number_fault("leading zeros are not allowed"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.fault(FaultKind::Number("no digit after the decimal point"), self.at));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.number_fault("no digit in the exponent"));
            }
        }
        // A number that stands alone must end where a blank or the text does.
        let is_root = self.open.is_empty();
        if is_root
            && self
                .peek()
                .is_some_and(|next| !matches!(next, b' ' | b'\t' | b'\n' | b'\r'))
        {
            return Err(self.unexpected("a blank after the number"));
        }
        self.push(EntryKind::Number, start, self.at - 1, 1);
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }

    fn number_fault(&self, what: &'static str) -> Fault {
        if self.peek().is_none() {
            self.end_of_text()
        } else {
            self.fault(FaultKind::Number(what), self.at)
        }
    }

    pub(super) fn fault(&self, kind: FaultKind, offset: usize) -> Fault {
        Fault {
            kind,
            offset,
            token: self.token,
        }
    }

    pub(super) fn end_of_text(&self) -> Fault {
        let kind = if self.whole {
            FaultKind::EndOfText
        } else {
            FaultKind::Encoding
        };
        self.fault(kind, self.bytes.len())
    }

    pub(super) fn unexpected_end(&self, expected: &'static str) -> Fault {
        if self.whole {
            self.unexpected(expected)
        } else {
            self.end_of_text()
        }
    }

    /// A fault at what stands here.
    pub(super) fn unexpected(&self, expected: &'static str) -> Fault {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .take(40)
            .collect();
        let found = match rest.chars().next() {
            None => "end of the text".to_owned(),
            Some(_) if !word.is_empty() => format!("token '{word}'"),
            Some(character) => format!("character '{}'", character.escape_default()),
        };
        self.fault(FaultKind::Unexpected { found, expected }, self.at)
    }

    /// A fault at a word that is no value. Elasticsearch reads past the word before it says so.
    pub(super) fn no_value(&self) -> Fault {
        let mut fault = self.unexpected("a value");
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(|first: char| first.is_alphabetic() || first == '_') {
            let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            // Of a word that starts beyond ASCII it reads the character after it only later.
            let next = usize::from(rest.starts_with(|first: char| first.is_ascii()));
            fault.offset = length.map_or(self.bytes.len(), |length| self.at + length + next);
        }
        fault
    }
}
