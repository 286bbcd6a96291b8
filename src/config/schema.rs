//! The configuration file as JSON Schema, for editors: made from the keys, as the reference is.

use serde_json::{Map, Value, json};

use super::key::KeyReference;

/// The schema of a file with these keys.
pub(super) fn of(keys: &[KeyReference]) -> Value {
    let mut root = section();
    for key in keys {
        insert(&mut root, key.path, leaf(key));
    }
    let mut schema = Map::new();
    schema.insert(
        "$schema".to_owned(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    schema.insert("$id".to_owned(), "urn:anomaly-gateway:schema:config".into());
    schema.insert("title".to_owned(), "Configuration of anomaly-gateway".into());
    schema.extend(root);
    Value::Object(schema)
}

/// A mapping of keys, or none of which every key is commented out.
fn section() -> Map<String, Value> {
    let mut section = Map::new();
    section.insert("type".to_owned(), json!(["object", "null"]));
    section.insert("additionalProperties".to_owned(), false.into());
    section.insert("properties".to_owned(), Value::Object(Map::new()));
    section
}

fn insert(into: &mut Map<String, Value>, path: &str, leaf: Value) {
    let Some(properties) = into.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    match path.split_once('.') {
        None => {
            properties.insert(path.to_owned(), leaf);
        }
        Some((name, rest)) => {
            let inner = properties.entry(name).or_insert_with(|| Value::Object(section()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, leaf);
            }
        }
    }
}

/// A key: what it is, its form, and what holds without it.
fn leaf(key: &KeyReference) -> Value {
    let mut leaf = Map::new();
    let description = format!("{} Expected: {}.", key.meaning, key.expected);
    leaf.insert("description".to_owned(), description.into());
    if !key.default.is_empty() {
        leaf.insert("default".to_owned(), key.default.clone().into());
    }
    if key.is_list {
        let list = json!({"type": "array", "minItems": 1, "items": key.form});
        leaf.insert("anyOf".to_owned(), json!([key.form, list]));
    } else if let Value::Object(form) = &key.form {
        leaf.extend(form.clone());
    }
    Value::Object(leaf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_place_and_no_other_has() {
        let schema = of(&crate::config::reference());
        assert!(jsonschema::meta::validate(&schema).is_ok());
        let is_valid = |file: Value| jsonschema::validator_for(&schema).expect("a schema").is_valid(&file);
        assert!(is_valid(
            json!({"upstream": {"nodes": ["http://a:9200", "http://b:9200"]}, "limits": null})
        ));
        assert!(!is_valid(json!({"jobs": {"indx": "x"}})));
        assert!(!is_valid(json!({"listen": {"host": "a"}})));
    }
}
