//! The head of a node's answer, if it is plain. One that is not is read once more, by hyper.

use std::mem::MaybeUninit;

use http::{Method, StatusCode};
use httparse::Status;
use memchr::memchr;

use super::fields::{Blanks, Line, Lines, MAX_FIELDS, plain_length};
use super::head::{Framing, ends_connection, is_first};
use crate::http::hop_by_hop;

/// What has come of an answer.
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart where it is returned, and a box would be an allocation for each answer"
)]
#[derive(Debug, Clone)]
pub enum AnswerReading {
    /// A plain head.
    Plain(AnswerHead),
    /// A part of a head.
    Partial,
    /// Something else.
    Odd,
}

/// A plain head. What it has are ranges of the bytes that it was read from.
#[derive(Debug, Clone)]
pub struct AnswerHead {
    status: StatusCode,
    length: usize,
    first_field: usize,
    framing: Framing,
    ends_connection: bool,
    lines: Lines,
}

impl AnswerHead {
    /// Reads the answer to a request with this method.
    #[must_use]
    pub fn read(bytes: &[u8], method: &Method) -> AnswerReading {
        let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
        let mut answer = httparse::Response::new(&mut []);
        let config = httparse::ParserConfig::default();
        match config.parse_response_with_uninit_headers(&mut answer, bytes, &mut fields) {
            Ok(Status::Complete(length)) => {
                let head = answer.code.zip(Some(&*answer.headers));
                let head = head.and_then(|(code, fields)| Self::of(bytes, code, length, fields, method));
                head.map_or(AnswerReading::Odd, AnswerReading::Plain)
            }
            Ok(Status::Partial) => AnswerReading::Partial,
            Err(_) => AnswerReading::Odd,
        }
    }

    fn of(bytes: &[u8], code: u16, length: usize, fields: &[httparse::Header<'_>], method: &Method) -> Option<Self> {
        let end = memchr(b'\r', bytes)?;
        let status = StatusCode::from_u16(code).ok()?;
        // The reason is for people, and may have any characters, or none.
        let rest = bytes.get(..end)?.strip_prefix(b"HTTP/1.1 ")?;
        let reason = rest.strip_prefix(status.as_str().as_bytes())?;
        let is_plain = |byte: &u8| *byte == b'\t' || !byte.is_ascii_control();
        let is_line = reason.starts_with(b" ") && reason.iter().all(is_plain);
        if !is_line || bytes.get(end..end + 2)? != b"\r\n" {
            return None;
        }
        let mut head = Self {
            status,
            length,
            first_field: end + 2,
            framing: Framing::None,
            ends_connection: false,
            lines: Lines::covering(bytes, end + 2, length, fields, Blanks::Any)?,
        };
        head.settle(bytes, method).map(|()| head)
    }

    /// Looks at the fields that say how the answer is to be read, and finds none twice, and none that is doubtful.
    fn settle(&mut self, bytes: &[u8], method: &Method) -> Option<()> {
        let (mut connection, mut stated) = (false, None);
        for line in self.lines.iter_mut() {
            let value = line.value(bytes);
            let is = |name: &str| line.is_named(bytes, name);
            if is("content-length") {
                let length = Framing::Sized(plain_length(value)?);
                is_first(stated.replace(length).is_some())?;
            } else if is("transfer-encoding") {
                value.eq_ignore_ascii_case(b"chunked").then_some(())?;
                is_first(stated.replace(Framing::Chunked).is_some())?;
            } else if is("connection") {
                is_first(std::mem::replace(&mut connection, true))?;
                self.ends_connection = ends_connection(value)?;
                line.is_hop_by_hop = true;
            } else {
                line.is_hop_by_hop = hop_by_hop::is_of_answers(line.name(bytes));
            }
        }
        self.framing = match (self.status.as_u16(), stated) {
            // Nobody asked for another protocol; how that is told is not the lane's business.
            (101, _) | (100..=199 | 204, Some(_)) | (304, Some(Framing::Chunked)) => return None,
            // RFC 9112 §6.3: these have no body.
            (100..=199 | 204 | 304, _) => Framing::None,
            _ if *method == Method::HEAD => Framing::None,
            // It ends with its connection, which is not the client's.
            (_, None) => return None,
            (_, Some(framing)) => framing,
        };
        Some(())
    }

    /// Its status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }

    /// How the body behind it ends.
    #[must_use]
    pub const fn framing(&self) -> Framing {
        self.framing
    }

    /// Whether it is the last one of its connection.
    #[must_use]
    pub const fn ends_connection(&self) -> bool {
        self.ends_connection
    }

    /// Its status line.
    pub(super) fn line<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(..self.first_field).unwrap_or_default()
    }

    /// The lines of its fields.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }
}

#[cfg(test)]
mod tests;
