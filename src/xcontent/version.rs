//! Version numbers of Elasticsearch, and which product and version stands behind the gateway.

use std::fmt;
use std::str::FromStr;

/// A version of Elasticsearch's API. What the gateway accepts, fills in and prints depends on it (create-job.md §7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number, such as 8 in 8.19.21.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number.
    pub patch: u16,
}

impl Version {
    /// The version whose documentation the product is built on, and what OpenSearch is taken for.
    pub const BASE: Self = Self::new(7, 0, 0);

    /// The version `major.minor.patch`.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }
}

/// The versions in which something changed in two lines of releases, such as 8.19.3 and 9.1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backport {
    /// The first version of the older line that has it.
    pub older: Version,
    /// The first version of the newer line that has it.
    pub newer: Version,
}

impl Backport {
    /// Whether a version has it.
    #[must_use]
    pub fn is_in(self, api: Version) -> bool {
        api >= self.newer || (api >= self.older && api.major < self.newer.major)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The text is not a version number: one to three numbers joined by dots, then perhaps `-` and a label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version number such as 7.17.28")]
pub struct NotAVersion(String);

impl FromStr for Version {
    type Err = NotAVersion;

    /// Reads `8`, `7.17` or `7.17.28-SNAPSHOT`; numbers left out are 0.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let refuse = || NotAVersion(text.to_owned());
        let numbers = text.split_once('-').map_or(text, |(numbers, _label)| numbers);
        let mut parts = numbers.split('.').map(|part| {
            let digits_only = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if digits_only {
                part.parse::<u16>().map_err(|_| refuse())
            } else {
                Err(refuse())
            }
        });
        let major = parts.next().ok_or_else(refuse)??;
        let minor = parts.next().transpose()?.unwrap_or(0);
        let patch = parts.next().transpose()?.unwrap_or(0);
        if parts.next().is_some() {
            Err(refuse())
        } else {
            Ok(Self::new(major, minor, patch))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_one_to_three_numbers_and_a_label() {
        assert_eq!("8".parse(), Ok(Version::new(8, 0, 0)));
        assert_eq!("7.17".parse(), Ok(Version::new(7, 17, 0)));
        assert_eq!("9.5.3-SNAPSHOT".parse(), Ok(Version::new(9, 5, 3)));
    }

    #[test]
    fn refuses_what_is_no_version() {
        for text in ["", "x", "7.", "7.0.0.0", "+7", "7.-1", "70000"] {
            assert!(text.parse::<Version>().is_err(), "{text:?} was read as a version");
        }
    }

    #[test]
    fn orders_by_number_not_by_text() {
        assert!(Version::new(7, 9, 0) < Version::new(7, 10, 0));
    }
}
