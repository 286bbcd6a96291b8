//! `categorization_analyzer` as answers show it (contract job.md §2.8).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::admission::hash_order;
use crate::es::json::{Node, Token};

use super::job::{Analyzer, Text};
use super::response::number_text;

/// The words that the standard analyzer leaves out: names of days and months, in full and short.
const STOP_WORDS: &[&str] = &[
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Mon",
    "Tue",
    "Wed",
    "Thu",
    "Fri",
    "Sat",
    "Sun",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
    "GMT",
    "UTC",
];

/// An analyzer's value in a job.
pub(super) fn document(analyzer: &Analyzer<'_>) -> Value {
    match analyzer {
        Analyzer::Name(name) => name.as_ref().into(),
        Analyzer::Custom(object) => custom(*object),
        Analyzer::Standard { filters, limits_tokens } => standard(filters, *limits_tokens),
    }
}

fn custom(object: Node<'_>) -> Value {
    let mut members = Map::new();
    for key in ["char_filter", "tokenizer", "filter"] {
        let Some(value) = object.member(key) else {
            continue;
        };
        let components = match value.token() {
            Token::Array => value.elements().map(component).collect::<Vec<_>>().into(),
            _ => component(value),
        };
        if components != json!([]) {
            members.insert(key.to_owned(), components);
        }
    }
    Value::Object(members)
}

/// The analyzer that categorization gets from 7.14 on.
fn standard(filters: &[Text<'_>], limits_tokens: bool) -> Value {
    let mut char_filter = vec![json!("first_line_with_letters")];
    char_filter.extend(
        filters
            .iter()
            .map(|filter| in_order(json!({"type": "pattern_replace", "pattern": filter}))),
    );
    let mut filter = vec![in_order(json!({"type": "stop", "stopwords": STOP_WORDS}))];
    if limits_tokens {
        filter.push(in_order(json!({"type": "limit", "max_token_count": "100"})));
    }
    json!({"char_filter": char_filter, "tokenizer": "ml_standard", "filter": filter})
}

/// A component's name, or its settings: flattened, with plain values as texts, and put together again by the dots in
/// their names.
fn component(value: Node<'_>) -> Value {
    if let Some(name) = value.as_text() {
        return name.into();
    }
    let mut settings = BTreeMap::new();
    flatten(value, "", &mut settings);
    let mut object = Map::new();
    for (path, value) in settings {
        place(&mut object, &path, value);
    }
    in_order(Value::Object(object))
}

/// A component's settings in the order in which Elasticsearch prints them.
fn in_order(component: Value) -> Value {
    match component {
        Value::Object(settings) => Value::Object(hash_order::settings(settings)),
        other => other,
    }
}

fn flatten(object: Node<'_>, prefix: &str, settings: &mut BTreeMap<String, Value>) {
    for member in object.members() {
        let path = if prefix.is_empty() {
            member.name.into_owned()
        } else {
            format!("{prefix}.{}", member.name)
        };
        if member.value.token() == Token::Object {
            flatten(member.value, &path, settings);
        } else {
            settings.insert(path, setting(member.value));
        }
    }
}

fn setting(value: Node<'_>) -> Value {
    match value.token() {
        Token::Array => value.elements().map(setting).collect(),
        Token::Number => number_text(value.as_number().unwrap_or_default()).into(),
        Token::Boolean => value.as_boolean().unwrap_or_default().to_string().into(),
        Token::String => value.as_text().unwrap_or_default().into(),
        Token::Null | Token::Object | Token::Binary => Value::Null,
    }
}

/// Puts a setting where its path leads; beside a plain value of the path's beginning it keeps its whole name.
fn place(object: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((first, rest)) = path.split_once('.') else {
        object.insert(path.to_owned(), value);
        return;
    };
    let inner = object.entry(first).or_insert_with(|| Value::Object(Map::new()));
    match inner {
        Value::Object(inner) => place(inner, rest, value),
        _ => {
            object.insert(path.to_owned(), value);
        }
    }
}
