//! Removes a body's content coding, never into more than a stated number of bytes.

#![expect(clippy::disallowed_methods, reason = "the bounds are put around the decoders here")]

use std::io::{self, Read};

use bytes::buf::Reader;
use bytes::{Buf, Bytes};
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
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
    /// The body has more members than any compressor makes. Usual cause: an attack.
    #[error("the body has more than {MAX_MEMBERS} members of gzip; compress it as one")]
    TooManyMembers,
    /// The bytes are not what `Content-Encoding` says. Usual cause: the field was set, but nothing was compressed.
    #[error("the body is not [{coding}] as its Content-Encoding says; compress it so, or leave the field out")]
    Corrupt {
        /// The coding.
        coding: &'static str,
        /// What the decoder said.
        source: io::Error,
    },
}

/// How much is decoded before it is asked whether there is room for more, in bytes.
const PIECE: usize = 64 * 1024;

/// How many members a body in gzip may have. Tools that compress in blocks make one of each 64 KiB; a member takes time
/// also when nothing is in it.
pub const MAX_MEMBERS: usize = 4096;

/// What a member counts for in the work of decoding, in bytes: as long as it takes to begin one, so many are decoded.
const MEMBER_WORK: usize = 512;

/// Decodes a body by its `Content-Encoding`, all of it at once; see [`Decoder`].
pub fn decode(headers: &HeaderMap, body: Bytes, limit: usize, share: &mut BodyShare) -> Result<Bytes, DecodeError> {
    let Some(mut decoder) = Decoder::of(headers, &body, limit) else {
        return Ok(body);
    };
    decoder.advance(usize::MAX, share)?;
    Ok(decoder.decoded())
}

/// A body on its way out of its coding.
#[derive(Debug)]
pub struct Decoder {
    coding: &'static str,
    source: Source,
    decoded: Vec<u8>,
    limit: usize,
    members: usize,
}

/// Decoders of what is left of a body.
#[derive(Debug)]
enum Source {
    Gzip(GzDecoder<Reader<Bytes>>),
    Zlib(ZlibDecoder<Reader<Bytes>>),
    Deflate(DeflateDecoder<Reader<Bytes>>),
}

impl Decoder {
    /// The decoder of a body whose `Content-Encoding` is one that Elasticsearch's HTTP layer knows (http.md §2.5).
    /// A body of an unknown coding stays as it is, and is then no JSON.
    #[must_use]
    pub fn of(headers: &HeaderMap, body: &Bytes, limit: usize) -> Option<Self> {
        let coding = headers.get(CONTENT_ENCODING)?;
        let coding = coding.as_bytes().trim_ascii().to_ascii_lowercase();
        let reader = || body.clone().reader();
        let (coding, source) = match coding.as_slice() {
            b"gzip" | b"x-gzip" => ("gzip", Source::Gzip(GzDecoder::new(reader()))),
            b"deflate" | b"x-deflate" if has_zlib_header(body) => ("deflate", Source::Zlib(ZlibDecoder::new(reader()))),
            b"deflate" | b"x-deflate" => ("deflate", Source::Deflate(DeflateDecoder::new(reader()))),
            _ => return None,
        };
        Some(Self {
            coding,
            source,
            decoded: Vec::new(),
            limit,
            members: 1,
        })
    }

    /// Decodes on, until about so many bytes have been decoded since the body's start or its end is reached; says whether
    /// it is. What is decoded takes room of `share`.
    pub fn advance(&mut self, until: usize, share: &mut BodyShare) -> Result<bool, DecodeError> {
        while self.decoded.len() + self.members * MEMBER_WORK < until {
            // One byte more than allowed is enough to see that there are too many.
            let piece = PIECE.min(self.limit.saturating_sub(self.decoded.len()) + 1);
            let read = self.read(piece as u64);
            let read = read.map_err(|source| DecodeError::Corrupt {
                coding: self.coding,
                source,
            })?;
            if read == 0 && !self.next_member()? {
                return Ok(true);
            }
            if self.decoded.len() > self.limit {
                return Err(DecodeError::TooLarge(self.limit));
            }
            share.grow(read)?;
        }
        Ok(false)
    }

    /// What has been decoded.
    #[must_use]
    pub fn decoded(self) -> Bytes {
        self.decoded.into()
    }

    fn read(&mut self, most: u64) -> io::Result<usize> {
        let decoded = &mut self.decoded;
        match &mut self.source {
            Source::Gzip(source) => source.take(most).read_to_end(decoded),
            Source::Zlib(source) => source.take(most).read_to_end(decoded),
            Source::Deflate(source) => source.take(most).read_to_end(decoded),
        }
    }

    /// Goes on to the next member of a body in gzip, if there is one.
    fn next_member(&mut self) -> Result<bool, DecodeError> {
        let Source::Gzip(source) = &mut self.source else {
            return Ok(false);
        };
        let rest = source.get_ref().get_ref().clone();
        if rest.is_empty() {
            return Ok(false);
        }
        if self.members == MAX_MEMBERS {
            return Err(DecodeError::TooManyMembers);
        }
        self.members += 1;
        source.reset(rest.reader());
        Ok(true)
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
    fn a_body_has_so_many_members_at_most() {
        let empty = gzip(b"");
        let body = |members: usize| [empty.repeat(members - 1), gzip(b"{}")].concat();
        assert_eq!(decode_as("gzip", body(MAX_MEMBERS)).expect("as many as may be"), "{}");
        assert!(matches!(
            decode_as("gzip", body(MAX_MEMBERS + 1)),
            Err(DecodeError::TooManyMembers)
        ));
    }

    #[test]
    fn a_body_is_decoded_bit_by_bit() {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static("gzip"))]);
        let body: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let coded = Bytes::from([gzip(&body[..300_000]), gzip(b""), gzip(&body[300_000..])].concat());
        let mut share = BodyBudget::new(1_000_000).share();
        let mut decoder = Decoder::of(&headers, &coded, 1_000_000).expect("it is coded");
        let mut steps = 0;
        while !decoder.advance(steps * 10_000, &mut share).expect("gzip") {
            assert!(decoder.decoded.len() < steps * 10_000 + PIECE);
            steps += 1;
        }
        assert!(steps > 10);
        assert_eq!(decoder.decoded(), body);
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
