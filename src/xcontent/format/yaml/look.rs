//! Of which kind a plain scalar is by its look alone: the implicit types of YAML 1.1 as `SnakeYAML` knows them.

use crate::xcontent::format::LATER_JACKSON;
use crate::xcontent::version::Version;

/// A kind of scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Text,
    Null,
    Boolean(bool),
    /// Digits of some base, also in sixties, which is then no number after all.
    Integer,
    Float,
}

/// The kind of a scalar.
pub(super) fn look(value: &str, api: Version) -> Look {
    match value {
        "" | " " | "~" | "null" | "Null" | "NULL" => return Look::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Look::Boolean(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Look::Boolean(false),
        _ => {}
    }
    let begins_like_a_number =
        value.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'));
    if !begins_like_a_number {
        Look::Text
    } else if is_integer(value, api) {
        Look::Integer
    } else if is_float(value, api) {
        Look::Float
    } else {
        Look::Text
    }
}

fn is_integer(value: &str, api: Version) -> bool {
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let digits_of = |base: u32, digits: &str| {
        let digit = |character: char| character.is_digit(base);
        let only = !digits.is_empty() && digits.chars().all(|character| character == '_' || digit(character));
        only && (api < LATER_JACKSON || digits.contains(digit))
    };
    match unsigned.strip_prefix('0') {
        Some("") => true,
        Some(rest) => match (rest.strip_prefix('b'), rest.strip_prefix('x')) {
            (Some(digits), _) => digits_of(2, digits),
            (_, Some(digits)) => digits_of(16, digits),
            _ => digits_of(8, rest),
        },
        None => {
            let mut parts = unsigned.split(':');
            parts.next().is_some_and(is_digits) && parts.all(is_sixtieth)
        }
    }
}

fn is_float(value: &str, api: Version) -> bool {
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(value, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_exponent = |exponent: &str| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !exponent.is_none_or(is_exponent) {
        return false;
    }
    let is_earlier = api < LATER_JACKSON;
    match mantissa.split_once('.') {
        // To earlier ones whatever digits are left is a number with a fraction, such as `08`.
        None if is_earlier => is_digits_or_underscores(mantissa) && !mantissa.is_empty(),
        None => exponent.is_some() && is_digits(mantissa),
        Some(("", fraction)) if is_earlier => {
            !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit())
        }
        Some(("", fraction)) => !fraction.is_empty() && is_digits_or_underscores(fraction),
        Some((whole, fraction)) if !whole.contains(':') => {
            let is_whole = if is_earlier {
                is_digits_or_underscores(whole)
            } else {
                is_digits(whole)
            };
            is_whole && is_digits_or_underscores(fraction)
        }
        Some((whole, fraction)) => {
            let mut parts = whole.split(':');
            let is_in_sixties = parts.next().is_some_and(is_digits) && parts.all(is_sixtieth);
            is_in_sixties && is_digits_or_underscores(fraction) && exponent.is_none()
        }
    }
}

/// A digit, and more or `_`.
fn is_digits(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit()) && is_digits_or_underscores(text)
}

fn is_digits_or_underscores(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

fn is_sixtieth(part: &str) -> bool {
    matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
}
