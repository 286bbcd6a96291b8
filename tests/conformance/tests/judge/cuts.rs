//! Bodies cut at every byte: what is said of its end depends on which of Elasticsearch's parsers meets it.

use anomaly_gateway::xcontent::format::Format;
use anomaly_gateway::xcontent::version::Version;
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

/// Texts where objects belong, one of which a list may have before an object.
const ELEMENTS: [&str; 4] = [
    r#"{"analysis_config":{"detectors":["text",{"function":"count","custom_rules":["text",{"conditions":["text"]}]}]}}"#,
    r#"{"analysis_config":{"detectors":[{"function":"count","custom_rules":[{"conditions":["text",{"operator":"gt"}]}]}]}}"#,
    r#"{"analysis_config":{"detectors":"text","influencers":"text"},"groups":"text","custom_settings":"text"}"#,
    r#"{"datafeed_config":{"script_fields":{"x":"text"}}}"#,
];

#[test]
fn are_told_as_elasticsearch_tells_them() {
    let cuts =
        |job: &'static str| (1..=job.len()).map(|end| Case::new("j", job.as_bytes().get(..end).unwrap_or_default()));
    agree(
        &[JOB, SCRIPTS]
            .into_iter()
            .chain(ELEMENTS)
            .flat_map(cuts)
            .collect::<Vec<_>>(),
    );
}

/// The readers of the other formats meet the end at other tokens.
#[test]
fn of_binary_formats_are_told_as_elasticsearch_tells_them() {
    let cuts = |(format, media_type): (Format, &str), job: &str| {
        let body = format.write(job.to_owned(), false, Version::BASE);
        let cut = |end: usize| Case {
            content_type: Some(media_type.to_owned()),
            ..Case::new("j", body.slice(..end))
        };
        (1..=body.len()).map(cut).collect::<Vec<_>>()
    };
    let cbor = |job: &str| cuts((Format::Cbor, "application/cbor"), job);
    let smile = |job: &str| cuts((Format::Smile, "application/smile"), job);
    let both = [JOB, SCRIPTS]
        .into_iter()
        .flat_map(|job| [cbor(job), smile(job)].concat());
    // Of a text of SMILE that is cut off where an object belongs, the columns before 8.0 are not Elasticsearch's.
    let bodies: Vec<Case> = both.chain(ELEMENTS.into_iter().flat_map(cbor)).collect();
    agree(&bodies);
}
