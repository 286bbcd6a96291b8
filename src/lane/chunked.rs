//! Follows a body in chunks, in whatever pieces it comes, and leaves of it what everybody reads in the same way.
//!
//! Its language is that of hyper's reader, but for chunks of 2 GiB and more. What only some
//! readers pass over in the same way is cut out in place: extensions of chunks, blanks after their sizes, all but one of
//! the zeros before them, and the trailers of requests.

use httparse::Status;

/// How many bytes the extensions of all chunks may have: as many as hyper reads.
const MAX_EXTENSIONS: u32 = 16 * 1024;

/// How many bytes trailers may have: as many as hyper reads.
const MAX_TRAILERS: usize = 16 * 1024;

/// How many trailers there may be.
const MAX_TRAILER_FIELDS: usize = 1024;

/// The longest chunk, in bytes. hyper takes longer ones; whoever keeps their size in 32 bits would find the next one inside.
const MAX_CHUNK: u64 = i32::MAX as u64;

/// A body that is not in chunks, or not whole ones. Where it would end depends on who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("its chunks are malformed: {fault}")]
pub struct MalformedChunks {
    fault: &'static str,
    /// What was done with the bytes before.
    pub before: Followed,
}

/// What is wrong with a byte.
type Fault = &'static str;

/// What becomes of trailers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trailers {
    /// They pass as they are.
    Pass,
    /// They are dropped.
    Drop,
}

/// What was done with some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Followed {
    /// How many of them belong to the body.
    pub taken: usize,
    /// How many of them are left, at the beginning.
    pub passed: usize,
    /// How many of those are its content.
    pub content: usize,
}

/// What the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Size,
    AfterSize,
    Extension,
    SizeLf,
    Content,
    ContentCr,
    ContentLf,
    /// The first byte of a line after the last chunk.
    LineStart,
    Trailer,
    TrailerLf,
    EndLf,
    End,
}

/// A body in chunks.
#[derive(Debug)]
pub struct Chunked {
    state: State,
    /// How much of the chunk is still to come.
    size: u64,
    /// A zero was passed at the beginning of its size.
    has_zero: bool,
    extensions: u32,
    trailers: Trailers,
    /// The trailers so far. There are none, nearly always.
    lines: Vec<u8>,
    fields: usize,
}

impl Chunked {
    /// The beginning of a body.
    #[must_use]
    pub const fn new(trailers: Trailers) -> Self {
        Self {
            state: State::Start,
            size: 0,
            has_zero: false,
            extensions: 0,
            trailers,
            lines: Vec::new(),
            fields: 0,
        }
    }

    /// Whether all of it has come.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.state == State::End
    }

    /// Takes the next bytes, and moves those to the beginning that are left of them.
    pub fn follow(&mut self, bytes: &mut [u8]) -> Result<Followed, MalformedChunks> {
        let mut followed = Followed::default();
        while self.state != State::End && followed.taken < bytes.len() {
            if self.state == State::Content {
                let rest = bytes.len() - followed.taken;
                let now = usize::try_from(self.size).unwrap_or(usize::MAX).min(rest);
                keep(bytes, &mut followed, now);
                followed.content += now;
                self.size -= now as u64;
                if self.size == 0 {
                    self.state = State::ContentCr;
                }
                continue;
            }
            let byte = bytes.get(followed.taken).copied().unwrap_or_default();
            match self.step(byte) {
                Ok(true) => keep(bytes, &mut followed, 1),
                Ok(false) => followed.taken += 1,
                Err(fault) => {
                    let before = followed;
                    return Err(MalformedChunks { fault, before });
                }
            }
        }
        Ok(followed)
    }

    /// Takes a byte that is no content, and says whether it is left.
    fn step(&mut self, byte: u8) -> Result<bool, Fault> {
        let passes_trailers = self.trailers == Trailers::Pass;
        let (next, is_left) = match (self.state, byte) {
            (State::Start | State::Size, digit) if digit.is_ascii_hexdigit() => {
                let is_left = self.grow(digit)?;
                (State::Size, is_left)
            }
            (State::Start, _) => return Err("a size has no digits"),
            (State::Size | State::AfterSize, b' ' | b'\t') => (State::AfterSize, false),
            (State::Size | State::AfterSize, b';') => (State::Extension, false),
            (State::Size | State::AfterSize | State::Extension, b'\r') => (State::SizeLf, true),
            (State::Size | State::AfterSize, _) => return Err("a size is no number"),
            (State::Extension, b'\n') => return Err("an extension has a line feed"),
            (State::Extension, _) => {
                self.extensions += 1;
                if self.extensions >= MAX_EXTENSIONS {
                    return Err("the extensions are too long");
                }
                (State::Extension, false)
            }
            (State::SizeLf, b'\n') if self.size == 0 => (State::LineStart, true),
            (State::SizeLf, b'\n') => {
                self.has_zero = false;
                (State::Content, true)
            }
            (State::ContentCr, b'\r') => (State::ContentLf, true),
            (State::ContentLf, b'\n') => (State::Start, true),
            (State::LineStart, b'\r') => {
                if !self.lines.is_empty() {
                    self.trailer(byte)?;
                }
                (State::EndLf, true)
            }
            (State::LineStart | State::Trailer, _) => {
                self.trailer(byte)?;
                let is_end = self.state == State::Trailer && byte == b'\r';
                (if is_end { State::TrailerLf } else { State::Trailer }, passes_trailers)
            }
            (State::TrailerLf, b'\n') => {
                self.fields += 1;
                self.trailer(byte)?;
                (State::LineStart, passes_trailers)
            }
            (State::EndLf, b'\n') => {
                self.check_trailers()?;
                (State::End, true)
            }
            (State::SizeLf | State::ContentCr | State::ContentLf | State::TrailerLf | State::EndLf, _) => {
                return Err("a line does not end where it should");
            }
            (State::Content | State::End, _) => return Err("there is no line"),
        };
        self.state = next;
        Ok(is_left)
    }

    /// One more digit of a size. Of the zeros before it one is left.
    fn grow(&mut self, digit: u8) -> Result<bool, Fault> {
        let value = char::from(digit).to_digit(16).unwrap_or_default();
        self.size = self.size << 4 | u64::from(value);
        if self.size > MAX_CHUNK {
            return Err("a size is too large");
        }
        let is_zero_again = self.size == 0 && self.has_zero;
        self.has_zero |= self.size == 0;
        Ok(!is_zero_again)
    }

    fn trailer(&mut self, byte: u8) -> Result<(), Fault> {
        self.lines.push(byte);
        if self.lines.len() >= MAX_TRAILERS || self.fields > MAX_TRAILER_FIELDS {
            return Err("the trailers are too long");
        }
        // hyper takes a lone line feed for the end of a trailer; a client may take it for something else.
        let is_lone = |end: &u8| *end == b'\n' && self.lines.len() >= 2;
        let before = self.lines.len().checked_sub(2).and_then(|place| self.lines.get(place));
        if self.trailers == Trailers::Pass && self.lines.last().is_some_and(is_lone) && before != Some(&b'\r') {
            return Err("a trailer has a line feed");
        }
        Ok(())
    }

    /// Trailers are read when all of them have come, as hyper does.
    fn check_trailers(&mut self) -> Result<(), Fault> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let mut lines = std::mem::take(&mut self.lines);
        lines.push(b'\n');
        let mut fields = vec![httparse::EMPTY_HEADER; self.fields];
        match httparse::parse_headers(&lines, &mut fields) {
            Ok(Status::Complete(_)) => Ok(()),
            _ => Err("a trailer is no field"),
        }
    }
}

/// Leaves so many bytes.
fn keep(bytes: &mut [u8], followed: &mut Followed, count: usize) {
    let Followed { taken, passed, .. } = *followed;
    if taken != passed {
        bytes.copy_within(taken..taken + count, passed);
    }
    followed.taken += count;
    followed.passed += count;
}

#[cfg(test)]
mod tests;
