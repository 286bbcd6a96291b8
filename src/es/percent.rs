//! Percent-decoding as Elasticsearch does it, in paths and in queries (contract http.md §1.1).

/// A `%` that is not followed by two hexadecimal digits or by another `%`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed percent-encoded value [{0}]; write a [%] that is meant as such as [%25]")]
pub struct MalformedEscape(String);

/// Decodes one segment of a path, in which a `+` is a plus sign.
pub fn decode_segment(raw: &str) -> Result<String, MalformedEscape> {
    decode(raw, false)
}

/// Decodes a name or value of a query, in which a `+` is a blank.
pub fn decode_parameter(raw: &str) -> Result<String, MalformedEscape> {
    decode(raw, true)
}

/// `%XX` are bytes of UTF-8, `%%` is one `%`, and a byte from 0x80 on that was sent raw is one Latin-1 character.
fn decode(raw: &str, plus_is_blank: bool) -> Result<String, MalformedEscape> {
    if raw.is_ascii() && !raw.contains(['%', '+']) {
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
            b'+' if plus_is_blank => decoded.push(b' '),
            0x80.. => decoded.extend_from_slice(char::from(byte).encode_utf8(&mut [0; 2]).as_bytes()),
            ascii => decoded.push(ascii),
        }
    }
    Ok(String::from_utf8_lossy(&decoded).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }

    #[test]
    fn a_plus_in_a_query_is_a_blank() {
        assert_eq!(decode_parameter("a+b%2B").as_deref(), Ok("a b+"));
    }

    #[test]
    fn half_an_escape_is_refused() {
        for raw in ["%", "%2", "%zz", "j%2"] {
            assert!(decode_segment(raw).is_err(), "{raw} was decoded");
        }
    }
}
