//! Words without quotes, which may go on over several lines.

use super::{END, Scanner, Step, Token, TokenKind, is_line_end, is_space_or_end};
use crate::xcontent::utf16;

impl<'t> Scanner<'t> {
    /// Whether a plain word begins here: not with what means something else.
    pub(super) fn begins_plain(&mut self) -> bool {
        let first = self.cursor.peek();
        if !is_space_or_end(first) && !"-?:,[]{}#&*!|>'\"%@`".contains(first) {
            return true;
        }
        let is_alone = is_space_or_end(self.cursor.peek_at(1));
        !is_alone && (first == '-' || self.flow_level == 0 && matches!(first, '?' | ':'))
    }

    pub(super) fn plain(&mut self) -> Step<Token> {
        let start = self.cursor.mark();
        let mut end = start;
        let mut text = utf16::Text::with_capacity(0);
        let mut spaces = String::new();
        while self.cursor.peek() != '#' {
            let word = self.plain_word()?;
            if word.is_empty() {
                break;
            }
            self.allows_key = false;
            text.push_characters(&spaces);
            text.push_characters(word);
            end = self.cursor.mark();
            spaces = self.plain_spaces();
            let is_outside = self.flow_level == 0 && self.cursor.column() < self.floor;
            if spaces.is_empty() || self.cursor.peek() == '#' || is_outside {
                break;
            }
        }
        let kind = TokenKind::Scalar {
            text: text.finish(),
            is_plain: true,
        };
        Ok(Token { kind, start, end })
    }

    /// What stands before the next space or mark.
    fn plain_word(&mut self) -> Step<&'t str> {
        let (in_flow, is_early) = (self.flow_level != 0, self.dialect.is_early);
        let is_alone = |next: Option<char>| {
            let next = next.unwrap_or(END);
            is_space_or_end(next) || in_flow && matches!(next, ',' | '[' | ']' | '{' | '}')
        };
        let word = self.cursor.take_until(|character, next| match character {
            ':' => in_flow && is_early || is_alone(next),
            ',' | '?' | '[' | ']' | '{' | '}' => in_flow,
            other => is_space_or_end(other),
        });
        // Whether the colon stands alone was seen by what follows it.
        if self.cursor.peek() == ':' {
            let next = self.cursor.peek_at(1);
            if in_flow && is_early && !is_alone(Some(next)) {
                return Err(self.fault("in brackets a colon ends a plain word"));
            }
        }
        Ok(word)
    }

    /// The spaces behind a word, as they count if another follows; none if the text ends here.
    fn plain_spaces(&mut self) -> String {
        let spaces = self.cursor.take_until(|character, _| !matches!(character, ' ' | '\t'));
        let Some(first) = self.cursor.line_end() else {
            return spaces.to_owned();
        };
        self.allows_key = true;
        if self.ends_plain() {
            return String::new();
        }
        let mut ends = String::new();
        loop {
            self.cursor.skip_blanks();
            if !is_line_end(self.cursor.peek()) {
                break;
            }
            ends.extend(self.cursor.line_end());
            if self.ends_plain() {
                return String::new();
            }
        }
        match first {
            '\n' if ends.is_empty() => " ".to_owned(),
            '\n' => ends,
            separator => format!("{separator}{ends}"),
        }
    }

    /// Whether a mark between documents ends the word; that which begins one does whatever follows it.
    fn ends_plain(&mut self) -> bool {
        self.cursor.is_at("---") || self.is_document_mark("...")
    }
}
