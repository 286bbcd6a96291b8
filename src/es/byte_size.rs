//! Byte sizes such as `1gb`: how Elasticsearch reads them (create-job.md §2.4).

mod fault;

use super::decimal::Decimal;
use crate::xcontent::java;
use crate::xcontent::number::{self, NumberFault};
use crate::xcontent::version::Version;
pub use fault::SizeFault;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize {
    bytes: i64,
}

/// Suffixes in the order in which they are tried, and the power of 1024 of each.
const UNITS: [(&str, u32); 10] = [
    ("k", 1),
    ("kb", 1),
    ("m", 2),
    ("mb", 2),
    ("g", 3),
    ("gb", 3),
    ("t", 4),
    ("tb", 4),
    ("p", 5),
    ("pb", 5),
];

/// From this version on a text below -1 byte is refused as it is read.
const REFUSES_NEGATIVE: Version = Version::new(7, 0, 0);
/// From this version on decimals are read as such, not as doubles, and more than two are refused.
const READS_DECIMALS: Version = Version::new(9, 0, 0);
/// From this version on the message about an unreadable number names the field.
const NAMES_FIELD: Version = Version::new(7, 12, 0);
/// From this version on so does the one about a bare `b` after what is no whole number, or one below -1 (not in 7.14.2).
const NAMES_FIELD_OF_BYTES: Version = Version::new(7, 15, 0);
/// From this version on a size without a unit has no blanks around it (not in 7.15.2).
const TRIMS_NO_UNITLESS: Version = Version::new(7, 16, 0);

impl ByteSize {
    /// So many bytes.
    #[must_use]
    pub const fn from_bytes(bytes: i64) -> Self {
        Self { bytes }
    }

    /// The number of bytes.
    #[must_use]
    pub const fn bytes(self) -> i64 {
        self.bytes
    }

    /// The number of whole MiB.
    #[must_use]
    pub const fn mebibytes(self) -> i64 {
        self.bytes / (1 << 20)
    }

    /// The suffixes of units, in the order in which they are tried, and the bytes of each.
    pub fn units() -> impl Iterator<Item = (&'static str, u64)> {
        let units = UNITS.into_iter().map(|(suffix, power)| (suffix, 1 << (10 * power)));
        units.chain([("b", 1)])
    }

    /// Reads the value of the field `name` as `api` does.
    pub fn parse(text: &str, name: &str, api: Version) -> Result<Self, SizeFault> {
        let lower = text.to_lowercase();
        let normalized = java::trim(&lower);
        for (suffix, power) in UNITS {
            if let Some(number) = normalized.strip_suffix(suffix) {
                return Self::from_number(java::trim(number), 1 << (10 * power), text, name, api);
            }
        }
        if let Some(number) = normalized.strip_suffix('b') {
            let number = java::trim(number);
            let bytes: i64 = java::ascii_digits(number).parse().map_err(|_| {
                let fault = NumberFault::NotANumber(number.to_owned());
                if api >= NAMES_FIELD_OF_BYTES {
                    let reason = format!("failed to parse setting [{name}] with value [{text}]");
                    SizeFault::Number { reason, fault }
                } else {
                    SizeFault::WholeBytes(number.to_owned())
                }
            })?;
            return Self::in_range(i128::from(bytes), text, name, api).map_err(|fault| match fault {
                SizeFault::Range { reason, .. } if api < NAMES_FIELD_OF_BYTES => SizeFault::FewBytes(reason),
                fault => fault,
            });
        }
        // Only these need no unit.
        let unitless = if api < TRIMS_NO_UNITLESS { normalized } else { text };
        match unitless {
            "-1" => Ok(Self { bytes: -1 }),
            "0" => Ok(Self { bytes: 0 }),
            _ => Err(SizeFault::Unit {
                name: name.to_owned(),
                text: text.to_owned(),
            }),
        }
    }

    fn from_number(number: &str, unit: i64, text: &str, name: &str, api: Version) -> Result<Self, SizeFault> {
        if let Ok(whole) = java::ascii_digits(number).parse::<i64>() {
            return Self::in_range(i128::from(whole) * i128::from(unit), text, name, api);
        }
        if api >= READS_DECIMALS {
            return Self::from_decimal(number, unit, text, name);
        }
        let double = number::double_from_text(number).map_err(|fault| SizeFault::Number {
            reason: if api >= NAMES_FIELD {
                format!("failed to parse setting [{name}] with value [{text}]")
            } else {
                format!("failed to parse [{text}]")
            },
            // Java names the text it was given, which is empty where a number is missing.
            fault: if number.is_empty() { NumberFault::Empty } else { fault },
        })?;
        #[allow(clippy::cast_precision_loss, reason = "Java multiplies doubles here as well")]
        let bytes = number::cut(double * unit as f64);
        Self::in_range(i128::from(bytes), text, name, api)
    }

    /// A number that is not a whole one, as `BigDecimal` reads it.
    fn from_decimal(number: &str, unit: i64, text: &str, name: &str) -> Result<Self, SizeFault> {
        let (name, text, number) = (name.to_owned(), text.to_owned(), number.to_owned());
        let Some(decimal) = Decimal::parse(&number) else {
            return Err(SizeFault::Decimal { name, text, number });
        };
        if decimal.is_negative {
            return Err(SizeFault::Negative { name, text });
        }
        if decimal.scale > 2 {
            return Err(SizeFault::Decimals { name, text });
        }
        match decimal.times(unit) {
            Some(bytes) => Ok(Self { bytes }),
            None => Err(SizeFault::Beyond { name, text, number }),
        }
    }

    fn in_range(bytes: i128, text: &str, name: &str, api: Version) -> Result<Self, SizeFault> {
        let refuse = |reason: String| SizeFault::Range {
            name: name.to_owned(),
            text: text.to_owned(),
            reason,
        };
        if bytes < -1 && api >= REFUSES_NEGATIVE {
            return Err(refuse(format!("Values less than -1 bytes are not supported: {text}")));
        }
        let bytes = i64::try_from(bytes).map_err(|_| {
            refuse(format!(
                "Values greater than {} bytes are not supported: {text}",
                i64::MAX
            ))
        })?;
        Ok(Self { bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mebibytes(text: &str) -> Option<i64> {
        ByteSize::parse(text, "f", Version::BASE).ok().map(ByteSize::mebibytes)
    }

    /// create-job.md §2.4.
    #[test]
    fn reads_units_of_any_case_and_decimals() {
        for (text, expected) in [
            ("1gb", 1024),
            ("1500kb", 1),
            ("3000g", 3_072_000),
            (" 1.5 GB ", 1536),
            ("1.5mb", 1),
            ("1e3mb", 1000),
            ("1tb", 1 << 20),
            ("1p", 1 << 30),
            ("0", 0),
            ("-1", 0),
            ("+4mb", 4),
            ("1fmb", 1),
        ] {
            assert_eq!(mebibytes(text), Some(expected), "{text:?}");
        }
        assert_eq!(mebibytes("9223372036854775807b"), Some(8_796_093_022_207));
    }

    /// As 7.15.2 and 7.16.0 read them.
    #[test]
    fn later_versions_take_no_blanks_around_what_needs_no_unit() {
        for text in [" 0", "0\n", "-1 "] {
            let read = |api| ByteSize::parse(text, "f", api);
            assert!(read(Version::new(7, 15, 2)).is_ok(), "{text:?}");
            let refused = read(Version::new(7, 16, 0));
            assert!(matches!(refused, Err(SizeFault::Unit { .. })), "{text:?}");
        }
    }

    /// create-job.md §2.4.
    #[test]
    fn tells_the_faults_apart() {
        let fault = |text: &str| ByteSize::parse(text, "f", Version::BASE).expect_err("a fault");
        for text in ["x", "1", "", "2048"] {
            assert!(matches!(fault(text), SizeFault::Unit { .. }), "{text:?}");
        }
        for text in ["1,5gb", "mb", "0x10mb", "NaNmb", "5\u{a0}m"] {
            assert!(matches!(fault(text), SizeFault::Number { .. }), "{text:?}");
        }
        for text in ["99999999pb", "-2mb"] {
            assert!(matches!(fault(text), SizeFault::Range { .. }), "{text:?}");
        }
        assert!(ByteSize::parse("1.234gb", "f", Version::new(8, 19, 0)).is_ok());
    }

    /// Answers of Elasticsearch 9.5.3.
    #[test]
    fn reads_decimals_from_9_on() {
        let parse = |text: &str| ByteSize::parse(text, "f", Version::new(9, 5, 3));
        for (text, expected) in [
            ("1e-2gb", 10),
            ("100e-2gb", 1024),
            ("１.5gb", 1536),
            ("1e+2mb", 100),
            ("1e0000000000000002mb", 100),
            ("-0.0gb", 0),
            (".5gb", 512),
        ] {
            assert_eq!(parse(text).map(ByteSize::mebibytes), Ok(expected), "{text}");
        }
        let fault = |text: &str| parse(text).expect_err(text);
        for text in ["1.234gb", "1e-3gb", "1.0000mb"] {
            assert!(matches!(fault(text), SizeFault::Decimals { .. }), "{text}");
        }
        for text in ["1dmb", "1_0mb", "1.2.3gb", "m", "1e99999999999mb"] {
            assert!(matches!(fault(text), SizeFault::Decimal { .. }), "{text}");
        }
        for text in ["1e400mb", "99999999.5pb", "1e19kb"] {
            assert!(matches!(fault(text), SizeFault::Beyond { .. }), "{text}");
        }
        for text in ["-0.5gb", "-1e3mb"] {
            assert!(matches!(fault(text), SizeFault::Negative { .. }), "{text}");
        }
    }
}
