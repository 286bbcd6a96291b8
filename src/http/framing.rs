//! Decides how a message's body is framed on its way on, from what was parsed and never from what was claimed.

use http::Version;
use http::header::{CONTENT_LENGTH, EXPECT, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use http_body::Body;

const CHUNKED: HeaderValue = HeaderValue::from_static("chunked");

/// A message whose `Transfer-Encoding` is anything but a lone `chunked`. Re-framing it would lose the other coding
/// and leave a body that the next reader takes for something else (http.md §6.4).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Transfer-Encoding [{0}] is not supported; only [chunked] is")]
pub struct UnsupportedTransferCoding(String);

/// An answer that states lengths which contradict each other, or one that is none. Nobody knows where it ends
/// (RFC 9112 §6.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("its Content-Length [{0}] is not one length")]
pub struct UnclearLength(String);

/// Why an answer cannot be framed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnframedAnswer {
    /// Handed on, its body would be taken for something else.
    #[error(transparent)]
    TransferCoding(#[from] UnsupportedTransferCoding),
    /// Handed on, its end would be found in different places.
    #[error(transparent)]
    Length(#[from] UnclearLength),
}

/// A request that expects something else than to be asked for its body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the expectation [{0}] is not supported; only [100-continue] is")]
pub struct UnsupportedExpectation(String);

/// Checks the transfer coding of a message as it came in.
pub fn check_transfer_coding(headers: &HeaderMap) -> Result<(), UnsupportedTransferCoding> {
    for coding in headers.get_all(TRANSFER_ENCODING) {
        if !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
            return Err(UnsupportedTransferCoding(
                String::from_utf8_lossy(coding.as_bytes()).into_owned(),
            ));
        }
    }
    Ok(())
}

/// Checks what a request expects (RFC 9110 §10.1.1). HTTP/1.0 has no expectations: there the field means nothing.
pub fn check_expectation(version: Version, headers: &HeaderMap) -> Result<(), UnsupportedExpectation> {
    if version < Version::HTTP_11 {
        return Ok(());
    }
    for expectation in headers.get_all(EXPECT) {
        if !expectation.as_bytes().eq_ignore_ascii_case(b"100-continue") {
            return Err(UnsupportedExpectation(
                String::from_utf8_lossy(expectation.as_bytes()).into_owned(),
            ));
        }
    }
    Ok(())
}

/// Frames a request for the cluster by the body that hyper's server has found: one field that says it, in its one
/// spelling. A field that is right already stays in its place.
///
/// Without a field hyper's client assumes that GET and HEAD have no body, and Elasticsearch's `GET _search` has one.
pub fn frame_request(headers: &mut HeaderMap, body: &impl Body) {
    let length = if body.is_end_stream() {
        Some(0)
    } else {
        body.size_hint().exact()
    };
    let Some(length) = length else {
        headers.remove(CONTENT_LENGTH);
        headers.insert(TRANSFER_ENCODING, CHUNKED);
        return;
    };
    headers.remove(TRANSFER_ENCODING);
    match headers.get(CONTENT_LENGTH) {
        Some(written) if is_canonical(written) => {}
        None if length == 0 => {}
        // `010` may be read as octal, and a length that `Connection` has named is gone.
        Some(_) | None => {
            headers.insert(CONTENT_LENGTH, length.into());
        }
    }
}

/// Frames an answer for the client. `Transfer-Encoding` stays in its place, and rules `Content-Length` out
/// (RFC 9112 §6.3).
pub fn frame_answer(headers: &mut HeaderMap) -> Result<(), UnframedAnswer> {
    if headers.contains_key(TRANSFER_ENCODING) {
        check_transfer_coding(headers)?;
        if headers.get_all(TRANSFER_ENCODING).iter().count() > 1 {
            headers.insert(TRANSFER_ENCODING, CHUNKED);
        }
        headers.remove(CONTENT_LENGTH);
        return Ok(());
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    match (lengths.next(), lengths.next()) {
        (None, _) => Ok(()),
        (Some(only), None) if is_length(only.as_bytes()) => Ok(()),
        _ => Ok(unite_lengths(headers)?),
    }
}

/// Writes a length that is stated several times, in fields or in a list, once. hyper's server sends no answer at all that
/// has two such fields, and its client has compared them only if a body was to follow: not after HEAD.
fn unite_lengths(headers: &mut HeaderMap) -> Result<(), UnclearLength> {
    let fields: Vec<&[u8]> = headers
        .get_all(CONTENT_LENGTH)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    let stated = fields.join(&b","[..]);
    let number = |length: &[u8]| {
        let digits = std::str::from_utf8(length.trim_ascii()).ok()?;
        let digits = Some(digits).filter(|digits| is_length(digits.as_bytes()))?;
        digits.parse::<u64>().ok()
    };
    let mut lengths = stated.split(|byte| *byte == b',').map(number);
    let first = lengths.next().flatten();
    match first {
        Some(length) if lengths.all(|other| other == first) => {
            headers.insert(CONTENT_LENGTH, length.into());
            Ok(())
        }
        _ => Err(UnclearLength(String::from_utf8_lossy(&stated).into_owned())),
    }
}

fn is_length(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Whether a length that hyper has read is written without leading zeros.
fn is_canonical(length: &HeaderValue) -> bool {
    matches!(length.as_bytes(), [b'0'] | [b'1'..=b'9', ..])
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use http_body_util::combinators::BoxBody;
    use http_body_util::{BodyExt, Empty, Full, StreamBody};

    use super::*;

    fn with(name: http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    fn framed(mut headers: HeaderMap, body: &impl Body) -> HeaderMap {
        frame_request(&mut headers, body);
        headers
    }

    fn sized() -> Full<Bytes> {
        Full::new(Bytes::from_static(b"0123456789"))
    }

    fn unsized_body() -> impl Body {
        let none: [Result<http_body::Frame<Bytes>, Infallible>; 0] = [];
        StreamBody::new(futures_util::stream::iter(none))
    }

    #[test]
    fn only_a_lone_chunked_is_known() {
        assert_eq!(check_transfer_coding(&HeaderMap::new()), Ok(()));
        assert_eq!(check_transfer_coding(&with(TRANSFER_ENCODING, "Chunked")), Ok(()));
        for coding in ["gzip, chunked", "chunked, chunked", "xchunked", "identity", ""] {
            assert!(
                check_transfer_coding(&with(TRANSFER_ENCODING, coding)).is_err(),
                "{coding:?} was accepted"
            );
        }
    }

    #[test]
    fn one_expectation_is_known_and_http_1_0_has_none() {
        let check = |version, value| check_expectation(version, &with(EXPECT, value)).is_ok();
        assert!(check(Version::HTTP_11, "100-Continue"));
        assert!(!check(Version::HTTP_11, "100-continue, x"));
        assert!(!check(Version::HTTP_11, ""));
        assert!(check(Version::HTTP_10, "x"));
        assert_eq!(check_expectation(Version::HTTP_11, &HeaderMap::new()), Ok(()));
    }

    #[test]
    fn a_body_of_unknown_length_goes_up_chunked() {
        let chunked = with(TRANSFER_ENCODING, "chunked");
        assert_eq!(framed(HeaderMap::new(), &unsized_body()), chunked);
        assert_eq!(framed(with(CONTENT_LENGTH, "3"), &unsized_body()), chunked);
        assert_eq!(framed(with(TRANSFER_ENCODING, "CHUNKED"), &unsized_body()), chunked);
    }

    #[test]
    fn a_known_length_is_written_in_one_way() {
        assert_eq!(framed(with(CONTENT_LENGTH, "10"), &sized()), with(CONTENT_LENGTH, "10"));
        assert_eq!(
            framed(with(CONTENT_LENGTH, "010"), &sized()),
            with(CONTENT_LENGTH, "10")
        );
        assert_eq!(framed(HeaderMap::new(), &sized()), with(CONTENT_LENGTH, "10"));
    }

    #[test]
    fn no_body_is_announced_only_where_it_was() {
        let empty: BoxBody<Bytes, Infallible> = Empty::new().boxed();
        assert_eq!(framed(HeaderMap::new(), &empty), HeaderMap::new());
        assert_eq!(framed(with(CONTENT_LENGTH, "0"), &empty), with(CONTENT_LENGTH, "0"));
        assert_eq!(framed(with(CONTENT_LENGTH, "00"), &empty), with(CONTENT_LENGTH, "0"));
        assert_eq!(framed(with(TRANSFER_ENCODING, "chunked"), &empty), HeaderMap::new());
    }

    #[test]
    fn an_answer_in_chunks_has_no_length() {
        let mut both = with(CONTENT_LENGTH, "3");
        both.append(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        assert_eq!(frame_answer(&mut both), Ok(()));
        assert_eq!(both, with(TRANSFER_ENCODING, "chunked"));
        assert!(frame_answer(&mut with(TRANSFER_ENCODING, "gzip, chunked")).is_err());
    }

    fn stating(lengths: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for length in lengths {
            headers.append(CONTENT_LENGTH, HeaderValue::from_static(length));
        }
        headers
    }

    #[test]
    fn a_length_that_is_stated_several_times_is_stated_once() {
        for (stated, framed) in [
            (&["2"][..], "2"),
            (&["02"], "02"),
            (&["2", "2"], "2"),
            (&["2", "2", "2"], "2"),
            (&["2, 2"], "2"),
            (&["2,2", " 2 "], "2"),
            (&["2", "02"], "2"),
            (&["0", "0"], "0"),
        ] {
            let mut headers = stating(stated);
            assert_eq!(frame_answer(&mut headers), Ok(()), "{stated:?}");
            assert_eq!(headers, stating(&[framed]), "{stated:?}");
        }
        for stated in [
            &["2", "3"][..],
            &["2, 3"],
            &["2,"],
            &[""],
            &["+2"],
            &["2", "two"],
            &["-1"],
            &["99999999999999999999", "99999999999999999999"],
        ] {
            assert!(frame_answer(&mut stating(stated)).is_err(), "{stated:?}");
        }
    }
}
