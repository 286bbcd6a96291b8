//! A document as crate `jsonschema` sees it, so that a schema judges it where it lies, without a copy.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node as SchemaNode, NodeIdentity, Object};
use serde_json::{Number, Value};

use super::{Elements, Members, Node, Token};

/// The representation's name for schemas: `Validator<PositionedJson>`.
pub type PositionedJson = Representation;

/// Elasticsearch's reading of JSON as a representation that schemas can be compiled for.
#[derive(Debug, Clone, Copy)]
pub struct Representation;

impl Json for Representation {
    type Node<'a> = Node<'a>;
    type PreparedKey = String;
    type StringBuffer = String;

    // Looking up a key walks the members; one pass over them is cheaper from the second key on.
    const KEYS_PER_LOOKUP: usize = 1;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut String, string: &str, f: impl FnOnce(Node<'_>) -> T) -> T {
        buffer.clear();
        buffer.push_str(string);
        f(Node::loose(buffer))
    }
}

/// A number, as it was written.
pub struct Written<'a>(&'a str);

impl JsonNumber for Written<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok()
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0)
    }

    fn to_number(&self) -> Cow<'_, Number> {
        Cow::Owned(Number::from_string_unchecked(self.0.to_owned()))
    }
}

impl<'a> SchemaNode<'a, Representation> for Node<'a> {
    type Object = ObjectNode<'a>;
    type Array = ArrayNode<'a>;
    type Number = Written<'a>;

    fn as_object(&self) -> Option<ObjectNode<'a>> {
        (self.token() == Token::Object).then_some(ObjectNode(*self))
    }

    fn as_array(&self) -> Option<ArrayNode<'a>> {
        (self.token() == Token::Array).then_some(ArrayNode(*self))
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.as_text()
    }

    fn as_number(&self) -> Option<Written<'a>> {
        Node::as_number(*self).map(Written)
    }

    fn as_boolean(&self) -> Option<bool> {
        Node::as_boolean(*self)
    }

    fn is_null(&self) -> bool {
        self.token() == Token::Null
    }

    fn json_type(&self) -> JsonType {
        match self.token() {
            Token::Object => JsonType::Object,
            Token::Array => JsonType::Array,
            Token::String => JsonType::String,
            Token::Number => JsonType::Number,
            Token::Boolean => JsonType::Boolean,
            // No type of JSON's; this is the one that schemas allow least.
            Token::Null | Token::Binary | Token::Nothing => JsonType::Null,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match expected {
            Value::String(expected) => self.as_text().is_some_and(|text| text == expected.as_str()),
            Value::Bool(expected) => Node::as_boolean(*self) == Some(*expected),
            Value::Null => self.token() == Token::Null,
            Value::Number(expected) => Node::as_number(*self)
                .is_some_and(|text| text == expected.as_str() || text.parse::<f64>().ok() == expected.as_f64()),
            Value::Array(expected) => {
                self.token() == Token::Array
                    && self.elements().count() == expected.len()
                    && self
                        .elements()
                        .zip(expected)
                        .all(|(own, expected)| own.equals_value(expected))
            }
            Value::Object(expected) => {
                let has = |name: &str, expected| self.member(name).is_some_and(|own| own.equals_value(expected));
                self.token() == Token::Object
                    && self.members().count() == expected.len()
                    && expected.iter().all(|(name, expected)| has(name, expected))
            }
        }
    }

    /// Only errors of the schema crate ask for this, and what we tell clients is derived from the place instead, so
    /// that a large value is never copied for a message.
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match self.token() {
            Token::String => Value::String(self.as_text().unwrap_or_default().into_owned()),
            _ => Value::Null,
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        self.address()
            .map(|(document, index)| NodeIdentity::tagged(document, index))
    }
}

/// An object, of which the schema crate asks for members.
pub struct ObjectNode<'a>(Node<'a>);

impl<'a> Object<'a, Representation> for ObjectNode<'a> {
    type Node = Node<'a>;
    type MemberName = Cow<'a, str>;
    type MembersIter = NamedValues<'a>;

    fn len(&self) -> usize {
        self.0.members().count()
    }

    fn is_empty(&self) -> bool {
        self.0.members().next().is_none()
    }

    fn get(&self, key: &String) -> Option<Node<'a>> {
        self.0.member(key)
    }

    fn members(&self) -> NamedValues<'a> {
        NamedValues(self.0.members())
    }
}

/// The members of an object without their places.
pub struct NamedValues<'a>(Members<'a>);

impl<'a> Iterator for NamedValues<'a> {
    type Item = (Cow<'a, str>, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|member| (member.name, member.value))
    }
}

/// A list, of which the schema crate asks for elements.
pub struct ArrayNode<'a>(Node<'a>);

impl<'a> Array<'a, Representation> for ArrayNode<'a> {
    type Node = Node<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        self.0.elements().count()
    }

    fn elements(&self) -> Elements<'a> {
        self.0.elements()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::*;

    #[test]
    fn a_schema_judges_a_document_where_it_lies() {
        let schema = serde_json::json!({
            "type": "object",
            "properties": {"a": {"type": "array", "items": {"enum": ["x", true]}}, "b": {"$ref": "#"}},
            "required": ["a"],
            "additionalProperties": false
        });
        let validator = jsonschema::options_for::<Representation>()
            .build(&schema)
            .expect("a schema");
        let judge = |text: &str| validator.is_valid(Document::read(text.as_bytes()).root().expect("a root"));
        assert!(judge(r#"{"a":["x",true],"b":{"a":[]}}"#));
        assert!(!judge(r#"{"a":["y"]}"#));
        assert!(!judge(r#"{"b":{"a":[]}}"#));
        assert!(!judge(r#"{"a":[],"c":1}"#));
    }
}
