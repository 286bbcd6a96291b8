//! Numbers as Java reads them: what counts as a number in a text, and how fractions are cut. How it prints them is in
//! `printing`.
//!
//! The forms are those of create-job.md §2: declared kinds `long`, `int` and `double`, each from a JSON number or
//! from a string.

mod printing;

use super::java;
pub use printing::{JavaDouble, any_double_text, double_text, double_value, float_text, round_trip, with_thousands};

/// Why a number could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    /// The text is not a number.
    #[error("For input string: \"{0}\"")]
    NotANumber(String),
    /// The text is empty.
    #[error("empty String")]
    Empty,
    /// A string names a number that the kind cannot hold.
    #[error("Value [{0}] is out of range for {1}")]
    TextOutOfRange(String, &'static str),
    /// A JSON number that the kind cannot hold.
    #[error("Numeric value ({0}) out of range of {1} ({2} - {3})")]
    NumberOutOfRange(String, &'static str, i64, i64),
}

/// A JSON number as a 64-bit integer; what stands after the decimal point is cut off.
pub fn long_from_number(text: &str) -> Result<i64, NumberFault> {
    integer_from_number(text, "long", i64::MIN, i64::MAX)
}

/// A JSON number as a 32-bit integer.
pub fn int_from_number(text: &str) -> Result<i64, NumberFault> {
    integer_from_number(text, "int", i64::from(i32::MIN), i64::from(i32::MAX))
}

fn integer_from_number(text: &str, kind: &'static str, least: i64, most: i64) -> Result<i64, NumberFault> {
    let out_of_range = || NumberFault::NumberOutOfRange(text.to_owned(), kind, least, most);
    if let Ok(whole) = text.parse::<i64>() {
        return if (least..=most).contains(&whole) {
            Ok(whole)
        } else {
            Err(out_of_range())
        };
    }
    // Other formats than JSON have numbers that are none, of which Java's cast makes 0.
    if text == "NaN" {
        return Ok(0);
    }
    if !text.contains(['.', 'e', 'E']) {
        return Err(out_of_range());
    }
    // A fraction goes through a double, as in Java; a cast from there saturates.
    let double: f64 = text.parse().map_err(|_| out_of_range())?;
    #[allow(
        clippy::cast_precision_loss,
        reason = "the bounds are compared as doubles, as Java does"
    )]
    let is_inside = double >= least as f64 && double <= most as f64;
    if is_inside {
        Ok(cut(double))
    } else {
        Err(out_of_range())
    }
}

/// How many decimals a number has at most that [`long_from_text`] reads where it bounds them.
const MAX_SCALE: i64 = 19;

/// A string as a 64-bit integer: whole numbers, or decimal ones whose fraction is cut off. Where decimals are bounded, a number
/// of more than 19 is nothing, whatever stands before them.
pub fn long_from_text(given: &str, bounds_decimals: bool) -> Result<i64, NumberFault> {
    let text = &*java::ascii_digits(given);
    if let Ok(whole) = text.parse::<i64>() {
        return Ok(whole);
    }
    let not_a_number = || NumberFault::NotANumber(given.to_owned());
    let out_of_range = || NumberFault::TextOutOfRange(given.to_owned(), "a long");
    let (negative, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| not_a_number())?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !all_digits || whole.len() + fraction.len() == 0 {
        return Err(not_a_number());
    }
    let scale = i64::try_from(fraction.len()).map_err(|_| out_of_range())? - i64::from(exponent);
    if bounds_decimals && scale > MAX_SCALE {
        return Ok(0);
    }
    let point = i64::try_from(whole.len()).map_err(|_| out_of_range())? + i64::from(exponent);
    let mut value: i128 = 0;
    for (digit, place) in whole.bytes().chain(fraction.bytes()).zip(0_i64..) {
        if place >= point {
            break;
        }
        value = value * 10 + i128::from(digit - b'0');
        if value > i128::from(i64::MAX) + 1 {
            return Err(out_of_range());
        }
    }
    let digits = i64::try_from(whole.len() + fraction.len()).map_err(|_| out_of_range())?;
    for _ in digits..point {
        if value == 0 {
            break;
        }
        value *= 10;
        if value > i128::from(i64::MAX) + 1 {
            return Err(out_of_range());
        }
    }
    i64::try_from(if negative { -value } else { value }).map_err(|_| out_of_range())
}

/// A string as a 32-bit integer, which Java reads as a double first.
pub fn int_from_text(text: &str) -> Result<i64, NumberFault> {
    let double = double_from_text(text)?;
    if double < f64::from(i32::MIN) || double > f64::from(i32::MAX) {
        return Err(NumberFault::TextOutOfRange(text.to_owned(), "an integer"));
    }
    Ok(cut(double))
}

/// A string as Java's `Double.parseDouble` reads it.
pub fn double_from_text(text: &str) -> Result<f64, NumberFault> {
    let trimmed = java::trim(text);
    if trimmed.is_empty() {
        return Err(NumberFault::Empty);
    }
    let not_a_number = || NumberFault::NotANumber(text.to_owned());
    let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let sign = if trimmed.starts_with('-') { -1.0 } else { 1.0 };
    match unsigned {
        "NaN" => return Ok(f64::NAN),
        "Infinity" => return Ok(sign * f64::INFINITY),
        _ => {}
    }
    let is_hexadecimal = unsigned.starts_with("0x") || unsigned.starts_with("0X");
    let digits = unsigned.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(unsigned);
    let magnitude = if is_hexadecimal {
        hexadecimal(digits.get(2..).unwrap_or_default())
    } else {
        let is_decimal = digits
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
            && digits.starts_with(|first: char| first.is_ascii_digit() || first == '.');
        is_decimal.then(|| digits.parse().ok()).flatten()
    };
    magnitude
        .map(|magnitude: f64| sign * magnitude)
        .ok_or_else(not_a_number)
}

/// A hexadecimal double after its `0x`: digits, perhaps a point, and an exponent of two, which is not optional.
fn hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() == 0 {
        return None;
    }
    let mut value = 0.0_f64;
    for digit in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let shift = exponent.saturating_sub(i32::try_from(fraction.len()).ok()?.saturating_mul(4));
    Some(value * 2.0_f64.powi(shift))
}

/// A double without its fraction; saturating, and 0 for NaN, as Java's cast.
#[must_use]
pub fn cut(double: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "saturation is what Java does too")]
    let whole = double as i64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// create-job.md §2, declared kind `long`.
    #[test]
    fn reads_longs_from_numbers_and_texts() {
        assert_eq!(long_from_number("4.7"), Ok(4));
        assert_eq!(long_from_number("-4.7"), Ok(-4));
        assert_eq!(long_from_number("1e3"), Ok(1000));
        assert_eq!(long_from_number("9223372036854775807.9"), Ok(i64::MAX));
        assert_eq!(long_from_number("1e-999999"), Ok(0));
        assert!(matches!(
            long_from_number("99999999999999999999"),
            Err(NumberFault::NumberOutOfRange(..))
        ));
        assert!(matches!(
            long_from_number("1e99"),
            Err(NumberFault::NumberOutOfRange(..))
        ));
        assert_eq!(long_from_text("1e3", false), Ok(1000));
        assert_eq!(long_from_text("4.7", false), Ok(4));
        assert_eq!(long_from_text("+5", false), Ok(5));
        assert_eq!(long_from_text("1e-99999", false), Ok(0));
        let decimals = |count| format!("3.{}", "1".repeat(count));
        for (bounds_decimals, count, expected) in [(false, 20, 3), (true, 19, 3), (true, 20, 0)] {
            assert_eq!(
                long_from_text(&decimals(count), bounds_decimals),
                Ok(expected),
                "{count}"
            );
        }
        assert_eq!(long_from_text("-9223372036854775808.5", false), Ok(i64::MIN));
        for text in ["", " 5", "x", "1d", "0x10", ".", "1e", "--1", "1e99999999999"] {
            assert!(
                matches!(long_from_text(text, false), Err(NumberFault::NotANumber(_))),
                "{text:?}"
            );
        }
        for text in ["99999999999999999999", "1e99999", "9223372036854775808"] {
            assert!(
                matches!(long_from_text(text, false), Err(NumberFault::TextOutOfRange(..))),
                "{text:?}"
            );
        }
    }

    /// create-job.md §2, declared kinds `int` and `double`.
    #[test]
    fn reads_ints_and_doubles_by_java_syntax() {
        assert_eq!(int_from_text("1.7"), Ok(1));
        assert_eq!(int_from_text("NaN"), Ok(0));
        assert_eq!(int_from_text(""), Err(NumberFault::Empty));
        assert!(matches!(int_from_text("1e10"), Err(NumberFault::TextOutOfRange(..))));
        assert!(matches!(
            int_from_number("1e10"),
            Err(NumberFault::NumberOutOfRange(..))
        ));
        assert_eq!(double_from_text("0x1p3"), Ok(8.0));
        assert_eq!(double_from_text("1d"), Ok(1.0));
        assert_eq!(double_from_text(" 1 "), Ok(1.0));
        assert_eq!(double_from_text("-Infinity"), Ok(f64::NEG_INFINITY));
        assert!(double_from_text("NaN").is_ok_and(f64::is_nan));
        for text in ["nan", "inf", "infinity", "1_0", "0x10", "z", "1e", "d"] {
            assert!(double_from_text(text).is_err(), "{text:?}");
        }
    }
}
