//! What schemas may cost, and those that would never end.

use serde_json::json;

use super::*;
use crate::xcontent::json::Document;

fn steps(schema: &Value, document: &str) -> Option<u64> {
    let document = Document::read(document.as_bytes());
    let measure = Measure::of(document.root().expect("a value"));
    Cost::of(schema).expect("a schema that ends").steps(&measure)
}

#[test]
fn a_schema_costs_what_its_keywords_judge() {
    let bound = json!({"properties": {"a": {"properties": {"b": {"maximum": 3}}}}});
    // One schema at the root, one at `a`, one with a keyword at `b`.
    assert_eq!(steps(&bound, r#"{"a": {"b": 1}}"#), Some(1 + 1 + 2));
    assert_eq!(steps(&bound, "[]"), Some(1));
    assert_eq!(steps(&json!({"enum": [1, 2, 3]}), "1"), Some(1 + 4));
    assert_eq!(steps(&json!({"pattern": "x"}), "\"abc\""), Some(2 + 5));
}

/// Each level is judged twice as often as the one above it.
#[test]
fn a_schema_that_doubles_at_every_level_is_known_beforehand() {
    let twice = json!({"$ref": "#/$defs/t", "$defs": {"t": {"items": {"allOf": [{"$ref": "#/$defs/t"}, {"$ref": "#/$defs/t"}]}}}});
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(steps(&twice, &nested(5)) < Some(1000));
    assert!(steps(&twice, &nested(40)) > Some(MOST_STEPS_OF_ONE));
    assert_eq!(steps(&twice, &nested(MOST_LEVELS + 1)), None);
    let once = json!({"$ref": "#/$defs/t", "$defs": {"t": {"items": {"$ref": "#/$defs/t"}}}});
    assert!(steps(&once, &nested(MOST_LEVELS)) < Some(1000));
}

#[test]
fn a_schema_that_asks_too_much_of_one_value_is_refused() {
    let mut definitions = Map::new();
    for level in 0..15 {
        let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
        definitions.insert(level.to_string(), json!({"allOf": vec![next; 4]}));
    }
    definitions.insert("15".to_owned(), json!({"type": "object"}));
    assert!(Cost::of(&json!({"$ref": "#/$defs/5", "$defs": definitions.clone()})).is_err());
    assert!(Cost::of(&json!({"$ref": "#/$defs/12", "$defs": definitions})).is_ok());
}

#[test]
fn references_lead_somewhere_and_not_back() {
    for (schema, pointer) in [
        (
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}}),
            "/$defs/a",
        ),
        (json!({"allOf": [{"$ref": "#"}]}), ""),
        (json!({"$ref": "https://json-schema.org/draft/2020-12/schema"}), "/$ref"),
        (json!({"$ref": "#/$defs/none"}), "/$ref"),
    ] {
        assert_eq!(Cost::of(&schema).expect_err("no schema").pointer, pointer, "{schema}");
    }
}
