//! What no two runs of a client have alike, though nothing stands between it and the cluster; taken off by name.

use serde_json::{Map, Value};

const MASK: &str = "(varies)";

/// Members of answers, wherever they stand.
const MEMBERS: [(&str, &str); 3] = [
    ("took", "how long the cluster has worked on it"),
    ("_scroll_id", "counts the searches that a node has kept open"),
    ("index_uuid", "made anew with every index"),
];

/// Fields of answers.
const FIELDS: [(&str, &str); 2] = [
    (
        "content-length",
        "as many digits as `took` has, or what they are compressed to",
    ),
    (
        "task_resource_usage",
        "what a search has cost OpenSearch's node, and its number there",
    ),
];

/// Fields of answers that are about the connection that they come on, and not about what is behind it (RFC 9110 §7.6.1).
/// The JavaScript clients from 8 on ask for the end of a connection after each HEAD: the gateway says so in its answer,
/// as RFC 9112 §9.6 wants, and Elasticsearch does not.
const OF_THE_CONNECTION: [&str; 1] = ["connection"];

/// A step's record without what varies. The identity of an index is taken out of texts, too, which quote it.
pub(crate) fn masked(shown: &Value) -> Value {
    let mut identities = Vec::new();
    find_identities(shown, &mut identities);
    let mut masked = without(shown, &identities);
    if let Some(headers) = masked.get_mut("headers").and_then(Value::as_object_mut) {
        headers.retain(|name, _| !OF_THE_CONNECTION.iter().any(|field| name.eq_ignore_ascii_case(field)));
        for (name, value) in headers {
            if FIELDS.iter().any(|(field, _)| name.eq_ignore_ascii_case(field)) {
                *value = Value::from(MASK);
            }
        }
    }
    masked
}

fn find_identities(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(identity) if name == "index_uuid" && identity != "_na_" => found.push(identity.to_owned()),
                    _ => find_identities(member, found),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| find_identities(element, found)),
        _ => {}
    }
}

fn without(value: &Value, identities: &[String]) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|member| member_without(member, identities))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(elements) => elements.iter().map(|element| without(element, identities)).collect(),
        Value::String(text) => {
            let text = identities
                .iter()
                .fold(text.clone(), |text, identity| text.replace(identity, MASK));
            Value::String(text)
        }
        other => other.clone(),
    }
}

fn member_without((name, value): (&String, &Value), identities: &[String]) -> (String, Value) {
    let varies = MEMBERS.iter().any(|(member, _)| member == name);
    let value = if varies {
        Value::from(MASK)
    } else {
        without(value, identities)
    };
    (name.clone(), value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_varies_is_masked_and_what_stands_beside_it_stays() {
        let shown = json!({
            "status": 400,
            "headers": {"Content-Length": "12", "X-elastic-product": "Elasticsearch", "connection": "close"},
            "body": {"took": 3, "hits": [{"_scroll_id": "a", "_id": "1"}]}
        });
        let expected = json!({
            "status": 400,
            "headers": {"Content-Length": MASK, "X-elastic-product": "Elasticsearch"},
            "body": {"took": MASK, "hits": [{"_scroll_id": MASK, "_id": "1"}]}
        });
        assert_eq!(masked(&shown), expected);
    }

    #[test]
    fn an_indexs_identity_goes_from_texts_too() {
        let shown = json!({"body": {"reason": "index [a/u-1] already exists", "index_uuid": "u-1"}});
        let expected = json!({"body": {"reason": "index [a/(varies)] already exists", "index_uuid": MASK}});
        assert_eq!(masked(&shown), expected);
    }
}
