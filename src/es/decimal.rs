//! Decimal numbers as Java's `BigDecimal` reads them.

use crate::xcontent::java;

/// A decimal number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    /// Whether it is below zero.
    pub is_negative: bool,
    digits: String,
    /// How many of its digits stand behind the point; below zero when more follow before it.
    pub scale: i64,
}

impl Decimal {
    /// Reads a number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = java::ascii_digits(text);
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_start_matches('0');
        let scale = i64::try_from(fraction.len()).ok()? - i64::from(exponent);
        i32::try_from(scale).is_ok().then(|| Self {
            is_negative: text.starts_with('-') && !significant.is_empty(),
            digits: significant.to_owned(),
            scale,
        })
    }

    /// The number times a whole one, without its fraction; nothing when 64 bits do not hold it.
    #[must_use]
    pub fn times(&self, factor: i64) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let product = self.digits.parse::<i128>().ok()?.checked_mul(i128::from(factor))?;
        let power = 10_i128.checked_pow(u32::try_from(self.scale.unsigned_abs()).ok()?)?;
        let value = if self.scale > 0 {
            product / power
        } else {
            product.checked_mul(power)?
        };
        i64::try_from(value).ok()
    }
}

/// An exponent, which has at most ten digits besides leading zeros.
fn exponent_of(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Whether a text is a number but for its exponent, of which there is at most a sign.
#[must_use]
pub fn lacks_exponent(text: &str) -> bool {
    let text = java::ascii_digits(text);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    unsigned.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        matches!(exponent, "" | "+" | "-") && [whole, fraction].concat().bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_exactly() {
        let times = |text: &str| Decimal::parse(text).and_then(|decimal| decimal.times(1000));
        assert_eq!(times("1.2345"), Some(1234));
        assert_eq!(times("12e-1"), Some(1200));
        assert_eq!(times("9223372036854775.807"), Some(i64::MAX));
        assert_eq!(times("9223372036854775.808"), None);
        assert_eq!(times("1e2000000000"), None);
        assert_eq!(times("0e99"), Some(0));
    }

    #[test]
    fn tells_where_an_exponent_is_missing() {
        for text in ["1e", "e", "-.5E+", "1e-"] {
            assert!(lacks_exponent(text), "{text}");
        }
        for text in ["1", "1e1", "1..e", "xe", "1e+-"] {
            assert!(!lacks_exponent(text), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_decimal() {
        for text in [
            "",
            ".",
            "e1",
            "1e",
            "1e+",
            "--1",
            "1d",
            "0x1",
            "1e2147483648",
            "1e12345678901",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
