//! Whether a text is a regular expression of Java's (contract job.md §4.2, 8).
//!
//! This looks at the structure that a compiler of Java's refuses to do without: closed groups and classes, something
//! to repeat before each repetition, complete escapes. What it cannot judge, such as the name of a script, it accepts;
//! Elasticsearch's own check is stricter there.

use super::java_property;

/// Whether Java would compile the pattern, as far as its structure tells.
pub(in super::super) fn compiles(pattern: &str) -> bool {
    Checker {
        characters: pattern.chars().peekable(),
        groups: 0,
    }
    .check()
    .is_some()
}

struct Checker<'p> {
    characters: std::iter::Peekable<std::str::Chars<'p>>,
    groups: usize,
}

impl Checker<'_> {
    /// Something when the pattern is well-formed.
    fn check(&mut self) -> Option<()> {
        let mut can_repeat = false;
        while let Some(character) = self.characters.next() {
            match character {
                '\\' => can_repeat = self.escape()?,
                '[' => {
                    self.class()?;
                    can_repeat = true;
                }
                '(' => {
                    self.groups += 1;
                    self.group_start()?;
                    can_repeat = false;
                }
                ')' => {
                    self.groups = self.groups.checked_sub(1)?;
                    can_repeat = true;
                }
                '|' => can_repeat = false,
                '*' | '+' | '?' | '{' => {
                    if !can_repeat {
                        return None;
                    }
                    if character == '{' {
                        self.counts()?;
                    }
                    // A repetition may be followed by the sign that makes it reluctant or possessive.
                    self.characters.next_if(|next| matches!(next, '?' | '+'));
                    can_repeat = false;
                }
                _ => can_repeat = true,
            }
        }
        (self.groups == 0).then_some(())
    }

    /// What follows a backslash; whether it can be repeated.
    fn escape(&mut self) -> Option<bool> {
        match self.characters.next()? {
            'Q' => {
                self.quoted();
                Some(true)
            }
            'x' => {
                if self.characters.next_if_eq(&'{').is_some() {
                    self.braced(|character| character.is_ascii_hexdigit())?;
                } else {
                    self.digits(2, 16)?;
                }
                Some(true)
            }
            'u' => self.digits(4, 16).map(|()| true),
            '0' => self.digits(1, 8).map(|()| true),
            'c' => self.characters.next().map(|_| true),
            'p' | 'P' => {
                let name = match self.characters.next()? {
                    '{' => self.until_brace()?,
                    class => class.to_string(),
                };
                java_property::exists(&name).then_some(())?;
                Some(true)
            }
            'k' => {
                (self.characters.next()? == '<').then_some(())?;
                let first = self.characters.next()?;
                self.name_of_group(first)?;
                Some(true)
            }
            // Letters are kept for escapes that Java may get one day; these are those it has.
            letter if letter.is_ascii_alphabetic() => "tnrfaedDhHsSvVwWbBAGZzRXNE".contains(letter).then_some(true),
            _ => Some(true),
        }
    }

    fn quoted(&mut self) {
        while let Some(character) = self.characters.next() {
            if character == '\\' && self.characters.next_if_eq(&'E').is_some() {
                return;
            }
        }
    }

    fn braced(&mut self, allowed: impl Fn(char) -> bool) -> Option<()> {
        let mut count = 0;
        loop {
            match self.characters.next()? {
                '}' => return (count > 0).then_some(()),
                character if allowed(character) => count += 1,
                _ => return None,
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

    fn digits(&mut self, count: usize, radix: u32) -> Option<()> {
        for _ in 0..count {
            self.characters.next_if(|character| character.is_digit(radix))?;
        }
        Some(())
    }

    /// `{n}`, `{n,}` or `{n,m}` after its brace.
    fn counts(&mut self) -> Option<()> {
        let least = self.count()?;
        if self.characters.next_if_eq(&'}').is_some() {
            return Some(());
        }
        self.characters.next_if_eq(&',')?;
        if self.characters.next_if_eq(&'}').is_some() {
            return Some(());
        }
        let most = self.count()?;
        self.characters.next_if_eq(&'}')?;
        (least <= most).then_some(())
    }

    fn count(&mut self) -> Option<u32> {
        let mut count: Option<u32> = None;
        while let Some(digit) = self.characters.peek().and_then(|character| character.to_digit(10)) {
            self.characters.next();
            count = Some(count.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
        }
        count.filter(|count| *count <= i32::MAX.unsigned_abs())
    }

    /// What may follow the opening bracket of a group.
    /// The name of a group from its first character to past the bracket behind it.
    fn name_of_group(&mut self, first: char) -> Option<()> {
        first.is_ascii_alphabetic().then_some(())?;
        loop {
            match self.characters.next()? {
                '>' => return Some(()),
                character if character.is_ascii_alphanumeric() => {}
                _ => return None,
            }
        }
    }

    fn group_start(&mut self) -> Option<()> {
        if self.characters.next_if_eq(&'?').is_none() {
            return Some(());
        }
        match self.characters.next()? {
            ':' | '=' | '!' | '>' => Some(()),
            '<' => match self.characters.next()? {
                '=' | '!' => Some(()),
                first => self.name_of_group(first),
            },
            mut flag => loop {
                match flag {
                    ')' => {
                        self.groups -= 1;
                        return Some(());
                    }
                    ':' => return Some(()),
                    'i' | 'd' | 'm' | 's' | 'u' | 'c' | 'x' | 'U' | '-' => flag = self.characters.next()?,
                    _ => return None,
                }
            },
        }
    }

    /// A class after its opening bracket; classes nest.
    fn class(&mut self) -> Option<()> {
        let mut depth = 1_usize;
        let mut is_first = true;
        while depth > 0 {
            match self.characters.next()? {
                '\\' => {
                    self.escape()?;
                    is_first = false;
                }
                '[' => {
                    depth += 1;
                    is_first = true;
                }
                ']' if !is_first => depth -= 1,
                '^' if is_first => {}
                character => {
                    is_first = false;
                    self.range_from(character)?;
                }
            }
        }
        Some(())
    }

    /// The rest of a range such as `a-z` after its first character, which is not above the last one. An escape at its
    /// end is read as an element of its own.
    fn range_from(&mut self, first: char) -> Option<()> {
        let mut ahead = self.characters.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(last)) if !matches!(last, ']' | '[' | '\\') => {
                self.characters = ahead;
                (first <= last).then_some(())
            }
            _ => Some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_patterns_from_texts_that_are_none() {
        for pattern in [
            "",
            "a.*",
            r"\[statement:.*\]",
            "[a-z&&[^b]]",
            "(?i)x",
            "(?<name>a)\\k<name>",
            r"\Q[\E",
            "a{2,3}?",
            "a++",
            r"\p{Alpha}\pL\p{block=Latin-1 Supplement}",
            "]",
            "}",
            "(a|b)*",
            "^$",
            r"\x41\u0041\0101",
            "[]a]",
            "(?:a)",
            "()",
            "[^]]",
            "[a-]",
            "[-a]",
            "[a-a]",
            r"[z-\x7f]",
            "[a-[bc]]",
        ] {
            assert!(compiles(pattern), "{pattern}");
        }
        for text in [
            "a[", "(", ")", "*", "a**", "a{", "{", "a{3,2}", "\\", r"\y", r"\p}", r"\px", r"\p{,}", r"\p{L", "(?z)",
            "[]", r"\x4", "(?<1>a)", r"\k<>", r"\k<1>", "|*", "[a", "[z-a]", "[a-z9-0]",
        ] {
            assert!(!compiles(text), "{text}");
        }
    }
}
