//! What an annotated schema says beyond the draft: the names of the annotations, and what two of them mean.

use jsonschema::{Keyword, ValidationError};
use serde_json::{Map, Value};

use crate::es::error::Exception;
use crate::es::version::Version;
use crate::xcontent::java;
use crate::xcontent::json::{Node, PositionedJson};

/// The names of our annotations.
pub mod keyword {
    /// On a property or definition: the first version that has it.
    pub const SINCE: &str = "x-since";
    /// On a property or definition: the first version that has it no longer.
    pub const UNTIL: &str = "x-until";
    /// On an enumeration: values, each with the first version that has it.
    pub const VALUES_SINCE: &str = "x-values-since";
    /// On an enumeration: values, each with the first version that has it no longer.
    pub const VALUES_UNTIL: &str = "x-values-until";
    /// On a property: defaults, each with the versions that have it, of which the schema of a version has one as
    /// `default`.
    pub const DEFAULTS: &str = "x-defaults";
    /// An enumeration whose case does not matter.
    pub const ENUM_ANY_CASE: &str = "x-enum-any-case";
    /// Beside an enumeration of any case: blanks around a value do not matter.
    pub const ENUM_TRIMMED: &str = "x-enum-trimmed";
    /// A form that a value must have, by the name of the reader that knows it.
    pub const VALUE: &str = "x-es-value";
    /// The form is that of a number, also where it is written as a string.
    pub const NUMBER: &str = "x-es-number";
    /// The name of an object's parser in Elasticsearch's messages.
    pub const NAME: &str = "x-es-name";
    /// The object's parser wraps syntax faults directly inside it in `failed to parse object`.
    pub const NAMES_SYNTAX_FAULTS: &str = "x-es-names-syntax-faults";
    /// The object's required members are asked for by the plugin's rules, not while reading.
    pub const REQUIRED_LATER: &str = "x-es-required-later";
    /// The optional member by whose arrival the object is built, before its end.
    pub const BUILT_WITH: &str = "x-es-built-with";
    /// A value that is set only once the object's required members are there, or the object is built.
    pub const LATE: &str = "x-es-late";
    /// A value that is read to its end before anything in it is looked at.
    pub const WHOLE: &str = "x-es-whole";
    /// Kinds of value that the parser takes and its converter then refuses.
    pub const PASSES: &str = "x-es-passes";
    /// An object that Elasticsearch reads with code of its own, named here.
    pub const READER: &str = "x-es-reader";
}

/// The reader of what is true or false, or the text of one: a fault of the syntax in such a value is told in its own way.
pub const BOOLEAN: &str = "boolean";

/// What a reader of values is told besides the value.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The field's name, for messages.
    pub field: &'a str,
    /// The version to read as.
    pub api: Version,
}

/// Reads one form of value: fine, or the exception that Elasticsearch's converter would throw.
pub type ReadValue = fn(Node<'_>, Reading<'_>) -> Result<(), Exception>;

/// The reader of a form, by its name.
pub(super) fn reader(readers: &[(&'static str, ReadValue)], name: &str) -> Option<ReadValue> {
    readers.iter().find(|(known, _)| *known == name).map(|(_, read)| *read)
}

/// An enumeration whose case does not matter, as crate `jsonschema` and the derivation of messages use it.
#[derive(Debug, Clone, Default)]
pub(super) struct AnyCase {
    upper_case: Vec<String>,
    trimmed: bool,
}

impl AnyCase {
    /// The enumeration `value` of the schema object `parent`.
    pub(super) fn from_schema(parent: &Map<String, Value>, value: &Value) -> Self {
        let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            upper_case: values.iter().filter_map(Value::as_str).map(str::to_uppercase).collect(),
            trimmed: parent.get(keyword::ENUM_TRIMMED) == Some(&Value::Bool(true)),
        }
    }

    /// The values in the case that people write.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.upper_case.iter().map(|value| value.to_lowercase())
    }

    /// Whether the text is one of the values.
    pub(super) fn has(&self, text: &str) -> bool {
        let text = if self.trimmed { java::trim(text) } else { text };
        if self.upper_case.iter().any(|value| value.eq_ignore_ascii_case(text)) {
            return true;
        }
        // Some letters beyond ASCII have one of ASCII's as their upper case.
        !text.is_ascii() && self.upper_case.contains(&text.to_uppercase())
    }
}

impl<'i> Keyword<'i, PositionedJson> for AnyCase {
    fn validate(&self, instance: Node<'i>) -> Result<(), ValidationError<'i>> {
        if Keyword::<PositionedJson>::is_valid(self, instance) {
            Ok(())
        } else {
            Err(ValidationError::custom("not one of the values"))
        }
    }

    fn is_valid(&self, instance: Node<'i>) -> bool {
        // What is no text is judged by `type`; a number or boolean in a list of texts is read as its text.
        match (instance.as_text(), instance.as_number(), instance.as_boolean()) {
            (Some(text), ..) => self.has(&text),
            (_, Some(number), _) => self.has(number),
            (.., Some(_)) => false,
            _ => true,
        }
    }
}
