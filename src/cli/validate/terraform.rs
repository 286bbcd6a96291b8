//! Jobs in what `terraform show -json` prints: a plan or a state with resources of the provider `elasticstack`.
//!
//! The provider's attributes have the names of the API. What it leaves unset is null, and settings of any form are a text.

use serde_json::{Map, Value};

use super::found::{Body, Found};
use crate::admission::hash_order::to_value;
use crate::xcontent::json::{Node, Token};

/// The type of the resource.
const RESOURCE: &str = "elasticstack_elasticsearch_ml_anomaly_detection_job";

/// Attributes that are the provider's own, or that it reads from the server.
const NOT_SENT: [&str; 9] = [
    "id",
    "elasticsearch_connection",
    "timeouts",
    "calendars",
    "kibana_connection",
    "create_time",
    "job_type",
    "job_version",
    "model_snapshot_id",
];

/// Objects, which are lists of one where the provider has them as blocks.
const OBJECTS: [&str; 5] = [
    "analysis_config",
    "analysis_limits",
    "data_description",
    "model_plot_config",
    "per_partition_categorization",
];

/// How deep modules may nest.
const MAX_DEPTH: usize = 32;

/// Whether a value is a plan or a state.
pub(super) fn is_plan_or_state(node: Node<'_>) -> bool {
    let is_of_terraform = ["format_version", "terraform_version"]
        .iter()
        .any(|name| node.member(name).is_some());
    let parts = ["resource_changes", "planned_values", "values"];
    is_of_terraform && parts.iter().any(|name| node.member(name).is_some())
}

/// The jobs of a plan as it leaves them, or of a state.
pub(super) fn jobs(node: Node<'_>) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    if let Some(changes) = node.member("resource_changes") {
        for (place, change) in changes.elements().enumerate() {
            let after = change.member("change").and_then(|change| change.member("after"));
            if is_job(change)
                && let Some(after) = after.filter(|after| after.token() == Token::Object)
            {
                let pointer = format!("/resource_changes/{place}/change/after");
                found.push(of_attributes(after, pointer, !creates(change)));
            }
        }
        return found;
    }
    for name in ["planned_values", "values"] {
        if let Some(root) = node.member(name).and_then(|values| values.member("root_module")) {
            of_module(root, &format!("/{name}/root_module"), 0, &mut found);
        }
    }
    found
}

fn of_module<'a>(module: Node<'a>, pointer: &str, depth: usize, found: &mut Vec<Found<'a>>) {
    let list = |name: &str| module.member(name).into_iter().flat_map(Node::elements).enumerate();
    for (place, resource) in list("resources") {
        if let Some(values) = resource.member("values").filter(|_| is_job(resource)) {
            let pointer = format!("{pointer}/resources/{place}/values");
            found.push(of_attributes(values, pointer, false));
        }
    }
    for (place, child) in list("child_modules").take_while(|_| depth < MAX_DEPTH) {
        of_module(child, &format!("{pointer}/child_modules/{place}"), depth + 1, found);
    }
}

fn is_job(resource: Node<'_>) -> bool {
    resource.member("type").and_then(Node::as_text).as_deref() == Some(RESOURCE)
}

/// Whether a change makes a job that was not there: what is replaced is deleted as well.
fn creates(change: Node<'_>) -> bool {
    let actions = change.member("change").and_then(|change| change.member("actions"));
    let actions = actions.into_iter().flat_map(Node::elements).filter_map(Node::as_text);
    let actions: Vec<_> = actions.collect();
    let has = |name: &str| actions.iter().any(|action| action == name);
    has("create") && !has("delete")
}

fn of_attributes(attributes: Node<'_>, pointer: String, exists: bool) -> Found<'_> {
    let mut body = Map::new();
    if let Value::Object(members) = to_value(attributes) {
        for (name, value) in members {
            if NOT_SENT.contains(&name.as_str()) {
                continue;
            }
            let value = if name == "custom_settings" {
                settings(value)
            } else {
                set(&name, value)
            };
            body.extend(value.map(|value| (name, value)));
        }
    }
    // The provider sends it also where nothing is set.
    body.entry("data_description")
        .or_insert_with(|| Value::Object(Map::new()));
    Found {
        pointer,
        body: Body::Made(Value::Object(body), attributes),
        id: None,
        is_stored: false,
        exists,
    }
}

/// Settings, which are JSON in a text.
fn settings(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => serde_json::from_str(&text).ok().or(Some(Value::String(text))),
        other => Some(other),
    }
}

/// A value as it is sent: what is not set is left out, and so is an empty text, which the provider does not tell from it.
fn set(name: &str, value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Object(members) => {
            let members = members.into_iter();
            let set = members.filter_map(|(name, value)| set(&name, value).map(|value| (name, value)));
            Some(Value::Object(set.collect()))
        }
        Value::Array(mut elements) if OBJECTS.contains(&name) => {
            let only = elements.pop().filter(|_| elements.is_empty())?;
            set("", only)
        }
        Value::Array(elements) => {
            let element = |value: Value| if value.is_string() { Some(value) } else { set("", value) };
            Some(elements.into_iter().filter_map(element).collect())
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::xcontent::json::Document;

    fn attributes() -> Value {
        json!({
            "id": null,
            "elasticsearch_connection": [],
            "timeouts": null,
            "job_id": "web",
            "description": "",
            "groups": ["a"],
            "create_time": "1",
            "custom_settings": "{\"owner\": {\"team\": \"web\"}}",
            "analysis_config": {
                "bucket_span": "15m",
                "latency": null,
                "detectors": [{"function": "count", "by_field_name": null, "use_null": false}],
                "influencers": []
            },
            "analysis_limits": [{"model_memory_limit": "64mb"}],
            "data_description": {"time_field": "@timestamp", "time_format": null},
            "model_plot_config": []
        })
    }

    fn found(plan: &Value) -> Vec<(String, Value, bool)> {
        let text = plan.to_string();
        let document = Document::read(text.as_bytes());
        let root = document.root().expect("a value");
        assert!(is_plan_or_state(root));
        let made = |found: Found<'_>| match found.body {
            Body::Made(body, _) => (found.pointer, body, found.exists),
            Body::Part(_) => panic!("it is translated"),
        };
        jobs(root).into_iter().map(made).collect()
    }

    #[test]
    fn a_plan_has_the_jobs_that_are_there_after_it() {
        let change = |kind: &str, actions: &[&str], after: Value| json!({"type": kind, "change": {"actions": actions, "before": null, "after": after}});
        let plan = json!({
            "format_version": "1.2",
            "planned_values": {},
            "resource_changes": [
                change("elasticstack_elasticsearch_index", &["create"], json!({"name": "x"})),
                change(RESOURCE, &["create"], attributes()),
                change(RESOURCE, &["update"], attributes()),
                change(RESOURCE, &["delete"], Value::Null),
                change(RESOURCE, &["delete", "create"], attributes())
            ]
        });
        let found = found(&plan);
        let pointers: Vec<&str> = found.iter().map(|(pointer, ..)| pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/resource_changes/1/change/after",
                "/resource_changes/2/change/after",
                "/resource_changes/4/change/after"
            ]
        );
        assert_eq!(
            found.iter().map(|(.., exists)| *exists).collect::<Vec<_>>(),
            [false, true, true]
        );
        let expected = json!({
            "job_id": "web",
            "groups": ["a"],
            "custom_settings": {"owner": {"team": "web"}},
            "analysis_config": {
                "bucket_span": "15m",
                "detectors": [{"function": "count", "use_null": false}],
                "influencers": []
            },
            "analysis_limits": {"model_memory_limit": "64mb"},
            "data_description": {"time_field": "@timestamp"}
        });
        assert_eq!(found[0].1, expected);
    }

    #[test]
    fn a_state_has_its_jobs_in_modules() {
        let resource = json!({"type": RESOURCE, "values": attributes()});
        let state = json!({
            "format_version": "1.0",
            "values": {"root_module": {"child_modules": [{"resources": [resource]}]}}
        });
        assert_eq!(
            found(&state)[0].0,
            "/values/root_module/child_modules/0/resources/0/values"
        );
    }
}
