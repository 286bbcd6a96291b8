//! Strings in blocks of lines: literal (`|`), and folded (`>`), whose lines are joined.

use super::{Cursor, END, Mark, Scanner, Step, Token, TokenKind, is_line_end};
use crate::xcontent::format::yaml::cursor::is_blank_or_end;
use crate::xcontent::java;
use crate::xcontent::utf16;

/// What becomes of the line ends behind the last line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    Dropped,
    One,
    Kept,
}

/// The ends of lines that are empty but for blanks, and where the last of them is over.
struct LineEnds {
    ends: String,
    behind: Mark,
}

impl Scanner<'_> {
    pub(super) fn block_scalar(&mut self, is_folded: bool) -> Step<()> {
        self.allows_key = true;
        self.remove_key()?;
        let start = self.cursor.mark();
        self.cursor.skip(1);
        let (tail, increment) = self.block_indicators()?;
        self.rest_of_line("only a comment stands behind the indicators of a block")?;

        let least = self.floor.max(1);
        let (indent, LineEnds { mut ends, mut behind }) = if let Some(increment) = increment {
            let indent = least + increment - 1;
            (indent, self.block_line_ends(indent))
        } else {
            let (deepest, ends) = self.block_indentation();
            (deepest.max(least), ends)
        };
        let mut text = utf16::Text::with_capacity(0);
        let mut line_end = None;
        while self.is_in_block(indent) {
            text.push_characters(&ends);
            let begins_with_space = self.is_at_space();
            text.push_characters(self.cursor.take_until(|character, _| is_line_end(character)));
            line_end = self.cursor.line_end();
            LineEnds { ends, behind } = self.block_line_ends(indent);
            if !self.is_in_block(indent) {
                break;
            }
            let is_joined = is_folded && line_end == Some('\n') && !begins_with_space && !self.is_at_space();
            if !is_joined {
                push_end(&mut text, line_end);
            } else if ends.is_empty() {
                text.push(u32::from(' '));
            }
        }
        if tail != Tail::Dropped {
            push_end(&mut text, line_end);
        }
        if tail == Tail::Kept {
            text.push_characters(&ends);
        }
        let kind = TokenKind::Scalar {
            text: text.finish(),
            is_plain: false,
        };
        self.tokens.push_back(Token {
            kind,
            start,
            end: behind,
        });
        Ok(())
    }

    fn is_in_block(&mut self, indent: usize) -> bool {
        self.cursor.column() == indent && self.cursor.peek() != END
    }

    fn is_at_space(&mut self) -> bool {
        matches!(self.cursor.peek(), ' ' | '\t')
    }

    /// A sign for the tail and a digit for the indentation, in either order.
    fn block_indicators(&mut self) -> Step<(Tail, Option<usize>)> {
        let mut tail = self.tail_indicator();
        let increment = self.indentation_indicator()?;
        if tail.is_none() && increment.is_some() {
            tail = self.tail_indicator();
        }
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(self.fault("a block has other indicators than these"));
        }
        Ok((tail.unwrap_or(Tail::One), increment))
    }

    fn tail_indicator(&mut self) -> Option<Tail> {
        let tail = match self.cursor.peek() {
            '+' => Tail::Kept,
            '-' => Tail::Dropped,
            _ => return None,
        };
        self.cursor.skip(1);
        Some(tail)
    }

    fn indentation_indicator(&mut self) -> Step<Option<usize>> {
        let Some(digit) = java::digit(self.cursor.peek()) else {
            return Ok(None);
        };
        if digit == 0 {
            return Err(self.fault("a block is indented by 1 to 9"));
        }
        self.cursor.skip(1);
        Ok(usize::try_from(digit).ok())
    }

    /// The empty lines that a block begins with, and the deepest column in them.
    fn block_indentation(&mut self) -> (usize, LineEnds) {
        let mut deepest = 0;
        let lines = self.empty_lines(|cursor| {
            cursor.skip_blanks();
            deepest = deepest.max(cursor.column());
        });
        (deepest, lines)
    }

    /// The ends of empty lines, and the blanks before the next line's text.
    fn block_line_ends(&mut self, indent: usize) -> LineEnds {
        self.empty_lines(|cursor| {
            while cursor.column() < indent && cursor.peek() == ' ' {
                cursor.skip(1);
            }
        })
    }

    fn empty_lines(&mut self, mut skip_blanks: impl FnMut(&mut Cursor<'_>)) -> LineEnds {
        let (mut ends, mut behind) = (String::new(), self.cursor.mark());
        loop {
            skip_blanks(&mut self.cursor);
            let Some(end) = self.cursor.line_end() else {
                return LineEnds { ends, behind };
            };
            ends.push(end);
            behind = self.cursor.mark();
        }
    }

    /// Passes over a comment and the end of the line.
    pub(super) fn rest_of_line(&mut self, otherwise: &str) -> Step<()> {
        self.cursor.skip_blanks();
        if self.cursor.peek() == '#' {
            self.cursor.skip_line();
        }
        if self.cursor.line_end().is_none() && self.cursor.peek() != END {
            return Err(self.fault(otherwise));
        }
        Ok(())
    }
}

fn push_end(text: &mut utf16::Text, end: Option<char>) {
    if let Some(end) = end {
        text.push(u32::from(end));
    }
}
