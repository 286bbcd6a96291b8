//! An admitted request on its way to the cluster itself: as it came, but for its body and the fields that describe it.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderValue, Request};
use http_body_util::Full;

use crate::es::media_type;
use crate::es::version::Version;
use crate::upstream::Outgoing;
use crate::xcontent::elided_text::ElidedText;

/// The request with this head, and with `body`, JSON, in place of the one that came with it.
pub(super) fn request(mut head: Parts, body: ElidedText, api: Version) -> Request<Outgoing> {
    head.headers = described(&head.headers, body.length(), api);
    Request::from_parts(head, Outgoing::Written(body.into()))
}

/// The request with this head and its own body, which was decoded to be judged: what it is written in, it still is.
pub(super) fn as_sent(mut head: Parts, body: Bytes) -> Request<Outgoing> {
    let length = HeaderValue::from(body.len());
    head.headers.remove(CONTENT_ENCODING);
    head.headers.remove(TRANSFER_ENCODING);
    head.headers.insert(CONTENT_LENGTH, length);
    Request::from_parts(head, Outgoing::Whole(Full::new(body)))
}

/// The fields for a JSON body of this length, each that describes it in the place where the client had it. Built anew, as
/// removing one would change the order of the others.
fn described(sent: &HeaderMap, length: usize, api: Version) -> HeaderMap {
    let (content_type, accept) = media_type::of_json(sent, api);
    let mut headers = HeaderMap::with_capacity(sent.len() + 1);
    for (name, value) in sent {
        match name {
            &CONTENT_ENCODING => {} // The body was decoded to be judged.
            &CONTENT_LENGTH | &TRANSFER_ENCODING => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
            }
            &CONTENT_TYPE => {
                headers.insert(CONTENT_TYPE, content_type.clone());
            }
            &ACCEPT => {
                headers.append(ACCEPT, accept.as_ref().unwrap_or(value).clone());
            }
            _ => {
                headers.append(name.clone(), value.clone());
            }
        }
    }
    headers
        .entry(CONTENT_LENGTH)
        .or_insert_with(|| HeaderValue::from(length));
    if let Some(accept) = accept {
        headers.insert(ACCEPT, accept);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    fn described_as(api: Version, fields: &[(&'static str, &'static str)]) -> Vec<(String, String)> {
        let described = described(&headers(fields), 12, api);
        let text = |value: &HeaderValue| value.to_str().expect("text").to_owned();
        described
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect()
    }

    fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn fields_of_the_body_are_in_their_places_and_others_as_they_were() {
        let sent = [
            ("host", "a"),
            ("x-1", "1"),
            ("content-encoding", "gzip"),
            ("transfer-encoding", "chunked"),
            ("authorization", "ApiKey x"),
            ("accept-encoding", "gzip"),
            ("content-type", "application/json; charset=UTF-16"),
            ("x-2", "2"),
            ("x-2", "3"),
        ];
        let expected = [
            ("host", "a"),
            ("x-1", "1"),
            ("content-length", "12"),
            ("authorization", "ApiKey x"),
            ("accept-encoding", "gzip"),
            ("content-type", "application/json"),
            ("x-2", "2"),
            ("x-2", "3"),
        ];
        assert_eq!(described_as(Version::BASE, &sent), pairs(&expected));
    }

    #[test]
    fn a_length_is_the_new_bodys() {
        let sent = [
            ("content-length", "7"),
            ("content-type", "application/json"),
            ("x-1", "1"),
        ];
        let expected = [
            ("content-length", "12"),
            ("content-type", "application/json"),
            ("x-1", "1"),
        ];
        assert_eq!(described_as(Version::BASE, &sent), pairs(&expected));
    }

    /// The answer would be in the format of the body, which is another now.
    #[test]
    fn the_answer_keeps_the_format_that_the_request_asks_for() {
        let yaml = ("content-type", "application/yaml");
        let json = ("content-type", "application/json");
        let length = ("content-length", "12");
        let wants_yaml = ("accept", "application/yaml");
        for api in [Version::BASE, Version::new(9, 5, 3)] {
            let expected = pairs(&[json, length, wants_yaml]);
            assert_eq!(described_as(api, &[yaml]), expected);
            // A type that says nothing.
            let expected = pairs(&[json, wants_yaml, length]);
            assert_eq!(described_as(api, &[yaml, ("accept", "*/*")]), expected);
            let wants_cbor = ("accept", "application/cbor");
            assert_eq!(
                described_as(api, &[yaml, wants_cbor]),
                pairs(&[json, wants_cbor, length])
            );
        }
    }

    #[test]
    fn the_version_that_is_asked_for_stays() {
        let sent = [
            ("content-type", "application/vnd.elasticsearch+cbor; compatible-with=8"),
            ("accept", "application/vnd.elasticsearch+json; compatible-with=8"),
        ];
        let expected = [
            ("content-type", "application/vnd.elasticsearch+json;compatible-with=8"),
            sent[1],
            ("content-length", "12"),
        ];
        assert_eq!(described_as(Version::new(9, 5, 3), &sent), pairs(&expected));
    }
}
