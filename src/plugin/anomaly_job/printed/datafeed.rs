//! What is asked of a job's datafeed, as keywords. What is inside of its query and aggregations no schema says.

use serde_json::json;

use super::super::rulebook::{Rule, Rulebook};
use super::Target;
use super::forms::{Span, span};

/// Where the properties of a datafeed are.
const DATAFEED: &str = "datafeed_config/properties";

pub(super) fn say(target: &mut Target<'_>, rules: &Rulebook) {
    let is_asked = |rule: Rule| rules.row(rule).is_some();
    if let Some(pattern) = rules.row(Rule::DatafeedId).and_then(|row| row.pattern.as_ref()) {
        let place = format!("{DATAFEED}/datafeed_id");
        target.put_beside(&place, json!({"pattern": pattern.as_str()}));
    }
    if is_asked(Rule::DatafeedIndices) {
        let named = json!({"anyOf": [{"required": ["indices"]}, {"required": ["indexes"]}]});
        target.also("datafeed_config", named);
    }
    for (rule, name) in [
        (Rule::DatafeedQueryEmpty, "query"),
        (Rule::DatafeedAggregationsEmpty, "aggregations"),
        (Rule::DatafeedAggregationsEmpty, "aggs"),
    ] {
        if is_asked(rule) {
            target.put_beside(&format!("{DATAFEED}/{name}"), json!({"minProperties": 1}));
        }
    }
    if is_asked(Rule::DatafeedAggregationsTwice) {
        target.also(
            "datafeed_config",
            json!({"not": {"required": ["aggregations", "aggs"]}}),
        );
    }
    if is_asked(Rule::ScriptFieldsWithAggregations) {
        let both = json!({
            "required": ["script_fields"],
            "properties": {"script_fields": {"type": "object", "minProperties": 1}},
            "anyOf": [{"required": ["aggregations"]}, {"required": ["aggs"]}],
        });
        target.also("datafeed_config", json!({ "not": both }));
    }
    if is_asked(Rule::RuntimeMappingsType) {
        let field = json!({"type": "object", "required": ["type"], "properties": {"type": {"not": {"type": "null"}}}});
        let place = format!("{DATAFEED}/runtime_mappings");
        target.put_beside(&place, json!({"additionalProperties": field}));
    }
    say_chunking(target, rules);
    say_numbers(target, rules);
}

/// The delay, the frequency and the counts.
fn say_numbers(target: &mut Target<'_>, rules: &Rulebook) {
    let is_asked = |rule: Rule| rules.row(rule).is_some();
    if is_asked(Rule::QueryDelayMinimum) {
        let asked = Span {
            least: Some(0),
            whole: false,
        };
        target.put(&format!("{DATAFEED}/query_delay"), span(&asked));
    }
    if is_asked(Rule::FrequencyMinimum) && is_asked(Rule::FrequencyWholeSeconds) {
        let asked = Span {
            least: Some(1),
            whole: true,
        };
        target.put(&format!("{DATAFEED}/frequency"), span(&asked));
    }
    // Fractions are cut off.
    if let Some(row) = rules.row(Rule::ScrollSizeMinimum) {
        let asked = json!({"exclusiveMinimum": row.minimum - 1});
        target.put_beside(&format!("{DATAFEED}/scroll_size"), asked);
    }
    if let Some(row) = rules.row(Rule::MaxEmptySearchesMinimum) {
        // -1 means no limit.
        let between = json!({"type": "number", "exclusiveMinimum": -1, "exclusiveMaximum": row.minimum});
        let asked = json!({"exclusiveMinimum": -2, "not": between});
        target.put_beside(&format!("{DATAFEED}/max_empty_searches"), asked);
    }
}

fn say_chunking(target: &mut Target<'_>, rules: &Rulebook) {
    let manual = json!({"required": ["mode"], "properties": {"mode": {"pattern": "^[Mm][Aa][Nn][Uu][Aa][Ll]$"}}});
    if rules.row(Rule::ChunkingTimeSpanNeeded).is_some() {
        let asked = json!({"if": manual, "then": {"required": ["time_span"]}});
        target.also("chunking_config", asked);
    }
    if rules.row(Rule::ChunkingTimeSpanNotTaken).is_some() {
        let asked = json!({"if": manual, "else": {"not": {"required": ["time_span"]}}});
        target.also("chunking_config", asked);
    }
}
