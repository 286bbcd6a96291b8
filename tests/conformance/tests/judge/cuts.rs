//! A body cut at every byte: what is said of its end depends on which of Elasticsearch's parsers meets it.

use conformance::Case;

use super::encodings::agree;

/// A job with something from each parser.
const JOB: &str = r#"{"job_id":"j","description":"é","groups":["g"],"custom_settings":{"a":{"b":[1,"c",null]}},
"analysis_config":{"bucket_span":"1h","summary_count_field_name":"n","categorization_field_name":"m","categorization_filters":["f"],
"per_partition_categorization":{"enabled":false},"influencers":["mlcategory"],"detectors":[{"function":"count","by_field_name":
"mlcategory","exclude_frequent":"by","custom_rules":[{"actions":["skip_result"],"conditions":[{"applies_to":"actual","operator":"gt",
"value":1.5e3}],"scope":{"mlcategory":{"filter_id":"f","filter_type":"include"}}}]}]},"analysis_limits":{"model_memory_limit":"20mb",
"categorization_examples_limit":4},"data_description":{"time_field":"t","time_format":"epoch"},"model_plot_config":{"enabled":true,
"annotations_enabled":false},"model_snapshot_retention_days":12,"results_index_name":"r","allow_lazy_open":true,"datafeed_config":{
"datafeed_id":"d","indices":["a"],"query":{"term":{"a":1}},"query_delay":"60s","frequency":"150s","scroll_size":10,"chunking_config":
{"mode":"manual","time_span":"3h"},"delayed_data_check_config":{"enabled":true,"check_window":"2h"},"indices_options":{"expand_wildcards":
["open"]},"runtime_mappings":{"r":{"type":"keyword"}},"max_empty_searches":3,"script_fields":{"x":{"script":{"source":"s","lang":
"painless","params":{"p":[1]}},"ignore_failure":false}}}}"#;

/// The same with its script fields first, which earlier fields do not hide then.
const SCRIPTS: &str = r#"{"datafeed_config":{"script_fields":{"x":{"script":{"source":{"query":{}},"options":{"content_type":"a"}},
"ignore_failure":"true"},"y":{"script":"z"}}}}"#;

#[test]
fn are_told_as_elasticsearch_tells_them() {
    let cuts =
        |job: &'static str| (1..job.len()).map(|end| Case::new("j", job.as_bytes().get(..end).unwrap_or_default()));
    agree(&cuts(JOB).chain(cuts(SCRIPTS)).collect::<Vec<_>>());
}
