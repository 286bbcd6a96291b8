//! Tags, anchors and aliases.

use super::directive::is_of_word;
use super::{Scanner, Step, Token, TokenKind, is_space_or_end};
use crate::xcontent::format::yaml::cursor::is_blank_or_end;

impl<'t> Scanner<'t> {
    pub(super) fn alias(&mut self) -> Step<Token> {
        let start = self.cursor.mark();
        let name = self.anchor_name()?.to_owned();
        Ok(Token {
            kind: TokenKind::Alias(name),
            start,
            end: self.cursor.mark(),
        })
    }

    pub(super) fn anchor(&mut self) -> Step<Token> {
        let start = self.cursor.mark();
        self.anchor_name()?;
        Ok(Token {
            kind: TokenKind::Anchor,
            start,
            end: self.cursor.mark(),
        })
    }

    fn anchor_name(&mut self) -> Step<&'t str> {
        self.cursor.skip(1);
        let dialect = self.dialect;
        let name = self.cursor.take_until(|character, _| match character {
            _ if dialect.is_early => !is_of_word(character),
            ':' | ',' | '[' | ']' | '{' | '}' => true,
            '/' | '.' | '*' | '&' => dialect.is_later,
            other => is_space_or_end(other),
        });
        let next = self.cursor.peek();
        let is_ended = is_space_or_end(next) || matches!(next, '?' | ':' | ',' | ']' | '}' | '%' | '@' | '`');
        if name.is_empty() || !is_ended {
            return Err(self.fault("an anchor has no such name"));
        }
        Ok(name)
    }

    pub(super) fn tag(&mut self) -> Step<Token> {
        let start = self.cursor.mark();
        let next = self.cursor.peek_at(1);
        let (handle, suffix) = if next == '<' {
            self.cursor.skip(2);
            let suffix = self.tag_uri()?;
            if self.cursor.peek() != '>' {
                return Err(self.fault("a tag that begins with '<' ends with '>'"));
            }
            self.cursor.skip(1);
            (None, suffix)
        } else if is_space_or_end(next) {
            self.cursor.skip(1);
            (None, "!".to_owned())
        } else {
            let handle = if self.has_handle() {
                self.tag_handle()?
            } else {
                self.cursor.skip(1);
                "!".to_owned()
            };
            (Some(handle), self.tag_uri()?)
        };
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(self.fault("a blank stands behind a tag"));
        }
        Ok(Token {
            kind: TokenKind::Tag { handle, suffix },
            start,
            end: self.cursor.mark(),
        })
    }

    /// Whether there is a second exclamation mark before the next blank.
    fn has_handle(&mut self) -> bool {
        let is_end = |character| character == '!' || is_blank_or_end(character);
        self.cursor.find(1, is_end) == '!'
    }

    /// One exclamation mark before a blank, or two around a word.
    pub(super) fn tag_handle(&mut self) -> Step<String> {
        if self.cursor.peek() != '!' {
            return Err(self.fault("the handle of a tag begins with an exclamation mark"));
        }
        self.cursor.skip(1);
        if self.cursor.peek() == ' ' {
            return Ok("!".to_owned());
        }
        let word = self.cursor.take_until(|character, _| !is_of_word(character));
        if self.cursor.peek() != '!' {
            return Err(self.fault("the handle of a tag ends with an exclamation mark"));
        }
        self.cursor.skip(1);
        Ok(format!("!{word}!"))
    }

    /// What a URI may have; with escaped bytes, which have to be UTF-8.
    pub(super) fn tag_uri(&mut self) -> Step<String> {
        let mut uri = Vec::new();
        loop {
            let plain = self.cursor.take_until(|character, _| !is_of_uri(character));
            uri.extend_from_slice(plain.as_bytes());
            if self.cursor.peek() != '%' {
                break;
            }
            self.cursor.skip(1);
            let digits = self.cursor.prefix(2);
            // Java's reading takes a sign for a digit.
            let Ok(byte) = i32::from_str_radix(digits, 16) else {
                return Err(self.fault("an escape in a tag has two hexadecimal digits"));
            };
            uri.push(byte.to_le_bytes()[0]);
            self.cursor.skip(2);
        }
        if uri.is_empty() {
            return Err(self.fault("a tag has characters of URIs"));
        }
        String::from_utf8(uri).map_err(|_| self.fault("a tag is UTF-8"))
    }
}

fn is_of_uri(character: char) -> bool {
    is_of_word(character) || ";/?:@&=+$,_.!~*'()[]".contains(character)
}
