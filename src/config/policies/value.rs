//! YAML as JSON, and where in the YAML a place of the JSON is.

use std::sync::Arc;

use serde_json::{Map, Number, Value};

use super::fields::name;
use crate::config::document::{Content, Node};
use crate::config::problem::Problem;
use crate::config::scalar::ScalarKind;

/// The JSON value that a YAML value stands for.
pub(super) fn json(node: &Node, problems: &mut Vec<Problem>) -> Value {
    match &node.content {
        Content::Scalar(scalar) => match scalar.kind {
            ScalarKind::Null => Value::Null,
            ScalarKind::Text => Value::String(scalar.text.clone()),
            ScalarKind::Boolean => Value::Bool(scalar.text.eq_ignore_ascii_case("true")),
            ScalarKind::Number => scalar.text.parse::<Number>().map_or_else(
                |_| {
                    let message = format!("`{}` is not a number that JSON has", scalar.text);
                    problems.push(Problem::new(&node.place, message));
                    Value::Null
                },
                Value::Number,
            ),
        },
        Content::List(items) => items.iter().map(|item| json(item, problems)).collect(),
        Content::Mapping(entries) => {
            let mut members = Map::new();
            for (key, value) in entries {
                let Some(name) = name(key) else {
                    let message = format!("a key is a word, not {}", key.found());
                    problems.push(Problem::new(&key.place, message));
                    continue;
                };
                if members.insert(name.to_owned(), json(value, problems)).is_some() {
                    problems.push(Problem::new(&key.place, format!("the key `{name}` is given twice")));
                }
            }
            Value::Object(members)
        }
    }
}

/// The value that a JSON Pointer leads to, or the last one on the way.
pub(super) fn at<'n>(root: &'n Arc<Node>, pointer: &str) -> &'n Arc<Node> {
    let mut node = root;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let next = match &node.content {
            Content::Mapping(entries) => entries
                .iter()
                .find(|(key, _)| name(key) == Some(&step))
                .map(|(_, value)| value),
            Content::List(items) => step.parse().ok().and_then(|place: usize| items.get(place)),
            Content::Scalar(_) => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node
}
