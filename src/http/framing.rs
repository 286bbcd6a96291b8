//! Decides how a message's body is framed on its way up, from what was parsed and never from what was claimed.

use http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING};

/// A request whose `Transfer-Encoding` is anything but a lone `chunked`. Re-framing it would lose the other coding
/// and leave a body that the upstream reads differently (contract http.md §6.4).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Transfer-Encoding [{0}] is not supported; only [chunked] is")]
pub struct UnsupportedTransferCoding(String);

/// Checks the transfer coding of a request as it came in, before hop-by-hop fields are removed.
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

/// Makes sure that a request with a body of unknown length goes up chunked. hyper assumes that GET and HEAD have no
/// body unless a field says so, and Elasticsearch's `GET _search` has one.
pub fn frame_request(headers: &mut HeaderMap, body_is_empty: bool) {
    if !body_is_empty && !headers.contains_key(CONTENT_LENGTH) {
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
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
    fn a_body_of_unknown_length_goes_up_chunked() {
        let mut headers = HeaderMap::new();
        frame_request(&mut headers, false);
        assert_eq!(headers, with(TRANSFER_ENCODING, "chunked"));
    }

    #[test]
    fn a_known_length_or_no_body_stays_as_it_is() {
        let mut sized = with(CONTENT_LENGTH, "3");
        frame_request(&mut sized, false);
        assert_eq!(sized, with(CONTENT_LENGTH, "3"));

        let mut empty = HeaderMap::new();
        frame_request(&mut empty, true);
        assert!(empty.is_empty());
    }
}
