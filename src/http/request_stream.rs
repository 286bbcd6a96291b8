//! Follows a client's byte stream from request line to request line, so that each can be spelled for hyper.
//!
//! This is no second judge of requests: hyper alone decides what is asked and where it ends. Should the two ever differ
//! on where a line stands, then some byte is spelled otherwise that no node reads as a request line either.

use super::request_line;

/// The longest line that is followed, in bytes. hyper refuses a longer target (65,534 bytes) and a longer head.
const LONGEST_LINE: usize = 512 * 1024;

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

/// One client's stream.
#[derive(Debug)]
pub struct RequestStream {
    place: Place,
    /// The line that has not ended yet.
    line: Vec<u8>,
    heads: u64,
}

impl Default for RequestStream {
    /// The start of a connection.
    fn default() -> Self {
        Self {
            place: Place::RequestLine,
            line: Vec::new(),
            heads: 0,
        }
    }
}

impl RequestStream {
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
        self.place == Place::RequestLine && self.line.is_empty()
    }

    /// How many heads have ended.
    #[must_use]
    pub const fn heads(&self) -> u64 {
        self.heads
    }

    /// Whether a head has begun and not ended.
    #[must_use]
    pub const fn is_inside_head(&self) -> bool {
        match self.place {
            Place::RequestLine => !self.line.is_empty(),
            Place::Field(_) => true,
            Place::Body(_) | Place::ChunkSize | Place::Chunk(_) | Place::Trailer | Place::Unknown => false,
        }
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

    /// Takes bytes from the client and adds to `out` what hyper is to read. A request line is held back until its end.
    pub fn follow(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            let unwatched = usize::try_from(self.unwatched()).unwrap_or(usize::MAX).min(bytes.len());
            let (passed, rest) = bytes.split_at(unwatched);
            out.extend_from_slice(passed);
            self.skip(passed.len() as u64);

            let end = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(rest.len(), |end| end + 1);
            let (part, rest) = rest.split_at(end);
            self.line.extend_from_slice(part);
            if self.place != Place::RequestLine {
                out.extend_from_slice(part);
            }
            if part.ends_with(b"\n") {
                self.end_line(out);
            } else if self.line.len() > LONGEST_LINE {
                self.give_up(out);
            }
            bytes = rest;
        }
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        // In trailers hyper takes a lone line feed for a byte like any other.
        if self.place == Place::Trailer && !self.line.ends_with(b"\r\n") {
            return;
        }
        let line = std::mem::take(&mut self.line);
        let text = line.trim_ascii_end();
        let is_empty = matches!(line.as_slice(), b"\r\n" | b"\n");
        self.place = match self.place {
            Place::RequestLine => {
                match request_line::respell(&line) {
                    Some(respelled) => out.extend_from_slice(&respelled),
                    None => out.extend_from_slice(&line),
                }
                // RFC 9112 §2.2: empty lines may come before a request line.
                if is_empty {
                    Place::RequestLine
                } else {
                    Place::Field(Framing::None)
                }
            }
            Place::Field(framing) if is_empty => {
                self.heads += 1;
                match framing {
                    Framing::None | Framing::Sized(0) => Place::RequestLine,
                    Framing::Sized(length) => Place::Body(length),
                    Framing::Chunked => Place::ChunkSize,
                    Framing::Unknown => Place::Unknown,
                }
            }
            Place::Field(framing) => Place::Field(framing.with(text)),
            Place::ChunkSize => chunk(text),
            Place::Trailer if is_empty => Place::RequestLine,
            other => other,
        };
        // The buffer's room is kept for the next line.
        self.line = line;
        self.line.clear();
    }

    fn give_up(&mut self, out: &mut Vec<u8>) {
        if self.place == Place::RequestLine {
            out.extend_from_slice(&self.line);
        }
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
