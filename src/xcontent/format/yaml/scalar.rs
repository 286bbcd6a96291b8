//! What a scalar means: a text, or by its tag or its look something else (yaml.org/type), as Jackson sees it.

use crate::xcontent::format::{LATER_JACKSON, MIDDLE_JACKSON, big_integer};
use crate::xcontent::json::MAX_NUMBER_DIGITS;
use crate::xcontent::number;
use crate::xcontent::version::Version;

/// How many digits an integer has that the Jackson of 7.7 to 7.16 reads as a long one.
const LONG_INTEGER: usize = 10;

const BOOL_TAG: &str = "tag:yaml.org,2002:bool";
const INT_TAG: &str = "tag:yaml.org,2002:int";
const FLOAT_TAG: &str = "tag:yaml.org,2002:float";
const NULL_TAG: &str = "tag:yaml.org,2002:null";
/// The tag of bytes.
const BINARY_TAG: &str = "tag:yaml.org,2002:binary";

/// The meaning of a scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scalar {
    /// What it says.
    Text,
    /// Nothing.
    Null,
    Boolean(bool),
    /// A number, as JSON has it.
    Number(String),
    /// A number by its look that none can be made of.
    NoNumber,
    /// An integer in another base than 10 with more digits than any number is read with that has to be converted.
    LongInteger,
    /// Bytes, as Base64.
    Binary,
}

/// What a value means with this tag; without one, quoted or not.
pub(super) fn resolve(value: &str, tag: Option<&str>, is_plain: bool, api: Version) -> Scalar {
    match tag {
        None if is_plain => by_look(value, api),
        // This tag says of quoted texts, too, that their look is what counts.
        Some("!") => by_look(value, api),
        Some(_) if value.is_empty() && api >= LATER_JACKSON => Scalar::Text,
        Some(BOOL_TAG) => boolean(value).map_or(Scalar::Text, Scalar::Boolean),
        Some(INT_TAG) => match integer(value, api) {
            Some(number) => number,
            None if api < LATER_JACKSON && has_point(value) => float(value),
            None => Scalar::Text,
        },
        Some(FLOAT_TAG) => float(value),
        Some(NULL_TAG) => Scalar::Null,
        Some(BINARY_TAG) => Scalar::Binary,
        _ => Scalar::Text,
    }
}

fn by_look(value: &str, api: Version) -> Scalar {
    if matches!(value, "" | " " | "~" | "null" | "Null" | "NULL") {
        return Scalar::Null;
    }
    if let Some(value) = boolean(value) {
        return Scalar::Boolean(value);
    }
    if let Some(number) = integer(value, api) {
        return number;
    }
    if looks_like_float(value) {
        float(value)
    } else {
        Scalar::Text
    }
}

fn boolean(value: &str) -> Option<bool> {
    match value {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// An integer in base 10, 8 (`017`), 16 (`0x1F`) or 2 (`0b11`), with `_` wherever one likes.
fn integer(value: &str, api: Version) -> Option<Scalar> {
    let (sign, unsigned) = match value.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None if api < MIDDLE_JACKSON => ("", value),
        None => ("", value.strip_prefix('+').unwrap_or(value)),
    };
    let (digits, base) = match unsigned.strip_prefix('0') {
        // Earlier ones know no other base than 10.
        _ if api < LATER_JACKSON => (unsigned, 10),
        None | Some("") => (unsigned, 10),
        Some(rest) => match (rest.strip_prefix('x'), rest.strip_prefix('b')) {
            (Some(digits), _) => (digits, 16),
            (_, Some(digits)) => (digits, 2),
            _ => (rest, 8),
        },
    };
    // The earliest ones know no `_` in them.
    let has_underscores = digits.contains('_');
    if api < MIDDLE_JACKSON && has_underscores {
        return None;
    }
    let digits = digits.replace('_', "");
    let begins_with_digit = unsigned.starts_with(|first: char| first.is_ascii_digit());
    if !begins_with_digit || digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    // Those in between leave it in what they then take for a number, unless that is long.
    if has_underscores && api < LATER_JACKSON && digits.len() < LONG_INTEGER {
        return Some(Scalar::NoNumber);
    }
    let magnitude = if base == 10 {
        let significant = digits.trim_start_matches('0');
        (if significant.is_empty() { "0" } else { significant }).to_owned()
    } else if digits.len() > MAX_NUMBER_DIGITS {
        // The time that it would take grows with the square of their number.
        return Some(Scalar::LongInteger);
    } else {
        big_integer::from_digits(&digits, base)?
    };
    let sign = if magnitude == "0" && api >= MIDDLE_JACKSON {
        ""
    } else {
        sign
    };
    Some(Scalar::Number(format!("{sign}{magnitude}")))
}

/// Whether a value is a number with a point and, if it has an exponent, a sign before that; earlier versions take it for
/// one whatever its tag says.
fn has_point(value: &str) -> bool {
    let (mantissa, exponent) = value.split_once(['e', 'E']).unwrap_or((value, "+"));
    let unsigned = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let is_in_it = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'_' | b'.');
    let has_only = unsigned.contains('.') && unsigned.bytes().all(is_in_it);
    has_only && exponent.starts_with(['+', '-']) && looks_like_float(value)
}

/// Whether a value has digits and a point or an exponent, or is written in sixties, or is one of `.inf` and `.nan`.
fn looks_like_float(value: &str) -> bool {
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(value, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let is_digits = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let has_exponent = exponent.is_some_and(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    if exponent.is_some() && !has_exponent {
        return false;
    }
    match mantissa.split_once('.') {
        None => has_exponent && is_digits(mantissa),
        Some(("", fraction)) => is_digits(fraction),
        Some((whole, fraction)) => {
            let fraction_fits = fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
            let mut parts = whole.split(':');
            let first_fits = parts.next().is_some_and(is_digits);
            let mut sixties = parts.peekable();
            let has_sixties = sixties.peek().is_some();
            first_fits && fraction_fits && sixties.all(is_sixtieth) && !(has_sixties && has_exponent)
        }
    }
}

fn is_sixtieth(part: &str) -> bool {
    matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
}

fn float(value: &str) -> Scalar {
    if looks_like_float(value) && value.parse::<serde_json::Number>().is_ok() {
        return Scalar::Number(value.to_owned());
    }
    let digits = value.replace('_', "");
    let is_decimal = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    match digits.parse::<f64>() {
        Ok(double) if is_decimal => Scalar::Number(number::any_double_text(double)),
        _ => Scalar::NoNumber,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every version, or the later ones, made of each in `custom_settings`.
    #[test]
    fn plain_scalars_mean_what_they_look_like() {
        let later = Version::new(8, 19, 21);
        let number = |text: &str| Scalar::Number(text.to_owned());
        for (value, meaning) in [
            ("yes", Scalar::Boolean(true)),
            ("OFF", Scalar::Boolean(false)),
            ("tRue", Scalar::Text),
            ("n", Scalar::Text),
            ("~", Scalar::Null),
            ("", Scalar::Null),
            ("0x1F", number("31")),
            ("-0x1_F", number("-31")),
            ("0o17", Scalar::Text),
            ("017", number("15")),
            ("08", Scalar::Text),
            ("0b101", number("5")),
            ("1_000", number("1000")),
            ("1_0.5", number("10.5")),
            ("_1", Scalar::Text),
            ("+5", number("5")),
            ("-0", number("0")),
            ("5.", number("5.0")),
            ("-.5", number("-0.5")),
            ("1e3", number("1e3")),
            ("01.5", number("1.5")),
            ("1e", Scalar::Text),
            (".e3", Scalar::Text),
            ("-.", Scalar::Text),
            (".inf", Scalar::NoNumber),
            ("190:20:30", Scalar::Text),
            ("190:20:30.15", Scalar::NoNumber),
            ("2001-12-14", Scalar::Text),
            ("1.1.1", Scalar::Text),
            ("1e400", number("1e400")),
        ] {
            assert_eq!(resolve(value, None, true, later), meaning, "{value}");
            assert_eq!(resolve(value, None, false, later), Scalar::Text, "{value}");
        }
        let earliest = Version::new(7, 0, 0);
        assert_eq!(resolve("+5", None, true, earliest), Scalar::Text);
        assert_eq!(resolve("1_0", None, true, earliest), Scalar::Text);
        assert_eq!(resolve("1_0.5", None, true, earliest), number("10.5"));
        assert_eq!(resolve("-0", None, true, earliest), number("-0"));
        let earlier = Version::new(7, 8, 1);
        assert_eq!(resolve("0x1F", None, true, earlier), Scalar::Text);
        assert_eq!(resolve("017", None, true, earlier), number("17"));
        assert_eq!(resolve("1_0", None, true, earlier), Scalar::NoNumber);
        assert_eq!(resolve("1_", Some("!"), false, earlier), Scalar::NoNumber);
        let later = Version::new(7, 17, 28);
        for (digits, is_read) in [(1000, true), (1001, false)] {
            let value = format!("0x{}", "F".repeat(digits));
            assert_eq!(resolve(&value, None, true, later) != Scalar::LongInteger, is_read);
            assert_eq!(
                resolve(&"9".repeat(digits), None, true, later),
                number(&"9".repeat(digits))
            );
        }
    }

    #[test]
    fn tags_say_what_a_scalar_means() {
        let resolve = |value, tag| resolve(value, Some(tag), true, Version::new(9, 5, 3));
        assert_eq!(resolve("5", INT_TAG), Scalar::Number("5".to_owned()));
        assert_eq!(resolve("5", FLOAT_TAG), Scalar::Number("5.0".to_owned()));
        assert_eq!(resolve("x", NULL_TAG), Scalar::Null);
        assert_eq!(resolve("YWJj", BINARY_TAG), Scalar::Binary);
        assert_eq!(resolve("5", "!foo"), Scalar::Text);
        assert_eq!(resolve("5.", INT_TAG), Scalar::Text);
        let earlier = |value| super::resolve(value, Some(INT_TAG), true, Version::new(7, 10, 2));
        assert_eq!(earlier("5."), Scalar::Number("5.0".to_owned()));
        assert_eq!(earlier("1.5e3"), Scalar::Text);
        assert_eq!(earlier("1.5e+3"), Scalar::Number("1.5e+3".to_owned()));
    }

    /// As every version reads them.
    #[test]
    fn the_tag_of_an_exclamation_mark_lets_quoted_texts_mean_what_they_look_like() {
        for api in [Version::BASE, Version::new(9, 5, 3)] {
            for is_plain in [true, false] {
                let resolve = |value| resolve(value, Some("!"), is_plain, api);
                assert_eq!(resolve("5"), Scalar::Number("5".to_owned()));
                assert_eq!(resolve(""), Scalar::Null);
                assert_eq!(resolve(" "), Scalar::Null);
                assert_eq!(resolve("  "), Scalar::Text);
                assert_eq!(resolve("null"), Scalar::Null);
                assert_eq!(resolve("x"), Scalar::Text);
            }
        }
    }
}
