//! What is asked of a job as a whole and of its limits, as keywords.

use serde_json::{Value, json};

use super::super::rulebook::{Rule, Rulebook};
use super::forms::{Span, long_from, memory_from, span};
use super::{Target, each, of};

/// Where the properties of a job are.
const JOB: &str = "job_details/properties";

pub(super) fn say(target: &mut Target<'_>, rules: &Rulebook) {
    if let Some(row) = rules.row(Rule::JobSetByServer) {
        for field in &row.fields {
            set_by_server(target, field);
        }
    }
    say_ids(target, rules);
    if let Some(row) = rules.row(Rule::JobDays) {
        for field in &row.fields {
            target.put(&format!("{JOB}/{field}"), long_from(row.minimum));
        }
    }
    if let Some(row) = rules.row(Rule::BackgroundPersistIntervalMinimum) {
        let asked = Span {
            least: u64::try_from(row.minimum).ok(),
            whole: rules.row(Rule::BackgroundPersistIntervalWholeSeconds).is_some(),
        };
        target.put(&format!("{JOB}/background_persist_interval"), span(&asked));
    }
    if let Some(row) = rules.row(Rule::ModelMemoryLimitMinimum) {
        let asked = memory_from(row.minimum, rules.api);
        target.put("analysis_limits/properties/model_memory_limit", asked);
    }
    if let Some(row) = rules.row(Rule::CategorizationExamplesLimitMinimum) {
        let place = "analysis_limits/properties/categorization_examples_limit";
        target.put(place, long_from(row.minimum));
    }
    say_daily_retention(target, rules);
    say_time_field(target, rules);
}

/// A field that only the server sets: it may be null where it can be, and is not there otherwise.
fn set_by_server(target: &mut Target<'_>, field: &str) {
    let Some(properties) = target.at(JOB) else {
        return;
    };
    let kinds = properties.get(field).and_then(|property| property.get("type"));
    let may_be_null = kinds
        .and_then(Value::as_array)
        .is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    if may_be_null {
        let description = "Set by the server. A request may have it as null.";
        properties.insert(
            field.to_owned(),
            json!({"description": description, "type": "null", "examples": [null]}),
        );
    } else {
        properties.shift_remove(field);
    }
}

fn say_ids(target: &mut Target<'_>, rules: &Rulebook) {
    let form = |rule: Rule| Some(rules.row(rule)?.pattern.as_ref()?.as_str());
    if let Some(pattern) = form(Rule::JobId) {
        target.put_beside(&format!("{JOB}/job_id"), json!({ "pattern": pattern }));
    }
    if let Some(row) = rules.row(Rule::JobIdLength) {
        target.put_beside(&format!("{JOB}/job_id"), json!({"maxLength": row.max_length}));
    }
    if let Some(pattern) = form(Rule::JobGroup) {
        // A number is taken as it is written, which begins with a hyphen below zero.
        let asked = json!({"pattern": pattern, "items": {"pattern": pattern, "minimum": 0}});
        target.also(&format!("{JOB}/groups"), asked);
    }
    if let Some(pattern) = form(Rule::JobResultsIndexName) {
        let asked = json!({"anyOf": [{"pattern": pattern}, {"const": ""}]});
        target.also(&format!("{JOB}/results_index_name"), asked);
    }
}

/// The daily retention beside the default of the whole one.
fn say_daily_retention(target: &mut Target<'_>, rules: &Rulebook) {
    let Some([daily, whole]) = rules.row(Rule::JobDailyRetention).map(|row| row.fields.as_slice()) else {
        return;
    };
    let default = target.default_of(&format!("{JOB}/{whole}"));
    if let Some(default) = default.as_ref().and_then(Value::as_i64) {
        // A fraction is cut off.
        let asked = of(daily, json!({"exclusiveMaximum": default + 1}));
        target.also(
            "job_details",
            json!({"if": {"not": {"required": [whole]}}, "then": asked}),
        );
    }
}

/// No analysed field has the name that the field of the time has by default.
fn say_time_field(target: &mut Target<'_>, rules: &Rulebook) {
    let default = target.default_of("data_description/properties/time_field");
    let (Some(time), true) = (default, rules.row(Rule::JobTimeFieldUsed).is_some()) else {
        return;
    };
    let other = json!({"not": {"const": time}});
    let of_detector = json!({"properties": {
        "field_name": other,
        "by_field_name": other,
        "over_field_name": other,
        "partition_field_name": other,
    }});
    let no_influencer = json!({"not": {"anyOf": [{"const": time}, {"type": "array", "contains": {"const": time}}]}});
    let of_analysis = json!({"properties": {
        "detectors": each(of_detector),
        "influencers": no_influencer,
        "summary_count_field_name": other,
        "categorization_field_name": other,
    }});
    let is_default = json!({
        "required": ["data_description"],
        "properties": {"data_description": {"type": "object", "not": {"required": ["time_field"]}}},
    });
    let asked = json!({"if": is_default, "then": of("analysis_config", of_analysis)});
    target.also("job_details", asked);
}
