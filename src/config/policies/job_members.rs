//! The members that a job can have in some version of the API, by which policies are checked for names that no job has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use crate::admission::policy::expression::Step;
use crate::admission::schema::SchemaError;
use crate::config::problem::Problem;
use crate::config::source::Place;
use crate::config::suggestion::suggestion;
use crate::es::version::Version;
use crate::plugin::anomaly_job::AnomalyJob;

/// The versions whose members are known: between two of them none has come and gone.
pub(super) const VERSIONS: [Version; 4] = [
    Version::BASE,
    Version::new(7, 17, 0),
    Version::new(8, 19, 0),
    Version::new(9, 5, 0),
];

/// What policies know the datafeed as that comes with a job, and where the schema of an answered job has it.
const DATAFEED: &str = "datafeed";
const ANSWERED_DATAFEED: &str = "/$defs/datafeed_config";

/// How deep schemas refer to each other. A job's do so a handful of times.
const MAX_DEPTH: usize = 32;

/// What a part of a job can have.
#[derive(Debug, Default)]
pub(super) struct Members {
    named: BTreeMap<String, Self>,
    /// What a member of any other name has.
    other: Option<Box<Self>>,
    element: Option<Box<Self>>,
    /// Nothing is known of what is inside.
    is_open: bool,
    types: BTreeSet<String>,
    /// Texts that it can be.
    words: BTreeSet<String>,
}

/// What is known of a part of a job.
pub(super) enum Known<'m> {
    /// These are its members.
    Part(&'m Members),
    /// It can have any.
    Anything,
    /// There is no such part.
    Missing {
        /// The name on the way to it that no job has.
        name: String,
        /// Those that there are in its place.
        known: Vec<&'m str>,
    },
}

/// The members of a job; none if the product's own schema cannot be used, which others tell.
static OF_A_JOB: LazyLock<Option<Members>> = LazyLock::new(|| Members::of_all_versions().ok());

/// The members of a job, if they are known.
pub(super) fn of_a_job() -> Option<&'static Members> {
    OF_A_JOB.as_ref()
}

/// The members of the body that creates a job; none if the product's own schema cannot be used.
static OF_A_REQUEST: LazyLock<Option<Members>> = LazyLock::new(|| Members::of_requests().ok());

/// The members of the body that creates a job, if they are known.
pub(super) fn of_a_request() -> Option<&'static Members> {
    OF_A_REQUEST.as_ref()
}

/// What is wrong with a name that no job has.
pub(super) fn no_member(place: &Place, what: &str, name: &str, known: &[&str]) -> Problem {
    let meant = suggestion(name, known.iter().copied());
    let help = meant.map_or_else(
        || {
            let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
            (!known.is_empty()).then(|| format!("known there: {}", known.join(", ")))
        },
        |meant| Some(format!("did you mean `{meant}`?")),
    );
    Problem::new(place, format!("`{what}`: no job has a member `{name}` there")).help(help)
}

impl Members {
    fn of_all_versions() -> Result<Self, SchemaError> {
        let call = AnomalyJob::new(Version::BASE)?;
        let mut members = Self::default();
        for version in VERSIONS {
            let schema = call.stored_schema(version)?;
            members.add(&schema, &schema, MAX_DEPTH);
            let answered = call.answered_schema(version)?;
            if let Some(datafeed) = answered.pointer(ANSWERED_DATAFEED) {
                let known = members.named.entry(DATAFEED.to_owned()).or_default();
                known.add(datafeed, &answered, MAX_DEPTH);
            }
        }
        Ok(members)
    }

    fn of_requests() -> Result<Self, SchemaError> {
        let call = AnomalyJob::new(Version::BASE)?;
        let mut members = Self::default();
        for version in VERSIONS {
            let schema = call.printed_schema(version)?;
            members.add(&schema, &schema, MAX_DEPTH);
        }
        Ok(members)
    }

    /// Adds what a schema knows.
    fn add(&mut self, schema: &Value, root: &Value, depth: usize) {
        let Some(keywords) = schema.as_object().filter(|_| depth > 0) else {
            self.is_open |= schema == &Value::Bool(true) || depth == 0;
            return;
        };
        let depth = depth - 1;
        if let Some(target) = keywords
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|target| target.strip_prefix('#'))
        {
            self.add(root.pointer(target).unwrap_or(&Value::Bool(true)), root, depth);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for part in keywords.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.add(part, root, depth);
            }
        }
        for keyword in ["then", "else"] {
            if let Some(part) = keywords.get(keyword) {
                self.add(part, root, depth);
            }
        }
        match keywords.get("type") {
            Some(Value::String(one)) => drop(self.types.insert(one.clone())),
            Some(Value::Array(several)) => self
                .types
                .extend(several.iter().filter_map(Value::as_str).map(str::to_owned)),
            _ => {}
        }
        let words = keywords.get("enum").and_then(Value::as_array).into_iter().flatten();
        self.words.extend(words.filter_map(Value::as_str).map(str::to_owned));
        for (name, part) in keywords
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            self.named.entry(name.clone()).or_default().add(part, root, depth);
        }
        if let Some(part) = keywords.get("items") {
            self.element.get_or_insert_default().add(part, root, depth);
        }
        match keywords.get("additionalProperties") {
            Some(part @ Value::Object(_)) => self.other.get_or_insert_default().add(part, root, depth),
            Some(Value::Bool(true)) => self.is_open = true,
            _ => {}
        }
    }

    /// Whether it holds what no schema describes.
    fn holds_anything(&self) -> bool {
        let is_undescribed = self.named.is_empty() && self.other.is_none() && self.element.is_none();
        self.is_open || (is_undescribed && (self.types.is_empty() || self.types.contains("object")))
    }

    /// What is known of the part that these steps lead to.
    pub(super) fn at(&self, path: &[Step]) -> Known<'_> {
        let mut part = self;
        for step in path {
            if part.holds_anything() {
                return Known::Anything;
            }
            let next = match step {
                Step::Element => part.element.as_deref(),
                Step::Member(name) => part.named.get(name).or(part.other.as_deref()),
            };
            match (next, step) {
                (Some(next), _) => part = next,
                // An element of what is no list: only evaluation shows what it is.
                (None, Step::Element) => return Known::Anything,
                (None, Step::Member(name)) => {
                    return Known::Missing {
                        name: name.clone(),
                        known: part.named.keys().map(String::as_str).collect(),
                    };
                }
            }
        }
        if part.holds_anything() {
            Known::Anything
        } else {
            Known::Part(part)
        }
    }

    /// The text that it can be and that this one was probably meant to be.
    pub(super) fn meant_by(&self, text: &str) -> Option<&str> {
        suggestion(text, self.words.iter().map(String::as_str))
    }

    /// Whether its value can be true or false.
    pub(super) fn can_be_boolean(&self) -> bool {
        self.types.is_empty() || self.types.contains("boolean")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Known<'static> {
        let steps: Vec<Step> = path
            .split('.')
            .map(|name| match name {
                "[]" => Step::Element,
                name => Step::Member(name.to_owned()),
            })
            .collect();
        of_a_job().expect("a schema").at(&steps)
    }

    #[test]
    fn members_of_every_version_are_known_and_no_others() {
        for path in [
            "description",
            "job_id",
            "create_time",
            "analysis_config.detectors.[].function",
            "analysis_config.model_prune_window",
            "analysis_limits.model_memory_limit",
            "data_description.format",
            "datafeed.indices.[]",
            "groups",
        ] {
            assert!(!matches!(at(path), Known::Missing { .. }), "{path}");
        }
        for path in [
            "descripton",
            "anlysis_config.detectors",
            "analysis_config.detectors.[].functon",
            "description.a",
            "datafeed_config",
            "datafeed.indexes",
        ] {
            assert!(matches!(at(path), Known::Missing { .. }), "{path}");
        }
        for path in ["custom_settings.owner.team", "datafeed.query.term.a"] {
            assert!(matches!(at(path), Known::Anything), "{path}");
        }
    }
}
