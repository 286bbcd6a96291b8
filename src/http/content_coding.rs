//! Removes a body's content coding, never into more than a stated number of bytes.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::header::{CONTENT_ENCODING, HeaderMap};

use super::body_budget::{BodyShare, NoRoom};

/// Why a body cannot be decoded.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The decoded body is longer than the limit, in bytes. Usual cause: a wrong file, or a decompression bomb.
    #[error("the decompressed body is longer than {0} bytes")]
    TooLarge(usize),
    /// There is no room for it now.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The bytes are not what `Content-Encoding` says. Usual cause: the field was set, but nothing was compressed.
    #[error("the body is not [{coding}] as its Content-Encoding says")]
    Corrupt {
        /// The coding.
        coding: &'static str,
        /// What the decoder said.
        source: io::Error,
    },
}

/// How much is decoded before it is asked whether there is room for more, in bytes.
const PIECE: u64 = 64 * 1024;

/// Decodes a body by its `Content-Encoding`, as the codings that Elasticsearch's HTTP layer knows (contract http.md
/// §2.5). A body of an unknown coding stays as it is, and is then no JSON.
pub fn decode(headers: &HeaderMap, body: Bytes, limit: usize, share: &mut BodyShare) -> Result<Bytes, DecodeError> {
    let Some(coding) = headers.get(CONTENT_ENCODING) else {
        return Ok(body);
    };
    let coding = coding.as_bytes().trim_ascii().to_ascii_lowercase();
    let (coding, mut source): (_, Box<dyn Read + '_>) = match coding.as_slice() {
        b"gzip" | b"x-gzip" => ("gzip", Box::new(MultiGzDecoder::new(body.as_ref()))),
        b"deflate" | b"x-deflate" if has_zlib_header(&body) => ("deflate", Box::new(ZlibDecoder::new(body.as_ref()))),
        b"deflate" | b"x-deflate" => ("deflate", Box::new(DeflateDecoder::new(body.as_ref()))),
        _ => return Ok(body),
    };
    let mut decoded = Vec::new();
    loop {
        // One byte more than allowed is enough to see that there are too many.
        let piece = PIECE.min(limit.saturating_sub(decoded.len()) as u64 + 1);
        let piece = source.by_ref().take(piece).read_to_end(&mut decoded);
        let piece = piece.map_err(|source| DecodeError::Corrupt { coding, source })?;
        if piece == 0 {
            return Ok(decoded.into());
        }
        if decoded.len() > limit {
            return Err(DecodeError::TooLarge(limit));
        }
        share.grow(piece)?;
    }
}

/// RFC 1950 §2.2. `deflate` means the zlib format (RFC 9110 §8.4.1.2), and some clients send the bare one.
fn has_zlib_header(body: &[u8]) -> bool {
    match body {
        [method, flags, ..] => method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use http::HeaderValue;

    use super::*;
    use crate::http::body_budget::BodyBudget;

    fn decode_as(coding: &'static str, body: Vec<u8>) -> Result<Bytes, DecodeError> {
        decode(
            &HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(coding))]),
            body.into(),
            1000,
            &mut BodyBudget::new(1500).share(),
        )
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    #[test]
    fn known_codings_are_removed() {
        assert_eq!(decode_as("gzip", gzip(b"{}")).expect("gzip"), "{}");
        assert_eq!(decode_as(" X-GZip ", gzip(b"{}")).expect("gzip"), "{}");
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"{}").expect("memory takes it");
        assert_eq!(
            decode_as("deflate", zlib.finish().expect("memory takes it")).expect("zlib"),
            "{}"
        );
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(b"{}").expect("memory takes it");
        assert_eq!(
            decode_as("deflate", bare.finish().expect("memory takes it")).expect("bare"),
            "{}"
        );
    }

    #[test]
    fn several_gzip_members_are_one_body() {
        assert_eq!(
            decode_as("gzip", [gzip(b"{"), gzip(b"}")].concat()).expect("gzip"),
            "{}"
        );
    }

    #[test]
    fn an_unknown_coding_leaves_the_body_as_it_is() {
        assert_eq!(decode_as("br", b"{}".to_vec()).expect("left alone"), "{}");
    }

    #[test]
    fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
        assert_eq!(
            decode_as("gzip", gzip(&[b' '; 1000])).expect("within the limit").len(),
            1000
        );
        assert!(matches!(
            decode_as("gzip", gzip(&[b' '; 1001])),
            Err(DecodeError::TooLarge(1000))
        ));
    }

    #[test]
    fn what_is_decoded_takes_room() {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static("gzip"))]);
        let body = gzip(&vec![b' '; 1_000_000]).into();
        let decoded = decode(&headers, body, 2_000_000, &mut BodyBudget::new(100_000).share());
        assert!(matches!(
            decoded,
            Err(DecodeError::NoRoom(NoRoom {
                wanted: 131_072,
                limit: 100_000
            }))
        ));
    }

    #[test]
    fn what_is_not_compressed_or_cut_off_is_refused() {
        assert!(matches!(
            decode_as("gzip", b"{}".to_vec()),
            Err(DecodeError::Corrupt { .. })
        ));
        let whole = gzip(b"{}");
        assert!(matches!(
            decode_as("gzip", whole[..whole.len() - 4].to_vec()),
            Err(DecodeError::Corrupt { .. })
        ));
    }
}
