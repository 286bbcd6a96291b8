//! Integers of any size, between the bytes of binary formats and decimal text.

use num_bigint::BigInt;

use crate::xcontent::json::FaultKind;

/// How many bytes an integer may have. Later versions of Elasticsearch take no longer ones either (create-job.md §2,
/// size limits).
const MAX_BYTES: usize = 1000;

/// The text of an integer in two's complement, the highest byte first, or of its opposite. No byte at all is zero.
pub(super) fn from_signed_bytes(bytes: &[u8], is_negated: bool) -> Result<String, FaultKind> {
    if bytes.len() > MAX_BYTES {
        return Err(FaultKind::Number("an integer has a thousand bytes at most"));
    }
    let number = BigInt::from_signed_bytes_be(bytes);
    Ok((if is_negated { -number } else { number }).to_string())
}

/// The text of an integer that is written in another base, without a sign.
pub(super) fn from_digits(digits: &str, base: u32) -> Option<String> {
    BigInt::parse_bytes(digits.as_bytes(), base).map(|number| number.to_string())
}

/// An integer in two's complement, the highest byte first.
pub(super) fn to_signed_bytes(text: &str) -> Vec<u8> {
    text.parse::<BigInt>()
        .map(|number| number.to_signed_bytes_be())
        .unwrap_or_default()
}
