//! What a policy asks of the final document, as JSON Schema 2020-12 with keywords for sizes and times.
//!
//! | keyword | its value | a document's value |
//! |---|---|---|
//! | `x-max-bytes`, `x-min-bytes` | a byte size such as `512mb` | a byte size |
//! | `x-max-duration`, `x-min-duration` | a time value such as `1h` | a time value |
//!
//! They judge texts; what is no text is for `type` to judge, as with `maxLength`.

mod bound;
mod cost;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Keyword, PatternOptions, ValidationError, Validator};
use serde_json::Value;

use super::MOST_PATTERN_BYTES;
use super::measure::Measure;
use crate::xcontent::json::{Node, PositionedJson};
use bound::Bound;
use cost::Cost;

/// The keywords of ours.
pub const KEYWORDS: [&str; 4] = ["x-max-bytes", "x-min-bytes", "x-max-duration", "x-min-duration"];

/// How many faults of a document are told.
const MOST_FAULTS: usize = 1000;

/// A schema that documents can be judged by.
#[derive(Debug)]
pub struct PolicySchema {
    schema: Value,
    validator: Validator<PositionedJson>,
    cost: Cost,
}

/// A schema that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PolicySchemaError {
    /// Where in the schema, as a JSON Pointer.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

/// What a document does not keep of a schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Where in the document, as a JSON Pointer.
    pub pointer: String,
    /// What the schema asks for there: the value of the keyword that is not kept.
    pub limit: Value,
    /// What is wrong, after the name of the place.
    pub text: String,
}

impl PolicySchema {
    /// Makes a schema ready.
    pub fn compile(schema: Value) -> Result<Self, PolicySchemaError> {
        let cost = Cost::of(&schema)?;
        let mut options = jsonschema::options_for::<PositionedJson>()
            .with_draft(jsonschema::Draft::Draft202012)
            // Linear in the length of what is matched, whatever the pattern.
            .with_pattern_options(PatternOptions::regex().size_limit(MOST_PATTERN_BYTES));
        for keyword in KEYWORDS {
            options = options.with_keyword(keyword, move |_, value, _| Bound::of(keyword, value).map(boxed));
        }
        match options.build(&schema) {
            Ok(validator) => Ok(Self {
                schema,
                validator,
                cost,
            }),
            Err(error) => Err(PolicySchemaError {
                // The crate judges a schema by the schema of schemas, whose instance it is.
                pointer: error.instance_path().to_string(),
                message: match error.kind() {
                    ValidationErrorKind::Custom { message, .. } => message.clone(),
                    _ => error.to_string(),
                },
            }),
        }
    }

    /// How many steps judging a document of this measure may take; none where the document is too deep.
    pub(super) fn steps(&self, document: &Measure) -> Option<u64> {
        self.cost.steps(document)
    }

    /// All that a document does not keep; of very many, the first.
    pub(super) fn faults(&self, document: Node<'_>) -> Vec<Fault> {
        if self.validator.is_valid(document) {
            return Vec::new();
        }
        let errors = self.validator.iter_errors(document);
        errors.take(MOST_FAULTS).map(|error| self.fault(&error)).collect()
    }

    fn fault(&self, error: &ValidationError<'_>) -> Fault {
        let limit = self.schema.pointer(error.schema_path().as_str()).cloned();
        let limit = limit.unwrap_or_default();
        Fault {
            pointer: error.instance_path().to_string(),
            text: told(error.kind(), &limit),
            limit,
        }
    }
}

fn boxed(bound: Bound) -> Box<dyn for<'i> Keyword<'i, PositionedJson>> {
    Box::new(bound)
}

/// What is wrong, without the value, which may be long: the crate's own texts have it.
fn told(kind: &ValidationErrorKind, limit: &Value) -> String {
    use ValidationErrorKind as K;
    let limit = shown(limit);
    match kind {
        K::Custom { message, .. } => message.clone(),
        K::Required { property } => format!("lacks [{}]", shown(property)),
        K::AdditionalProperties { unexpected } | K::UnevaluatedProperties { unexpected } => {
            format!("has [{}], which is not allowed", unexpected.join(", "))
        }
        K::Maximum { .. } => format!("is more than [{limit}]"),
        K::Minimum { .. } => format!("is less than [{limit}]"),
        K::ExclusiveMaximum { .. } => format!("is not less than [{limit}]"),
        K::ExclusiveMinimum { .. } => format!("is not more than [{limit}]"),
        K::MultipleOf { .. } => format!("is not a multiple of [{limit}]"),
        K::MaxItems { .. } | K::AdditionalItems { .. } => format!("has more than [{limit}] elements"),
        K::MinItems { .. } => format!("has fewer than [{limit}] elements"),
        K::MaxLength { .. } => format!("is longer than [{limit}] characters"),
        K::MinLength { .. } => format!("is shorter than [{limit}] characters"),
        K::MaxProperties { .. } => format!("has more than [{limit}] members"),
        K::MinProperties { .. } => format!("has fewer than [{limit}] members"),
        K::UniqueItems => "has the same element twice".to_owned(),
        K::Enum { .. } => format!("is none of {limit}"),
        K::Constant { .. } => format!("is not [{limit}]"),
        K::Pattern { .. } => format!("does not match [{limit}]"),
        K::Type { kind } => format!("is not of the type [{}]", types(kind)),
        K::FalseSchema => "is not allowed".to_owned(),
        K::Not { .. } => "is what it must not be".to_owned(),
        K::Contains => "has no element of the kind that is asked for".to_owned(),
        K::PropertyNames { .. } => "has a member whose name is not allowed".to_owned(),
        other => format!("does not keep [{}]", other.keyword()),
    }
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => kind.to_string(),
        TypeKind::Multiple(kinds) => {
            let kinds: Vec<_> = kinds.iter().map(|kind| kind.to_string()).collect();
            kinds.join(", ")
        }
    }
}

/// A value as messages show it: a text without quotes.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
