//! Content codings: what was coded comes back, and nothing becomes longer than the limit.

use std::io::{Read, Write as _};

use anomaly_gateway::http::body_budget::{BodyBudget, BodyShare};
use anomaly_gateway::http::content_coding::{DecodeError, MAX_MEMBERS, decode};
use bytes::Bytes;
use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};

use crate::{Taken, measured};

const CODINGS: [&str; 5] = ["gzip", "x-gzip", "deflate", "X-Deflate", "identity"];
const LIMIT: usize = 16 * 1024;
/// What a decoder holds besides what it has decoded: its window and tables.
const HELD_BY_DECODER: usize = 96 * 1024;

/// Room for more than the limit.
fn room() -> BodyShare {
    BodyBudget::new(2 * LIMIT).share()
}

/// The first byte says which coding; the rest is decoded, and is coded and decoded.
pub(super) fn check(bytes: &[u8]) {
    let Some((choice, body)) = bytes.split_first() else {
        return;
    };
    let coding = CODINGS
        .get(usize::from(*choice) % CODINGS.len())
        .copied()
        .unwrap_or("gzip");
    let body = Bytes::copy_from_slice(body);
    let (decoded, Taken { held, .. }) = measured(|| decode(&headers(coding), body.clone(), LIMIT, &mut room()));
    assert!(held <= 4 * LIMIT + HELD_BY_DECODER, "{held} bytes held");
    match decoded {
        Ok(decoded) if coding == "identity" => assert_eq!(decoded, body),
        Ok(decoded) => assert!(decoded.len() <= LIMIT),
        Err(DecodeError::TooLarge(limit)) => assert_eq!(limit, LIMIT),
        Err(DecodeError::NoRoom(_)) => unreachable!("there is room"),
        Err(DecodeError::TooManyMembers) => assert!(body.len() > MAX_MEMBERS),
        Err(DecodeError::Corrupt { coding, .. }) => assert!(!coding.is_empty()),
    }
    let level = Compression::fast();
    check_coded("gzip", &body, GzEncoder::new(body.as_ref(), level));
    check_coded("deflate", &body, ZlibEncoder::new(body.as_ref(), level));
    // Without its header the stream is taken for one with a header where it looks like that.
    let mut bare = Vec::new();
    let mut encoder = flate2::write::DeflateEncoder::new(&mut bare, level);
    encoder.write_all(&body).expect("into memory");
    drop(encoder);
    let looks_like_zlib = bare.starts_with(&[0x78]);
    if !looks_like_zlib {
        check_coded("deflate", &body, DeflateEncoder::new(body.as_ref(), level));
    }
}

fn check_coded(coding: &str, body: &Bytes, mut encoder: impl Read) {
    let mut coded = Vec::new();
    encoder.read_to_end(&mut coded).expect("from memory");
    let decoded = decode(&headers(coding), coded.into(), LIMIT, &mut room());
    match decoded {
        Ok(decoded) => assert_eq!(&decoded, body),
        Err(DecodeError::TooLarge(_)) => assert!(body.len() > LIMIT),
        Err(error) => panic!("{coding}: {error}"),
    }
}

fn headers(coding: &str) -> HeaderMap {
    let value = HeaderValue::from_str(coding).expect("a coding's name");
    HeaderMap::from_iter([(CONTENT_ENCODING, value)])
}
