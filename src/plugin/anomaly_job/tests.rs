//! Whole requests to this call, with the answers that the contract gives.

use super::*;
use crate::es::caller::Caller;

fn admit_as(api: Version, id: &str, query: &str, body: &[u8]) -> Decision {
    let call = AnomalyJob::new(api).expect("the product's own schema");
    let caller = Caller::default();
    call.admit(&Candidate {
        id,
        query,
        path: "/_ml/anomaly_detectors/j",
        body,
        api,
        caller: &caller,
        now_millis: 1_500_000_000_000,
    })
}

fn admitted(body: &str) -> Admitted {
    match admit_as(Version::BASE, "j", "", body.as_bytes()) {
        Decision::Admitted(admitted) => admitted,
        Decision::Refused(refusal) => panic!("{body} was refused: {}", refusal.to_body()),
    }
}

/// The chain of a refusal as `type: reason` from the outermost, with the status first.
fn refused(body: &str) -> (u16, Vec<String>) {
    match admit_as(Version::BASE, "j", "", body.as_bytes()) {
        Decision::Admitted(admitted) => panic!("{body} was admitted: {}", admitted.effective),
        Decision::Refused(refusal) => {
            let answer = refusal.to_body();
            let mut chain = Vec::new();
            let mut link = answer.pointer("/error");
            while let Some(exception) = link {
                let text = |key: &str| exception[key].as_str().unwrap_or_default().to_owned();
                chain.push(format!("{}: {}", text("type"), text("reason")));
                link = exception.get("caused_by");
            }
            (refusal.status().as_u16(), chain)
        }
    }
}

/// The example of the 7.0 documentation.
#[test]
fn answers_the_example_of_the_documentation() {
    let body = br#"{"description":"Total sum of requests","analysis_config":{"bucket_span":"10m","detectors":[{"detector_description":"Sum of total","function":"sum","field_name":"total"}]},"data_description":{"time_field":"timestamp","time_format":"epoch_ms"}}"#;
    let Decision::Admitted(admitted) = admit_as(Version::BASE, "total-requests", "", body) else {
        panic!("the example was refused");
    };
    assert_eq!(admitted.document_id, "anomaly_detector-total-requests");
    assert_eq!(
        admitted.effective.to_string(),
        r#"{"job_id":"total-requests","job_type":"anomaly_detector","job_version":"7.0.0","description":"Total sum of requests","create_time":1500000000000,"analysis_config":{"bucket_span":"10m","detectors":[{"detector_description":"Sum of total","function":"sum","field_name":"total","detector_index":0}],"influencers":[]},"analysis_limits":{"model_memory_limit":"1024mb","categorization_examples_limit":4},"data_description":{"time_field":"timestamp","time_format":"epoch_ms"},"model_snapshot_retention_days":1,"results_index_name":"shared"}"#
    );
    assert_eq!(
        admitted.stored.to_string(),
        admitted.effective.to_string().replace(r#","detector_index":0"#, "")
    );
}

/// Contract job.md §5.1, the computed example.
#[test]
fn fills_in_every_default() {
    let admitted =
        admitted(r#"{"analysis_config":{"detectors":[{"function":"nzc","by_field_name":"a"}]},"data_description":{}}"#);
    assert_eq!(
        admitted.effective.to_string(),
        r#"{"job_id":"j","job_type":"anomaly_detector","job_version":"7.0.0","create_time":1500000000000,"analysis_config":{"bucket_span":"5m","detectors":[{"detector_description":"non_zero_count by a","function":"non_zero_count","by_field_name":"a","detector_index":0}],"influencers":[]},"analysis_limits":{"model_memory_limit":"1024mb","categorization_examples_limit":4},"data_description":{"time_field":"time","time_format":"epoch_ms"},"model_snapshot_retention_days":1,"results_index_name":"shared"}"#
    );
}

/// Contract job.md §2.1, the worked chains: the wrappers and the type below them.
#[test]
#[allow(clippy::too_many_lines, reason = "one row for each worked chain")]
fn worked_chains() {
    let parse = "x_content_parse_exception: ";
    for (body, wrappers, innermost) in [
        (
            r#"{"analysis_config":{"detectors":[{"function":"zip"}]}}"#,
            vec![
                "[1:46] [job_details] failed to parse field [analysis_config]",
                "[1:46] [analysis_config] failed to parse field [detectors]",
                "[1:46] [detector] failed to parse field [function]",
            ],
            "illegal_argument_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"function":"sum"}]}}"#,
            vec![
                "[1:51] [job_details] failed to parse field [analysis_config]",
                "[1:51] [analysis_config] failed to parse field [detectors]",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"function":"count"}],"bucket_span":"x"}}"#,
            vec![
                "[1:70] [job_details] failed to parse field [analysis_config]",
                "[1:70] [analysis_config] failed to parse field [bucket_span]",
            ],
            "illegal_argument_exception",
        ),
        (
            r#"{"analysis_config":{"bucket_span":"x","detectors":[{"function":"nzc"}]}}"#,
            vec![
                "[1:70] [job_details] failed to parse field [analysis_config]",
                "[1:70] [analysis_config] failed to parse field [detectors]",
                "[1:35] failed to build [analysis_config] after last required field arrived",
                "[1:35] [analysis_config] failed to parse field [bucket_span]",
            ],
            "illegal_argument_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"by_field_name":"zip"}]}}"#,
            vec![
                "[1:57] [job_details] failed to parse field [analysis_config]",
                "[1:57] [analysis_config] failed to parse field [detectors]",
                "Failed to build [analysis_config] after last required field arrived",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"function":"count"}],"bucket_span":"0"}}"#,
            vec!["[1:73] [job_details] failed to parse field [analysis_config]"],
            "illegal_argument_exception",
        ),
        (
            r#"{"analysis_config":{"bucket_span":"5m","latency":"q"}}"#,
            vec!["[1:53] [job_details] failed to parse field [analysis_config]"],
            "illegal_argument_exception: Required [detectors]",
        ),
        (
            r#"{"analysis_limits":{"model_memory_limit":"0"}}"#,
            vec![
                "[1:45] [job_details] failed to parse field [analysis_limits]",
                "Failed to build [analysis_limits] after last required field arrived",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_limits":{"model_memory_limit":"1b","categorization_examples_limit":4}}"#,
            vec![
                "[1:79] [job_details] failed to parse field [analysis_limits]",
                "[1:79] [analysis_limits] failed to parse field [categorization_examples_limit]",
                "Failed to build [analysis_limits] after last required field arrived",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_limits":{"model_memory_limit":"x"}}"#,
            vec![
                "[1:42] [job_details] failed to parse field [analysis_limits]",
                "[1:42] [analysis_limits] failed to parse field [model_memory_limit]",
            ],
            "parse_exception",
        ),
        (
            r#"{"data_description":{"time_format":"EPOCH"}}"#,
            vec![
                "[1:36] [job_details] failed to parse field [data_description]",
                "[1:36] [data_description] failed to parse field [time_format]",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"function":"count","custom_rules":[{"scope":{"a":{"filter_id":5}}}]}]}}"#,
            vec![
                "[1:99] [job_details] failed to parse field [analysis_config]",
                "[1:99] [analysis_config] failed to parse field [detectors]",
                "[1:99] [detector] failed to parse field [custom_rules]",
                "[1:99] [detection_rule] failed to parse field [scope]",
                "[1:14] [filter_ref] filter_id doesn't support values of type: VALUE_NUMBER",
            ],
            "",
        ),
        (
            r#"{"job_id":5}"#,
            vec!["[1:11] [job_details] job_id doesn't support values of type: VALUE_NUMBER"],
            "",
        ),
        (
            r#"{"foo":1}"#,
            vec!["[1:2] [job_details] unknown field [foo], parser not found"],
            "",
        ),
        (
            "[]",
            vec!["[1:1] [job_details] Expected START_OBJECT but was: START_ARRAY"],
            "",
        ),
        (" ", vec!["[1:0] [job_details] Expected START_OBJECT but was: null"], ""),
    ] {
        let (status, chain) = refused(body);
        assert_eq!(status, 400, "{body}");
        let expected: Vec<String> = wrappers.iter().map(|reason| format!("{parse}{reason}")).collect();
        assert_eq!(&chain[..expected.len()], expected.as_slice(), "{body}");
        let below = chain.get(expected.len()).cloned().unwrap_or_default();
        assert!(
            below.starts_with(innermost) && (innermost.is_empty() == below.is_empty()),
            "{body}: {below}"
        );
    }
}

/// Take a property out of the schema and bodies with it are refused.
#[test]
fn the_schema_is_load_bearing() {
    let without = SCHEMA
        .text
        .replacen(r##""influencers": { "$ref": "#/$defs/texts" },"##, "", 1);
    assert_ne!(without, SCHEMA.text);
    let source = SchemaSource {
        text: Box::leak(without.into_boxed_str()),
        ..SCHEMA
    };
    let call = AnomalyJob::with_schema(source, Version::BASE).expect("a schema");
    let body = br#"{"analysis_config":{"detectors":[{"function":"count"}],"influencers":[]},"data_description":{}}"#;
    let caller = Caller::default();
    let decision = call.admit(&Candidate {
        id: "j",
        query: "",
        path: "/_ml/anomaly_detectors/j",
        body,
        api: Version::BASE,
        caller: &caller,
        now_millis: 0,
    });
    let Decision::Refused(refusal) = decision else {
        panic!("a field that the schema does not have was admitted");
    };
    assert!(
        refusal
            .to_body()
            .to_string()
            .contains("unknown field [influencers], parser not found")
    );
}

/// No body may cause a stack overflow, whatever nests in it.
#[test]
fn deep_bodies_are_judged() {
    let deep = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    let job = |extra: &str, analysis: &str| {
        format!(
            r#"{{"analysis_config":{{"detectors":[{{"function":"count","by_field_name":"mlcategory"}}],"categorization_field_name":"m"{analysis}}},"data_description":{{}}{extra}}}"#
        )
    };
    admitted(&job(&format!(r#","custom_settings":{}"#, deep(990)), ""));
    admitted(&job(
        "",
        &format!(r#","categorization_analyzer":{{"tokenizer":{}}}"#, deep(990)),
    ));
    let scope = format!(
        r#"{{"analysis_config":{{"detectors":[{{"function":"count","custom_rules":[{{"scope":{}}}]}}]}}}}"#,
        deep(900)
    );
    assert_eq!(refused(&scope).0, 400);
    assert_eq!(
        refused(&job(&format!(r#","custom_settings":{}"#, deep(5000)), "")).0,
        400
    );
}
