//! The request target as it is sent upstream, and the parts of it that routing looks at, byte for byte.

use http::Uri;
use http::uri::PathAndQuery;

/// The target of a request in the form in which it goes upstream: origin-form, the bytes as they came. Routing looks
/// at this value and at no other, so that what is judged is what is sent (contract http.md §1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(PathAndQuery);

impl Target {
    /// The target of a request. `None` for the authority-form, which only CONNECT may use (RFC 9112 §3.2.3).
    #[must_use]
    pub fn of(uri: &Uri) -> Option<Self> {
        uri.path_and_query().cloned().map(Self)
    }

    /// The bytes before the first `?`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// The bytes after the first `?`; empty when there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.0.query().unwrap_or_default()
    }

    /// The target as hyper's client takes it.
    #[must_use]
    pub fn into_uri(self) -> Uri {
        Uri::from(self.0)
    }
}

/// A `%` that is not followed by two hexadecimal digits or by another `%`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed percent-encoded value [{0}]")]
pub struct MalformedEscape(String);

/// Decodes one segment of a path as Elasticsearch decodes a path variable (contract http.md §1.1): `%XX` are bytes of
/// UTF-8, `%%` is one `%`, `+` stays `+`, and a byte from 0x80 on that was sent raw is one Latin-1 character.
pub fn decode_segment(raw: &str) -> Result<String, MalformedEscape> {
    if raw.is_ascii() && !raw.contains('%') {
        return Ok(raw.to_owned());
    }
    let malformed = || MalformedEscape(raw.to_owned());
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let first = bytes.next().ok_or_else(malformed)?;
                if first == b'%' {
                    decoded.push(b'%');
                    continue;
                }
                let second = bytes.next().ok_or_else(malformed)?;
                let digit = |digit: u8| char::from(digit).to_digit(16).ok_or_else(malformed);
                let value = digit(first)? * 16 + digit(second)?;
                decoded.push(u8::try_from(value).map_err(|_| malformed())?);
            }
            0x80.. => decoded.extend_from_slice(char::from(byte).encode_utf8(&mut [0; 2]).as_bytes()),
            ascii => decoded.push(ascii),
        }
    }
    Ok(String::from_utf8_lossy(&decoded).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Option<Target> {
        Target::of(&text.parse().expect("hyper reads this target"))
    }

    #[test]
    fn odd_spellings_stay_as_they_are() {
        for text in [
            "//a",
            "/a//b",
            "/../x",
            "/%2e%2E/x",
            "/a?b?c",
            "/a;v=1?x;y",
            "/%zz",
            "/a\\b",
            "/ä",
        ] {
            assert_eq!(target(text).expect("a path").into_uri().to_string(), text);
        }
    }

    #[test]
    fn the_path_ends_at_the_first_question_mark() {
        let target = target("/a/b?c=/d?e").expect("a path");
        assert_eq!((target.path(), target.query()), ("/a/b", "c=/d?e"));
    }

    #[test]
    fn absolute_form_becomes_origin_form_and_authority_form_has_none() {
        assert_eq!(
            target("http://h:9200/x?y").expect("a path").into_uri().to_string(),
            "/x?y"
        );
        assert_eq!(target("h:80"), None);
        assert_eq!(target("*").expect("asterisk-form").into_uri().to_string(), "*");
    }

    #[test]
    fn segments_decode_as_in_elasticsearch() {
        for (raw, decoded) in [
            ("j", "j"),
            ("%6A", "j"),
            ("a%2Fb", "a/b"),
            ("a+b", "a+b"),
            ("j%%", "j%"),
            ("j%00", "j\0"),
            ("%C3%A9", "é"),
            ("é", "Ã©"),
        ] {
            assert_eq!(decode_segment(raw).as_deref(), Ok(decoded));
        }
        for raw in ["%", "%2", "%zz", "j%2"] {
            assert!(decode_segment(raw).is_err(), "{raw} was decoded");
        }
    }
}
