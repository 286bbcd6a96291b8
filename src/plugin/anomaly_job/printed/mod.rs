//! The schema of a version as it is printed: plain JSON Schema 2020-12 that says all that a schema can say of a job.
//!
//! It is made of the annotated schema that admission judges by ([`plain_schema`]), of the forms of values ([`forms`]), and
//! of what the rules know ([`super::rulebook`]), each of which becomes standard keywords in one of the files here. It
//! never refuses what Elasticsearch's parser takes. What it cannot say is listed in it, by the ids of the rules.

mod analysis;
mod datafeed;
mod detectors;
mod forms;
mod job;
mod numbers;
pub(super) mod openapi;
pub(super) mod page;
pub(super) mod stored;

use serde_json::{Map, Value, json};

use super::rulebook::{RuleRow, Rulebook, Said};
use crate::admission::plain_schema;
use crate::admission::schema::Schema;

/// The name of the call, as Elasticsearch's specifications have it.
const CALL: &str = "ml.put_job";

/// The definition that lists what the schema does not say.
const NOT_SAID: &str = "rules_not_said_here";

/// The printed schema of a version; `rows` are the rules that it has.
pub(super) fn printed<'r>(schema: &Schema, rules: &Rulebook, rows: impl Iterator<Item = &'r RuleRow>) -> Value {
    let api = schema.api;
    let mut document = plain_schema::plain(schema, CALL, &|form| forms::keywords(form, api));
    let mut target = Target(&mut document);
    target.define("analyzer_settings", analyzer_settings());
    job::say(&mut target, rules);
    analysis::say(&mut target, rules);
    detectors::say(&mut target, rules);
    datafeed::say(&mut target, rules);
    target.define(NOT_SAID, not_said(rows));
    document
}

/// The rules that the schema says nothing or not all of.
fn not_said<'r>(rows: impl Iterator<Item = &'r RuleRow>) -> Value {
    let unsaid = rows.filter(|row| row.schema != Said::Whole);
    let listed: Vec<Value> = unsaid
        .map(|row| {
            let unsaid = row.unsaid.as_deref().unwrap_or_default();
            let amount = match row.schema {
                Said::Part => "Said in part",
                _ => "Not said",
            };
            json!({"const": row.id, "title": row.says, "description": format!("{amount}: {unsaid}.")})
        })
        .collect();
    json!({
        "title": "What this schema does not say",
        "description": "No part of a job: the ids of the rules that a body can break although it fits this schema, each \
                        with what the schema leaves out of it.",
        "oneOf": listed,
    })
}

/// The settings of an analyzer's component: whatever nests in them, a list holds plain values only.
fn analyzer_settings() -> Value {
    json!({
        "description": "Settings of a component. A list in them holds texts, numbers and booleans only.",
        "additionalProperties": {"$ref": "#/$defs/analyzer_settings"},
        "items": {"type": ["string", "number", "boolean"]},
    })
}

/// The schema that is being put together. A place that the version does not have is passed over.
struct Target<'t>(&'t mut Value);

impl Target<'_> {
    /// Adds a definition.
    fn define(&mut self, name: &str, definition: Value) {
        if let Some(definitions) = self.0.get_mut("$defs").and_then(Value::as_object_mut) {
            definitions.insert(name.to_owned(), definition);
        }
    }

    /// What is at a place below the definitions.
    fn at(&mut self, place: &str) -> Option<&mut Map<String, Value>> {
        self.0
            .pointer_mut(&format!("/$defs/{place}"))
            .and_then(Value::as_object_mut)
    }

    /// Asks something more of what is at a place.
    fn also(&mut self, place: &str, asked: Value) {
        let Some(schema) = self.at(place) else {
            return;
        };
        match schema.get_mut("allOf") {
            Some(Value::Array(all)) => all.push(asked),
            _ => {
                schema.insert("allOf".to_owned(), Value::Array(vec![asked]));
            }
        }
    }

    /// Puts a form into what is at a place, instead of the one that it has.
    fn put(&mut self, place: &str, keywords: Value) {
        let (Some(schema), Value::Object(keywords)) = (self.at(place), keywords) else {
            return;
        };
        // The bounds that are there are those of the form alone.
        for bound in ["minimum", "maximum", "pattern"] {
            schema.remove(bound);
        }
        schema.extend(keywords);
    }

    /// Puts keywords into what is at a place, beside those that it has.
    fn put_beside(&mut self, place: &str, keywords: Value) {
        if let (Some(schema), Value::Object(keywords)) = (self.at(place), keywords) {
            schema.extend(keywords);
        }
    }

    /// The default of a property.
    fn default_of(&mut self, place: &str) -> Option<Value> {
        self.at(place)?.get("default").cloned()
    }
}

/// What is asked of every object of a list, or of the one that comes without a list.
fn each(asked: Value) -> Value {
    match asked {
        Value::Object(mut members) => {
            members.insert("items".to_owned(), Value::Object(members.clone()));
            Value::Object(members)
        }
        other => other,
    }
}

/// That a list has such an element, or that the one without a list is such.
fn some(asked: &Value) -> Value {
    json!({"if": {"type": "array"}, "then": {"contains": asked}, "else": asked})
}

/// That a member is there and is such.
fn has(name: &str, asked: Value) -> Value {
    let mut properties = Map::new();
    properties.insert(name.to_owned(), asked);
    json!({"required": [name], "properties": properties})
}

/// Of a member, if it is there.
fn of(name: &str, asked: Value) -> Value {
    let mut properties = Map::new();
    properties.insert(name.to_owned(), asked);
    json!({ "properties": properties })
}

/// True, or its text.
fn is_true() -> Value {
    json!({"enum": [true, "true"]})
}
