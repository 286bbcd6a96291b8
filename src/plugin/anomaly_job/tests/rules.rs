//! The rules' data: each row is what the gateway judges by, and the printed schema says what its row claims.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::super::rulebook::Rule;
use super::super::{RULES, RuleSource, SCHEMA, Said};
use super::*;

/// The version that has every rule but those that newer versions do not need.
const NEWEST: Version = Version::new(9, 5, 3);

/// A body that a rule refuses, for every rule that has a message: the rule, the version, the body.
#[allow(clippy::too_many_lines, reason = "a table of one body for each rule")]
fn refused() -> Vec<(&'static str, Version, String)> {
    let detector =
        |detector: &str| format!(r#"{{"analysis_config":{{"detectors":[{detector}]}},"data_description":{{}}}}"#);
    let analysis = |members: &str| {
        format!(r#"{{"analysis_config":{{"detectors":[{{"function":"count"}}],{members}}},"data_description":{{}}}}"#)
    };
    let categories = |members: &str, detector: &str| {
        format!(
            r#"{{"analysis_config":{{"categorization_field_name":"m","detectors":[{{"function":"count","by_field_name":"mlcategory"{detector}}}],{members}}},"data_description":{{}}}}"#
        )
    };
    let beside = |members: &str| {
        format!(r#"{{"analysis_config":{{"detectors":[{{"function":"count"}}]}},"data_description":{{}},{members}}}"#)
    };
    let with_datafeed = |members: &str| beside(&format!(r#""datafeed_config":{{{members}}}"#));
    let beside_analysis = |members: &str, datafeed: &str| {
        let job = analysis(members);
        let members = job.strip_suffix('}').expect("an object");
        format!(r#"{members},"datafeed_config":{{{datafeed}}}}}"#)
    };
    let per_partition = r#""per_partition_categorization":{"enabled":true}"#;
    let rule = |rule: &str| {
        detector(&format!(
            r#"{{"function":"count","by_field_name":"a","custom_rules":[{rule}]}}"#
        ))
    };
    let mut all = vec![
        ("detector.no_field", detector(r#"{"function":"sum"}"#)),
        ("detector.no_function", detector(r#"{"field_name":"a"}"#)),
        ("detector.field_name_needed", detector(r#"{"function":"sum","by_field_name":"a"}"#)),
        ("detector.field_name_not_taken", detector(r#"{"function":"count","field_name":"a"}"#)),
        ("detector.by_field_name_needed", detector(r#"{"function":"rare","over_field_name":"a"}"#)),
        ("detector.over_field_name_needed", detector(r#"{"function":"freq_rare","by_field_name":"a"}"#)),
        ("detector.over_field_name_not_taken", detector(r#"{"function":"nzc","over_field_name":"a"}"#)),
        ("field_name.word", detector(r#"{"function":"sum","field_name":"."}"#)),
        ("field_name.characters", detector(r#"{"function":"sum","field_name":"a\\"}"#)),
        (
            "detector.value_condition",
            detector(
                r#"{"function":"rare","by_field_name":"a","custom_rules":[{"conditions":[{"applies_to":"actual","operator":"gt","value":1}]}]}"#,
            ),
        ),
        (
            "detector.scope_without_fields",
            detector(r#"{"function":"count","custom_rules":[{"scope":{"a":{"filter_id":"f"}}}]}"#),
        ),
        ("detector.scope_field", rule(r#"{"scope":{"b":{"filter_id":"f"}}}"#)),
        (
            "detector.same_field_twice",
            detector(r#"{"function":"count","by_field_name":"a","over_field_name":"a"}"#),
        ),
        ("detector.reserved_word", detector(r#"{"function":"count","by_field_name":"by"}"#)),
        ("custom_rule.empty", rule("{}")),
        (
            "custom_rule.shift_without_amount",
            rule(r#"{"scope":{"a":{"filter_id":"f"}},"actions":["force_time_shift"]}"#),
        ),
        (
            "custom_rule.amount_without_shift",
            rule(r#"{"scope":{"a":{"filter_id":"f"}},"params":{"force_time_shift":{"time_shift_amount":1}}}"#),
        ),
        ("bucket_span.minimum", analysis(r#""bucket_span":"0s""#)),
        ("bucket_span.whole_seconds", analysis(r#""bucket_span":"1500ms""#)),
        ("model_prune_window.whole_buckets", analysis(r#""model_prune_window":"7m""#)),
        ("model_prune_window.two_buckets", analysis(r#""model_prune_window":"5m""#)),
        ("latency.minimum", analysis(r#""latency":"-1""#)),
        ("latency.whole_seconds", analysis(r#""latency":"1500ms""#)),
        (
            "analysis.no_detectors",
            r#"{"analysis_config":{"detectors":[]},"data_description":{}}"#.to_owned(),
        ),
        (
            "analysis.category_without_field",
            detector(r#"{"function":"count","by_field_name":"mlcategory"}"#),
        ),
        ("analysis.field_without_category", analysis(r#""categorization_field_name":"m""#)),
        (
            "categorization_analyzer.without_field",
            analysis(r#""categorization_analyzer":"standard""#),
        ),
        (
            "categorization_filters.with_analyzer",
            categories(r#""categorization_filters":["a"],"categorization_analyzer":"standard""#, ""),
        ),
        ("categorization_filters.without_field", analysis(r#""categorization_filters":["a"]"#)),
        ("categorization_filters.twice", categories(r#""categorization_filters":["a","a"]"#, "")),
        ("categorization_filters.empty", categories(r#""categorization_filters":[""]"#, "")),
        ("categorization_filters.pattern", categories(r#""categorization_filters":["["]"#, "")),
        ("per_partition.without_field", analysis(per_partition)),
        (
            "per_partition.by_category",
            format!(
                r#"{{"analysis_config":{{"categorization_field_name":"m","detectors":[{{"function":"count","partition_field_name":"mlcategory"}}],{per_partition}}},"data_description":{{}}}}"#
            ),
        ),
        ("per_partition.no_partition", categories(per_partition, "")),
        (
            "per_partition.differs",
            categories(
                per_partition,
                r#","partition_field_name":"a"},{"function":"count","partition_field_name":"b""#,
            ),
        ),
        (
            "per_partition.stop_on_warn",
            analysis(r#""per_partition_categorization":{"enabled":false,"stop_on_warn":true}"#),
        ),
        (
            "summary_count_field_name.function",
            r#"{"analysis_config":{"detectors":[{"function":"metric","field_name":"a"}],"summary_count_field_name":"c"},"data_description":{}}"#
                .to_owned(),
        ),
        ("analysis.nested_names", analysis(r#""influencers":["a","a.b"]"#)),
        ("model_memory_limit.minimum", beside(r#""analysis_limits":{"model_memory_limit":"1kb"}"#)),
        (
            "categorization_examples_limit.minimum",
            beside(r#""analysis_limits":{"categorization_examples_limit":-1}"#),
        ),
        ("job.analysis_config_missing", r#"{"data_description":{}}"#.to_owned()),
        (
            "job.data_description_missing",
            r#"{"analysis_config":{"detectors":[{"function":"count"}]}}"#.to_owned(),
        ),
        ("job.time_field_used", analysis(r#""influencers":["time"]"#)),
        (
            "background_persist_interval.whole_seconds",
            beside(r#""background_persist_interval":"3600001ms""#),
        ),
        ("background_persist_interval.minimum", beside(r#""background_persist_interval":"59m""#)),
        ("job.days", beside(r#""results_retention_days":-1"#)),
        ("job.id_in_url", beside(r#""job_id":"k""#)),
        ("job.group", beside(r#""groups":["A"]"#)),
        ("job.group_named_like_job", beside(r#""groups":["j"]"#)),
        ("job.results_index_name", beside(r#""results_index_name":"A""#)),
        ("job.daily_retention", beside(r#""daily_model_snapshot_retention_after_days":11"#)),
        (
            "job.same_detectors",
            detector(r#"{"function":"count"},{"function":"count"}"#),
        ),
        (
            "job.not_finite",
            rule(r#"{"conditions":[{"applies_to":"actual","operator":"gt","value":"NaN"}]}"#),
        ),
        ("datafeed.job_id", with_datafeed(r#""indices":["a"],"job_id":"k""#)),
        ("datafeed.id", with_datafeed(r#""indices":["a"],"datafeed_id":"A""#)),
        ("datafeed.indices", with_datafeed("")),
        ("datafeed.query_empty", with_datafeed(r#""indices":["a"],"query":{}"#)),
        ("datafeed.clause", with_datafeed(r#""indices":["a"],"query":{"match_all":1}"#)),
        ("datafeed.aggregations_empty", with_datafeed(r#""indices":["a"],"aggs":{}"#)),
        ("datafeed.aggregations_twice", with_datafeed(r#""indices":["a"],"aggs":{"a":{"b":{}}},"aggregations":{"a":{"b":{}}}"#)),
        ("query_delay.minimum", with_datafeed(r#""indices":["a"],"query_delay":"-1""#)),
        ("query_delay.whole_milliseconds", with_datafeed(r#""indices":["a"],"query_delay":"5micros""#)),
        ("frequency.minimum", with_datafeed(r#""indices":["a"],"frequency":"0s""#)),
        ("frequency.whole_seconds", with_datafeed(r#""indices":["a"],"frequency":"1500ms""#)),
        ("scroll_size.minimum", with_datafeed(r#""indices":["a"],"scroll_size":-1"#)),
        ("max_empty_searches.minimum", with_datafeed(r#""indices":["a"],"max_empty_searches":0"#)),
        ("chunking_config.time_span_needed", with_datafeed(r#""indices":["a"],"chunking_config":{"mode":"manual"}"#)),
        ("chunking_config.time_span_not_taken", with_datafeed(r#""indices":["a"],"chunking_config":{"mode":"off","time_span":"1h"}"#)),
        ("chunking_config.time_span_minimum", with_datafeed(r#""indices":["a"],"chunking_config":{"mode":"manual","time_span":"0s"}"#)),
        ("check_window.minimum", with_datafeed(r#""indices":["a"],"delayed_data_check_config":{"enabled":true,"check_window":"0s"}"#)),
        ("check_window.maximum", with_datafeed(r#""indices":["a"],"delayed_data_check_config":{"enabled":true,"check_window":"25h"}"#)),
        ("script_fields.form", with_datafeed(r#""indices":["a"],"script_fields":{"a":1}"#)),
        ("script_fields.script", with_datafeed(r#""indices":["a"],"script_fields":{"a":{"script":{}}}"#)),
        ("script_fields.with_aggregations", with_datafeed(r#""indices":["a"],"script_fields":{"a":{"script":"x"}},"aggs":{"a":{"date_histogram":{"field":"t","fixed_interval":"5m"},"aggs":{"t":{"max":{"field":"t"}}}}}"#)),
        ("runtime_mappings.type", with_datafeed(r#""indices":["a"],"runtime_mappings":{"a":{}}"#)),
        ("datafeed.histogram_missing", with_datafeed(r#""indices":["a"],"aggs":{"a":{"terms":{"field":"b"}}}"#)),
        ("datafeed.histogram_alone", with_datafeed(r#""indices":["a"],"aggs":{"a":{"terms":{"field":"b"}},"b":{"terms":{"field":"b"}}}"#)),
        ("datafeed.histogram_time_zone", with_datafeed(r#""indices":["a"],"aggs":{"a":{"date_histogram":{"field":"t","fixed_interval":"5m","time_zone":"CET"},"aggs":{"t":{"max":{"field":"t"}}}}}"#)),
        ("datafeed.histogram_varying", with_datafeed(r#""indices":["a"],"aggs":{"a":{"date_histogram":{"field":"t","calendar_interval":"month"},"aggs":{"t":{"max":{"field":"t"}}}}}"#)),
        ("datafeed.histogram_absent", with_datafeed(r#""indices":["a"],"aggs":{"a":{"date_histogram":{"field":"t"},"aggs":{"t":{"max":{"field":"t"}}}}}"#)),
        ("datafeed.histogram_minimum", with_datafeed(r#""indices":["a"],"aggs":{"a":{"date_histogram":{"field":"t","fixed_interval":"0s"},"aggs":{"t":{"max":{"field":"t"}}}}}"#)),
        ("datafeed.chunk_length", with_datafeed(r#""indices":["a"],"aggs":{"a":{"date_histogram":{"field":"t","fixed_interval":"1000000000000d"},"aggs":{"t":{"max":{"field":"t"}}}}}"#)),
        ("datafeed.project_routing", with_datafeed(r#""indices":["a"],"project_routing":"x""#)),
        ("datafeed.summary_count", with_datafeed(r#""indices":["a"],"aggs":{"a":{"date_histogram":{"field":"t","fixed_interval":"5m"},"aggs":{"t":{"max":{"field":"t"}}}}}"#)),
        ("check_window.bucket", with_datafeed(r#""indices":["a"],"delayed_data_check_config":{"enabled":true,"check_window":"1m"}"#)),
        (
            "datafeed.latency",
            beside_analysis(r#""latency":"1s""#, r#""indices":["a"]"#),
        ),
        (
            "datafeed.interval_maximum",
            beside_analysis(r#""summary_count_field_name":"c""#, r#""indices":["a"],"aggs":{"a":{"date_histogram":{"field":"t","fixed_interval":"10m"},"aggs":{"t":{"max":{"field":"t"}}}}}"#),
        ),
        (
            "datafeed.interval_divides",
            beside_analysis(r#""summary_count_field_name":"c""#, r#""indices":["a"],"aggs":{"a":{"date_histogram":{"field":"t","fixed_interval":"2m"},"aggs":{"t":{"max":{"field":"t"}}}}}"#),
        ),
        (
            "datafeed.frequency_multiple",
            beside_analysis(r#""summary_count_field_name":"c""#, r#""indices":["a"],"frequency":"90s","aggs":{"a":{"date_histogram":{"field":"t","fixed_interval":"60s"},"aggs":{"t":{"max":{"field":"t"}}}}}"#),
        ),
        (
            "datafeed.aggregation_shape",
            beside_analysis(r#""summary_count_field_name":"c""#, r#""indices":["a"],"aggs":{"a":{"date_histogram":{"field":"t","fixed_interval":"5m"}}}"#),
        ),
        (
            "check_window.buckets",
            beside_analysis(r#""bucket_span":"1s""#, r#""indices":["a"],"delayed_data_check_config":{"enabled":true,"check_window":"20h"}"#),
        ),
    ]
    .into_iter()
    .map(|(rule, body)| (rule, NEWEST, body))
    .collect::<Vec<_>>();
    all.push(("job.set_by_server", Version::BASE, beside(r#""create_time":1"#)));
    all
}

/// Rules whose fault is no part of a body of JSON: of the URL, or of other formats.
const OF_NO_BODY: [&str; 4] = [
    "job.id",
    "job.id_length",
    "job.group_bytes",
    "categorization_filters.bytes",
];

fn judge(call: &AnomalyJob, api: Version, id: &str, body: &str) -> Verdict {
    call.admit(&Candidate {
        id,
        query: "",
        path: "/_ml/anomaly_detectors/j",
        body: body.as_bytes(),
        format: Format::Json,
        api,
        now_millis: 0,
        current: None,
    })
}

fn rule_of(verdict: &Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Refused(refusal) => refusal.rule(),
        Verdict::Admitted(_) => None,
    }
}

/// The rules without the row of one, or the functions without the row of another.
fn without(rule: Option<&str>, function: Option<&str>) -> RuleSource {
    let left = |text: &str, list: &str, key: &str, gone: Option<&str>| -> &'static str {
        let mut file: Value = serde_json::from_str(text).expect("JSON");
        let rows = file[list].as_array_mut().expect("rows");
        rows.retain(|row| gone.is_none() || row[key].as_str() != gone);
        Box::leak(file.to_string().into_boxed_str())
    };
    RuleSource {
        functions: left(RULES.functions, "functions", "name", function),
        rules: left(RULES.rules, "rules", "id", rule),
    }
}

fn call_with(rules: RuleSource, api: Version) -> AnomalyJob {
    AnomalyJob::with_sources(SCHEMA, rules, api).expect("the rest of the rules")
}

#[test]
fn every_rule_refuses_and_without_its_row_the_gateway_judges_otherwise() {
    let refused = refused();
    let covered: HashSet<&str> = refused.iter().map(|(rule, ..)| *rule).chain(OF_NO_BODY).collect();
    for row in CALL.rules().expect("rules") {
        assert!(
            row.message.is_none() || covered.contains(row.id.as_str()),
            "{} has no body",
            row.id
        );
    }
    for (rule, api, body) in &refused {
        let verdict = judge(&CALL, *api, "j", body);
        assert_eq!(rule_of(&verdict), Some(*rule), "{body}: {verdict:?}");
        let otherwise = judge(&call_with(without(Some(rule), None), *api), *api, "j", body);
        assert_ne!(rule_of(&otherwise), Some(*rule), "{body}");
    }
    for (rule, id) in [(Rule::JobId, "A"), (Rule::JobIdLength, &"a".repeat(65))] {
        let body = r#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{}}"#;
        assert_eq!(rule_of(&judge(&CALL, NEWEST, id, body)), Some(rule.id()));
        let otherwise = call_with(without(Some(rule.id()), None), NEWEST);
        assert!(
            matches!(judge(&otherwise, NEWEST, id, body), Verdict::Admitted(_)),
            "{id}"
        );
    }
}

#[test]
fn without_its_row_a_function_is_unknown() {
    let body = r#"{"analysis_config":{"detectors":[{"function":"dc","field_name":"a"}]},"data_description":{}}"#;
    assert!(matches!(judge(&CALL, NEWEST, "j", body), Verdict::Admitted(_)));
    let without = call_with(without(None, Some("distinct_count")), NEWEST);
    assert_eq!(rule_of(&judge(&without, NEWEST, "j", body)), Some("value.word"));
    let printed = without.printed_schema(NEWEST).expect("a schema").to_string();
    assert!(!printed.contains(r#""dc""#) && printed.contains(r#""nzc""#));
}

/// What a row says of the printed schema is so: all of it, some or nothing.
#[test]
fn the_printed_schema_says_what_the_rows_claim() {
    let rows = CALL.rules().expect("rules");
    for (rule, api, body) in refused() {
        let schema = CALL.printed_schema(api).expect("a schema");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let is_refused = !jsonschema::validator_for(&schema).expect("a schema").is_valid(&body);
        let row = rows.iter().find(|row| row.id == rule).expect("a row");
        // A window of less than two seconds is said; of two buckets it is not.
        let is_said = row.schema != Said::No && rule != "model_prune_window.two_buckets";
        assert_eq!(is_refused, is_said, "{rule}: {body}");
        let listed = schema["$defs"]["rules_not_said_here"]["oneOf"]
            .as_array()
            .expect("a list");
        let is_listed = listed.iter().any(|listed| listed["const"] == rule);
        assert_eq!(is_listed, row.schema != Said::Whole, "{rule}");
    }
}

/// The defaults that the schema names are those that are filled in.
#[test]
fn the_defaults_of_the_schema_are_those_of_the_gateway() {
    let body = r#"{"analysis_config":{"detectors":[{"function":"count","by_field_name":"a","custom_rules":[{"scope":{"a":{"filter_id":"f"}}}]}]},"data_description":{}}"#;
    for api in [Version::BASE, Version::new(7, 17, 28), NEWEST] {
        let schema = CALL.printed_schema(api).expect("a schema");
        let Verdict::Admitted(admitted) = judge(&CALL, api, "j", body) else {
            panic!("{api} refused a plain job");
        };
        let effective: Value = serde_json::from_str(admitted.effective()).expect("JSON");
        let mut compared = 0;
        for (object, place) in [
            ("job_details", ""),
            ("analysis_config", "/analysis_config"),
            ("analysis_limits", "/analysis_limits"),
            ("data_description", "/data_description"),
            ("detection_rule", "/analysis_config/detectors/0/custom_rules/0"),
            ("filter_ref", "/analysis_config/detectors/0/custom_rules/0/scope/a"),
        ] {
            let properties = schema["$defs"][object]["properties"].as_object().expect("properties");
            let filled = effective.pointer(place).expect("an object");
            for (name, property) in properties {
                if let (Some(default), Some(filled)) = (property.get("default"), filled.get(name)) {
                    assert_eq!(default, filled, "{api}: {object}.{name}");
                    compared += 1;
                }
            }
        }
        assert!(compared >= 10, "{api}: {compared}");
    }
    let schema = CALL.printed_schema(NEWEST).expect("a schema");
    let days = &schema["$defs"]["job_details"]["properties"]["model_snapshot_retention_days"];
    assert_eq!(days["default"], json!(10));
}

/// What an editor offers for a member is what the version takes there.
#[test]
fn every_property_has_examples_that_fit() {
    for api in [Version::BASE, Version::new(7, 17, 28), Version::new(8, 1, 0), NEWEST] {
        let schema = CALL.printed_schema(api).expect("a schema");
        for (object, definition) in schema["$defs"].as_object().expect("definitions") {
            for (name, property) in definition["properties"].as_object().into_iter().flatten() {
                let examples = property["examples"].as_array().map(Vec::as_slice).unwrap_or_default();
                assert!(!examples.is_empty(), "{api}: {object}.{name}");
                let alone = json!({"allOf": [property], "$defs": schema["$defs"]});
                let validator = jsonschema::validator_for(&alone).expect("a schema");
                for example in examples.iter().chain(property.get("default")) {
                    assert!(validator.is_valid(example), "{api}: {object}.{name}: {example}");
                }
            }
        }
    }
}

/// What an editor shows of a member.
#[test]
fn every_property_has_a_description() {
    for api in [Version::BASE, Version::new(8, 1, 0), NEWEST] {
        let schema = CALL.printed_schema(api).expect("a schema");
        for (object, definition) in schema["$defs"].as_object().expect("definitions") {
            for (name, property) in definition["properties"].as_object().into_iter().flatten() {
                let description = property["description"].as_str().unwrap_or_default();
                assert!(description.len() > 10, "{api}: {object}.{name}");
            }
        }
    }
}
