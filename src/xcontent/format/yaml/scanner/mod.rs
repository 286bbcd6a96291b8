//! Makes tokens of a text, as `SnakeYAML` does: each version of Elasticsearch has one of its releases.
//!
//! A token may be one that nothing stands for: where a block begins or ends by its indentation, and before a name that
//! only the colon behind it tells to be one. So tokens wait until no name can begin at the first of them.

mod block_scalar;
mod directive;
mod indicator;
mod keys;
mod plain;
mod quoted;
mod tag;

use std::collections::VecDeque;

use keys::PossibleKey;

use super::blocks::Blocks;
use super::cursor::{Cursor, END, is_line_end, is_space_or_end};
use super::token::{Mark, Token, TokenKind};
use crate::xcontent::format::{LATER_JACKSON, MIDDLE_JACKSON};
use crate::xcontent::json::{FaultKind, YamlPart};
use crate::xcontent::version::Version;

pub(super) type Step<T> = Result<T, FaultKind>;

/// What takes a text apart.
pub(super) struct Scanner<'t> {
    cursor: Cursor<'t>,
    /// What is wrong with what follows the text.
    unreadable: Option<YamlPart>,
    /// What was found and not yet taken.
    tokens: VecDeque<Token>,
    /// How many were taken.
    taken: usize,
    is_at_end: bool,
    /// How many brackets are open; fewer than none where one too many was closed.
    flow_level: i32,
    /// The first column that what stands in the innermost block may start at behind its indicator: one more than the
    /// block's own, and 0 outside of all.
    floor: usize,
    floors: Vec<usize>,
    /// Whether a name may begin here.
    allows_key: bool,
    /// Where names may have begun, at most one a level.
    keys: VecDeque<PossibleKey>,
    dialect: Dialect,
}

/// In what the releases differ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// The first: in brackets a colon ends a plain word, and names of anchors are of letters and digits.
    pub(super) is_early: bool,
    /// A later one: it looks for comments behind brackets, and for a value where a colon is missing.
    pub(super) is_later: bool,
}

impl Dialect {
    pub(super) fn of(api: Version) -> Self {
        Self {
            is_early: api < MIDDLE_JACKSON,
            is_later: api >= LATER_JACKSON,
        }
    }
}

impl<'t> Scanner<'t> {
    pub(super) fn new(blocks: &Blocks<'t>, dialect: Dialect) -> Self {
        Self {
            cursor: Cursor::new(blocks.text(), dialect.is_early),
            unreadable: blocks.fault(),
            tokens: VecDeque::new(),
            taken: 0,
            is_at_end: false,
            flow_level: 0,
            floor: 0,
            floors: Vec::new(),
            allows_key: true,
            keys: VecDeque::new(),
            dialect,
        }
    }

    /// The next token, which stays the next.
    pub(super) fn peek(&mut self) -> Step<&Token> {
        while self.needs_more()? {
            self.fetch()?;
        }
        let end = self.cursor.mark();
        self.tokens.front().ok_or_else(|| fault("nothing follows the end", end))
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Step<Token> {
        self.peek()?;
        self.taken += 1;
        let end = self.cursor.mark();
        self.tokens
            .pop_front()
            .ok_or_else(|| fault("nothing follows the end", end))
    }

    fn needs_more(&mut self) -> Step<bool> {
        if self.is_at_end {
            return Ok(false);
        }
        if self.tokens.is_empty() {
            return Ok(true);
        }
        self.drop_stale_keys()?;
        Ok(self.keys.front().is_some_and(|key| key.token == self.taken))
    }

    /// Adds a token, and what comes before it; unless more of the text was looked at than there is to read.
    fn fetch(&mut self) -> Step<()> {
        let fetched = self.fetch_token();
        match self.unreadable {
            Some(part) if self.cursor.has_looked_beyond() => {
                let message = match part {
                    YamlPart::Character | YamlPart::CutCharacter => "invalid UTF-8",
                    _ => "a character that is not allowed",
                };
                Err(FaultKind::Yaml {
                    part,
                    message: message.to_owned(),
                })
            }
            _ => fetched,
        }
    }

    fn fetch_token(&mut self) -> Step<()> {
        self.skip_to_token();
        self.drop_stale_keys()?;
        self.end_blocks(self.cursor.column());
        let begins_line = self.cursor.column() == 0;
        match self.cursor.peek() {
            END => self.stream_end(),
            '%' if begins_line => self.directive(),
            '-' if begins_line && self.is_document_mark("---") => self.document_mark(TokenKind::DocumentStart),
            '-' if self.is_before_space() => self.block_entry(),
            '.' if begins_line && self.is_document_mark("...") => self.document_mark(TokenKind::DocumentEnd),
            '[' => self.flow_start(TokenKind::FlowSequenceStart),
            '{' => self.flow_start(TokenKind::FlowMappingStart),
            ']' => self.flow_end(TokenKind::FlowSequenceEnd),
            '}' => self.flow_end(TokenKind::FlowMappingEnd),
            ',' => self.flow_entry(),
            '?' if self.flow_level != 0 || self.is_before_space() => self.key(),
            ':' if self.flow_level != 0 || self.is_before_space() => self.value(),
            '*' => self.key_or_value(Self::alias),
            '&' => self.key_or_value(Self::anchor),
            '!' => self.key_or_value(Self::tag),
            '|' if self.flow_level == 0 => self.block_scalar(false),
            '>' if self.flow_level == 0 => self.block_scalar(true),
            quote @ ('\'' | '"') => self.key_or_value(|scanner| scanner.quoted(quote)),
            _ if self.begins_plain() => self.key_or_value(Self::plain),
            _ => Err(self.fault("no token starts with this character")),
        }
    }

    /// Passes over blanks, comments and line ends.
    fn skip_to_token(&mut self) {
        if self.cursor.mark().index == 0 && self.cursor.peek() == '\u{FEFF}' {
            self.cursor.skip(1);
        }
        loop {
            self.cursor.skip_blanks();
            if self.cursor.peek() == '#' {
                self.cursor.skip_line();
            }
            if self.cursor.line_end().is_none() {
                return;
            }
            if self.flow_level == 0 {
                self.allows_key = true;
            }
        }
    }

    /// Whether one of the marks between documents stands here.
    fn is_document_mark(&mut self, mark: &str) -> bool {
        self.cursor.is_at(mark) && is_space_or_end(self.cursor.peek_at(3))
    }

    /// Whether the next character stands alone, as the indicators of blocks do.
    fn is_before_space(&mut self) -> bool {
        is_space_or_end(self.cursor.peek_at(1))
    }

    /// A token that may turn out to be a name.
    fn key_or_value(&mut self, scan: impl FnOnce(&mut Self) -> Step<Token>) -> Step<()> {
        self.save_key()?;
        self.allows_key = false;
        let token = scan(self)?;
        self.tokens.push_back(token);
        Ok(())
    }

    /// Ends the blocks that are indented more than this column.
    fn end_blocks(&mut self, column: usize) {
        self.end_blocks_above(column + 1);
    }

    fn end_blocks_above(&mut self, floor: usize) {
        if self.flow_level != 0 {
            return;
        }
        while self.floor > floor {
            self.tokens
                .push_back(Token::at(self.cursor.mark(), TokenKind::BlockEnd));
            self.floor = self.floors.pop().unwrap_or_default();
        }
    }

    /// Whether a block begins at this column; it then has.
    fn begins_block(&mut self, column: usize) -> bool {
        let is_deeper = self.floor <= column;
        if is_deeper {
            self.floors.push(self.floor);
            self.floor = column + 1;
        }
        is_deeper
    }

    /// A token of so many characters.
    fn indicator(&mut self, kind: TokenKind, length: usize) {
        let start = self.cursor.mark();
        self.cursor.skip(length);
        let end = self.cursor.mark();
        self.tokens.push_back(Token { kind, start, end });
    }

    fn fault(&self, what: &str) -> FaultKind {
        fault(what, self.cursor.mark())
    }
}

fn fault(what: &str, mark: Mark) -> FaultKind {
    FaultKind::Yaml {
        part: YamlPart::Scanner,
        message: format!("{what} (line {}, column {})", mark.line + 1, mark.column + 1),
    }
}
