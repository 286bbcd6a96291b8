//! Content negotiation: decided for any fields, in any case, and the answer's type is one of JSON.

use anomaly_gateway::es::media_type::negotiate;
use anomaly_gateway::es::version::Version;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};

const VERSIONS: [Version; 5] = [
    Version::BASE,
    Version::new(7, 10, 2),
    Version::new(7, 17, 28),
    Version::new(8, 19, 21),
    Version::new(9, 5, 3),
];

/// The first line is `Content-Type`, the second `Accept`, the third the parameter `format`.
pub(super) fn check(bytes: &[u8]) {
    let (content_type, rest) = super::first_line(bytes);
    let (accept, format) = super::first_line(rest);
    let format = std::str::from_utf8(format).ok().filter(|format| !format.is_empty());
    let Some(headers) = headers(content_type, accept) else {
        return;
    };
    let upper = |text: &[u8]| text.to_ascii_uppercase();
    let shouted = self::headers(&upper(content_type), &upper(accept)).expect("as good as the other");
    for api in VERSIONS {
        for has_body in [false, true] {
            let negotiated = negotiate(&headers, has_body, format, api);
            let in_capitals = negotiate(&shouted, has_body, format, api);
            assert_eq!(negotiated.is_ok(), in_capitals.is_ok(), "{api}: the case matters");
            match negotiated {
                Ok(negotiated) => {
                    // Parameters are given back as they came, as Elasticsearch does.
                    let answer = negotiated.answer.as_bytes();
                    assert!(answer.starts_with(b"application/"), "{api}: {answer:?}");
                }
                Err(bad) => assert_eq!(
                    (bad.exception.status().as_u16(), bad.names.is_empty()),
                    (400, false),
                    "{api}"
                ),
            }
        }
    }
}

/// A field that is empty is left out.
fn headers(content_type: &[u8], accept: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in [(CONTENT_TYPE, content_type), (ACCEPT, accept)] {
        if !value.is_empty() {
            headers.append(name, HeaderValue::from_bytes(value).ok()?);
        }
    }
    Some(headers)
}
