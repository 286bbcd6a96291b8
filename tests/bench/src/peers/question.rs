//! What the load asks, and what the upstream answers.

use super::KIBIBYTE;

/// How many bytes the body of a small answer has.
pub const SMALL: usize = 500;

/// The target of a request for a small answer.
pub const SMALL_TARGET: &str = "/logs/_doc/1";

/// The target of a bulk.
pub const BULK: &str = "/_bulk";

/// The path whose last part says how many bytes the body of the answer has.
pub const SIZED: &str = "/sized/";

/// Requests that are all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The head, and a body of less than 64 KiB.
    pub start: Vec<u8>,
    /// How many bytes of the body are still to be sent.
    pub rest: u64,
}

/// The longest body that is sent in one piece with its head, in bytes.
const LONGEST_START: u64 = 64 * KIBIBYTE;

impl Question {
    /// Asks for a document, which is a small answer.
    #[must_use]
    pub fn small() -> Self {
        let start = head("GET", SMALL_TARGET, "");
        Self { start, rest: 0 }
    }

    /// Asks for an answer of so many bytes.
    #[must_use]
    pub fn sized(bytes: u64) -> Self {
        let start = head("GET", &format!("{SIZED}{bytes}"), "");
        Self { start, rest: 0 }
    }

    /// Sends a bulk of so many bytes. The answer is small.
    #[must_use]
    pub fn bulk(bytes: u64) -> Self {
        let fields = format!("Content-Type: application/x-ndjson\r\nContent-Length: {bytes}\r\n");
        let mut start = head("POST", BULK, &fields);
        let here = if bytes < LONGEST_START { bytes } else { 0 };
        start.resize(start.len() + usize::try_from(here).unwrap_or(0), b'x');
        Self {
            start,
            rest: bytes - here,
        }
    }

    /// Creates a job with this body.
    #[must_use]
    pub fn create_job(id: &str, body: &str) -> Self {
        let length = body.len();
        let fields = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n");
        let mut start = head("PUT", &format!("/_ml/anomaly_detectors/{id}"), &fields);
        start.extend_from_slice(body.as_bytes());
        Self { start, rest: 0 }
    }
}

/// The head of a request, with these fields besides those that each has.
fn head(method: &str, target: &str, fields: &str) -> Vec<u8> {
    let own = "Host: localhost\r\nAccept: */*\r\nUser-Agent: bench/1\r\n";
    format!("{method} {target} HTTP/1.1\r\n{own}{fields}\r\n").into_bytes()
}

/// What a head is followed by, if it says so in one `Content-Length`.
#[must_use]
pub fn body_length(head: &[u8]) -> Option<u64> {
    let head = std::str::from_utf8(head).ok()?;
    let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    value.trim().parse().ok()
}

/// Where the head ends that these bytes begin with, if all of it is there.
#[must_use]
pub fn head_end(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, b"\r\n\r\n").map(|end| end + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_body_goes_with_its_head_and_a_large_one_after_it() {
        let bulk = Question::bulk(1024);
        let end = head_end(&bulk.start).expect("a head");
        assert_eq!(body_length(&bulk.start[..end]), Some(1024));
        assert_eq!((bulk.start.len() - end, bulk.rest), (1024, 0));
        let large = Question::bulk(1 << 30);
        assert_eq!(head_end(&large.start), Some(large.start.len()));
        assert_eq!((body_length(&large.start), large.rest), (Some(1 << 30), 1 << 30));
        let small = Question::small();
        assert_eq!((head_end(&small.start), small.rest), (Some(small.start.len()), 0));
        assert_eq!(body_length(&small.start), None);
    }

    #[test]
    fn a_length_is_found_in_any_case() {
        assert_eq!(
            body_length(b"HTTP/1.1 200 OK\r\nServer: a\r\ncontent-LENGTH:  12\r\n\r\n"),
            Some(12)
        );
        assert_eq!(body_length(b"HTTP/1.1 200 OK\r\nX-Content-Length: 12\r\n\r\n"), None);
        assert_eq!(head_end(b"HTTP/1.1 200 OK\r\n"), None);
    }
}
