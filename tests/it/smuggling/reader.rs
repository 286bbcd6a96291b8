//! Readers of HTTP/1.1 as they are found: by the letter, and with each of the liberties that have let requests be
//! smuggled. Each says which requests it sees in some bytes.

/// A request as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) is_complete: bool,
}

/// What ends a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    CrLf,
    /// A line feed, whatever is before it.
    Lf,
    /// Either of the two, alone or together.
    Any,
}

/// How a length is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    /// The first field, digits only.
    Digits,
    /// The first of a list, or of several fields, as C's `strtoull` reads it: sign, blanks, radix by prefix, whatever
    /// follows left out, and wrapping around.
    LikeC,
    /// The last one, likewise.
    LastLikeC,
}

/// A reader, by the liberties it takes.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a liberty of its own, and any of them go together"
)]
pub(super) struct Reader {
    pub(super) name: &'static str,
    line_end: LineEnd,
    /// A length rules a transfer coding out.
    length_first: bool,
    /// Takes blanks and control characters around names away, and finds `chunked` anywhere in the coding.
    loose_names: bool,
    /// A line that begins with a blank continues the one before.
    folds: bool,
    length: Length,
    /// Chunks: a size is read like C, and what follows a chunk is not looked at.
    loose_chunks: bool,
}

const LETTER: Reader = Reader {
    name: "goes by the letter",
    line_end: LineEnd::CrLf,
    length_first: false,
    loose_names: false,
    folds: false,
    length: Length::Digits,
    loose_chunks: false,
};

/// The first one goes by the letter.
pub(super) const READERS: &[Reader] = &[
    LETTER,
    Reader {
        name: "prefers lengths",
        length_first: true,
        ..LETTER
    },
    Reader {
        name: "ends lines at a line feed",
        line_end: LineEnd::Lf,
        ..LETTER
    },
    Reader {
        name: "ends lines at a carriage return",
        line_end: LineEnd::Any,
        ..LETTER
    },
    Reader {
        name: "is loose about names",
        loose_names: true,
        ..LETTER
    },
    Reader {
        name: "folds lines",
        folds: true,
        ..LETTER
    },
    Reader {
        name: "reads lengths like C",
        length: Length::LikeC,
        ..LETTER
    },
    Reader {
        name: "reads the last length",
        length: Length::LastLikeC,
        ..LETTER
    },
    Reader {
        name: "is loose about chunks",
        loose_chunks: true,
        line_end: LineEnd::Lf,
        ..LETTER
    },
    Reader {
        name: "takes every liberty",
        line_end: LineEnd::Any,
        length_first: false,
        loose_names: true,
        folds: true,
        length: Length::LikeC,
        loose_chunks: true,
    },
    Reader {
        name: "takes every liberty and prefers lengths",
        line_end: LineEnd::Any,
        length_first: true,
        loose_names: true,
        folds: true,
        length: Length::LastLikeC,
        loose_chunks: true,
    },
];

impl Reader {
    /// The requests in these bytes. What is left of one that was cut off is an incomplete one.
    pub(super) fn read(&self, bytes: &[u8]) -> Vec<Seen> {
        let mut seen = Vec::new();
        let mut rest = bytes;
        loop {
            while let Some((b"", after)) = self.line(rest) {
                rest = after;
            }
            if rest.is_empty() {
                return seen;
            }
            let head = self.head(rest);
            let line = head.as_ref().map_or(rest, |(lines, _)| lines[0].as_slice());
            let line = line.iter().copied().map(char::from).collect();
            let after = head.and_then(|(lines, after)| self.after_body(&lines, after));
            seen.push(Seen {
                line,
                is_complete: after.is_some(),
            });
            let Some(after) = after else { return seen };
            rest = after;
        }
    }

    /// A line and what follows it.
    fn line<'b>(&self, bytes: &'b [u8]) -> Option<(&'b [u8], &'b [u8])> {
        let is_end = |place: &usize| match self.line_end {
            LineEnd::CrLf => bytes[*place..].starts_with(b"\r\n"),
            LineEnd::Lf => bytes[*place] == b'\n',
            LineEnd::Any => matches!(bytes[*place], b'\r' | b'\n'),
        };
        let end = (0..bytes.len()).find(is_end)?;
        let length = if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
        let line = &bytes[..end];
        Some((line.strip_suffix(b"\r").unwrap_or(line), &bytes[end + length..]))
    }

    /// The lines of a head, at least one, and what follows them.
    fn head<'b>(&self, bytes: &'b [u8]) -> Option<(Vec<Vec<u8>>, &'b [u8])> {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let mut rest = bytes;
        loop {
            let (line, after) = self.line(rest)?;
            rest = after;
            match lines.last_mut() {
                _ if line.is_empty() => return Some((lines, rest)),
                Some(before) if self.folds && line.starts_with(b" ") | line.starts_with(b"\t") => {
                    before.extend_from_slice(line);
                }
                _ => lines.push(line.to_vec()),
            }
        }
    }

    /// What follows the body that a head announces.
    fn after_body<'b>(&self, head: &[Vec<u8>], bytes: &'b [u8]) -> Option<&'b [u8]> {
        let codings = self.values(head, "transfer-encoding");
        let is_chunked = codings.iter().any(|coding| {
            let coding = coding.to_ascii_lowercase();
            if self.loose_names {
                coding.contains("chunked")
            } else {
                coding.trim() == "chunked"
            }
        });
        let length = self.length(&self.values(head, "content-length"));
        match length {
            Some(length) if self.length_first || !is_chunked => bytes.get(length..),
            _ if is_chunked => self.after_chunks(bytes),
            _ => Some(bytes),
        }
    }

    fn values(&self, head: &[Vec<u8>], name: &str) -> Vec<String> {
        let fields = head.iter().skip(1).filter_map(|line| {
            let line: String = line.iter().copied().map(char::from).collect();
            let (field, value) = line.split_once(':')?;
            let field = if self.loose_names {
                field.trim_matches(|character: char| character <= ' ')
            } else {
                field
            };
            field.eq_ignore_ascii_case(name).then(|| value.to_owned())
        });
        fields.collect()
    }

    fn length(&self, values: &[String]) -> Option<usize> {
        match self.length {
            Length::Digits => values.first()?.trim().parse().ok(),
            Length::LikeC => Some(like_c(values.first()?.split(',').next()?, 10)),
            Length::LastLikeC => Some(like_c(values.last()?.rsplit(',').next()?, 10)),
        }
    }

    fn after_chunks<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let mut rest = bytes;
        loop {
            let (line, after) = self.line(rest)?;
            let text: String = line.iter().copied().map(char::from).collect();
            let size = if self.loose_chunks {
                like_c(&text, 16)
            } else {
                let digits = text.split([';', ' ', '\t']).next()?;
                usize::from_str_radix(digits, 16).ok()?
            };
            if size == 0 {
                rest = after;
                break;
            }
            let after = after.get(size..)?;
            rest = match self.line(after) {
                Some((b"", after)) => after,
                _ if self.loose_chunks => after,
                _ => return None,
            };
        }
        // Trailers.
        loop {
            let (line, after) = self.line(rest)?;
            rest = after;
            if line.is_empty() {
                return Some(rest);
            }
        }
    }
}

/// A number as `strtoull` reads it with base 0 or 16, wrapping around instead of stopping.
fn like_c(text: &str, radix: u32) -> usize {
    let text = text.trim_start_matches(|character: char| character <= ' ');
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, text) = match text.strip_prefix("0x") {
        Some(text) => (16, text),
        None if radix == 10 && text.starts_with('0') => (8, text),
        None => (radix, text),
    };
    let digits = text.chars().map_while(|character| character.to_digit(radix));
    let number = digits.fold(0_usize, |number, digit| {
        number.wrapping_mul(radix as usize).wrapping_add(digit as usize)
    });
    if is_negative { number.wrapping_neg() } else { number }
}
