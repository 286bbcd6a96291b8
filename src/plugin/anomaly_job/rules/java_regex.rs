//! Whether a text is a regular expression of Java's (create-job.md §4.2, 8).
//!
//! This looks at the structure that a compiler of Java's refuses to do without: closed groups and classes, something
//! to repeat before each repetition, complete escapes. What it cannot judge, such as the name of a script, it accepts;
//! Elasticsearch's own check is stricter there.

mod escape;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use escape::Escaped;

/// Whether Java would compile the pattern, as far as its structure tells.
pub(in super::super) fn compiles(pattern: &str) -> bool {
    Checker {
        characters: pattern.chars().peekable(),
        groups: 0,
        names: HashSet::new(),
        hasher: RandomState::new(),
    }
    .check()
    .is_some()
}

struct Checker<'p> {
    characters: std::iter::Peekable<std::str::Chars<'p>>,
    groups: usize,
    /// The names of groups so far, as hashes: a pattern may have little else, and names would take several times its size.
    names: HashSet<u64>,
    hasher: RandomState,
}

impl Checker<'_> {
    /// Something when the pattern is well-formed.
    fn check(&mut self) -> Option<()> {
        let mut can_repeat = false;
        while let Some(character) = self.characters.next() {
            match character {
                '\\' => {
                    self.escape(false)?;
                    can_repeat = true;
                }
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
                    if character == '{' {
                        // What is there to repeat may be nothing.
                        self.counts()?;
                    } else if !can_repeat {
                        return None;
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

    /// The name of a group from its first character to past the bracket behind it, as a hash.
    fn name_of_group(&mut self, first: char) -> Option<u64> {
        let mut name = first.is_ascii_alphabetic().then(|| String::from(first))?;
        loop {
            match self.characters.next()? {
                '>' => return Some(self.hasher.hash_one(name)),
                character if character.is_ascii_alphanumeric() => name.push(character),
                _ => return None,
            }
        }
    }

    /// What may follow the opening bracket of a group.
    fn group_start(&mut self) -> Option<()> {
        if self.characters.next_if_eq(&'?').is_none() {
            return Some(());
        }
        match self.characters.next()? {
            ':' | '=' | '!' | '>' => Some(()),
            '<' => match self.characters.next()? {
                '=' | '!' => Some(()),
                first => {
                    let name = self.name_of_group(first)?;
                    self.names.insert(name).then_some(())
                }
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
                    is_first = false;
                    if let Escaped::Character(first) = self.escape(true)? {
                        self.range_from(first)?;
                    }
                }
                '[' => {
                    depth += 1;
                    is_first = true;
                }
                ']' if !is_first => depth -= 1,
                '^' if is_first => {}
                character => {
                    is_first = false;
                    self.range_from(u32::from(character))?;
                }
            }
        }
        Some(())
    }

    /// The rest of a range such as `a-z` after its first character, which is not above the last one.
    fn range_from(&mut self, first: u32) -> Option<()> {
        let mut ahead = self.characters.clone();
        let (Some('-'), Some(end)) = (ahead.next(), ahead.next()) else {
            return Some(());
        };
        if matches!(end, ']' | '[') {
            return Some(());
        }
        self.characters = ahead;
        let last = match end {
            '\\' => self.escape(true)?,
            character => Escaped::Character(u32::from(character)),
        };
        match last {
            Escaped::Character(last) => (first <= last).then_some(()),
            Escaped::Several => None,
            Escaped::Quoted => Some(()),
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
            r"(?<name>a)\k<name>",
            r"(?<a>\k<a>)",
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
            r"[\t-\r\d-z]",
            r"[!-\x{7E}\0101-\0377]",
            r"a\b{g}\b{2}",
            "{2}|a*{3}",
            r"[\w\-.]",
            r"\N{LATIN SMALL LETTER A}",
        ] {
            assert!(compiles(pattern), "{pattern}");
        }
        for text in [
            "a[",
            "(",
            ")",
            "*",
            "a**",
            "a{",
            "{",
            "a{3,2}",
            "\\",
            r"\y",
            r"\p}",
            r"\px",
            r"\p{,}",
            r"\p{L",
            "(?z)",
            "[]",
            r"\x4",
            "(?<1>a)",
            r"\k<>",
            r"\k<1>",
            r"\k<a>",
            "(?<a>)(?<a>)",
            r"\k<a>(?<a>)",
            "|*",
            "[a",
            "[z-a]",
            "[a-z9-0]",
            r"[\b]",
            r"[\1]",
            r"[!-\d]",
            r"[!-\t]",
            r"[\r-\t]",
            r"a\E",
            r"\N",
            r"\b{g",
            r"\b{2,1}",
            r"(?<a>)[\k<a>]",
            r"\x{110000}",
            r"\x{+1}",
        ] {
            assert!(!compiles(text), "{text}");
        }
    }
}
