//! The values that hold, key by key, each with where it was set: for whoever wants to know what has changed, or what holds.

use std::fmt;

use serde_json::{Value, json};

use super::redaction::redact;
use super::source::{Origin, Place};

/// The value of each key, as it is shown. In none of them is a secret: those are in files.
#[derive(Debug, Clone, Default)]
pub struct Values(Vec<KeyValue>);

/// The value of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct KeyValue {
    path: &'static str,
    value: String,
    origin: ValueOrigin,
}

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ValueOrigin {
    /// Nowhere.
    Default,
    /// In the file, on this line.
    File { file: String, line: usize },
    /// By the variable of this name.
    Variable(String),
    /// By the flag of this name, with its dashes.
    Flag(String),
    /// While the gateway runs, by this request.
    Request(&'static str),
}

impl ValueOrigin {
    /// Of a value that was written there, if it was.
    pub(super) fn of(place: Option<&Place>) -> Self {
        let Some(place) = place else {
            return Self::Default;
        };
        let text = place.source.text();
        let until = |end: char| text.split(end).next().unwrap_or_default().to_owned();
        match &place.source.origin {
            Origin::File(file) => {
                let before = text.get(..place.span.start).unwrap_or_default();
                Self::File {
                    file: file.clone(),
                    line: before.matches('\n').count() + 1,
                }
            }
            Origin::Environment => Self::Variable(until('=')),
            Origin::CommandLine => Self::Flag(until(' ')),
        }
    }

    /// What kind of origin it is.
    const fn name(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File { .. } => "file",
            Self::Variable(_) => "variable",
            Self::Flag(_) => "flag",
            Self::Request(_) => "request",
        }
    }
}

impl fmt::Display for ValueOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { file, line } => write!(f, "{file}:{line}"),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
            Self::Request(request) => f.write_str(request),
        }
    }
}

impl Values {
    /// Adds the value of a key.
    pub(super) fn note(&mut self, path: &'static str, value: String, origin: ValueOrigin) {
        self.0.push(KeyValue { path, value, origin });
    }

    /// The keys that have another value there.
    #[must_use]
    pub fn changed(&self, other: &Self) -> Vec<&'static str> {
        let is_there = |key: &&KeyValue| other.value(key.path) == Some(key.value.as_str());
        self.0.iter().filter(|key| !is_there(key)).map(|key| key.path).collect()
    }

    /// Takes these keys' values from there, and of all that are the same where they are set.
    pub fn take_over(&mut self, keys: &[&'static str], other: &Self) {
        for key in &mut self.0 {
            let new = other.0.iter().find(|new| new.path == key.path);
            if let Some(new) = new.filter(|new| keys.contains(&new.path) || new.value == key.value) {
                key.clone_from(new);
            }
        }
    }

    /// The same, but for a key that was changed by a request of this kind since.
    #[must_use]
    pub fn with_changed(mut self, path: &str, value: &str, request: &'static str) -> Self {
        if let Some(key) = self.0.iter_mut().find(|key| key.path == path && key.value != value) {
            value.clone_into(&mut key.value);
            key.origin = ValueOrigin::Request(request);
        }
        self
    }

    /// The value of a key.
    fn value(&self, path: &str) -> Option<&str> {
        let key = self.0.iter().find(|key| key.path == path)?;
        Some(&key.value)
    }

    /// All of them for people, one a line, as they could be written in a file.
    #[must_use]
    pub fn as_text(&self) -> String {
        let line = |key: &KeyValue| {
            let line = format!("{}: {}", key.path, redact(&key.value));
            format!("{:<56} # {}\n", line.trim_end(), redact(&key.origin.to_string()))
        };
        self.0.iter().map(line).collect()
    }

    /// All of them for programs.
    #[must_use]
    pub fn as_json(&self) -> Value {
        let key = |key: &KeyValue| {
            json!({
                "key": key.path,
                "value": redact(&key.value),
                "origin": key.origin.name(),
                "place": redact(&key.origin.to_string()),
            })
        };
        json!({"keys": self.0.iter().map(key).collect::<Vec<_>>()})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&'static str, &str, usize)]) -> Values {
        let value = |(path, value, line): &(&'static str, &str, usize)| KeyValue {
            path,
            value: (*value).to_owned(),
            origin: ValueOrigin::File {
                file: "gateway.yml".to_owned(),
                line: *line,
            },
        };
        Values(pairs.iter().map(value).collect())
    }

    #[test]
    fn what_is_taken_over_has_not_changed_any_more() {
        let mut old = values(&[("a", "1", 1), ("b", "2", 2), ("c", "3", 3)]);
        let new = values(&[("a", "1", 4), ("b", "4", 5), ("c", "5", 6)]);
        assert_eq!(old.changed(&new), ["b", "c"]);
        old.take_over(&["b"], &new);
        assert_eq!(old.changed(&new), ["c"]);
        // What needs a restart holds as it was set then.
        let lines: Vec<String> = old.0.iter().map(|key| key.origin.to_string()).collect();
        assert_eq!(lines, ["gateway.yml:4", "gateway.yml:5", "gateway.yml:3"]);
    }

    #[test]
    fn a_value_is_shown_with_where_it_was_set_and_without_credentials() {
        let shown = values(&[("a", "http://user:planted@node", 1), ("b", "", 2)]);
        let shown = shown.with_changed("b", "debug", "PUT /log-level");
        let text = shown.as_text();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["a:", "http://***@node", "#", "gateway.yml:1"]);
        assert_eq!(lines[1], ["b:", "debug", "#", "PUT", "/log-level"]);
        let told = shown.as_json();
        assert_eq!(
            told["keys"][1],
            json!({"key": "b", "value": "debug", "origin": "request", "place": "PUT /log-level"})
        );
        assert!(!told.to_string().contains("planted"), "{told}");
    }
}
