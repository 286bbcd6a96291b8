//! A schema as each version of the API has it: read from one annotated file, cut down to what a version knows, and
//! compiled once (create-job.md §7.2).
//!
//! The file is plain draft 2020-12 with annotations of ours, all of them listed in [`super::annotation`]. Whether a document fits
//! is decided by crate `jsonschema` on the effective schema; what is told about one that does not is derived from the
//! same schema by [`crate::admission::schema_fault`].

use jsonschema::{Keyword, ValidationError, Validator, ValidatorMap};
use serde_json::{Map, Value};

use super::annotation::{AnyCase, ReadValue, Reading, keyword, reader};
use super::shape::{ObjectShape, ShapeError};
use crate::es::version::Version;
use crate::xcontent::json::{Node, PositionedJson};

/// A schema file and the readers of the forms that it names.
#[derive(Debug, Clone, Copy)]
pub struct SchemaSource {
    /// The text of the file.
    pub text: &'static str,
    /// The readers that [`keyword::VALUE`] may name.
    pub readers: &'static [(&'static str, ReadValue)],
}

/// The schema of one version, ready to judge documents.
pub struct Schema {
    /// The version.
    pub api: Version,
    /// The version's schema.
    pub effective: Value,
    /// The shape of the document's value, for telling what is wrong.
    pub(super) root: ObjectShape,
    whole: Validator<PositionedJson>,
    parts: ValidatorMap<PositionedJson>,
}

/// Why a schema file cannot be used. The file is part of the program, so this is a fault of the program.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The file is not JSON.
    #[error("the schema is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// The file is not a schema.
    #[error("the schema cannot be compiled: {0}")]
    NotASchema(String),
    /// The file has a form that the derivation of messages does not know.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// What belongs to the file, of what the plugin's rules know, cannot be used.
    #[error("{0}")]
    Rules(String),
    /// An annotation that should be a version is none.
    #[error("{0} is not a version")]
    NotAVersion(String),
}

impl SchemaSource {
    /// The file's document.
    pub fn read(&self) -> Result<Value, SchemaError> {
        Ok(serde_json::from_str(self.text)?)
    }
}

impl Schema {
    /// The schema that an annotated one has for `api`.
    pub fn of(
        annotated: Value,
        readers: &'static [(&'static str, ReadValue)],
        api: Version,
    ) -> Result<Self, SchemaError> {
        let mut effective = annotated;
        keep_version(&mut effective, api)?;
        let options = jsonschema::options_for::<PositionedJson>()
            .with_keyword(keyword::ENUM_ANY_CASE, |parent, value, _| {
                Ok(Box::new(AnyCase::from_schema(parent, value)))
            })
            .with_keyword(keyword::VALUE, move |_, value, _| {
                let read = value.as_str().and_then(|name| reader(readers, name));
                match read {
                    Some(read) => Ok(Box::new(ValueForm { read, api })),
                    None => Err(ValidationError::schema(format!("no reader of the form {value}"))),
                }
            });
        let not_a_schema = |error: ValidationError<'_>| SchemaError::NotASchema(error.to_string());
        let whole = options.build(&effective).map_err(not_a_schema)?;
        let parts = options.build_map(&effective).map_err(not_a_schema)?;
        let root = ObjectShape::of_root(&effective, readers)?;
        Ok(Self {
            api,
            effective,
            root,
            whole,
            parts,
        })
    }

    /// Whether the document's value is what the version accepts.
    #[must_use]
    pub fn accepts(&self, root: Node<'_>) -> bool {
        self.whole.is_valid(root)
    }

    /// Whether a value fits the part of the schema that the pointer names.
    pub(super) fn part_accepts(&self, pointer: &str, value: Node<'_>) -> bool {
        self.parts
            .get(pointer)
            .is_some_and(|validator| validator.is_valid(value))
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").field("api", &self.api).finish_non_exhaustive()
    }
}

/// Removes what `api` does not have.
fn keep_version(schema: &mut Value, api: Version) -> Result<(), SchemaError> {
    match schema {
        Value::Object(members) => {
            keep_values(members, api)?;
            keep_default(members, api)?;
            let mut gone = Vec::new();
            for (name, member) in members.iter() {
                if !exists(member, api)? {
                    gone.push(name.clone());
                }
            }
            for name in gone {
                members.shift_remove(&name);
            }
            members.shift_remove(keyword::SINCE);
            members.shift_remove(keyword::UNTIL);
            members.values_mut().try_for_each(|member| keep_version(member, api))
        }
        Value::Array(elements) => elements.iter_mut().try_for_each(|element| keep_version(element, api)),
        _ => Ok(()),
    }
}

/// Makes `default` of the one that `api` has.
fn keep_default(members: &mut Map<String, Value>, api: Version) -> Result<(), SchemaError> {
    let Some(Value::Array(defaults)) = members.shift_remove(keyword::DEFAULTS) else {
        return Ok(());
    };
    for default in defaults {
        if exists(&default, api)?
            && let Some(value) = default.get("value")
        {
            members.insert("default".to_owned(), value.clone());
        }
    }
    Ok(())
}

fn exists(member: &Value, api: Version) -> Result<bool, SchemaError> {
    let since = bound(member.get(keyword::SINCE))?;
    let until = bound(member.get(keyword::UNTIL))?;
    Ok(since.is_none_or(|since| since <= api) && until.is_none_or(|until| api < until))
}

fn bound(annotation: Option<&Value>) -> Result<Option<Version>, SchemaError> {
    let Some(annotation) = annotation else {
        return Ok(None);
    };
    let version = annotation.as_str().and_then(|text| text.parse().ok());
    version
        .map(Some)
        .ok_or_else(|| SchemaError::NotAVersion(annotation.to_string()))
}

/// Removes from an enumeration the values that `api` does not have yet or no longer has.
fn keep_values(members: &mut Map<String, Value>, api: Version) -> Result<(), SchemaError> {
    let is_new = |since: Version| api < since;
    let is_gone = |until: Version| until <= api;
    remove_values(members, keyword::VALUES_SINCE, is_new)?;
    remove_values(members, keyword::VALUES_UNTIL, is_gone)
}

fn remove_values(
    members: &mut Map<String, Value>,
    annotation: &str,
    is_absent: impl Fn(Version) -> bool,
) -> Result<(), SchemaError> {
    let Some(Value::Object(bounds)) = members.shift_remove(annotation) else {
        return Ok(());
    };
    for (value, version) in &bounds {
        if bound(Some(version))?.is_some_and(&is_absent) {
            for list in ["enum", keyword::ENUM_ANY_CASE] {
                if let Some(Value::Array(values)) = members.get_mut(list) {
                    values.retain(|listed| listed != value);
                }
            }
        }
    }
    Ok(())
}

/// A form of value as crate `jsonschema` uses it.
struct ValueForm {
    read: ReadValue,
    api: Version,
}

impl<'i> Keyword<'i, PositionedJson> for ValueForm {
    fn validate(&self, instance: Node<'i>) -> Result<(), ValidationError<'i>> {
        let reading = Reading {
            field: "",
            api: self.api,
        };
        (self.read)(instance, reading).map_err(|exception| ValidationError::custom(exception.reason))
    }

    fn is_valid(&self, instance: Node<'i>) -> bool {
        let reading = Reading {
            field: "",
            api: self.api,
        };
        (self.read)(instance, reading).is_ok()
    }
}
