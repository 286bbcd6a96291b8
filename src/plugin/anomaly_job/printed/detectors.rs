//! What is asked of a detector, as keywords: the table of functions, names of fields, and the detector's rules.

use serde_json::{Map, Value, json};

use super::super::rulebook::{Demand, Demands, Row, Rule, Rulebook};
use super::{Target, each, has, of};
use crate::admission::plain_schema::any_case;

/// The fields of a detector, and whether each is one to split by.
const FIELDS: [&str; 4] = ["field_name", "by_field_name", "over_field_name", "partition_field_name"];
const SPLITS: [&str; 3] = ["by_field_name", "over_field_name", "partition_field_name"];

pub(super) fn say(target: &mut Target<'_>, rules: &Rulebook) {
    if rules.row(Rule::DetectorNoFunction).is_some() {
        target.put_beside("detector", json!({"required": ["function"]}));
    }
    for (demands, functions) in alike(rules) {
        if let Some(then) = demanded(&demands, rules) {
            let is_one = has("function", json!({ "enum": functions }));
            target.also("detector", json!({"if": is_one, "then": then}));
        }
    }
    for field in FIELDS {
        say_name(target, &format!("detector/properties/{field}"), rules, field);
    }
    if rules.row(Rule::DetectorScopeWithoutFields).is_some() {
        let has_one: Vec<Value> = SPLITS.iter().map(|name| json!({"required": [name]})).collect();
        let without_scope = each(of("scope", json!({"maxProperties": 0})));
        target.also(
            "detector",
            json!({"if": {"not": {"anyOf": has_one}}, "then": of("custom_rules", without_scope)}),
        );
    }
    say_custom_rule(target, rules);
}

/// The functions of the table, in its order, those of the same demands together.
fn alike(rules: &Rulebook) -> Vec<(Demands, Vec<&str>)> {
    let mut groups: Vec<(Demands, Vec<&str>)> = Vec::new();
    for function in rules.functions.iter() {
        match groups.iter_mut().find(|(demands, _)| *demands == function.demands) {
            Some((_, names)) => names.extend(function.names()),
            None => groups.push((function.demands.clone(), function.names().collect())),
        }
    }
    groups
}

/// What functions of these demands ask of their detector.
fn demanded(demands: &Demands, rules: &Rulebook) -> Option<Value> {
    let mut required: Vec<&str> = Vec::new();
    let mut properties = Map::new();
    let mut demand = |field: &'static str, demand: Demand, needed: Option<Rule>, not_taken: Option<Rule>| {
        let holds = |rule: Option<Rule>| rule.is_some_and(|rule| rules.row(rule).is_some());
        match demand {
            Demand::Required if holds(needed) => {
                required.push(field);
                properties.insert(field.to_owned(), json!({"minLength": 1}));
            }
            Demand::Forbidden if holds(not_taken) => {
                properties.insert(field.to_owned(), json!({"maxLength": 0}));
            }
            _ => {}
        }
    };
    demand(
        "field_name",
        demands.field,
        Some(Rule::DetectorFieldNameNeeded),
        Some(Rule::DetectorFieldNameNotTaken),
    );
    demand("by_field_name", demands.by, Some(Rule::DetectorByFieldNameNeeded), None);
    demand(
        "over_field_name",
        demands.over,
        Some(Rule::DetectorOverFieldNameNeeded),
        Some(Rule::DetectorOverFieldNameNotTaken),
    );
    if let Some(row) = rules
        .row(Rule::DetectorValueCondition)
        .filter(|_| !demands.has_value_conditions)
    {
        // Only the first condition decides.
        let Value::Object(mut first) = of("applies_to", any_case(&words(row), false)) else {
            return None;
        };
        first.insert("prefixItems".to_owned(), json!([first.clone()]));
        properties.insert("custom_rules".to_owned(), each(of("conditions", Value::Object(first))));
    }
    let mut then = Map::new();
    if !required.is_empty() {
        then.insert("required".to_owned(), json!(required));
    } else if !demands.alone && rules.row(Rule::DetectorNoField).is_some() {
        let one = |name: &&str| has(name, json!({"minLength": 1}));
        then.insert("anyOf".to_owned(), FIELDS.iter().take(3).map(one).collect());
    }
    if !properties.is_empty() {
        then.insert("properties".to_owned(), Value::Object(properties));
    }
    (!then.is_empty()).then_some(Value::Object(then))
}

fn words(row: &Row) -> Vec<Value> {
    row.words.iter().map(|word| Value::String(word.clone())).collect()
}

/// Names of fields: no reserved word, and none of some characters.
pub(super) fn say_name(target: &mut Target<'_>, place: &str, rules: &Rulebook, field: &str) {
    let mut refused: Vec<Value> = Vec::new();
    let reserved = rules
        .row(Rule::DetectorReservedWord)
        .filter(|_| matches!(field, "by_field_name" | "over_field_name"));
    let mut listed: Vec<Value> = rules.row(Rule::FieldNameWord).map(words).unwrap_or_default();
    listed.extend(reserved.map(words).unwrap_or_default());
    if !listed.is_empty() {
        refused.push(json!({ "enum": listed }));
    }
    if let Some(row) = rules.row(Rule::FieldNameCharacters) {
        let escaped = |character: &char| format!("\\u{:04x}", u32::from(*character));
        let range = |(first, last): &(char, char)| {
            if first == last {
                escaped(first)
            } else {
                format!("{}-{}", escaped(first), escaped(last))
            }
        };
        let ranges: String = row.characters.ranges.iter().map(range).collect();
        refused.push(json!({"pattern": format!("[{ranges}]")}));
    }
    if !refused.is_empty() {
        target.put_beside(place, json!({"not": {"anyOf": refused}}));
    }
}

/// A rule of a detector by itself.
fn say_custom_rule(target: &mut Target<'_>, rules: &Rulebook) {
    if rules.row(Rule::CustomRuleEmpty).is_some() {
        let one = [
            has("scope", json!({"minProperties": 1})),
            has("conditions", json!({"minItems": 1})),
        ];
        target.also("detection_rule", json!({"anyOf": one}));
    }
    let has_amount = has("params", json!({"required": ["force_time_shift"]}));
    for (rule, needs_amount) in [
        (Rule::CustomRuleShiftWithoutAmount, true),
        (Rule::CustomRuleAmountWithoutShift, false),
    ] {
        let Some(row) = rules.row(rule) else {
            continue;
        };
        let has_action = has("actions", super::some(&any_case(&words(row), false)));
        let (given, needed) = if needs_amount {
            (has_action, has_amount.clone())
        } else {
            (has_amount.clone(), has_action)
        };
        target.also("detection_rule", json!({"if": given, "then": needed}));
    }
}
