//! The schema of a job as it is stored, and as it is answered: every default filled in, and every value in the one form in
//! which Elasticsearch prints it.

use serde_json::{Map, Value, json};

use super::CALL;
use crate::admission::annotation::{BOOLEAN, keyword};
use crate::admission::plain_schema;
use crate::admission::schema::Schema;

/// Which of the two documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Document {
    /// What the index has.
    Stored,
    /// What a client is answered.
    Answered,
}

/// What a request can have and no new job has.
const OF_REQUESTS: [&str; 2] = ["model_snapshot_id", "finished_time"];
/// What a request's datafeed can have and no other.
const OF_REQUESTED_DATAFEEDS: [&str; 3] = ["indexes", "aggs", "config_type"];

/// The schema of a document of that version; `plain` is such a document of a job with as little as a job can have, whose
/// members all documents have.
pub(in super::super) fn schema(schema: &Schema, document: Document, plain: &Value) -> Value {
    let version = format!("{}.{}", schema.api.major, schema.api.minor);
    let mut canonical = canonical(&plain_schema::with_values_in_place(&schema.effective));
    let Value::Object(members) = &mut canonical else {
        return canonical;
    };
    let (name, what) = match document {
        Document::Stored => ("stored", "as it is stored"),
        Document::Answered => ("answer", "as it is answered"),
    };
    for (keyword, text) in [
        ("$id", format!("urn:anomaly-gateway:schema:{CALL}:{name}:{version}")),
        (
            "title",
            format!("Anomaly detection job {what}, Elasticsearch {version}"),
        ),
        (
            "description",
            format!(
                "A job {what} by version {version}: with its defaults, and each value in the form that is printed."
            ),
        ),
    ] {
        members.insert(keyword.to_owned(), text.into());
    }
    let set_by_server = json!({
        "job_type": {"description": "The type of the job.", "type": "string"},
        "job_version": {"description": "The version that made the job.", "type": "string"},
        "create_time": {"description": "When the job was created, in milliseconds since the epoch.", "type": "integer"},
    });
    let of_updated = json!({
        "finished_time": {
            "description": "When the job was last closed, in milliseconds since the epoch. In a job that was updated after it ran.",
            "type": "integer"
        },
        "model_snapshot_id": {
            "description": "The snapshot of the models that was in use. In a job that was updated after it ran.",
            "type": "string"
        },
    });
    for (place, object) in [
        ("job_details", ""),
        ("analysis_config", "/analysis_config"),
        ("analysis_limits", "/analysis_limits"),
        ("data_description", "/data_description"),
        ("detector", "/analysis_config/detectors/0"),
    ] {
        let Some(definition) = canonical
            .pointer_mut(&format!("/$defs/{place}"))
            .and_then(Value::as_object_mut)
        else {
            continue;
        };
        let object = plain.pointer(object).and_then(Value::as_object);
        let required: Vec<&String> = object.into_iter().flat_map(Map::keys).collect();
        definition.insert("required".to_owned(), json!(required));
        let Some(properties) = definition.get_mut("properties").and_then(Value::as_object_mut) else {
            continue;
        };
        if place == "job_details" {
            for name in OF_REQUESTS {
                properties.shift_remove(name);
            }
            // A datafeed has a document of its own.
            if document == Document::Stored {
                properties.shift_remove("datafeed_config");
            }
            properties.extend(set_by_server.as_object().cloned().unwrap_or_default());
            if document == Document::Stored {
                properties.extend(of_updated.as_object().cloned().unwrap_or_default());
            }
        }
    }
    let datafeed = canonical.pointer_mut("/$defs/datafeed_config/properties");
    if let Some(properties) = datafeed.and_then(Value::as_object_mut) {
        for name in OF_REQUESTED_DATAFEEDS {
            properties.shift_remove(name);
        }
    }
    if let Value::Object(members) = &mut canonical {
        plain_schema::keep_definitions_in_use(members);
    }
    canonical
}

/// An annotated schema of what can be sent as one of what is printed.
fn canonical(schema: &Value) -> Value {
    let Value::Object(members) = schema else {
        return schema.clone();
    };
    let mut printed = Map::new();
    if let Some(description) = members.get("description").filter(|description| description.is_string()) {
        printed.insert("description".to_owned(), description.clone());
    }
    if let Some(values) = members.get(keyword::ENUM_ANY_CASE) {
        printed.insert("enum".to_owned(), values.clone());
        return Value::Object(printed);
    }
    if let Some(form) = members.get(keyword::VALUE).and_then(Value::as_str) {
        printed.extend(form_of(form));
        return Value::Object(printed);
    }
    if let Some(items) = members.get("then").and_then(|then| then.get("items")) {
        let is_text = items
            .get("type")
            .is_some_and(|kinds| kinds == &json!(["string", "number", "boolean"]));
        let items = if is_text && items.get(keyword::ENUM_ANY_CASE).is_none() {
            json!({"type": "string"})
        } else {
            canonical(items)
        };
        printed.extend([("type".to_owned(), "array".into()), ("items".to_owned(), items)]);
        return Value::Object(printed);
    }
    for (name, member) in members {
        let member = match (name.as_str(), member) {
            ("properties" | "$defs", Value::Object(named)) => named
                .iter()
                .map(|(name, member)| (name.clone(), canonical(member)))
                .collect(),
            ("items" | "additionalProperties", member) => canonical(member),
            ("default" | "examples" | "description" | "$comment", _) => continue,
            (name, _) if name.starts_with(plain_schema::PRIVATE) => continue,
            ("type", Value::Array(kinds)) if kinds.contains(&Value::Null) || kinds.contains(&json!("null")) => {
                json!("string")
            }
            (_, member) => member.clone(),
        };
        printed.insert(name.clone(), member);
    }
    Value::Object(printed)
}

/// A form as it is printed.
fn form_of(form: &str) -> Map<String, Value> {
    let keywords = match form {
        BOOLEAN => json!({"type": "boolean"}),
        "long" | "integer" | "timestamp" => json!({"type": "integer"}),
        "double" => json!({"type": "number"}),
        "time_value" => json!({"type": "string", "pattern": "^(?:-1|[0-9]+(?:nanos|micros|ms|s|m|h|d))$"}),
        "memory_limit" => json!({"type": "string", "pattern": "^[0-9]+mb$"}),
        "character" => json!({"type": "string", "minLength": 1, "maxLength": 1}),
        "settings" => json!({"type": ["string", "object"]}),
        _ => json!({"type": "string"}),
    };
    match keywords {
        Value::Object(keywords) => keywords,
        _ => Map::new(),
    }
}
