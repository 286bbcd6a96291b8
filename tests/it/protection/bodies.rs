//! The calls of which the body says what they write to, aimed at the index by their bodies.

use serde_json::json;

use super::calls::{Aim, Call, Payload, call, expressions};
use super::specification::Route;

/// Adds every call of a route that its body aims at the index.
pub fn by_body(route: &Route, aim: &Aim, calls: &mut Vec<Call>) {
    let mut add = |how: &str, payload: Payload| calls.push(call(route, how, aim, &[], payload));
    let expressions = expressions(aim);
    let names = || {
        expressions
            .iter()
            .filter(|(form, _)| matches!(*form, "name" | "alias" | "date math"))
    };
    let other = &aim.other;
    match route.api.as_str() {
        "bulk" => {
            for (form, name) in names() {
                for operation in ["index", "create", "update", "delete"] {
                    let line = json!({operation: {"_index": name, "_id": "anomaly_detector-stored"}});
                    let document = match operation {
                        "update" => format!("{}\n", json!({"doc": {"job_id": "forbidden"}})),
                        "delete" => String::new(),
                        _ => format!("{}\n", json!({"job_id": "forbidden"})),
                    };
                    let first = format!("{}\n{{}}\n", json!({"index": {"_index": other}}));
                    add(
                        &format!("line, {form}"),
                        Payload::Lines(format!("{first}{line}\n{document}")),
                    );
                    let alias = json!({operation: {"_index": name, "require_alias": true, "_id": "forbidden"}});
                    add(
                        &format!("line with require_alias, {form}"),
                        Payload::Lines(format!("{alias}\n{document}")),
                    );
                }
            }
        }
        "reindex" => {
            for (form, name) in names() {
                let copy = json!({"source": {"index": other}, "dest": {"index": name}});
                add(&format!("destination, {form}"), Payload::Document(copy.to_string()));
            }
            let script = format!("ctx._index = '{}'", aim.index);
            let copy = json!({"source": {"index": other}, "dest": {"index": "x"}, "script": {"source": script}});
            add("script", Payload::Document(copy.to_string()));
        }
        "indices.update_aliases" => alias_actions(aim, &mut add),
        "indices.put_alias" => {
            for (form, expression) in &expressions {
                let body = json!({"index": expression, "alias": format!("made-of-{}", aim.index)});
                add(&format!("body, {form}"), Payload::Document(body.to_string()));
            }
            let second = format!("{{}} {}", json!({"index": aim.index, "alias": "x"}));
            add("a second body", Payload::Document(second));
        }
        "indices.create" | "indices.rollover" | "indices.clone" | "indices.split" | "indices.shrink" => {
            for (form, name) in names().filter(|(form, _)| *form != "date math") {
                let body = json!({"aliases": {name: {}}});
                add(&format!("aliases, {form}"), Payload::Document(body.to_string()));
            }
        }
        "indices.put_template" | "indices.put_index_template" | "cluster.put_component_template" => {
            templates(route, aim, &mut add);
        }
        "snapshot.restore" => {
            for (form, expression) in &expressions {
                let body = json!({"indices": expression}).to_string();
                add(&format!("indices, {form}"), Payload::Document(body));
                let body = json!({"indices": expression.split(',').collect::<Vec<_>>()}).to_string();
                add(&format!("list of indices, {form}"), Payload::Document(body));
            }
            let renamed = json!({"indices": other, "rename_pattern": "(.+)", "rename_replacement": aim.index});
            add("renaming", Payload::Document(renamed.to_string()));
        }
        "remote_store.restore" => {
            let body = json!({"indices": [aim.index]}).to_string();
            add("indices", Payload::Document(body));
        }
        "ingest.put_pipeline" => {
            for (form, name) in names() {
                let set = json!({"processors": [{"set": {"field": "_index", "value": name}}]});
                add(&format!("set, {form}"), Payload::Document(set.to_string()));
            }
            let script = json!({"script": {"source": format!("ctx._index = '{}'", aim.index)}});
            add("script", Payload::Document(json!({"processors": [script]}).to_string()));
        }
        "cluster.reroute" => {
            let cancel = json!({"cancel": {"index": aim.index, "shard": 0, "node": "x"}});
            add("command", Payload::Document(json!({"commands": [cancel]}).to_string()));
        }
        _ => {}
    }
}

fn alias_actions(aim: &Aim, add: &mut impl FnMut(&str, Payload)) {
    let alias = format!("made-of-{}", aim.index);
    for (form, expression) in expressions(aim) {
        let list: Vec<&str> = expression.split(',').collect();
        for (action, body) in [
            ("add", json!({"add": {"index": expression, "alias": alias}})),
            ("add to a list", json!({"add": {"indices": list, "alias": alias}})),
            (
                "remove",
                json!({"remove": {"index": expression, "alias": "*", "must_exist": false}}),
            ),
            ("remove index", json!({"remove_index": {"index": expression}})),
        ] {
            let harmless = json!({"add": {"index": aim.other, "alias": "x"}});
            let body = json!({"actions": [harmless, body]}).to_string();
            add(&format!("{action}, {form}"), Payload::Document(body));
        }
    }
    let taken = json!({"add": {"index": aim.other, "alias": aim.index}});
    add(
        "its name as an alias",
        Payload::Document(json!({"actions": [taken]}).to_string()),
    );
}

fn templates(route: &Route, aim: &Aim, add: &mut impl FnMut(&str, Payload)) {
    let is_component = route.api == "cluster.put_component_template";
    let is_legacy = route.api == "indices.put_template";
    let aliases = json!({aim.index.clone(): {}});
    let body = match (is_component, is_legacy) {
        (true, _) => json!({"template": {"aliases": aliases}}),
        (_, true) => json!({"index_patterns": ["nothing-*"], "aliases": aliases}),
        _ => json!({"index_patterns": ["nothing-*"], "template": {"aliases": aliases}}),
    };
    add("aliases", Payload::Document(body.to_string()));
    if is_component {
        return;
    }
    let patterns = expressions(aim).into_iter().filter(|(form, _)| {
        matches!(*form, "name" | "prefix" | "suffix" | "middle" | "two wildcards") || (*form == "all" && aim.all)
    });
    for (form, pattern) in patterns.filter(|(_, pattern)| pattern != "_all") {
        let body = json!({"index_patterns": ["nothing-*", pattern], "priority": 900});
        let body = if is_legacy {
            json!({"index_patterns": ["nothing-*", pattern]})
        } else {
            body
        };
        add(&format!("patterns, {form}"), Payload::Document(body.to_string()));
    }
}
