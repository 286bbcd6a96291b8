//! Which Elasticsearch the gateway answers as: the cluster's own version, or one that the operator sets.

use std::fmt;

use crate::es::version::{NotAVersion, Version};

/// The lines of versions that the gateway can answer as: each major number with its newest minor number.
const LINES: [(u16, u16); 3] = [(7, 17), (8, 19), (9, 5)];

/// Which version of Elasticsearch's API to answer as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// The version of the cluster, as its `GET /` tells. OpenSearch counts as 7.0.
    Auto,
    /// Always this version.
    Fixed(Version),
}

impl Api {
    /// Reads `auto` or a version from 7.0 to 9.5. A major number alone means its newest minor version, so that `8` is
    /// 8.19 and not the long outdated 8.0.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let mut version: Version = text.parse()?;
        let Some((_, newest)) = LINES.into_iter().find(|(major, _)| *major == version.major) else {
            return Err(ApiError::OutOfRange);
        };
        if !text.contains('.') {
            version.minor = newest;
        }
        if version.minor > newest {
            return Err(ApiError::UnknownMinor {
                major: version.major,
                newest,
            });
        }
        Ok(Self::Fixed(version))
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Fixed(version) => version.fmt(f),
        }
    }
}

/// Why a text does not say which API to answer as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The text is neither `auto` nor a version.
    #[error("expected `auto` or a version such as `7.17`")]
    NotAVersion(#[from] NotAVersion),
    /// A major version that this product does not know.
    #[error("the gateway answers as Elasticsearch 7.0 to 9.5 and as no other version")]
    OutOfRange,
    /// A minor version that its line never had, or that is newer than this product.
    #[error(
        "the gateway answers as Elasticsearch 7.0 to 9.5, and the newest {major}.x that it knows is {major}.{newest}"
    )]
    UnknownMinor {
        /// The line.
        major: u16,
        /// Its newest minor number.
        newest: u16,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(major: u16, minor: u16, patch: u16) -> Api {
        Api::Fixed(Version::new(major, minor, patch))
    }

    #[test]
    fn reads_auto_and_versions() {
        assert_eq!(Api::parse("auto"), Ok(Api::Auto));
        assert_eq!(Api::parse("7.0"), Ok(fixed(7, 0, 0)));
        assert_eq!(Api::parse("7.10"), Ok(fixed(7, 10, 0)));
        assert_eq!(Api::parse("7.17.28"), Ok(fixed(7, 17, 28)));
        assert_eq!(Api::parse("8.0"), Ok(fixed(8, 0, 0)));
        assert_eq!(Api::parse("9.5.3-SNAPSHOT"), Ok(fixed(9, 5, 3)));
    }

    #[test]
    fn a_major_alone_is_its_newest_line() {
        assert_eq!(Api::parse("7"), Ok(fixed(7, 17, 0)));
        assert_eq!(Api::parse("8"), Ok(fixed(8, 19, 0)));
        assert_eq!(Api::parse("9"), Ok(fixed(9, 5, 0)));
    }

    #[test]
    fn refuses_other_versions_and_words() {
        for text in ["6.8", "10", "10.0", "0"] {
            assert_eq!(Api::parse(text), Err(ApiError::OutOfRange), "{text}");
        }
        assert_eq!(Api::parse("7.18"), Err(ApiError::UnknownMinor { major: 7, newest: 17 }));
        assert_eq!(Api::parse("9.6"), Err(ApiError::UnknownMinor { major: 9, newest: 5 }));
        for text in ["Auto", "latest", "v8", "7.x", "1e1", "7,17"] {
            assert!(matches!(Api::parse(text), Err(ApiError::NotAVersion(_))), "{text}");
        }
    }
}
