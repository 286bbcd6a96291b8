//! Strings in single and double quotes.

use super::{END, Scanner, Step, Token, TokenKind, is_space_or_end};
use crate::xcontent::json::FaultKind;
use crate::xcontent::utf16;

impl Scanner<'_> {
    pub(super) fn quoted(&mut self, quote: char) -> Step<Token> {
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let mut text = utf16::Text::with_capacity(0);
        self.quoted_words(quote, &mut text)?;
        while self.cursor.peek() != quote {
            self.quoted_spaces(&mut text)?;
            self.quoted_words(quote, &mut text)?;
        }
        self.cursor.skip(1);
        Ok(Token {
            kind: TokenKind::Scalar {
                text: text.finish(),
                is_plain: false,
            },
            start,
            end: self.cursor.mark(),
        })
    }

    /// Adds what stands before the next space, or the end of the string.
    fn quoted_words(&mut self, quote: char, text: &mut utf16::Text) -> Step<()> {
        let is_double = quote == '"';
        loop {
            let word = self
                .cursor
                .take_until(|character, _| is_space_or_end(character) || matches!(character, '\'' | '"' | '\\'));
            text.push_characters(word);
            match self.cursor.peek() {
                '\'' if !is_double => {
                    if self.cursor.peek_at(1) != '\'' {
                        return Ok(());
                    }
                    text.push(u32::from('\''));
                    self.cursor.skip(2);
                }
                '\\' if is_double => self.escape(text)?,
                other @ ('\'' | '"' | '\\') if other != quote => {
                    text.push(u32::from(other));
                    self.cursor.skip(1);
                }
                _ => return Ok(()),
            }
        }
    }

    fn escape(&mut self, text: &mut utf16::Text) -> Step<()> {
        self.cursor.skip(1);
        let character = match self.cursor.peek() {
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'v' => '\u{B}',
            'f' => '\u{C}',
            'r' => '\r',
            'e' => '\u{1B}',
            itself @ (' ' | '"' | '\\') => itself,
            'N' => '\u{85}',
            '_' => '\u{A0}',
            'L' => '\u{2028}',
            'P' => '\u{2029}',
            'x' => return self.number_escape(2, text),
            'u' => return self.number_escape(4, text),
            'U' => return self.number_escape(8, text),
            _ => {
                if self.cursor.line_end().is_none() {
                    return Err(self.fault("there is no such escape"));
                }
                text.push_characters(&self.quoted_line_ends()?);
                return Ok(());
            }
        };
        text.push(u32::from(character));
        self.cursor.skip(1);
        Ok(())
    }

    /// A character by its number, or half of one.
    fn number_escape(&mut self, length: usize, text: &mut utf16::Text) -> Step<()> {
        self.cursor.skip(1);
        let digits = self.cursor.prefix(length);
        // The early reader takes the end of the text for one of them.
        let is_cut = self.dialect.is_early && digits.len() < length;
        if is_cut || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.fault("an escape has hexadecimal digits"));
        }
        match u32::from_str_radix(digits, 16) {
            Ok(number @ ..=0x0010_FFFF) => text.push(number),
            Ok(number @ ..0x8000_0000) => return Err(self.beyond_characters(number)),
            // None at all, where the text ends, or more than fit into an int.
            _ => return Err(FaultKind::NumberForm(digits.to_owned())),
        }
        self.cursor.skip(length);
        Ok(())
    }

    fn beyond_characters(&self, number: u32) -> FaultKind {
        self.fault(&format!("there is no character of the number {number:#X}"))
    }

    /// Adds spaces inside of a string, of which line ends leave but one.
    fn quoted_spaces(&mut self, text: &mut utf16::Text) -> Step<()> {
        let spaces = self.cursor.take_until(|character, _| !matches!(character, ' ' | '\t'));
        if self.cursor.peek() == END {
            return Err(self.fault("the text ends inside of a string"));
        }
        let Some(first) = self.cursor.line_end() else {
            text.push_characters(spaces);
            return Ok(());
        };
        let more = self.quoted_line_ends()?;
        if first != '\n' {
            text.push(u32::from(first));
        } else if more.is_empty() {
            text.push(u32::from(' '));
        }
        text.push_characters(&more);
        Ok(())
    }

    /// The ends of empty lines inside of a string.
    fn quoted_line_ends(&mut self) -> Step<String> {
        let mut ends = String::new();
        loop {
            if self.is_document_mark("---") || self.is_document_mark("...") {
                return Err(self.fault("the document ends inside of a string"));
            }
            while matches!(self.cursor.peek(), ' ' | '\t') {
                self.cursor.skip(1);
            }
            match self.cursor.line_end() {
                Some(end) => ends.push(end),
                None => return Ok(ends),
            }
        }
    }
}
