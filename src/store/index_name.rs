//! The name of an index, held to Elasticsearch's rules before the cluster ever sees it.

use std::fmt;

/// The most bytes a name may have.
const MOST_BYTES: usize = 255;

/// Characters that Elasticsearch refuses anywhere in a name.
const REFUSED: [char; 12] = ['\\', '/', '*', '?', '"', '<', '>', '|', ' ', ',', '#', ':'];

/// A name that Elasticsearch accepts for a new index.
///
/// It can hold characters that mean something in a request target, such as `%`: percent-encode it in a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IndexName(String);

impl IndexName {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, IndexNameError> {
        if text.is_empty() {
            return Err(IndexNameError::Empty);
        }
        if text == "." || text == ".." {
            return Err(IndexNameError::Dots);
        }
        if text.starts_with(['-', '_', '+']) {
            return Err(IndexNameError::RefusedStart);
        }
        if let Some(refused) = text.chars().find(|character| REFUSED.contains(character)) {
            return Err(IndexNameError::RefusedCharacter(refused));
        }
        if text.to_lowercase() != text {
            return Err(IndexNameError::UpperCase);
        }
        if text.len() > MOST_BYTES {
            return Err(IndexNameError::TooLong(text.len()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for IndexName {
    /// Where jobs are stored unless the configuration says otherwise.
    fn default() -> Self {
        Self("anomaly-detectors".to_owned())
    }
}

impl fmt::Display for IndexName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not the name of an index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexNameError {
    /// There is no text.
    #[error("an index name is not empty")]
    Empty,
    /// The text is `.` or `..`, which name folders.
    #[error("an index name is not `.` or `..`")]
    Dots,
    /// The first character is one that index patterns and API paths begin with.
    #[error("an index name does not start with `-`, `_` or `+`")]
    RefusedStart,
    /// Usually a pattern, a path or a list of names where one name belongs.
    #[error("an index name does not contain {}", shown(*.0))]
    RefusedCharacter(char),
    /// Elasticsearch's names are case-sensitive and all lower case.
    #[error("an index name is all lower case")]
    UpperCase,
    /// More bytes than a file name may have; the limit counts bytes, not characters.
    #[error("an index name has at most {MOST_BYTES} bytes, this one has {0}")]
    TooLong(usize),
}

/// A refused character as a message shows it.
fn shown(character: char) -> String {
    if character == ' ' {
        "a space".to_owned()
    } else {
        format!("`{character}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_elasticsearch_accepts() {
        let longest = "x".repeat(255);
        for text in [
            "anomaly-detectors",
            ".ml-config",
            "a",
            "7",
            "käse",
            "a_b-c+d.e",
            "a@b",
            "...",
            &longest,
        ] {
            assert_eq!(IndexName::parse(text).as_ref().map(IndexName::as_str), Ok(text));
        }
    }

    #[test]
    fn the_default_obeys_the_rules() {
        let default = IndexName::default();
        assert_eq!(IndexName::parse(default.as_str()), Ok(default));
    }

    #[test]
    fn refuses_what_elasticsearch_refuses() {
        assert_eq!(IndexName::parse(""), Err(IndexNameError::Empty));
        assert_eq!(IndexName::parse("."), Err(IndexNameError::Dots));
        assert_eq!(IndexName::parse(".."), Err(IndexNameError::Dots));
        for text in ["-a", "_a", "+a"] {
            assert_eq!(IndexName::parse(text), Err(IndexNameError::RefusedStart));
        }
        for refused in REFUSED {
            let text = format!("a{refused}b");
            assert_eq!(IndexName::parse(&text), Err(IndexNameError::RefusedCharacter(refused)));
        }
        for text in ["Jobs", "jobS", "Ärger"] {
            assert_eq!(IndexName::parse(text), Err(IndexNameError::UpperCase));
        }
    }

    #[test]
    fn the_limit_counts_bytes_not_characters() {
        assert_eq!(IndexName::parse(&"x".repeat(256)), Err(IndexNameError::TooLong(256)));
        assert_eq!(IndexName::parse(&"ä".repeat(128)), Err(IndexNameError::TooLong(256)));
        assert!(IndexName::parse(&"ä".repeat(127)).is_ok());
    }
}
