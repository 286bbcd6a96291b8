//! Numbers as Java prints them: `1.0E10`, and a comma between thousands.

use serde::ser::{Serialize, Serializer};
use serde_json::{Number, Value};

use super::cut;

/// A double as Elasticsearch writes it in JSON: as `Double.toString` does, and what is no number as a string.
#[must_use]
pub fn double_value(double: f64) -> Value {
    if double.is_finite() {
        Value::Number(Number::from_string_unchecked(double_text(double)))
    } else if double.is_nan() {
        Value::from("NaN")
    } else {
        Value::from(if double > 0.0 { "Infinity" } else { "-Infinity" })
    }
}

/// A double that is written as [`double_value`] is, without a text of its own where it is whole and small.
#[derive(Debug, Clone, Copy)]
pub struct JavaDouble(pub f64);

impl Serialize for JavaDouble {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if is_whole_and_small(self.0) {
            // Which Rust and Java write alike.
            serializer.serialize_f64(self.0)
        } else {
            double_value(self.0).serialize(serializer)
        }
    }
}

fn is_whole_and_small(double: f64) -> bool {
    double.abs() < 1e7 && double.fract() == 0.0 && double != 0.0
}

/// A JSON number after a trip through Java's number classes: whole ones stay as they are, others become doubles
/// (create-job.md §2.2, `custom_settings`).
#[must_use]
pub fn round_trip(text: &str) -> Value {
    if text.contains(['.', 'e', 'E', 'N', 'I']) {
        return double_value(text.parse().unwrap_or(f64::NAN));
    }
    let plain = if text == "-0" { "0" } else { text };
    Value::Number(Number::from_string_unchecked(plain.to_owned()))
}

/// Java's `Double.toString` of a finite number: plain from 10⁻³ to 10⁷, else with an exponent.
#[must_use]
pub fn double_text(double: f64) -> String {
    // Most are whole and small; of those no shortest form has to be searched.
    if is_whole_and_small(double) {
        return format!("{}.0", cut(double));
    }
    // Only beside very small ones there are several numbers of two digits.
    let two_digits = (!double.is_normal()).then(|| format!("{double:.1e}"));
    let same = two_digits.filter(|digits| digits.parse() == Ok(double));
    let mut buffer = ryu::Buffer::new();
    let shortest = of_two_digits(buffer.format_finite(double), same.as_deref());
    in_java_layout(shortest, double.abs())
}

/// Java's `Float.toString` of any number.
#[must_use]
pub fn float_text(float: f32) -> String {
    if !float.is_finite() {
        return any_double_text(f64::from(float));
    }
    let two_digits = (!float.is_normal()).then(|| format!("{float:.1e}"));
    let same = two_digits.filter(|digits| digits.parse() == Ok(float));
    let mut buffer = ryu::Buffer::new();
    let shortest = of_two_digits(buffer.format_finite(float), same.as_deref());
    in_java_layout(shortest, f64::from(float).abs())
}

/// Java prints two digits at least, and the nearest two: `4.9E-324` where the shortest form is `5E-324`.
fn of_two_digits<'t>(shortest: &'t str, two_digits: Option<&'t str>) -> &'t str {
    let mantissa = shortest.split('e').next().unwrap_or_default();
    let digits = mantissa.trim_matches(|digit| matches!(digit, '-' | '0' | '.'));
    match two_digits {
        Some(two_digits) if digits.len() == 1 => two_digits,
        _ => shortest,
    }
}

/// Java's `Double.toString` of any number.
#[must_use]
pub fn any_double_text(double: f64) -> String {
    if double.is_finite() {
        double_text(double)
    } else if double.is_nan() {
        "NaN".to_owned()
    } else {
        (if double > 0.0 { "Infinity" } else { "-Infinity" }).to_owned()
    }
}

/// The digits of a number as Java lays them out: plain from 10⁻³ to 10⁷, else with an exponent.
fn in_java_layout(shortest: &str, magnitude: f64) -> String {
    let (sign, shortest) = shortest.strip_prefix('-').map_or(("", shortest), |rest| ("-", rest));
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all: String = [whole, fraction].concat();
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return format!("{sign}0.0");
    }
    let leading_zeros = all.len() - significant.len();
    // The number is 0.significant × 10^scale.
    let scale = i32::try_from(whole.len()).unwrap_or(0) + exponent - i32::try_from(leading_zeros).unwrap_or(0);
    let digits = significant.trim_end_matches('0');
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let length = i32::try_from(digits.len()).unwrap_or(0);
    if (1e-3..1e7).contains(&magnitude) {
        if scale <= 0 {
            return format!("{sign}0.{}{digits}", zeros(-scale));
        }
        if scale >= length {
            return format!("{sign}{digits}{}.0", zeros(scale - length));
        }
        let (whole, fraction) = digits.split_at(usize::try_from(scale).unwrap_or(0));
        return format!("{sign}{whole}.{fraction}");
    }
    let (first, rest) = digits.split_at(1);
    let rest = if rest.is_empty() { "0" } else { rest };
    format!("{sign}{first}.{rest}E{}", scale - 1)
}

/// A whole number with a comma between thousands, as some of Elasticsearch's messages print it (create-job.md §7,
/// 22).
#[must_use]
pub fn with_thousands(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    if value < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xcontent::answer;

    /// create-job.md §2.7 (`value`) and §2.2 (`custom_settings`).
    #[test]
    fn prints_doubles_as_java_does() {
        for (double, text) in [
            (10.0, "10.0"),
            (1e10, "1.0E10"),
            (1e-7, "1.0E-7"),
            (1.1, "1.1"),
            (100_000.0, "100000.0"),
            (-0.0, "-0.0"),
            (12_345_678.9, "1.23456789E7"),
            (1e7, "1.0E7"),
            (9_999_999.0, "9999999.0"),
            (0.001, "0.001"),
            (9.999e-4, "9.999E-4"),
            (-1.5, "-1.5"),
            (1e300, "1.0E300"),
            (4e-324, "4.9E-324"),
            (9e-324, "9.9E-324"),
            (2e-323, "2.0E-323"),
            (2e23, "2.0E23"),
        ] {
            assert_eq!(double_text(double), text);
            assert_eq!(answer::one_line(&JavaDouble(double)).expect("JSON"), text);
        }
        assert_eq!(round_trip("1e400"), "Infinity");
        assert_eq!(
            round_trip("123456789012345678901234567890").to_string(),
            "123456789012345678901234567890"
        );
        assert_eq!(round_trip("-0").to_string(), "0");
    }

    #[test]
    fn separates_thousands() {
        assert_eq!(with_thousands(3600), "3,600");
        assert_eq!(with_thousands(-3_600_000), "-3,600,000");
        assert_eq!(with_thousands(999), "999");
    }
}
