//! Lines that say something of the document: `%YAML 1.1`, `%TAG ! prefix`.

use super::{Scanner, Step, Token, TokenKind};
use crate::xcontent::format::yaml::cursor::is_blank_or_end;
use crate::xcontent::format::yaml::token::Directive;
use crate::xcontent::java;
use crate::xcontent::json::FaultKind;

impl Scanner<'_> {
    pub(super) fn directive(&mut self) -> Step<()> {
        self.end_document()?;
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let name = self.cursor.take_until(|character, _| !is_of_word(character)).to_owned();
        if name.is_empty() || !is_blank_or_end(self.cursor.peek()) {
            return Err(self.fault("a directive has a name of letters and digits"));
        }
        let (directive, end) = match name.as_str() {
            "YAML" => (self.version()?, self.cursor.mark()),
            "TAG" => (self.tag_directive()?, self.cursor.mark()),
            _ => {
                let end = self.cursor.mark();
                self.cursor.skip_line();
                (Directive::Unknown, end)
            }
        };
        self.rest_of_line("only a comment stands behind a directive")?;
        let kind = TokenKind::Directive(directive);
        self.tokens.push_back(Token { kind, start, end });
        Ok(())
    }

    fn version(&mut self) -> Step<Directive> {
        self.cursor.skip_blanks();
        let major = self.version_number()?;
        if self.cursor.peek() != '.' {
            return Err(self.fault("a version has two numbers"));
        }
        self.cursor.skip(1);
        self.version_number()?;
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(self.fault("a version has two numbers"));
        }
        Ok(Directive::Version { major })
    }

    fn version_number(&mut self) -> Step<i32> {
        let digits = self.cursor.take_until(|character, _| java::digit(character).is_none());
        if digits.is_empty() {
            return Err(self.fault("a version is a number"));
        }
        // Such a one is as incompatible as any other.
        let number = java::ascii_digits(digits).parse::<i32>();
        number.map_err(|_| FaultKind::NumberForm(digits.to_owned()))
    }

    fn tag_directive(&mut self) -> Step<Directive> {
        self.cursor.skip_blanks();
        let handle = self.tag_handle()?;
        if self.cursor.peek() != ' ' {
            return Err(self.fault("a blank stands behind the handle of tags"));
        }
        self.cursor.skip_blanks();
        let prefix = self.tag_uri()?;
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(self.fault("the prefix of tags has characters of URIs"));
        }
        Ok(Directive::Tag { handle, prefix })
    }
}

/// Whether names of directives and handles of tags have the character.
pub(super) fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}
