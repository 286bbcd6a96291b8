//! What may follow a backslash in a regular expression of Java's.

use super::Checker;
use crate::plugin::anomaly_job::rules::java_property;

/// What an escape stands for.
pub(super) enum Escaped {
    /// One character, by its number.
    Character(u32),
    /// One of several characters, a place, or what a group has.
    Several,
    /// Characters that are not looked at.
    Quoted,
}

impl Checker<'_> {
    /// What follows a backslash, in a class or outside.
    pub(super) fn escape(&mut self, in_class: bool) -> Option<Escaped> {
        let character = |number: u32| Some(Escaped::Character(number));
        match self.characters.next()? {
            'Q' => {
                self.quoted();
                Some(Escaped::Quoted)
            }
            'x' if self.characters.next_if_eq(&'{').is_some() => {
                let digits = self.until_brace()?;
                let number = u32::from_str_radix(&digits, 16)
                    .ok()
                    .filter(|_| !digits.starts_with('+'))?;
                (number <= u32::from(char::MAX)).then_some(Escaped::Character(number))
            }
            'x' => self.number(2, 16).and_then(character),
            'u' => self.number(4, 16).and_then(character),
            '0' => self.octal().and_then(character),
            'c' => self.characters.next().and_then(|key| character(u32::from(key) ^ 64)),
            'p' | 'P' => {
                let name = match self.characters.next()? {
                    '{' => self.until_brace()?,
                    class => class.to_string(),
                };
                java_property::exists(&name).then_some(Escaped::Several)
            }
            'N' => {
                self.characters.next_if_eq(&'{')?;
                self.until_brace().map(|_| Escaped::Quoted)
            }
            't' => character(0x09),
            'n' => character(0x0A),
            'f' => character(0x0C),
            'r' => character(0x0D),
            'a' => character(0x07),
            'e' => character(0x1B),
            'v' if in_class => character(0x0B),
            'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'v' | 'V' | 'w' | 'W' => Some(Escaped::Several),
            other if !other.is_ascii_alphanumeric() => character(u32::from(other)),
            _ if in_class => None,
            'b' => self.boundary(),
            'k' => {
                self.characters.next_if_eq(&'<')?;
                let first = self.characters.next()?;
                let name = self.name_of_group(first)?;
                self.names.contains(&name).then_some(Escaped::Several)
            }
            // Other letters are kept for escapes that Java may get one day.
            other => "BAGZzRX123456789".contains(other).then_some(Escaped::Several),
        }
    }

    /// `\b` or `\b{g}` after its letter; other braces say how often it comes.
    fn boundary(&mut self) -> Option<Escaped> {
        let mut ahead = self.characters.clone();
        if ahead.next() == Some('{') && ahead.next() == Some('g') {
            self.characters = ahead;
            self.characters.next_if_eq(&'}')?;
        }
        Some(Escaped::Several)
    }

    fn quoted(&mut self) {
        while let Some(character) = self.characters.next() {
            if character == '\\' && self.characters.next_if_eq(&'E').is_some() {
                return;
            }
        }
    }

    fn until_brace(&mut self) -> Option<String> {
        let mut name = String::new();
        loop {
            match self.characters.next()? {
                '}' => return Some(name),
                character => name.push(character),
            }
        }
    }

    fn number(&mut self, count: usize, radix: u32) -> Option<u32> {
        let mut number = 0;
        for _ in 0..count {
            number = number * radix + self.digit(radix)?;
        }
        Some(number)
    }

    fn digit(&mut self, radix: u32) -> Option<u32> {
        let digit = self.characters.peek()?.to_digit(radix)?;
        self.characters.next();
        Some(digit)
    }

    /// One to three digits, three where the first is not above 3.
    fn octal(&mut self) -> Option<u32> {
        let first = self.digit(8)?;
        let Some(second) = self.digit(8) else {
            return Some(first);
        };
        let two = first * 8 + second;
        let third = (first <= 3).then(|| self.digit(8)).flatten();
        Some(third.map_or(two, |third| two * 8 + third))
    }
}
