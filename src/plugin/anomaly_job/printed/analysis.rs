//! What is asked of an analysis, as keywords: its spans, categorization, and what its members need of each other.

use serde_json::{Value, json};

use super::super::rulebook::{Condition, Demand, Row, Rule, Rulebook, State};
use super::forms::{Span, span};
use super::{Target, each, has, is_true, of, some};

const SPLITS: [&str; 3] = ["by_field_name", "over_field_name", "partition_field_name"];

pub(super) fn say(target: &mut Target<'_>, rules: &Rulebook) {
    say_spans(target, rules);
    if rules.row(Rule::AnalysisNoDetectors).is_some() {
        target.also("analysis_config/properties/detectors", json!({"minItems": 1}));
    }
    if rules.row(Rule::JobSameDetectors).is_some() {
        // Rules may have a value that is no number, which is not like itself.
        let all_plain = json!({"type": "array", "items": {"type": "object", "properties": {"custom_rules": false}}});
        let asked = json!({"if": all_plain, "then": {"uniqueItems": true}});
        target.also("analysis_config/properties/detectors", asked);
    }
    for name in ["summary_count_field_name", "categorization_field_name"] {
        super::detectors::say_name(target, &format!("analysis_config/properties/{name}"), rules, name);
    }
    say_categories(target, rules);
    say_filters(target, rules);
    for rule in [
        Rule::CategorizationAnalyzerWithoutField,
        Rule::CategorizationFiltersWithAnalyzer,
        Rule::CategorizationFiltersWithoutField,
        Rule::PerPartitionWithoutField,
    ] {
        if let Some(asked) = rules.row(rule).and_then(beside) {
            target.also("analysis_config", asked);
        }
    }
    say_partitions(target, rules);
    say_summary(target, rules);
}

/// Spans of time, and from when on each is long enough.
fn say_spans(target: &mut Target<'_>, rules: &Rulebook) {
    // The least is given in nanoseconds, and the span is of whole seconds.
    for (name, least, whole) in [
        ("bucket_span", Rule::BucketSpanMinimum, Rule::BucketSpanWholeSeconds),
        ("latency", Rule::LatencyMinimum, Rule::LatencyWholeSeconds),
    ] {
        if let (Some(row), true) = (rules.row(least), rules.row(whole).is_some()) {
            let least = u64::try_from(row.minimum).unwrap_or(0).div_ceil(1_000_000_000);
            let asked = Span {
                least: Some(least),
                whole: true,
            };
            target.put(&format!("analysis_config/properties/{name}"), span(&asked));
        }
    }
    // A bucket lasts a second or more.
    if let Some(row) = rules.row(Rule::ModelPruneWindowTwoBuckets) {
        let asked = Span {
            least: u64::try_from(row.minimum).ok(),
            whole: false,
        };
        target.put("analysis_config/properties/model_prune_window", span(&asked));
    }
}

/// That a detector splits by the field of categories.
fn uses(category: &str) -> Value {
    let by: Vec<Value> = SPLITS
        .iter()
        .map(|name| has(name, json!({"const": category})))
        .collect();
    json!({"type": "object", "anyOf": by})
}

fn say_categories(target: &mut Target<'_>, rules: &Rulebook) {
    let is_named = json!({"required": ["categorization_field_name"]});
    if let Some(row) = rules.row(Rule::AnalysisFieldWithoutCategory) {
        let used = of("detectors", some(&uses(row.word())));
        target.also("analysis_config", json!({"if": is_named, "then": used}));
    }
    if let Some(row) = rules.row(Rule::AnalysisCategoryWithoutField) {
        let unused = of("detectors", each(json!({"not": uses(row.word())})));
        target.also("analysis_config", json!({"if": {"not": is_named}, "then": unused}));
    }
}

fn say_filters(target: &mut Target<'_>, rules: &Rulebook) {
    let place = "analysis_config/properties/categorization_filters";
    if rules.row(Rule::CategorizationFiltersEmpty).is_some() {
        target.also(place, json!({"minLength": 1, "items": {"minLength": 1}}));
    }
    if rules.row(Rule::CategorizationFiltersTwice).is_some() {
        // Two numbers that are equal may be written as two texts.
        let are_texts = json!({"type": "array", "items": {"type": "string"}});
        target.also(place, json!({"if": are_texts, "then": {"uniqueItems": true}}));
    }
}

/// That a member is what a condition asks.
fn is(condition: &Condition) -> Value {
    let name = condition.field.name();
    match condition.is {
        State::Present => json!({"required": [name]}),
        State::NotEmpty => has(name, json!({"not": {"type": "array", "maxItems": 0}})),
        State::Enabled => has(name, has("enabled", is_true())),
    }
}

/// That a member comes with another one, or without.
fn beside(row: &Row) -> Option<Value> {
    let given = row.given.as_ref()?;
    if let Some(needed) = &row.needs {
        if (given.is, needed.is) == (State::Present, State::Present) {
            let mut dependent = serde_json::Map::new();
            dependent.insert(given.field.name().to_owned(), json!([needed.field.name()]));
            return Some(json!({ "dependentRequired": dependent }));
        }
        return Some(json!({"if": is(given), "then": is(needed)}));
    }
    let excluded = row.excludes.as_ref()?;
    Some(json!({"if": is(given), "then": {"not": is(excluded)}}))
}

fn say_partitions(target: &mut Target<'_>, rules: &Rulebook) {
    let category = rules.row(Rule::AnalysisCategoryWithoutField).map_or("", Row::word);
    let name = "partition_field_name";
    for (rule, of_each) in [
        (
            Rule::PerPartitionByCategory,
            of(name, json!({"not": {"const": category}})),
        ),
        (
            Rule::PerPartitionNoPartition,
            json!({"if": uses(category), "then": {"required": [name]}}),
        ),
    ] {
        if let Some(given) = rules.row(rule).and_then(|row| row.given.as_ref()) {
            let asked = of("detectors", each(of_each));
            target.also("analysis_config", json!({"if": is(given), "then": asked}));
        }
    }
    if rules.row(Rule::PerPartitionStopOnWarn).is_some() {
        let asked = json!({"if": has("stop_on_warn", is_true()), "then": has("enabled", is_true())});
        target.also("per_partition_categorization", asked);
    }
}

fn say_summary(target: &mut Target<'_>, rules: &Rulebook) {
    let mut refused: Vec<&str> = Vec::new();
    for function in rules.functions.iter() {
        if function.demands.summary_count == Demand::Forbidden {
            refused.extend(function.names());
        }
    }
    if refused.is_empty() || rules.row(Rule::SummaryCountFieldNameFunction).is_none() {
        return;
    }
    let is_given = has("summary_count_field_name", json!({"minLength": 1}));
    let asked = of("detectors", each(of("function", json!({"not": {"enum": refused}}))));
    target.also("analysis_config", json!({"if": is_given, "then": asked}));
}
