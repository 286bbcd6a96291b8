//! Which number a scalar is that its look or its tag says to be one, as each Jackson decodes it.

use crate::xcontent::format::{LATER_JACKSON, MIDDLE_JACKSON, big_integer};
use crate::xcontent::json::MAX_NUMBER_DIGITS;
use crate::xcontent::number::{any_double_text, double_from_text};
use crate::xcontent::version::Version;

/// How many characters, without a minus sign, an integer has that the Jackson of 7.7 to 7.16 reads as a long one.
const LONG_INTEGER: usize = 10;

/// A number, or why none can be made of a scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Number {
    /// This one, as JSON has it.
    Of(String),
    /// None, which is found once the number is wanted.
    Unreadable,
    /// None, as its digits are not those of its base; there is no token at all.
    Malformed,
    /// One in another base than 10 with more digits than any number is read with that has to be converted.
    TooLong,
}

/// An integer; `None` if it is a text after all.
pub(super) fn integer(value: &str, api: Version) -> Option<Number> {
    if api >= LATER_JACKSON {
        in_any_base(value)
    } else {
        in_base_10(value, api)
    }
}

/// Earlier ones know no other base than 10, and take what has a point for a number as well.
fn in_base_10(value: &str, api: Version) -> Option<Number> {
    let takes_more = api >= MIDDLE_JACKSON;
    let (is_negative, unsigned) = match value.strip_prefix('-') {
        Some(rest) => (true, rest),
        None if takes_more => (false, value.strip_prefix('+').unwrap_or(value)),
        None => (false, value),
    };
    let is_digit = |byte: u8| byte.is_ascii_digit() || takes_more && byte == b'_';
    if !unsigned.is_empty() && unsigned.bytes().all(is_digit) {
        let has_underscores = unsigned.contains('_');
        // It leaves them in what it then takes for a number, unless that is long.
        let length = value.len() - usize::from(is_negative);
        let digits = unsigned.replace('_', "");
        if has_underscores && (length < LONG_INTEGER || digits.is_empty()) {
            return Some(Number::Unreadable);
        }
        return Some(signed(is_negative, &digits, 10, api));
    }
    has_point(value).then(|| float(value))
}

/// Whether a value is a number with a point and, if it has an exponent, a sign before that.
fn has_point(value: &str) -> bool {
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let Some((whole, rest)) = unsigned.split_once('.') else {
        return false;
    };
    let (fraction, exponent) = match rest.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent)),
        None => (rest, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_exponent = |exponent: &str| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or_default();
        !digits.is_empty() && is_digits(digits)
    };
    let is_whole = whole.is_empty()
        || whole.starts_with(|first: char| first.is_ascii_digit()) && is_digits(&whole.replace('_', ""));
    is_whole && is_digits(fraction) && exponent.is_none_or(is_exponent)
}

/// An integer in base 10, 8 (`017`), 16 (`0x1F`) or 2 (`0b11`), with `_` wherever one likes.
fn in_any_base(value: &str) -> Option<Number> {
    let (is_negative, unsigned) = match value.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, value.strip_prefix('+').unwrap_or(value)),
    };
    let rest = unsigned.strip_prefix('0').unwrap_or_default();
    let (digits, base) = match rest.as_bytes().first() {
        None => (unsigned, 10),
        Some(b'b' | b'B') => (rest.get(1..).unwrap_or_default(), 2),
        Some(b'x' | b'X') => (rest.get(1..).unwrap_or_default(), 16),
        Some(b'0'..=b'9' | b'_') => (rest, 8),
        Some(_) => return None,
    };
    let digits = digits.replace('_', "");
    if base == 10 && !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if base != 10 && digits.len() > MAX_NUMBER_DIGITS {
        // The time that it would take grows with the square of their number.
        return Some(Number::TooLong);
    }
    Some(signed(is_negative, &digits, base, LATER_JACKSON))
}

fn signed(is_negative: bool, digits: &str, base: u32, api: Version) -> Number {
    let magnitude = if base == 10 {
        let significant = digits.trim_start_matches('0');
        let is_zero = significant.is_empty() && !digits.is_empty();
        (!digits.is_empty()).then(|| if is_zero { "0" } else { significant }.to_owned())
    } else {
        big_integer::from_digits(digits, base)
    };
    let Some(magnitude) = magnitude else {
        return Number::Malformed;
    };
    // Java reads a second sign behind the base.
    Number::Of(match magnitude.strip_prefix('-') {
        Some(opposite) if is_negative => opposite.to_owned(),
        None if is_negative && (magnitude != "0" || api < MIDDLE_JACKSON) => format!("-{magnitude}"),
        _ => magnitude,
    })
}

/// A number with a fraction or an exponent, with `_` wherever one likes.
pub(super) fn float(value: &str) -> Number {
    let has_underscores = value.contains('_');
    if !has_underscores && value.contains(['.', 'e', 'E']) && value.parse::<serde_json::Number>().is_ok() {
        return Number::Of(value.to_owned());
    }
    let digits = value.replace('_', "");
    // What is cleaned of them loses a plus sign with them.
    let digits = digits.strip_prefix('+').filter(|_| has_underscores).unwrap_or(&digits);
    match double_from_text(digits) {
        Ok(double) => Number::Of(any_double_text(double)),
        Err(_) => Number::Unreadable,
    }
}
