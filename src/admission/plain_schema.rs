//! A version's schema without annotations of ours, for editors and for whoever writes bodies by program.
//!
//! It accepts every body that the version accepts, and some more: what a form of value takes, and what the rules ask
//! for, no plain schema says.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::schema::{Schema, keyword};

/// The prefix of our annotations.
const PRIVATE: &str = "x-";
/// Where definitions are referred to.
const DEFINITIONS: &str = "#/$defs/";

/// The plain schema of the call `name`.
#[must_use]
pub fn plain(schema: &Schema, name: &str) -> Value {
    let version = format!("{}.{}", schema.api.major, schema.api.minor);
    let mut document = without_annotations(&schema.effective);
    let Value::Object(members) = &mut document else {
        return document;
    };
    keep_definitions_in_use(members);
    let title = members.get("title").and_then(Value::as_str).unwrap_or(name).to_owned();
    let head = [
        ("$schema", "https://json-schema.org/draft/2020-12/schema".to_owned()),
        ("$id", format!("urn:anomaly-gateway:schema:{name}:{version}")),
        ("title", format!("{title}, Elasticsearch {version}")),
        (
            "description",
            format!(
                "The body of the call as Elasticsearch {version} reads it. A body that does not fit is refused; one that \
                 fits can still break a rule that a schema cannot say."
            ),
        ),
    ];
    let rest = std::mem::take(members);
    members.extend(head.map(|(name, text)| (name.to_owned(), Value::String(text))));
    let is_new = |name: &String| !members.contains_key(name);
    let rest: Map<String, Value> = rest.into_iter().filter(|(name, _)| is_new(name)).collect();
    members.extend(rest);
    document
}

fn without_annotations(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| !name.starts_with(PRIVATE));
            let mut plain: Map<String, Value> = kept
                .map(|(name, member)| (name.clone(), without_annotations(member)))
                .collect();
            if let Some(Value::Array(values)) = members.get(keyword::ENUM_ANY_CASE) {
                let is_trimmed = members.get(keyword::ENUM_TRIMMED) == Some(&Value::Bool(true));
                plain.insert("anyOf".to_owned(), any_case(values, is_trimmed));
            }
            Value::Object(plain)
        }
        Value::Array(elements) => elements.iter().map(without_annotations).collect(),
        other => other.clone(),
    }
}

/// An enumeration whose case does not matter: the values, which an editor offers, or a list, or any other spelling of
/// one of them.
fn any_case(values: &[Value], is_trimmed: bool) -> Value {
    let spelling = |value: &str| -> String {
        let letter = |letter: char| match letter {
            'a'..='z' => format!("[{letter}{}]", letter.to_ascii_uppercase()),
            other => other.to_string(),
        };
        value.chars().map(letter).collect()
    };
    let spellings: Vec<String> = values.iter().filter_map(Value::as_str).map(spelling).collect();
    let blanks = if is_trimmed { "\\s*" } else { "" };
    let pattern = format!("^{blanks}({}){blanks}$", spellings.join("|"));
    json!([{"enum": values}, {"type": "string", "pattern": pattern}])
}

/// Removes the definitions that only other versions use.
fn keep_definitions_in_use(document: &mut Map<String, Value>) {
    let Some(Value::Object(definitions)) = document.remove("$defs") else {
        return;
    };
    let mut in_use = HashSet::new();
    let mut waiting: Vec<String> = Vec::new();
    references(&Value::Object(document.clone()), &mut waiting);
    while let Some(name) = waiting.pop() {
        if let Some(definition) = definitions.get(&name)
            && in_use.insert(name)
        {
            references(definition, &mut waiting);
        }
    }
    let kept: Map<String, Value> = definitions
        .into_iter()
        .filter(|(name, _)| in_use.contains(name))
        .collect();
    document.insert("$defs".to_owned(), Value::Object(kept));
}

fn references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            names.extend(
                reference
                    .and_then(|reference| reference.strip_prefix(DEFINITIONS))
                    .map(str::to_owned),
            );
            members.values().for_each(|member| references(member, names));
        }
        Value::Array(elements) => elements.iter().for_each(|element| references(element, names)),
        _ => {}
    }
}
