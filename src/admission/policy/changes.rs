//! What admission made of a document: an RFC 6902 patch from what was sent to what is stored, each change with who made
//! it.

use json_patch::PatchOperation;
use serde::Serialize;
use serde_json::Value;

use super::pipeline::FilledIn;

/// Who makes what no policy has filled in.
const API: &str = "elasticsearch";

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The operation of RFC 6902.
    #[serde(flatten)]
    pub operation: PatchOperation,
    /// Who made it: `elasticsearch`, or `policy` and its name.
    pub origin: String,
}

/// The changes from one document to another.
#[must_use]
pub fn changes(sent: &Value, stored: &Value, filled: &[FilledIn]) -> Vec<Change> {
    let operations = json_patch::diff(sent, stored).0.into_iter();
    operations
        .map(|operation| Change {
            origin: origin(operation.path().as_str(), filled),
            operation,
        })
        .collect()
}

/// Who made a change: the policy that has filled in the place or what it is in, even where Elasticsearch has then
/// written it in its own way.
fn origin(pointer: &str, filled: &[FilledIn]) -> String {
    let covers = |outer: &str, inner: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let by = filled
        .iter()
        .find(|filled| covers(&filled.pointer, pointer) || covers(pointer, &filled.pointer));
    by.map_or_else(|| API.to_owned(), |filled| format!("policy {}", filled.policy))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_change_has_its_origin() {
        let sent = json!({"a": {"b": 1}, "c": "1h"});
        let stored = json!({"a": {"b": 1, "x": 2}, "c": "60m", "limits": {"memory": "256mb", "examples": 4}});
        let filled = [FilledIn {
            pointer: "/limits/memory".to_owned(),
            policy: "budget".to_owned(),
        }];
        let changes = changes(&sent, &stored, &filled);
        let shown = serde_json::to_value(&changes).expect("JSON");
        assert_eq!(
            shown,
            json!([
                {"op": "add", "path": "/a/x", "value": 2, "origin": "elasticsearch"},
                {"op": "replace", "path": "/c", "value": "60m", "origin": "elasticsearch"},
                {"op": "add", "path": "/limits", "value": {"memory": "256mb", "examples": 4}, "origin": "policy budget"}
            ])
        );
    }

    #[test]
    fn a_neighbour_with_a_longer_name_is_another_place() {
        let filled = [FilledIn {
            pointer: "/a".to_owned(),
            policy: "p".to_owned(),
        }];
        assert_eq!(origin("/ab", &filled), API);
        assert_eq!(origin("/a/b", &filled), "policy p");
    }
}
