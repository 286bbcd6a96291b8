//! A policy's schema: what crate `jsonschema` refuses, and what it would pass over in silence, such as a keyword that is
//! mistyped and then asks for nothing.

use std::sync::Arc;

use super::job_members::{Known, Members, no_member};
use super::value;
use crate::admission::policy::expression::Step;
use crate::admission::policy::schema::{KEYWORDS, PolicySchema};
use crate::config::document::{Content, Node};
use crate::config::problem::Problem;
use crate::config::suggestion::suggestion;

/// Keywords of JSON Schema 2020-12 whose value is a schema, or a list of schemas.
const SCHEMAS: [&str; 15] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Those whose value is a mapping from names to schemas.
const NAMED_SCHEMAS: [&str; 4] = ["$defs", "dependentSchemas", "patternProperties", "properties"];

/// The others, but for `$dynamicRef`, `$id` and `format`: no policy refers to another schema, and a format is no more
/// than a remark.
const OTHERS: [&str; 30] = [
    "$comment",
    "$ref",
    "$schema",
    "const",
    "contentEncoding",
    "contentMediaType",
    "default",
    "dependentRequired",
    "deprecated",
    "description",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "required",
    "title",
    "type",
    "uniqueItems",
];

/// Reads a schema of documents with these members.
pub(super) fn read(node: &Arc<Node>, members: Option<&Members>, problems: &mut Vec<Problem>) -> Option<PolicySchema> {
    let before = problems.len();
    check_keywords(node, problems);
    let schema = value::json(node, problems);
    if problems.len() > before {
        return None;
    }
    if let Some(members) = members {
        check_names(node, members, &mut Vec::new(), problems);
    }
    PolicySchema::compile(schema)
        .map_err(|error| {
            let at = value::at(node, &error.pointer);
            problems.push(Problem::new(&at.place, format!("`schema`: {error}")));
        })
        .ok()
}

/// Keywords whose schemas are about the same value.
const OF_THE_SAME: [&str; 7] = ["allOf", "anyOf", "else", "if", "not", "oneOf", "then"];

/// Tells the names that no job has: what is asked of them is asked of nothing.
fn check_names(schema: &Node, members: &Members, path: &mut Vec<Step>, problems: &mut Vec<Problem>) {
    let Content::Mapping(entries) = &schema.content else {
        return;
    };
    for (key, value) in entries {
        let Some(keyword) = super::fields::name(key) else {
            continue;
        };
        match (keyword, &value.content) {
            ("properties", Content::Mapping(named)) => {
                for (key, schema) in named {
                    let Some(name) = super::fields::name(key) else { continue };
                    check_name(name, key, members, path, problems);
                    path.push(Step::Member(name.to_owned()));
                    if matches!(members.at(path), Known::Part(_)) {
                        check_names(schema, members, path, problems);
                    }
                    path.pop();
                }
            }
            ("required", Content::List(names)) => {
                for node in names {
                    if let Some(name) = super::fields::name(node) {
                        check_name(name, node, members, path, problems);
                    }
                }
            }
            ("items" | "contains", _) => {
                path.push(Step::Element);
                check_names(value, members, path, problems);
                path.pop();
            }
            (keyword, Content::List(parts)) if OF_THE_SAME.contains(&keyword) => {
                for part in parts {
                    check_names(part, members, path, problems);
                }
            }
            (keyword, _) if OF_THE_SAME.contains(&keyword) => check_names(value, members, path, problems),
            _ => {}
        }
    }
}

fn check_name(name: &str, node: &Node, members: &Members, path: &mut Vec<Step>, problems: &mut Vec<Problem>) {
    path.push(Step::Member(name.to_owned()));
    if let Known::Missing { name, known } = members.at(path) {
        problems.push(no_member(&node.place, "schema", &name, &known));
    }
    path.pop();
}

/// Tells the keywords that nobody knows.
fn check_keywords(schema: &Node, problems: &mut Vec<Problem>) {
    let Content::Mapping(entries) = &schema.content else {
        return; // `true`, `false`, or what the crate refuses.
    };
    for (key, value) in entries {
        let Some(name) = super::fields::name(key) else { continue };
        if SCHEMAS.contains(&name) {
            match &value.content {
                Content::List(items) => items.iter().for_each(|item| check_keywords(item, problems)),
                _ => check_keywords(value, problems),
            }
        } else if NAMED_SCHEMAS.contains(&name) {
            if let Content::Mapping(named) = &value.content {
                for (_, schema) in named {
                    check_keywords(schema, problems);
                }
            }
        } else if !others().any(|known| known == name) {
            let known = SCHEMAS.iter().chain(&NAMED_SCHEMAS).copied().chain(others());
            let meant = suggestion(name, known).map(|meant| format!("did you mean `{meant}`?"));
            let message = format!("`schema`: the keyword `{name}` is not known, so it would ask for nothing");
            problems.push(Problem::new(&key.place, message).help(meant));
        }
    }
}

fn others() -> impl Iterator<Item = &'static str> {
    OTHERS.iter().chain(&KEYWORDS).copied()
}
