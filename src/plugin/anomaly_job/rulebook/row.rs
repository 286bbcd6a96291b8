//! One rule as its file has it, and as one version applies it.

use http::StatusCode;
use regex::Regex;
use serde::Deserialize;

use super::{InForce, RulebookError};
use crate::es::error::Kind;
use crate::es::version::Version;

/// A rule as the file has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRow {
    /// Its id.
    pub id: String,
    /// The first version that has it.
    since: Option<String>,
    /// The first version that has it no longer.
    until: Option<String>,
    /// How much of it the printed schema says.
    pub schema: Said,
    /// What it asks, in a sentence.
    pub says: String,
    /// What of it the printed schema does not say.
    pub unsaid: Option<String>,
    /// The type of the exception.
    exception: Option<ExceptionType>,
    /// What a client is told, with words in braces for what differs.
    pub message: Option<String>,
    /// The fields that it is about.
    #[serde(default)]
    fields: Vec<String>,
    /// The least that is allowed.
    pub minimum: Option<i64>,
    /// The most that is allowed.
    maximum: Option<i64>,
    /// What the least counts.
    pub unit: Option<String>,
    /// Words that it knows.
    #[serde(default)]
    words: Vec<String>,
    /// The first and the last of each range of characters.
    #[serde(default)]
    characters: Vec<(char, char)>,
    /// The form of a text, as a regular expression.
    pattern: Option<String>,
    /// The most characters.
    max_length: Option<usize>,
    /// When it applies.
    given: Option<Condition>,
    /// What must be the case then.
    needs: Option<Condition>,
    /// What must not be the case then.
    excludes: Option<Condition>,
}

/// How much of a rule the printed schema says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// All of it.
    Whole,
    /// Some of it.
    Part,
    /// Nothing.
    No,
}

/// The types of the exceptions that rules throw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ExceptionType {
    Status,
    Argument,
    AlreadyExists,
    NullPointer,
    Document,
    Parsing,
    Java,
}

/// What a member of the analysis is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Condition {
    /// The member.
    pub(in super::super) field: AnalysisField,
    /// What it is.
    pub(in super::super) is: State,
}

/// A member of the analysis that others depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::enum_variant_names,
    reason = "the fields have the names that the call gives them"
)]
pub(in super::super) enum AnalysisField {
    CategorizationFieldName,
    CategorizationAnalyzer,
    CategorizationFilters,
    PerPartitionCategorization,
}

impl AnalysisField {
    /// Its name.
    pub(in super::super) const fn name(self) -> &'static str {
        match self {
            Self::CategorizationFieldName => "categorization_field_name",
            Self::CategorizationAnalyzer => "categorization_analyzer",
            Self::CategorizationFilters => "categorization_filters",
            Self::PerPartitionCategorization => "per_partition_categorization",
        }
    }
}

/// What a member can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum State {
    /// It is there.
    Present,
    /// It is there, and a list that is not empty.
    NotEmpty,
    /// It is there, and its `enabled` is true.
    Enabled,
}

/// A rule as a version applies it.
#[derive(Debug)]
pub(in super::super) struct Row {
    pub(super) exception: Kind,
    pub(super) message: String,
    pub(in super::super) fields: Vec<String>,
    pub(in super::super) minimum: i64,
    pub(in super::super) maximum: i64,
    pub(in super::super) words: Vec<String>,
    pub(in super::super) characters: Characters,
    pub(in super::super) pattern: Option<Regex>,
    pub(in super::super) max_length: usize,
    pub(in super::super) given: Option<Condition>,
    pub(in super::super) needs: Option<Condition>,
    pub(in super::super) excludes: Option<Condition>,
}

impl RuleRow {
    /// The versions that have it.
    #[must_use]
    pub fn versions(&self) -> (Option<&str>, Option<&str>) {
        (self.since.as_deref(), self.until.as_deref())
    }

    /// The type of the exception, as answers have it.
    #[must_use]
    pub fn exception(&self) -> Option<&'static str> {
        match self.exception? {
            ExceptionType::Document => Some("mapper_parsing_exception"),
            exception => Some(exception.kind().name()),
        }
    }

    /// Whether a version has it.
    #[must_use]
    pub fn is_in_force(&self, api: Version) -> bool {
        self.in_force().is_ok_and(|bounds| bounds.holds(api))
    }

    pub(super) fn in_force(&self) -> Result<InForce, RulebookError> {
        InForce::between(self.since.as_deref(), self.until.as_deref())
    }

    pub(super) fn applied(&self) -> Result<Row, RulebookError> {
        let pattern = self.pattern.as_deref().map(Regex::new).transpose();
        let pattern = pattern.map_err(|error| RulebookError::Row {
            id: self.id.clone(),
            reason: error.to_string(),
        })?;
        Ok(Row {
            exception: self.exception.map_or(Kind::IllegalArgument, ExceptionType::kind),
            message: self.message.clone().unwrap_or_default(),
            fields: self.fields.clone(),
            minimum: self.minimum.unwrap_or(i64::MIN),
            maximum: self.maximum.unwrap_or(i64::MAX),
            words: self.words.clone(),
            characters: Characters::of(&self.characters),
            pattern,
            max_length: self.max_length.unwrap_or(usize::MAX),
            given: self.given.clone(),
            needs: self.needs.clone(),
            excludes: self.excludes.clone(),
        })
    }
}

impl ExceptionType {
    const fn kind(self) -> Kind {
        match self {
            Self::Status => Kind::Status(StatusCode::BAD_REQUEST),
            Self::Argument => Kind::IllegalArgument,
            Self::AlreadyExists => Kind::ResourceAlreadyExists,
            Self::NullPointer => Kind::Library("null_pointer_exception"),
            Self::Document => Kind::MapperParsing,
            Self::Parsing => Kind::Parsing,
            Self::Java => Kind::Library("exception"),
        }
    }
}

impl Row {
    /// Whether a text is one of its words.
    pub(in super::super) fn has_word(&self, text: &str) -> bool {
        self.words.iter().any(|word| word == text)
    }

    /// Its only word, or the first of them.
    pub(in super::super) fn word(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Whether a text has its form.
    pub(in super::super) fn has_form(&self, text: &str) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }
}

/// A set of characters. Most texts are of ASCII, for which one look at a table is enough.
#[derive(Debug, Clone)]
pub(in super::super) struct Characters {
    /// By byte: whether it is one of them, or a part of a character beyond ASCII, which may be.
    may_be: [bool; 256],
    pub(in super::super) ranges: Vec<(char, char)>,
}

impl Characters {
    fn of(ranges: &[(char, char)]) -> Self {
        let is_one = |byte: u8| {
            let mut ranges = ranges.iter();
            ranges.any(|(first, last)| (*first..=*last).contains(&char::from(byte)))
        };
        let mut may_be = [true; 256];
        for (byte, may_be) in (0..128).zip(&mut may_be) {
            *may_be = is_one(byte);
        }
        Self {
            may_be,
            ranges: ranges.to_vec(),
        }
    }

    /// Whether a text has one of them.
    pub(in super::super) fn are_in(&self, text: &str) -> bool {
        let may_be = |byte: u8| self.may_be.get(usize::from(byte)).copied().unwrap_or(true);
        if !text.bytes().any(may_be) {
            return false;
        }
        let is_one = |character: char| {
            let mut ranges = self.ranges.iter();
            ranges.any(|(first, last)| (*first..=*last).contains(&character))
        };
        text.contains(is_one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_found_in_and_beyond_ascii() {
        let characters = Characters::of(&[('a', 'c'), ('\u{7f}', '\u{9f}')]);
        for text in ["xb", "\u{7f}", "é\u{85}"] {
            assert!(characters.are_in(text), "{text:?}");
        }
        for text in ["", "xyz", "é", "\u{a0}"] {
            assert!(!characters.are_in(text), "{text:?}");
        }
    }
}
