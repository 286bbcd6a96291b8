//! The format of policy files as JSON Schema, for editors.

use serde_json::{Map, Value, json};

use super::{FILE, Form, Key, Table, Without};

/// The schema of a policy file.
pub(in super::super) fn schema() -> Value {
    let mut definitions = Map::new();
    let mut root = object(&FILE, &mut definitions);
    let text = json!({"type": "string", "minLength": 1});
    definitions.insert(
        "texts".to_owned(),
        json!({"anyOf": [{"$ref": "#/$defs/text"}, {"type": "array", "items": {"$ref": "#/$defs/text"}}]}),
    );
    definitions.insert("text".to_owned(), text);
    definitions.insert(
        "day".to_owned(),
        json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
    );
    let mut schema = Map::new();
    schema.insert(
        "$schema".to_owned(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    schema.insert("$id".to_owned(), "urn:anomaly-gateway:schema:policies".into());
    schema.insert("title".to_owned(), "Policies of anomaly-gateway".into());
    schema.append(&mut root);
    schema.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(schema)
}

/// A mapping with the keys of a table, whose own mappings are put among the definitions.
fn object(table: &Table, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let required = table.keys.iter().filter(|key| matches!(key.without, Without::Required));
    let required: Vec<&str> = required.map(|key| key.name).collect();
    let mut object = Map::new();
    object.insert("type".to_owned(), "object".into());
    if !required.is_empty() {
        object.insert("required".to_owned(), required.into());
    }
    if !table.one_of.is_empty() {
        let each = table.one_of.iter().map(|name| json!({"required": [name]}));
        object.insert("anyOf".to_owned(), each.collect());
    }
    object.insert("additionalProperties".to_owned(), false.into());
    let properties = table
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), property(key, definitions)));
    let properties: Map<String, Value> = properties.collect();
    object.insert("properties".to_owned(), Value::Object(properties));
    object
}

fn property(key: &Key, definitions: &mut Map<String, Value>) -> Value {
    let mut property = value(&key.form, definitions);
    let mut description = key.meaning.to_owned();
    if let Form::Words(words) = key.form {
        for (word, effect) in words {
            description.extend([" ", word, ": ", effect]);
        }
    }
    property.insert("description".to_owned(), description.replace('`', "").into());
    if let Without::Default(default) = key.without {
        property.insert("default".to_owned(), default.into());
    }
    Value::Object(property)
}

fn value(form: &Form, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let mut defined = |table: &Table| {
        let object = object(table, definitions);
        definitions.insert(table.definition.to_owned(), Value::Object(object));
        format!("#/$defs/{}", table.definition)
    };
    let value = match form {
        Form::Text | Form::Rule => json!({"$ref": "#/$defs/text"}),
        Form::AnyText | Form::Version => json!({"type": "string"}),
        Form::Texts | Form::Globs => json!({"$ref": "#/$defs/texts"}),
        Form::Day => json!({"$ref": "#/$defs/day"}),
        Form::Url => json!({"type": "string", "pattern": "^https?://"}),
        Form::Schema => json!({"type": ["object", "boolean"]}),
        Form::Mapping => json!({"type": "object"}),
        Form::Anything => json!({}),
        Form::Words(words) => {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            json!({"enum": words})
        }
        Form::One(table) => json!({"$ref": defined(table)}),
        Form::List(table) => {
            let reference = json!({"$ref": defined(table)});
            json!({"anyOf": [reference, {"type": "array", "items": reference}]})
        }
        Form::TextsOr(table) => {
            let entry = json!({"anyOf": [{"type": "string", "minLength": 1}, {"$ref": defined(table)}]});
            json!({"anyOf": [entry, {"type": "array", "items": entry}]})
        }
    };
    match value {
        Value::Object(value) => value,
        _ => Map::new(),
    }
}
