//! What a policy asks of the final document, as JSON Schema 2020-12 with keywords for sizes and times.
//!
//! | keyword | its value | a document's value |
//! |---|---|---|
//! | `x-max-bytes`, `x-min-bytes` | a byte size such as `512mb` | a byte size |
//! | `x-max-duration`, `x-min-duration` | a time value such as `1h` | a time value |
//!
//! They judge texts; what is no text is for `type` to judge, as with `maxLength`.

use std::cmp::Ordering;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Keyword, PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value};

use crate::es::byte_size::ByteSize;
use crate::es::json::{Node, PositionedJson};
use crate::es::time_value::TimeValue;
use crate::es::version::Version;

/// The keywords of ours.
pub const KEYWORDS: [&str; 4] = ["x-max-bytes", "x-min-bytes", "x-max-duration", "x-min-duration"];

/// How long a regular expression may become when it is compiled, in bytes: one with `{1000}{1000}` takes gigabytes.
const MOST_REGEX_BYTES: usize = 1024 * 1024;

/// A schema that documents can be judged by.
#[derive(Debug)]
pub struct PolicySchema {
    schema: Value,
    validator: Validator<PositionedJson>,
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
        let mut options = jsonschema::options_for::<PositionedJson>()
            .with_draft(jsonschema::Draft::Draft202012)
            // Linear in the length of what is matched, whatever the pattern.
            .with_pattern_options(PatternOptions::regex().size_limit(MOST_REGEX_BYTES));
        for keyword in KEYWORDS {
            options = options.with_keyword(keyword, move |_, value, _| Bound::of(keyword, value).map(boxed));
        }
        match options.build(&schema) {
            Ok(validator) => Ok(Self { schema, validator }),
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

    /// All that a document does not keep.
    #[must_use]
    pub fn faults(&self, document: Node<'_>) -> Vec<Fault> {
        if self.validator.is_valid(document) {
            return Vec::new();
        }
        let errors = self.validator.iter_errors(document);
        errors.map(|error| self.fault(&error)).collect()
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

/// A bound on byte sizes or time values.
#[derive(Debug, Clone)]
struct Bound {
    quantity: Quantity,
    /// How a value that breaks it compares with it.
    broken_by: Ordering,
    amount: i64,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Bytes,
    Nanos,
}

impl Quantity {
    fn read(self, text: &str) -> Option<i64> {
        match self {
            Self::Bytes => ByteSize::parse(text, "", Version::BASE).ok().map(ByteSize::bytes),
            Self::Nanos => TimeValue::parse(text, "").ok().map(TimeValue::nanos),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "a byte size such as `512mb`",
            Self::Nanos => "a time value such as `1h`",
        }
    }
}

impl Bound {
    fn of(keyword: &str, value: &Value) -> Result<Self, ValidationError<'static>> {
        let quantity = if keyword.ends_with("bytes") {
            Quantity::Bytes
        } else {
            Quantity::Nanos
        };
        let text = value.as_str().unwrap_or_default();
        let amount = quantity.read(text).ok_or_else(|| {
            let message = format!("`{keyword}` is {}, not [{}]", quantity.name(), shown(value));
            ValidationError::schema(message)
        })?;
        Ok(Self {
            quantity,
            broken_by: if keyword.contains("max") {
                Ordering::Greater
            } else {
                Ordering::Less
            },
            amount,
            text: text.to_owned(),
        })
    }

    fn fault(&self, instance: Node<'_>) -> Option<String> {
        let text = instance.as_text()?;
        let Some(amount) = self.quantity.read(&text) else {
            return Some(format!("is not {}", self.quantity.name()));
        };
        let relation = match self.broken_by {
            Ordering::Greater => "more",
            Ordering::Less | Ordering::Equal => "less",
        };
        (amount.cmp(&self.amount) == self.broken_by).then(|| format!("is {relation} than [{}]", self.text))
    }
}

impl<'i> Keyword<'i, PositionedJson> for Bound {
    fn validate(&self, instance: Node<'i>) -> Result<(), ValidationError<'i>> {
        match self.fault(instance) {
            None => Ok(()),
            Some(fault) => Err(ValidationError::custom(fault)),
        }
    }

    fn is_valid(&self, instance: Node<'i>) -> bool {
        self.fault(instance).is_none()
    }
}

/// Where a schema refers to itself without going deeper into the document, which would never end: the pointer of such a
/// reference.
#[must_use]
pub fn endless_reference(schema: &Value) -> Option<String> {
    let mut walk = Walk {
        schema,
        open: Vec::new(),
        done: Vec::new(),
    };
    walk.every_schema(schema, "")
}

/// Keywords whose schemas judge the same value as the schema that they stand in.
const IN_PLACE: [&str; 9] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "$defs",
];

struct Walk<'s> {
    schema: &'s Value,
    open: Vec<String>,
    done: Vec<String>,
}

impl<'s> Walk<'s> {
    /// Goes through all schemas, wherever they are.
    fn every_schema(&mut self, schema: &'s Value, pointer: &str) -> Option<String> {
        if let Value::Object(members) = schema
            && let Some(found) = self.in_place(members, pointer)
        {
            return Some(found);
        }
        children(schema, pointer).find_map(|(child, pointer)| self.every_schema(child, &pointer))
    }

    /// Follows what judges the same value.
    fn in_place(&mut self, members: &'s Map<String, Value>, pointer: &str) -> Option<String> {
        if self.open.iter().any(|open| open == pointer) {
            return Some(pointer.to_owned());
        }
        if self.done.iter().any(|done| done == pointer) {
            return None;
        }
        self.open.push(pointer.to_owned());
        let reference = members.get("$ref").or_else(|| members.get("$dynamicRef"));
        let target = reference
            .and_then(Value::as_str)
            .and_then(|text| text.strip_prefix('#'));
        let referred = target.and_then(|target| Some((self.schema.pointer(target)?, target.to_owned())));
        let beside = IN_PLACE
            .iter()
            .filter(|keyword| **keyword != "$defs")
            .filter_map(|keyword| {
                let inner = members.get(*keyword)?;
                Some((inner, format!("{pointer}/{keyword}")))
            });
        let mut below: Vec<(&'s Value, String)> = referred.into_iter().collect();
        for (inner, pointer) in beside {
            if inner.is_array() || pointer.ends_with("dependentSchemas") {
                below.extend(children(inner, &pointer));
            } else {
                below.push((inner, pointer));
            }
        }
        let found = below.into_iter().find_map(|(inner, pointer)| {
            let members = inner.as_object()?;
            self.in_place(members, &pointer)
        });
        self.open.pop();
        self.done.push(pointer.to_owned());
        found
    }
}

fn children<'s>(value: &'s Value, pointer: &str) -> impl Iterator<Item = (&'s Value, String)> {
    let members = value.as_object().into_iter().flatten();
    let elements = value.as_array().into_iter().flatten().enumerate();
    let named = members.map(|(name, child)| (child, super::defaults::below(pointer, name)));
    let counted = elements.map(|(place, child)| (child, format!("{pointer}/{place}")));
    named.chain(counted).collect::<Vec<_>>().into_iter()
}
