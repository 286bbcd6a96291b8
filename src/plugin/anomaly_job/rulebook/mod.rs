//! What the rules of a job know, read from `schemas/elasticsearch/`: the table of functions, and for every rule its id, the
//! versions that have it, what it says to a client, and its bounds, words and forms.
//!
//! The code that applies a rule and the schema that is printed both read it here, so that neither can say what the
//! other does not. A rule that is not in the file, or not in force in a version, refuses nothing.

mod functions;
mod row;
mod rule;

use std::fmt::Display;

use serde::Deserialize;

use crate::es::error::Exception;
use crate::es::version::Version;

pub(super) use functions::{Demand, Demands, Function, Functions};
pub(super) use row::{AnalysisField, Condition, Row, State};
pub use row::{RuleRow, Said};
pub(super) use rule::Rule;

/// The texts of the files.
#[derive(Debug, Clone, Copy)]
pub struct RuleSource {
    /// The table of functions.
    pub functions: &'static str,
    /// The rules.
    pub rules: &'static str,
}

/// Why the files cannot be used. They are part of the program, so this is a fault of the program.
#[derive(Debug, thiserror::Error)]
pub(super) enum RulebookError {
    /// A file is not JSON, or has something else than a table of rules or functions.
    #[error("the rules' data cannot be read: {0}")]
    NotReadable(#[from] serde_json::Error),
    /// What should be a version is none.
    #[error("{0} is not a version")]
    NotAVersion(String),
    /// A row says something that cannot be used.
    #[error("the rule {id}: {reason}")]
    Row {
        /// The row's id.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// From which version on, and before which, a row is in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Bounds")]
pub(super) struct InForce {
    since: Option<Version>,
    until: Option<Version>,
}

#[derive(Debug, Deserialize)]
struct Bounds {
    since: Option<String>,
    until: Option<String>,
}

impl TryFrom<Bounds> for InForce {
    type Error = RulebookError;

    fn try_from(bounds: Bounds) -> Result<Self, RulebookError> {
        Self::between(bounds.since.as_deref(), bounds.until.as_deref())
    }
}

impl InForce {
    fn between(since: Option<&str>, until: Option<&str>) -> Result<Self, RulebookError> {
        let version = |text: Option<&str>| {
            let read = |text: &str| text.parse().map_err(|_| RulebookError::NotAVersion(text.to_owned()));
            text.map(read).transpose()
        };
        Ok(Self {
            since: version(since)?,
            until: version(until)?,
        })
    }

    fn holds(&self, api: Version) -> bool {
        self.since.is_none_or(|since| since <= api) && self.until.is_none_or(|until| api < until)
    }
}

#[derive(Debug, Deserialize)]
struct RulesFile {
    rules: Vec<RuleRow>,
}

/// What the rules of one version know.
#[derive(Debug)]
pub(super) struct Rulebook {
    /// The version.
    pub(super) api: Version,
    /// Its functions.
    pub(super) functions: Functions,
    /// Its rules, in the order of [`Rule::ALL`].
    rows: Vec<Option<Row>>,
}

/// Every rule of every version, in the order of the file.
pub(super) fn rows(source: RuleSource) -> Result<Vec<RuleRow>, RulebookError> {
    let file: RulesFile = serde_json::from_str(source.rules)?;
    Ok(file.rules)
}

impl Rulebook {
    /// What a version's rules know.
    pub(super) fn read(source: RuleSource, api: Version) -> Result<Self, RulebookError> {
        let mut in_force = Vec::new();
        for row in rows(source)? {
            if row.in_force()?.holds(api) {
                in_force.push(row);
            }
        }
        let applied = |rule: &Rule| {
            let row = in_force.iter().find(|row| row.id == rule.id());
            row.map(RuleRow::applied).transpose()
        };
        Ok(Self {
            api,
            functions: Functions::of(serde_json::from_str(source.functions)?, api),
            rows: Rule::ALL.iter().map(applied).collect::<Result<_, _>>()?,
        })
    }

    /// What a rule knows; nothing where it is not in force.
    pub(super) fn row(&self, rule: Rule) -> Option<&Row> {
        self.rows.get(rule as usize)?.as_ref()
    }

    /// Refuses by a rule, if it is in force; with what stands for the words in the braces of its message.
    pub(super) fn refuse(&self, rule: Rule, parts: &[(&str, &dyn Display)]) -> Result<(), Exception> {
        match self.row(rule) {
            Some(row) => Err(row.exception_of(rule, parts)),
            None => Ok(()),
        }
    }
}

impl Row {
    fn exception_of(&self, rule: Rule, parts: &[(&str, &dyn Display)]) -> Exception {
        Exception::new(self.exception, filled(&self.message, parts)).by(rule.id())
    }
}

/// A message with what stands for the words in its braces. What is put in is not looked at again.
fn filled(message: &str, parts: &[(&str, &dyn Display)]) -> String {
    let mut text = String::with_capacity(message.len() * 2);
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((word, after)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        if let Some((_, part)) = parts.iter().find(|(name, _)| *name == word) {
            text.push_str(&part.to_string());
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::HashSet;

    use super::super::RULES;
    use super::*;

    /// The rules of a version, for as long as the tests run.
    pub(in super::super) fn rulebook(api: Version) -> &'static Rulebook {
        Box::leak(Box::new(Rulebook::read(RULES, api).expect("the product's own rules")))
    }

    /// Rules of the cluster are applied where it answers.
    const OF_CLUSTER: &str = "cluster.";

    #[test]
    fn every_rule_has_a_row_and_every_row_a_rule() {
        let rows = rows(RULES).expect("rows");
        let in_file: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let in_code: HashSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        let only_in_code: Vec<_> = in_code.difference(&in_file).collect();
        assert!(only_in_code.is_empty(), "{only_in_code:?}");
        let only_in_file = in_file.difference(&in_code);
        let only_in_file: Vec<_> = only_in_file.filter(|id| !id.starts_with(OF_CLUSTER)).collect();
        assert!(only_in_file.is_empty(), "{only_in_file:?}");
        for row in &rows {
            assert_eq!(row.unsaid.is_none(), row.schema == Said::Whole, "{}", row.id);
        }
    }

    #[test]
    fn a_message_is_filled_once() {
        let parts: &[(&str, &dyn Display)] = &[("a", &"{b}"), ("b", &2)];
        assert_eq!(filled("[{a}] {b} {c}{", parts), "[{b}] 2 {");
    }
}
