//! Places in files: where something is, and what a message about a part of a file says of places in it.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::es::error::{Exception, Refusal};

/// A line and a column of a file, both from 1; the column in bytes, as Elasticsearch counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Where the lines of a file begin.
#[derive(Debug)]
pub(super) struct Lines(Vec<usize>);

/// How places in a body become places in the file that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Places {
    /// They are the same.
    #[default]
    Same,
    /// The body is a part of the file, which begins here.
    From(Position),
    /// The body was made of something else, in which they mean nothing.
    Lost,
}

impl Lines {
    pub(super) fn of(file: &[u8]) -> Self {
        let ends = file.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        Self(std::iter::once(0).chain(ends.map(|(place, _)| place + 1)).collect())
    }

    /// The position of a byte.
    pub(super) fn position(&self, at: usize) -> Position {
        let line = self.0.partition_point(|start| *start <= at);
        let start = self.0.get(line.saturating_sub(1)).copied().unwrap_or_default();
        Position {
            line,
            column: 1 + at - start,
        }
    }
}

impl Position {
    /// The position in the file of a position in the part of it that begins here.
    pub(super) const fn of_part(self, inside: Self) -> Self {
        Self {
            line: self.line + inside.line.saturating_sub(1),
            column: if inside.line > 1 {
                inside.column
            } else {
                (self.column + inside.column).saturating_sub(1)
            },
        }
    }
}

impl Places {
    /// Makes what a refusal says of places true of the file.
    pub(super) fn correct(self, refusal: &mut Refusal) {
        match refusal {
            _ if self == Self::Same => {}
            Refusal::Exception(exception) => self.correct_chain(exception),
            // Those who judge by policies know no places.
            Refusal::Several { .. } | Refusal::Text { .. } | Refusal::NoHandler { .. } => {}
        }
    }

    fn correct_chain(self, exception: &mut Exception) {
        let mut next = Some(exception);
        while let Some(exception) = next {
            exception.reason = self.corrected(&exception.reason);
            next = exception.cause.as_deref_mut();
        }
    }

    /// The text of an exception. Parsers begin it with `[line:column]`, and one of them has them after a token; the reader of
    /// JSON ends it with both.
    fn corrected(self, reason: &str) -> String {
        static OF_PARSERS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\A\[(\d+):(\d+)\] ").ok());
        static OF_READERS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"line: (\d+), column: (\d+)").ok());
        static OF_TOKENS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\Aa ([A-Z_]+) at (\d+):(\d+) ").ok());
        let (Some(of_parsers), Some(of_readers), Some(of_tokens)) = (&*OF_PARSERS, &*OF_READERS, &*OF_TOKENS) else {
            return reason.to_owned();
        };
        let start = match self {
            Self::Same => return reason.to_owned(),
            Self::Lost => {
                let reason = of_parsers.replace(reason, "");
                return of_tokens.replace(&reason, "a $1 ").into_owned();
            }
            Self::From(start) => start,
        };
        let in_file = |found: &Captures<'_>, first: usize| {
            let number = |group: usize| found.get(first + group).and_then(|text| text.as_str().parse().ok());
            start.of_part(Position {
                line: number(0).unwrap_or(1),
                column: number(1).unwrap_or(1),
            })
        };
        let reason = of_parsers.replace(reason, |found: &Captures<'_>| {
            let Position { line, column } = in_file(found, 1);
            format!("[{line}:{column}] ")
        });
        let reason = of_readers.replace_all(&reason, |found: &Captures<'_>| {
            let Position { line, column } = in_file(found, 1);
            format!("line: {line}, column: {column}")
        });
        let reason = of_tokens.replace(&reason, |found: &Captures<'_>| {
            let Position { line, column } = in_file(found, 2);
            format!(
                "a {} at {line}:{column} ",
                found.get(1).map_or("", |token| token.as_str())
            )
        });
        reason.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_bytes_from_one() {
        let lines = Lines::of("ab\né{".as_bytes());
        assert_eq!(lines.position(0), Position { line: 1, column: 1 });
        assert_eq!(lines.position(2), Position { line: 1, column: 3 });
        assert_eq!(lines.position(5), Position { line: 2, column: 3 });
    }

    #[test]
    fn messages_name_places_of_the_file() {
        let part = Places::From(Position { line: 7, column: 11 });
        for (said, corrected) in [
            ("[1:5] [detector] unknown field", "[7:15] [detector] unknown field"),
            ("[3:5] [detector] unknown field", "[9:5] [detector] unknown field"),
            ("a START_OBJECT at 1:5 is no text", "a START_OBJECT at 7:15 is no text"),
            ("[bucket_span] is [1:5] ", "[bucket_span] is [1:5] "),
            (
                "cut off (start at line: 1, column: 2) at line: 4, column: 1",
                "cut off (start at line: 7, column: 12) at line: 10, column: 1",
            ),
        ] {
            assert_eq!(part.corrected(said), corrected);
        }
        assert_eq!(Places::Lost.corrected("[1:5] unknown"), "unknown");
        assert_eq!(Places::Same.corrected("[1:5] unknown"), "[1:5] unknown");
    }
}
