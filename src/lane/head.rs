//! The head of a request, if it is plain: if everybody who reads HTTP/1.1 reads it in the same way.
//!
//! There is nothing to be told to a client here. A head that is not plain, for whatever reason, is hyper's to read, and to
//! refuse.

use std::mem::MaybeUninit;
use std::ops::Range;

use http::header::{HeaderName, HeaderValue};
use http::{Method, Request};
use httparse::Status;

use super::fields::{Blanks, Line, Lines, MAX_FIELDS, plain_length};
use crate::http::hop_by_hop;

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    None,
    /// After so many bytes.
    Sized(u64),
    /// As its chunks say.
    Chunked,
}

/// A plain head. What it has are ranges of the bytes that it was read from.
#[derive(Debug, Clone)]
pub struct RequestHead {
    method: Method,
    target: Range<usize>,
    length: usize,
    framing: Framing,
    ends_connection: bool,
    lines: Lines,
}

impl RequestHead {
    /// The head that these bytes begin with, if it is whole and plain, and no longer than this.
    #[must_use]
    pub fn read(bytes: &[u8], longest: usize) -> Option<Self> {
        let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
        let mut request = httparse::Request::new(&mut []);
        let Ok(Status::Complete(length)) = request.parse_with_uninit_headers(bytes, &mut fields) else {
            return None;
        };
        if length > longest {
            return None;
        }
        let (method, target) = (request.method?, request.path?);
        // The line is these words and nothing else.
        let start = method.len() + 1;
        let rest = bytes.strip_prefix(method.as_bytes())?.strip_prefix(b" ")?;
        let rest = rest.strip_prefix(target.as_bytes())?;
        rest.strip_prefix(b" HTTP/1.1\r\n")?;
        let target = start..start + target.len();
        let first_field = target.end + b" HTTP/1.1\r\n".len();
        let lines = Lines::covering(bytes, first_field, length, request.headers, Blanks::One)?;
        let mut head = Self {
            method: plain_method(method)?,
            target,
            length,
            framing: Framing::None,
            ends_connection: false,
            lines,
        };
        let is_plain = is_plain_target(head.target(bytes)) && head.settle(bytes).is_some();
        is_plain.then_some(head)
    }

    /// Looks at the fields that say how the request is to be read, and finds none twice, and none that is doubtful.
    fn settle(&mut self, bytes: &[u8]) -> Option<()> {
        let (mut host, mut connection, mut framing) = (false, false, None);
        for line in self.lines.iter_mut() {
            let value = line.value(bytes);
            let is = |name: &str| line.is_named(bytes, name);
            if is("content-length") {
                let length = Framing::Sized(plain_length(value)?);
                is_first(framing.replace(length).is_some())?;
            } else if is("transfer-encoding") {
                (value == b"chunked").then_some(())?;
                is_first(framing.replace(Framing::Chunked).is_some())?;
            } else if is("host") {
                is_first(std::mem::replace(&mut host, true))?;
            } else if is("connection") {
                is_first(std::mem::replace(&mut connection, true))?;
                self.ends_connection = ends_connection(value)?;
                line.is_hop_by_hop = true;
            } else if is("expect") || is("upgrade") || is("http2-settings") || is("trailer") {
                return None;
            } else {
                line.is_hop_by_hop = hop_by_hop::is_of_requests(line.name(bytes));
            }
        }
        self.framing = framing.unwrap_or(Framing::None);
        host.then_some(())
    }

    /// Its method, one of those that Elasticsearch has.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// Its target, in origin-form.
    #[must_use]
    pub fn target<'b>(&self, bytes: &'b [u8]) -> &'b str {
        let target = bytes.get(self.target.clone()).unwrap_or_default();
        std::str::from_utf8(target).unwrap_or_default()
    }

    /// What of its target is before the first `?`.
    #[must_use]
    pub fn path<'b>(&self, bytes: &'b [u8]) -> &'b str {
        let target = self.target(bytes);
        target.split_once('?').map_or(target, |(path, _)| path)
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

    /// How many bytes of its line are before its first field.
    pub(super) fn line<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let end = self.target.end + b" HTTP/1.1\r\n".len();
        bytes.get(..end).unwrap_or_default()
    }

    /// The lines of its fields.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }

    /// The head as hyper would have read it.
    #[must_use]
    pub fn to_request(&self, bytes: &[u8]) -> Option<Request<()>> {
        let mut request = Request::new(());
        request.method_mut().clone_from(&self.method);
        *request.uri_mut() = self.target(bytes).parse().ok()?;
        for line in self.lines() {
            let name = HeaderName::from_bytes(line.name(bytes)).ok()?;
            let value = HeaderValue::from_bytes(line.value(bytes)).ok()?;
            request.headers_mut().append(name, value);
        }
        Some(request)
    }
}

/// What the one `Connection` field of a head says, if it says nothing but that.
pub(super) fn ends_connection(value: &[u8]) -> Option<bool> {
    let is_close = value.eq_ignore_ascii_case(b"close");
    (is_close || value.eq_ignore_ascii_case(b"keep-alive")).then_some(is_close)
}

pub(super) fn is_first(was_there: bool) -> Option<()> {
    (!was_there).then_some(())
}

/// The methods that a route of Elasticsearch can have, in their one spelling. No other has a meaning that is beyond doubt.
fn plain_method(method: &str) -> Option<Method> {
    Some(match method {
        "GET" => Method::GET,
        "HEAD" => Method::HEAD,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "DELETE" => Method::DELETE,
        "OPTIONS" => Method::OPTIONS,
        "PATCH" => Method::PATCH,
        _ => return None,
    })
}

/// Whether a target is in origin-form, and goes through hyper as it is.
fn is_plain_target(target: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"' | b'`' | b'#');
    target.starts_with('/') && target.bytes().all(is_plain)
}

#[cfg(test)]
mod tests;
