//! What a test demands of the last answer.

use anyhow::{Context, bail, ensure};
use serde_json::{Number, Value};

use crate::{
    lookup::lookup,
    pattern::{self, Blanks},
    stash::{Stash, plain},
};

/// One demand: of the value at a path.
#[derive(Debug, Clone)]
pub(crate) struct Assertion {
    pub(crate) kind: Kind,
    pub(crate) path: String,
    /// Absent of those that only look whether there is something.
    pub(crate) expected: Value,
}

/// What is demanded, by the vendors' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Match,
    Length,
    IsTrue,
    IsFalse,
    Gt,
    Gte,
    Lt,
    Lte,
    Contains,
}

impl Kind {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "match" => Self::Match,
            "length" => Self::Length,
            "is_true" => Self::IsTrue,
            "is_false" => Self::IsFalse,
            "gt" => Self::Gt,
            "gte" => Self::Gte,
            "lt" => Self::Lt,
            "lte" => Self::Lte,
            "contains" => Self::Contains,
            _ => return None,
        })
    }
}

impl Assertion {
    /// Fails with what is there instead.
    pub(crate) fn check(&self, answer: &Value, stash: &Stash) -> anyhow::Result<()> {
        let found = lookup(answer, &self.path, stash)?;
        let expected = stash.resolve(&self.expected)?;
        if self.kind == Kind::Match && self.is_pattern() {
            return self.check_pattern(found.as_ref());
        }
        let holds = match self.kind {
            Kind::Match => equal(found.as_ref().unwrap_or(&Value::Null), &expected),
            Kind::IsTrue => found.as_ref().is_some_and(is_true),
            Kind::IsFalse => !found.as_ref().is_some_and(is_true),
            Kind::Length => found.as_ref().and_then(length) == expected_length(&expected),
            Kind::Contains => found.as_ref().is_some_and(|found| contains(found, &expected)),
            Kind::Gt | Kind::Gte | Kind::Lt | Kind::Lte => {
                let found = number(found.as_ref().unwrap_or(&Value::Null))?;
                let expected = number(&expected)?;
                match self.kind {
                    Kind::Gt => found > expected,
                    Kind::Gte => found >= expected,
                    Kind::Lt => found < expected,
                    _ => found <= expected,
                }
            }
        };
        ensure!(
            holds,
            "{:?} of `{}`: expected {expected}, found {}",
            self.kind,
            self.path,
            shown(found.as_ref())
        );
        Ok(())
    }

    fn is_pattern(&self) -> bool {
        self.expected.as_str().and_then(pattern::between_slashes).is_some()
    }

    fn check_pattern(&self, found: Option<&Value>) -> anyhow::Result<()> {
        let expected = self
            .expected
            .as_str()
            .and_then(pattern::between_slashes)
            .unwrap_or_default();
        let Some(Value::String(text)) = found else {
            bail!("`{}` is no text but {}", self.path, shown(found));
        };
        let is_found = pattern::is_found(expected, Blanks::Ignored, text)?;
        ensure!(is_found, "`{}` does not match /{expected}/: {text}", self.path);
        Ok(())
    }
}

fn shown(found: Option<&Value>) -> String {
    found.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

/// Neither missing nor one of the values that count as false.
fn is_true(found: &Value) -> bool {
    match found {
        Value::Null => false,
        other => !matches!(plain(other).to_lowercase().as_str(), "" | "false" | "0") || other.is_array(),
    }
}

fn length(found: &Value) -> Option<u64> {
    let length = match found {
        Value::String(text) => text.encode_utf16().count(),
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => return None,
    };
    u64::try_from(length).ok()
}

fn expected_length(expected: &Value) -> Option<u64> {
    plain(expected).parse().ok()
}

/// Whether a list has an object with these members, a text this part, an object this member.
fn contains(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Array(items), Value::Object(members)) => items.iter().any(|item| {
            let is_there = |(name, value)| item.get(name).is_some_and(|found| equal(found, value));
            members.iter().all(is_there)
        }),
        (Value::Array(items), expected) => items.iter().any(|item| equal(item, expected)),
        (Value::String(text), Value::String(part)) => text.contains(part),
        (Value::Object(members), Value::String(name)) => members.contains_key(name),
        _ => false,
    }
}

fn number(value: &Value) -> anyhow::Result<f64> {
    value
        .as_f64()
        .with_context(|| format!("{value} cannot be compared as a number"))
}

/// Equal in value, whatever the spelling of numbers and the order of members.
fn equal(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Number(found), Value::Number(expected)) => equal_numbers(found, expected),
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(found, expected)| equal(found, expected))
        }
        (Value::Object(found), Value::Object(expected)) => {
            let is_there = |(name, value)| found.get(name).is_some_and(|found| equal(found, value));
            found.len() == expected.len() && expected.iter().all(is_there)
        }
        _ => found == expected,
    }
}

/// Whole numbers by their digits, as those of unsigned longs are more than a double holds.
fn equal_numbers(found: &Number, expected: &Number) -> bool {
    let whole = |number: &Number| number.to_string().parse::<i128>().ok();
    match (whole(found), whole(expected)) {
        (Some(found), Some(expected)) => found == expected,
        _ => found.as_f64() == expected.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(kind: Kind, path: &str, expected: Value) -> bool {
        let answer = json!({"a": 1, "big": u64::MAX, "t": "x\ny\n", "l": [{"n": "p", "v": 2}], "z": 0});
        let assertion = Assertion {
            kind,
            path: path.to_owned(),
            expected,
        };
        assertion.check(&answer, &Stash::default()).is_ok()
    }

    #[test]
    fn each_demand_holds_and_fails() {
        for (kind, path, held, not_held) in [
            (Kind::Match, "a", json!(1.0), json!("1")),
            (Kind::Match, "big", json!(u64::MAX), json!(u64::MAX - 1)),
            (Kind::Match, "t", json!("/^ x \\n y $/"), json!("/^ y/")),
            (Kind::Match, "missing", Value::Null, json!(0)),
            (Kind::Length, "l", json!(1), json!(2)),
            (Kind::Length, "t", json!(4), json!(3)),
            (Kind::Gt, "a", json!(0), json!(1)),
            (Kind::Gte, "a", json!(1), json!(2)),
            (Kind::Lt, "a", json!(2), json!(1)),
            (Kind::Lte, "a", json!(1), json!(0)),
            (Kind::Contains, "l", json!({"n": "p"}), json!({"n": "q"})),
        ] {
            assert!(holds(kind, path, held.clone()), "{kind:?} {path} {held}");
            assert!(!holds(kind, path, not_held.clone()), "{kind:?} {path} {not_held}");
        }
        for (path, is) in [("a", true), ("l", true), ("z", false), ("missing", false)] {
            assert_eq!(holds(Kind::IsTrue, path, Value::Null), is, "{path}");
            assert_eq!(holds(Kind::IsFalse, path, Value::Null), !is, "{path}");
        }
    }
}
