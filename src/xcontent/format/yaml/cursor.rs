//! Goes through a text character by character, and keeps count of lines and columns as `SnakeYAML` does.

use super::token::Mark;

/// What stands for a character where there is none: it cannot stand in a text.
pub(super) const END: char = '\0';

/// A place in a text, and what follows it.
#[derive(Debug)]
pub(super) struct Cursor<'t> {
    rest: &'t str,
    mark: Mark,
    has_looked_beyond: bool,
    looks_further: bool,
}

impl<'t> Cursor<'t> {
    /// The beginning of a text. An earlier reader, which `looks_further`, has read one character more than it needs.
    pub(super) fn new(text: &'t str, looks_further: bool) -> Self {
        Self {
            rest: text,
            mark: Mark::default(),
            has_looked_beyond: false,
            looks_further,
        }
    }

    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    pub(super) fn column(&self) -> usize {
        self.mark.column
    }

    /// Whether a character behind the last was asked for.
    pub(super) fn has_looked_beyond(&self) -> bool {
        self.has_looked_beyond
    }

    /// The next character.
    pub(super) fn peek(&mut self) -> char {
        self.peek_at(0)
    }

    /// The character behind so many others.
    pub(super) fn peek_at(&mut self, offset: usize) -> char {
        let found = self.rest.chars().nth(offset);
        self.has_looked_beyond |= found.is_none();
        found.unwrap_or(END)
    }

    /// The first of these characters behind so many others.
    pub(super) fn find(&mut self, offset: usize, is_it: impl Fn(char) -> bool) -> char {
        let found = self.rest.chars().skip(offset).find(|character| is_it(*character));
        self.has_looked_beyond |= found.is_none();
        found.unwrap_or(END)
    }

    /// Whether these three characters are next, for which a fourth is looked at.
    pub(super) fn is_at(&mut self, three: &str) -> bool {
        self.peek_at(3);
        self.rest.starts_with(three)
    }

    /// The next characters, at most so many.
    pub(super) fn prefix(&mut self, count: usize) -> &'t str {
        self.peek_at(count);
        let end = self
            .rest
            .char_indices()
            .nth(count)
            .map_or(self.rest.len(), |(end, _)| end);
        self.rest.get(..end).unwrap_or_default()
    }

    /// Goes on by so many characters, or to the end.
    pub(super) fn skip(&mut self, count: usize) {
        if self.looks_further {
            self.peek_at(count + 1);
        }
        for _ in 0..count {
            let mut characters = self.rest.chars();
            let Some(character) = characters.next() else { break };
            self.rest = characters.as_str();
            self.mark.index += 1;
            let ends_line = match character {
                '\r' => {
                    let next = self.peek();
                    next != '\n' && (next != END || self.looks_further)
                }
                other => is_line_feed(other),
            };
            if ends_line {
                self.mark.line += 1;
                self.mark.column = 0;
            } else if character != '\u{FEFF}' {
                self.mark.column += 1;
            }
        }
    }

    /// Takes characters of one line, up to the first of these or the end.
    pub(super) fn take_until(&mut self, mut is_end: impl FnMut(char, Option<char>) -> bool) -> &'t str {
        let (mut length, mut count) = (0, 0);
        let mut characters = self.rest.chars().peekable();
        loop {
            let Some(character) = characters.next() else {
                self.has_looked_beyond = true;
                break;
            };
            if is_end(character, characters.peek().copied()) {
                break;
            }
            length += character.len_utf8();
            count += 1;
        }
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.mark.index += count;
        self.mark.column += count;
        taken
    }

    /// Passes over blanks.
    pub(super) fn skip_blanks(&mut self) {
        while self.peek() == ' ' {
            self.skip(1);
        }
    }

    /// Passes over what is left of the line.
    pub(super) fn skip_line(&mut self) {
        self.take_until(|character, _| is_line_end(character));
    }

    /// Takes the end of a line, and says what it means: a line feed, or one of those that stay what they are.
    pub(super) fn line_end(&mut self) -> Option<char> {
        match self.peek() {
            '\r' => {
                let is_pair = self.peek_at(1) == '\n';
                self.skip(if is_pair { 2 } else { 1 });
                Some('\n')
            }
            '\n' | '\u{85}' => {
                self.skip(1);
                Some('\n')
            }
            separator @ ('\u{2028}' | '\u{2029}') => {
                self.skip(1);
                Some(separator)
            }
            _ => None,
        }
    }
}

fn is_line_feed(character: char) -> bool {
    matches!(character, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a line ends here.
pub(super) fn is_line_end(character: char) -> bool {
    character == '\r' || is_line_feed(character)
}

/// Whether a line or the text ends here, or a blank stands here.
pub(super) fn is_blank_or_end(character: char) -> bool {
    matches!(character, ' ' | END) || is_line_end(character)
}

/// The same, with tabs.
pub(super) fn is_space_or_end(character: char) -> bool {
    character == '\t' || is_blank_or_end(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_counted() {
        let mut cursor = Cursor::new("a\r\nb\u{85}\u{FEFF}c\r", false);
        let mut places = Vec::new();
        while cursor.peek() != END {
            cursor.skip(1);
            places.push((cursor.mark().line, cursor.column()));
        }
        let expected = [(0, 1), (0, 2), (1, 0), (1, 1), (2, 0), (2, 0), (2, 1), (2, 2)];
        assert_eq!(places, expected);
    }

    #[test]
    fn asking_for_more_than_there_is_is_noticed() {
        let mut cursor = Cursor::new("abc", false);
        assert_eq!(cursor.peek_at(2), 'c');
        cursor.skip(1);
        assert!(!cursor.has_looked_beyond());
        assert!(!cursor.is_at("---"));
        assert!(cursor.has_looked_beyond());
        let mut early = Cursor::new("abc", true);
        early.skip(1);
        assert!(!early.has_looked_beyond());
        early.skip(1);
        assert!(early.has_looked_beyond());
    }

    #[test]
    fn a_line_is_taken_up_to_its_end() {
        let mut cursor = Cursor::new("ab\u{2028}", false);
        assert_eq!(cursor.take_until(|character, _| is_line_end(character)), "ab");
        assert_eq!((cursor.line_end(), cursor.line_end()), (Some('\u{2028}'), None));
        assert_eq!(cursor.mark().line, 1);
    }
}
