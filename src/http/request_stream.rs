//! Follows a client's byte stream from request line to request line, so that each can be spelled for hyper.
//!
//! This is no second judge of requests: hyper alone decides what is asked and where it ends. Should the two ever differ
//! on where a line stands, then some byte is spelled otherwise that no node reads as a request line either.

use std::cell::Cell;
use std::rc::Rc;

use super::request_line;

/// The longest line between chunks, or of trailers, that is followed, in bytes. hyper refuses longer ones.
const LONGEST_LINE: usize = 64 * 1024;

/// What the next bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    RequestLine,
    Field(Framing),
    /// So many more bytes of a body of known length.
    Body(u64),
    ChunkSize,
    /// So many more bytes of a chunk, with the line end behind it.
    Chunk(u64),
    Trailer,
    /// Nothing that is followed: hyper is about to refuse it, or it is another protocol.
    Unknown,
}

/// What a head's fields have said so far of the body behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    None,
    Sized(u64),
    Chunked,
    Unknown,
}

/// Where a head is kept that has not ended yet. Whoever needs the room may take it away; its stream is lost then.
pub type UnfinishedHead = Rc<Cell<Vec<u8>>>;

/// The head of a request is longer than it may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the head of the request is longer than {0} bytes")]
pub struct HeadTooLong(pub usize);

/// One client's stream.
pub struct RequestStream {
    place: Place,
    /// How many bytes a head may have.
    longest_head: usize,
    /// The head that is being followed: hyper is shown whole ones only.
    head: Vec<u8>,
    /// Where it is kept until more of it comes, and how many bytes it has there.
    kept: UnfinishedHead,
    kept_length: usize,
    /// Where its last line begins.
    line_start: usize,
    /// The line of chunks or trailers that has not ended yet. hyper has seen it.
    line: Vec<u8>,
}

impl RequestStream {
    /// The start of a connection on which heads may have so many bytes.
    #[must_use]
    pub fn new(longest_head: usize) -> Self {
        Self {
            place: Place::RequestLine,
            longest_head,
            head: Vec::new(),
            kept: UnfinishedHead::default(),
            kept_length: 0,
            line_start: 0,
            line: Vec::new(),
        }
    }

    /// How many of the next bytes can go to hyper unseen; they are then to be told to [`Self::skip`].
    #[must_use]
    pub const fn unwatched(&self) -> u64 {
        match self.place {
            Place::Body(remaining) | Place::Chunk(remaining) => remaining,
            Place::Unknown => u64::MAX,
            Place::RequestLine | Place::Field(_) | Place::ChunkSize | Place::Trailer => 0,
        }
    }

    /// Whether the next byte begins a request.
    #[must_use]
    pub fn is_between_requests(&self) -> bool {
        self.place == Place::RequestLine && self.kept_length == 0
    }

    /// How many bytes the head has so far that has begun and not ended, as hyper will read it; 0 where there is none.
    #[must_use]
    pub const fn unfinished_length(&self) -> usize {
        self.kept_length
    }

    /// That head.
    #[must_use]
    pub const fn unfinished_head(&self) -> &UnfinishedHead {
        &self.kept
    }

    /// Whether the stream is not followed any more: hyper has, or will, refuse what came last.
    #[must_use]
    pub const fn is_lost(&self) -> bool {
        matches!(self.place, Place::Unknown)
    }

    /// Drops the head that has not ended, and follows the stream no more.
    pub fn drop_head(&mut self) {
        self.head = Vec::new();
        self.kept.take();
        self.kept_length = 0;
        self.place = Place::Unknown;
    }

    /// So many unwatched bytes have gone by.
    pub const fn skip(&mut self, count: u64) {
        self.place = match self.place {
            Place::Body(remaining) if remaining > count => Place::Body(remaining - count),
            Place::Body(_) => Place::RequestLine,
            Place::Chunk(remaining) if remaining > count => Place::Chunk(remaining - count),
            Place::Chunk(_) => Place::ChunkSize,
            other => other,
        };
    }

    /// Takes bytes from the client and adds to `out` what hyper is to read. A head is held back until its end, and dropped
    /// if it is too long: then nothing more of the stream can be understood.
    pub fn follow(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), HeadTooLong> {
        self.head = self.kept.take();
        let followed = self.follow_on(bytes, out);
        self.kept_length = self.head.len();
        self.kept.set(std::mem::take(&mut self.head));
        followed
    }

    fn follow_on(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), HeadTooLong> {
        while !bytes.is_empty() {
            let unwatched = usize::try_from(self.unwatched()).unwrap_or(usize::MAX).min(bytes.len());
            let (passed, rest) = bytes.split_at(unwatched);
            out.extend_from_slice(passed);
            self.skip(passed.len() as u64);
            if rest.is_empty() {
                break; // Where the next head begins is known, and none of it has come.
            }

            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let (part, rest) = rest.split_at(end);
            match self.place {
                Place::RequestLine | Place::Field(_) => self.follow_head(part, out),
                _ => self.follow_body(part, out),
            }
            if self.head.len() > self.longest_head {
                self.drop_head();
                return Err(HeadTooLong(self.longest_head));
            }
            bytes = rest;
        }
        Ok(())
    }

    /// A line, or a part of one, of a head.
    fn follow_head(&mut self, part: &[u8], out: &mut Vec<u8>) {
        self.head.extend_from_slice(part);
        let first = self.head.first().copied().unwrap_or_default();
        let is_text = first.is_ascii() && (!first.is_ascii_control() || matches!(first, b'\r' | b'\n'));
        if self.place == Place::RequestLine && !is_text {
            // TLS, most often: who speaks another protocol may send nothing more before it has an answer.
            return self.give_up(out);
        }
        if !part.ends_with(b"\n") {
            return;
        }
        let line = self.head.get(self.line_start..).unwrap_or_default();
        let is_empty = matches!(line, b"\r\n" | b"\n");
        let text = line.trim_ascii_end();
        match self.place {
            // RFC 9112 §2.2: empty lines may come before a request line.
            Place::RequestLine if is_empty => out.append(&mut self.head),
            Place::RequestLine if !request_line::has_version(text) => return self.give_up(out),
            Place::RequestLine => {
                if let Some(respelled) = request_line::respell(line) {
                    self.head = respelled;
                }
                self.place = Place::Field(Framing::None);
            }
            Place::Field(framing) if is_empty && self.head.len() <= self.longest_head => {
                self.hand_over_head(out);
                self.place = match framing {
                    Framing::None | Framing::Sized(0) => Place::RequestLine,
                    Framing::Sized(length) => Place::Body(length),
                    Framing::Chunked => Place::ChunkSize,
                    Framing::Unknown => Place::Unknown,
                };
            }
            Place::Field(framing) => self.place = Place::Field(framing.with(text)),
            _ => {}
        }
        self.line_start = self.head.len();
    }

    /// A line, or a part of one, between chunks or of trailers.
    fn follow_body(&mut self, part: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(part);
        self.line.extend_from_slice(part);
        if self.line.len() > LONGEST_LINE {
            return self.give_up(out);
        }
        let is_whole = match self.place {
            // In trailers hyper takes a lone line feed for a byte like any other.
            Place::Trailer => self.line.ends_with(b"\r\n"),
            _ => self.line.ends_with(b"\n"),
        };
        if !is_whole {
            return;
        }
        self.place = match self.place {
            Place::ChunkSize => chunk(self.line.trim_ascii_end()),
            Place::Trailer if self.line == b"\r\n" => Place::RequestLine,
            other => other,
        };
        self.line.clear();
    }

    /// The room of the head goes along, unless something else comes before it.
    fn hand_over_head(&mut self, out: &mut Vec<u8>) {
        if out.is_empty() {
            std::mem::swap(out, &mut self.head);
        } else {
            out.extend_from_slice(&self.head);
            self.head = Vec::new();
        }
    }

    fn give_up(&mut self, out: &mut Vec<u8>) {
        self.hand_over_head(out);
        self.line = Vec::new();
        self.place = Place::Unknown;
    }
}

impl Framing {
    /// What is known after one more field (RFC 9112 §6).
    fn with(self, field: &[u8]) -> Self {
        let Some(colon) = field.iter().position(|byte| *byte == b':') else {
            return self;
        };
        let (name, value) = field.split_at(colon);
        let value = value
            .trim_ascii_start()
            .strip_prefix(b":")
            .unwrap_or_default()
            .trim_ascii();
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return if value.eq_ignore_ascii_case(b"chunked") {
                Self::Chunked
            } else {
                Self::Unknown
            };
        }
        if !name.eq_ignore_ascii_case(b"content-length") {
            return self;
        }
        let length = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
        match (self, length) {
            (Self::Chunked | Self::Unknown, _) => self,
            (Self::None, Some(length)) => Self::Sized(length),
            (Self::Sized(before), Some(length)) if before == length => self,
            _ => Self::Unknown,
        }
    }
}

/// RFC 9112 §7.1: the size of a chunk, in hexadecimal digits, then perhaps extensions.
fn chunk(line: &[u8]) -> Place {
    let digits = line
        .split(|byte| matches!(byte, b';' | b' ' | b'\t'))
        .next()
        .unwrap_or_default();
    let size = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| u64::from_str_radix(digits, 16).ok());
    match size {
        Some(0) => Place::Trailer,
        Some(size) => size.checked_add(2).map_or(Place::Unknown, Place::Chunk),
        None => Place::Unknown,
    }
}

#[cfg(test)]
mod tests;
