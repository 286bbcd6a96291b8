//! The shape of a schema: its objects, lists and values by name, as far as telling what is wrong with a document needs
//! it. Everything here is read from the schema; nothing is written down twice.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::annotation::{AnyCase, BOOLEAN, ReadValue, keyword, reader};
use crate::xcontent::json::Token;

/// How deep references and objects may nest in a schema.
const MAX_DEPTH: usize = 32;

/// An object that Elasticsearch reads with a parser of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct ObjectShape {
    /// The parser's name.
    pub(super) parser: String,
    /// What it reads, in the order of the schema.
    pub(super) names: Vec<String>,
    /// The same by name.
    pub(super) fields: HashMap<String, Field>,
    /// Whether it passes over what it does not read.
    pub(super) ignores_unknown: bool,
    /// The names that must be there, in the order of the schema.
    pub(super) required: Vec<String>,
    /// Whether the plugin's rules ask for them.
    pub(super) required_later: bool,
    /// The optional member by whose arrival the object is built, before its end.
    pub(super) built_with: Option<String>,
    /// Whether the parser wraps syntax faults directly inside it.
    pub(super) names_syntax_faults: bool,
}

/// One member of an object.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// The JSON pointer of its schema.
    pub(super) pointer: String,
    /// The kinds of value that it takes; empty for any.
    pub(super) kinds: Vec<Token>,
    /// The kinds that only its converter refuses.
    pub(super) passes: Vec<Token>,
    /// Whether it is set only once the object's required members are there, or the object is built.
    pub(super) late: bool,
    /// Whether it is read to its end before anything in it is looked at.
    pub(super) whole: bool,
    /// What a text or number in it must be like.
    pub(super) form: Form,
    /// What is inside.
    pub(super) shape: Shape,
}

/// What a text or number must be like.
#[derive(Debug, Clone, Default)]
pub(super) struct Form {
    /// The reader that knows.
    pub(super) read: Option<ReadValue>,
    /// Whether it is a number.
    pub(super) is_number: bool,
    /// Whether it is true or false, or the text of one.
    pub(super) is_boolean: bool,
    /// The values, when only those are taken.
    pub(super) values: Vec<Value>,
    /// The values of any case, when only those are taken.
    pub(super) any_case: Option<AnyCase>,
}

impl Form {
    /// The values that it may have, where only these are taken.
    pub(super) fn known_values(&self) -> Vec<String> {
        let listed = self.values.iter().filter_map(Value::as_str).map(str::to_owned);
        let in_any_case = self.any_case.iter().flat_map(AnyCase::names);
        listed.chain(in_any_case).collect()
    }
}

/// What is inside a value.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// Nothing that is looked into.
    Value,
    /// An object.
    Object(ObjectShape),
    /// A list of objects, or one of them without a list.
    Objects(ObjectShape),
    /// A list of texts, or one of them without a list; with the form of each.
    Texts(Form),
    /// An object whose members have any name and one shape.
    Map(ObjectShape),
    /// An object that Elasticsearch reads with code of its own: its members.
    Special(HashMap<String, Field>),
    /// A list of values of these kinds, without more.
    Elements(Box<Field>),
}

/// The schema has a form that this module does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A reference that leads nowhere.
    #[error("the schema's reference {0} leads nowhere")]
    Reference(String),
    /// Objects inside objects without end.
    #[error("the schema's objects nest deeper than {MAX_DEPTH} levels")]
    Depth,
    /// A reader that nobody registered.
    #[error("no reader of the form {0}")]
    Reader(String),
}

struct Shaper<'s> {
    schema: &'s Value,
    readers: &'s [(&'static str, ReadValue)],
}

/// A schema object: the chain of objects that references lead through, outermost first, and the pointer of the last.
struct Resolved<'s> {
    layers: Vec<&'s Map<String, Value>>,
    /// The pointer of the outermost layer, whose validator includes the others.
    pointer: String,
    /// The pointer of the innermost layer, below which its properties are.
    inner_pointer: String,
}

impl<'s> Resolved<'s> {
    fn keyword(&self, name: &str) -> Option<&'s Value> {
        self.layers.iter().find_map(|layer| layer.get(name))
    }

    fn says(&self, name: &str) -> bool {
        self.keyword(name) == Some(&Value::Bool(true))
    }

    fn kinds(&self, name: &str) -> Vec<Token> {
        match self.keyword(name) {
            Some(Value::String(kind)) => kind_of(kind).into_iter().collect(),
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).filter_map(kind_of).collect(),
            _ => Vec::new(),
        }
    }
}

impl ObjectShape {
    /// The shape of a schema's document.
    pub(super) fn of_root(schema: &Value, readers: &[(&'static str, ReadValue)]) -> Result<Self, ShapeError> {
        let shaper = Shaper { schema, readers };
        let root = shaper.resolve(schema, "#".to_owned())?;
        shaper.object(&root, 0)
    }
}

impl<'s> Shaper<'s> {
    fn resolve(&self, schema: &'s Value, pointer: String) -> Result<Resolved<'s>, ShapeError> {
        let mut layers = Vec::new();
        let mut inner_pointer = pointer.clone();
        let mut next = schema.as_object();
        while let Some(layer) = next {
            layers.push(layer);
            if layers.len() > MAX_DEPTH {
                return Err(ShapeError::Depth);
            }
            next = match layer.get("$ref").and_then(Value::as_str) {
                None => None,
                Some(reference) => {
                    reference.clone_into(&mut inner_pointer);
                    let target = reference
                        .strip_prefix('#')
                        .and_then(|pointer| self.schema.pointer(pointer));
                    let target = target.and_then(Value::as_object);
                    Some(target.ok_or_else(|| ShapeError::Reference(reference.to_owned()))?)
                }
            };
        }
        Ok(Resolved {
            layers,
            pointer,
            inner_pointer,
        })
    }

    fn object(&self, schema: &Resolved<'s>, depth: usize) -> Result<ObjectShape, ShapeError> {
        let required = schema.keyword("required").and_then(Value::as_array);
        let required = required.map(Vec::as_slice).unwrap_or_default();
        let fields = self.fields(schema, depth)?;
        let properties = schema.keyword("properties").and_then(Value::as_object);
        Ok(ObjectShape {
            parser: schema
                .keyword(keyword::NAME)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            names: properties
                .map(|properties| properties.keys().cloned().collect())
                .unwrap_or_default(),
            fields,
            ignores_unknown: schema.keyword("additionalProperties") != Some(&Value::Bool(false)),
            required: required.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            required_later: schema.says(keyword::REQUIRED_LATER),
            built_with: schema
                .keyword(keyword::BUILT_WITH)
                .and_then(Value::as_str)
                .map(str::to_owned),
            names_syntax_faults: schema.says(keyword::NAMES_SYNTAX_FAULTS),
        })
    }

    fn fields(&self, schema: &Resolved<'s>, depth: usize) -> Result<HashMap<String, Field>, ShapeError> {
        let Some(properties) = schema.keyword("properties").and_then(Value::as_object) else {
            return Ok(HashMap::new());
        };
        let field = |(name, property): (&String, &'s Value)| {
            let pointer = format!("{}/properties/{name}", schema.inner_pointer);
            Ok((name.clone(), self.field(property, pointer, depth)?))
        };
        properties.iter().map(field).collect()
    }

    fn field(&self, schema: &'s Value, pointer: String, depth: usize) -> Result<Field, ShapeError> {
        if depth > MAX_DEPTH {
            return Err(ShapeError::Depth);
        }
        let schema = self.resolve(schema, pointer)?;
        Ok(Field {
            pointer: schema.pointer.clone(),
            kinds: schema.kinds("type"),
            passes: schema.kinds(keyword::PASSES),
            late: schema.says(keyword::LATE),
            whole: schema.says(keyword::WHOLE),
            form: self.form(&schema)?,
            shape: self.shape(&schema, depth + 1)?,
        })
    }

    fn form(&self, schema: &Resolved<'s>) -> Result<Form, ShapeError> {
        let reader_name = schema.keyword(keyword::VALUE).and_then(Value::as_str);
        let read = match reader_name {
            None => None,
            Some(name) => Some(reader(self.readers, name).ok_or_else(|| ShapeError::Reader(name.to_owned()))?),
        };
        let values = schema
            .keyword("enum")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let any_case = schema.layers.iter().find_map(|layer| {
            let values = layer.get(keyword::ENUM_ANY_CASE)?;
            Some(AnyCase::from_schema(layer, values))
        });
        Ok(Form {
            read,
            is_number: schema.says(keyword::NUMBER),
            is_boolean: reader_name == Some(BOOLEAN),
            values,
            any_case,
        })
    }

    fn shape(&self, schema: &Resolved<'s>, depth: usize) -> Result<Shape, ShapeError> {
        if let Some(items) = schema.keyword("then").and_then(|then| then.get("items")) {
            let items = self.resolve(items, format!("{}/then/items", schema.inner_pointer))?;
            return Ok(if items.keyword("properties").is_some() {
                Shape::Objects(self.object(&items, depth)?)
            } else {
                Shape::Texts(self.form(&items)?)
            });
        }
        if let Some(items) = schema.keyword("items") {
            let items = self.field(items, format!("{}/items", schema.inner_pointer), depth)?;
            return Ok(Shape::Elements(Box::new(items)));
        }
        if schema.keyword(keyword::READER).is_some() {
            return Ok(Shape::Special(self.fields(schema, depth)?));
        }
        if schema.keyword("properties").is_some() {
            return Ok(Shape::Object(self.object(schema, depth)?));
        }
        if let Some(members) = schema
            .keyword("additionalProperties")
            .filter(|members| members.is_object())
        {
            let members = self.resolve(members, format!("{}/additionalProperties", schema.inner_pointer))?;
            if members.keyword("properties").is_some() {
                return Ok(Shape::Map(self.object(&members, depth)?));
            }
        }
        Ok(Shape::Value)
    }
}

fn kind_of(name: &str) -> Option<Token> {
    Some(match name {
        "object" => Token::Object,
        "array" => Token::Array,
        "string" => Token::String,
        "number" | "integer" => Token::Number,
        "boolean" => Token::Boolean,
        "null" => Token::Null,
        _ => return None,
    })
}
