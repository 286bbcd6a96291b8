//! Changes, as another implementation finds them too.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::xcontent::answer;

fn between(sent: &Value, stored: &Value, filled: &[FilledIn], limit: Limit) -> Changes {
    let sent = answer::one_line(sent).expect("JSON");
    let sent = Document::read(sent.as_bytes());
    let text = answer::one_line(stored).expect("JSON");
    let stored = Stored {
        text: &text,
        left_out: &[],
    };
    changes(sent.root(), stored, filled, limit)
}

#[test]
fn each_change_has_its_origin() {
    let sent = json!({"a": {"b": 1}, "c": "1h"});
    let stored = json!({"a": {"b": 1, "x": 2}, "c": "60m", "limits": {"memory": "256mb", "examples": 4}});
    let filled = [FilledIn {
        pointer: "/limits/memory".to_owned(),
        policy: "budget".to_owned(),
    }];
    let changes = between(&sent, &stored, &filled, Limit::NONE);
    let shown = serde_json::to_value(&changes.listed).expect("JSON");
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

#[test]
fn what_is_only_answered_is_no_change() {
    let text = r#"{"a":[{"b":1,"i":0}],"s":"x","c":{"d":2,"i":1}}"#;
    let left_out = [r#","i":0"#, r#","s":"x""#, r#","i":1"#].map(|part| {
        let start = text.find(part).expect("it is there");
        start..start + part.len()
    });
    let stored = Stored {
        text,
        left_out: &left_out,
    };
    let sent = Document::read(br#"{"a": [{"b": 1}]}"#);
    let changes = changes(sent.root(), stored, &[], Limit::NONE);
    let shown = serde_json::to_value(&changes.listed).expect("JSON");
    let expected = json!([{"op": "add", "path": "/c", "value": {"d": 2}, "origin": "elasticsearch"}]);
    assert_eq!(shown, expected);
}

#[test]
fn more_changes_than_there_is_room_for_are_counted() {
    let limit = |changes, bytes| Limit { changes, bytes };
    let sent = json!({"a": (0..100).collect::<Vec<_>>()});
    let stored = json!({"a": (1..101).collect::<Vec<_>>(), "long": "x".repeat(100), "b": 1});
    let found = between(&sent, &stored, &[], Limit::NONE);
    assert_eq!((found.listed.len(), found.unlisted), (102, 0));
    let found = between(&sent, &stored, &[], limit(10, usize::MAX));
    assert_eq!((found.listed.len(), found.unlisted), (10, 92));
    let found = between(
        &sent,
        &json!({"a": 1, "long": "x".repeat(100), "b": 1}),
        &[],
        limit(9, 20),
    );
    let paths: Vec<_> = found
        .listed
        .iter()
        .map(|change| change.operation.path().as_str())
        .collect();
    assert_eq!((paths, found.unlisted), (vec!["/a", "/b"], 1));
}

/// Elements that nest deep, objects of many members in another order, and long names of what lies above many changes: each
/// costs a pass, not a pass for each entry.
#[test]
fn large_documents_take_linear_time() {
    let began = std::time::Instant::now();
    let many: serde_json::Map<_, _> = (0..30_000)
        .map(|number| (format!("m{number}"), json!(number)))
        .collect();
    let reversed: serde_json::Map<_, _> = many.clone().into_iter().rev().collect();
    let found = between(&many.clone().into(), &reversed.into(), &[], Limit::NONE);
    assert_eq!(found, Changes::default());
    let found = between(&json!({}), &many.clone().into(), &[], Limit { changes: 1, bytes: 9 });
    assert_eq!(found.unlisted, 29_999);
    let found = between(&many.into(), &json!({"other": 1}), &[], Limit { changes: 2, bytes: 99 });
    assert_eq!(found.unlisted, 29_999);
    let deep = |element: &str| {
        let list = vec![element; 30_000].join(",");
        let name = "n".repeat(1000);
        let text = format!("{}{list}{}", format!("{{\"{name}\":[").repeat(50), "]}".repeat(50));
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    let found = between(&deep("1"), &deep("2"), &[], Limit { changes: 3, bytes: 99 });
    assert_eq!(found.unlisted, 30_000);
    let took = began.elapsed();
    assert!(took < std::time::Duration::from_secs(20), "{took:?}");
}

fn document() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec!["a", "b", "c", "~/", "", "é\"", "\u{10F800}"]).prop_map(str::to_owned);
    let scalar = prop::sample::select(
        [
            "1",
            "1.0",
            "1e5",
            "1E5",
            "1e+5",
            "null",
            "true",
            "false",
            "\"a\"",
            "\"\\u0061\"",
            "\"\"",
            "[]",
            "{}",
        ]
        .map(|text| serde_json::from_str::<Value>(text).expect("JSON"))
        .to_vec(),
    );
    scalar.prop_recursive(4, 30, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Array),
            (btree_map(name.clone(), inner, 0..6), any::<bool>()).prop_map(|(members, is_reversed)| {
                let members = members.into_iter();
                Value::Object(if is_reversed {
                    members.rev().collect()
                } else {
                    members.collect()
                })
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn finds_what_the_crate_for_patches_finds(sent in document(), stored in document()) {
        let expected = json_patch::diff(&sent, &stored).0;
        let found = between(&sent, &stored, &[], Limit::NONE);
        let found: Vec<_> = found.listed.into_iter().map(|change| change.operation).collect();
        prop_assert_eq!(found, expected);
    }
}
