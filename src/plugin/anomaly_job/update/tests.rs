//! Whole updates, with what `jobs-api.md` documents of them.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::*;
use crate::admission::schema_fault::first_fault;
use crate::es::error::{Refusal, Traces};
use crate::xcontent::format::Format;

/// One for all tests, as schemas take a while to compile without optimisation.
static CALL: LazyLock<UpdateJob> = LazyLock::new(|| UpdateJob::new(Version::BASE).expect("the product's own schema"));

const V7_17: Version = Version::new(7, 17, 28);
const V9_2: Version = Version::new(9, 2, 8);
const V9_5: Version = Version::new(9, 5, 3);

/// A job as it is stored.
fn job() -> Value {
    json!({
        "job_id": "j",
        "job_type": "anomaly_detector",
        "job_version": "6.5.4",
        "create_time": 1_500_000_000_000_i64,
        "finished_time": 1_500_000_000_001_i64,
        "groups": ["web"],
        "description": "as it was",
        "analysis_config": {
            "bucket_span": "5m",
            "detectors": [
                {"detector_description": "mean(t) by b", "function": "mean", "field_name": "t", "by_field_name": "b"},
                {"detector_description": "count", "function": "count"}
            ],
            "influencers": []
        },
        "analysis_limits": {"model_memory_limit": "256mb", "categorization_examples_limit": 8},
        "data_description": {"time_field": "time", "time_format": "epoch_ms"},
        "model_snapshot_retention_days": 10,
        "daily_model_snapshot_retention_after_days": 1,
        "model_snapshot_id": "1541587919",
        "results_index_name": "shared"
    })
}

fn decide(api: Version, job: &Value, body: &str) -> Verdict {
    let current = job.to_string();
    CALL.admit(&Candidate {
        id: "j",
        query: "",
        path: "/_ml/anomaly_detectors/j/_update",
        body: body.as_bytes(),
        format: Format::Json,
        api,
        now_millis: 0,
        current: Some(&current),
    })
}

fn updated_as(api: Version, job: &Value, body: &str) -> Value {
    match decide(api, job, body) {
        Verdict::Admitted(admitted) => {
            assert_eq!(admitted.effective(), admitted.stored(), "what is answered is stored");
            serde_json::from_str(admitted.effective()).expect("JSON")
        }
        Verdict::Refused(refusal) => panic!("{body} was refused: {}", refusal.to_body(Traces::Absent)),
    }
}

fn updated(body: &str) -> Value {
    updated_as(V7_17, &job(), body)
}

/// The types of a refusal's chain, with its status, and the type under `root_cause`.
fn refused_as(api: Version, job: &Value, body: &str) -> (u16, Vec<String>, String) {
    let refusal = match decide(api, job, body) {
        Verdict::Admitted(admitted) => panic!("{body} was admitted: {}", admitted.effective()),
        Verdict::Refused(refusal) => refusal,
    };
    let answer = refusal.to_body(Traces::Absent);
    let text = |value: &Value| value["type"].as_str().unwrap_or_default().to_owned();
    let causes = std::iter::successors(Some(&answer["error"]), |error| error.get("caused_by"));
    let root = text(&answer["error"]["root_cause"][0]);
    (refusal.status().as_u16(), causes.map(text).collect(), root)
}

fn refused(body: &str) -> (u16, Vec<String>, String) {
    refused_as(V7_17, &job(), body)
}

fn reason(body: &str) -> String {
    match decide(V7_17, &job(), body) {
        Verdict::Refused(refusal) => refusal.reason().to_owned(),
        Verdict::Admitted(admitted) => panic!("{body} was admitted: {}", admitted.effective()),
    }
}

const PARSE: &str = "x_content_parse_exception";
const ARGUMENT: &str = "illegal_argument_exception";
const STATUS: &str = "status_exception";

fn chain(status: u16, types: &[&str], root: &str) -> (u16, Vec<String>, String) {
    (
        status,
        types.iter().map(|text| (*text).to_owned()).collect(),
        root.to_owned(),
    )
}

/// jobs-api.md §3.7: what the server has noted stays, and the indices of detectors are stored.
#[test]
fn what_an_update_does_not_name_stays_as_it_is() {
    let after = updated("{}");
    let mut expected = job();
    for (index, detector) in expected["analysis_config"]["detectors"]
        .as_array_mut()
        .expect("a list")
        .iter_mut()
        .enumerate()
    {
        detector["detector_index"] = index.into();
    }
    expected["allow_lazy_open"] = false.into();
    assert_eq!(after, expected);
    let names: Vec<&String> = after.as_object().expect("an object").keys().collect();
    assert_eq!(
        names[..6],
        [
            "job_id",
            "job_type",
            "job_version",
            "create_time",
            "finished_time",
            "model_snapshot_id"
        ]
    );
}

/// §3.2.
#[test]
fn fields_are_set_and_null_changes_nothing() {
    assert_eq!(updated(r#"{"description":"x"}"#)["description"], "x");
    assert_eq!(updated(r#"{"description":""}"#)["description"], "");
    assert_eq!(updated(r#"{"description":null}"#)["description"], "as it was");
    assert_eq!(updated(r#"{"groups":["a","a"]}"#)["groups"], json!(["a", "a"]));
    assert_eq!(updated(r#"{"groups":[]}"#).get("groups"), None);
    assert_eq!(updated(r#"{"job_id":"Other!"}"#)["job_id"], "j");
    let plot = updated(r#"{"model_plot_config":{"enabled":true}}"#);
    assert_eq!(
        plot["model_plot_config"],
        json!({"enabled": true, "annotations_enabled": true})
    );
    assert_eq!(refused(r#"{"groups":null}"#), chain(400, &[PARSE], PARSE));
    assert_eq!(refused(r#"{"bucket_span":"1h"}"#), chain(400, &[PARSE], PARSE));
    assert_eq!(refused(r#"{"analysis_config":{}}"#), chain(400, &[PARSE], PARSE));
}

/// §3.2: what is left out of the limits gets the default of a new job, and stays from 9.3 on.
#[test]
fn limits_are_replaced_up_to_9_2_and_merged_after() {
    let limits = |api, body: &str| updated_as(api, &job(), body)["analysis_limits"].clone();
    let examples = r#"{"analysis_limits":{"categorization_examples_limit":4}}"#;
    for api in [Version::BASE, V7_17, V9_2] {
        let replaced = json!({"model_memory_limit": "1024mb", "categorization_examples_limit": 4});
        assert_eq!(limits(api, examples), replaced);
        assert_eq!(limits(api, r#"{"analysis_limits":{}}"#), replaced);
    }
    let merged = json!({"model_memory_limit": "256mb", "categorization_examples_limit": 4});
    assert_eq!(limits(V9_5, examples), merged);
    assert_eq!(limits(V9_5, r#"{"analysis_limits":{}}"#), job()["analysis_limits"]);
}

/// §1.3: a job that was stored without limits reads as one of four gigabytes, and an update writes that.
#[test]
fn what_the_reader_fills_in_is_written() {
    let mut before = job();
    before
        .as_object_mut()
        .expect("an object")
        .shift_remove("analysis_limits");
    let after = updated_as(V7_17, &before, "{}");
    assert_eq!(
        after["analysis_limits"],
        json!({"model_memory_limit": "4096mb", "categorization_examples_limit": 4})
    );
}

/// §3.4.
#[test]
fn each_entry_starts_from_the_detector_as_it_was() {
    let rules = r#"[{"actions":["skip_result"],"conditions":[{"applies_to":"actual","operator":"lt","value":1}]}]"#;
    let body = format!(
        r#"{{"detectors":[{{"detector_index":0,"description":"mine"}},{{"detector_index":0,"custom_rules":{rules}}}]}}"#
    );
    let detector = &updated(&body)["analysis_config"]["detectors"][0];
    assert_eq!(detector["detector_description"], "mean(t) by b");
    assert_eq!(detector["custom_rules"].as_array().map(Vec::len), Some(1));
    // Alike in everything, which a new job's must not be.
    let alike = r#"{"detectors":[{"detector_index":1,"description":""},{"detector_index":0,"description":""}]}"#;
    assert_eq!(
        updated(alike)["analysis_config"]["detectors"][1]["detector_description"],
        ""
    );
}

#[test]
fn a_detector_that_is_not_there_is_refused() {
    let absent = r#"{"detectors":[{"description":"x"}]}"#;
    assert_eq!(
        refused(absent),
        chain(400, &[PARSE, PARSE, "null_pointer_exception"], PARSE)
    );
    assert_eq!(
        refused(r#"{"detectors":[{"detector_index":2}]}"#),
        chain(400, &[STATUS], STATUS)
    );
    let negative = r#"{"detectors":[{"detector_index":-1}]}"#;
    let expected = "index_out_of_bounds_exception";
    assert_eq!(refused(negative), chain(500, &[expected], expected));
    let scope = r#"{"detectors":[{"detector_index":1,"custom_rules":[{"scope":{"b":{"filter_id":"f"}}}]}]}"#;
    assert_eq!(refused(scope), chain(400, &[STATUS], STATUS));
}

/// §3.3: the two texts of time wait for the end of the body, or for the id.
#[test]
fn a_bad_time_waits() {
    let waiting = r#"{"background_persist_interval":"x","groups":1}"#;
    assert!(
        reason(waiting).contains("[job_update] groups doesn't support values of type"),
        "{}",
        reason(waiting)
    );
    let later = r#"{"background_persist_interval":"x","model_prune_window":"y"}"#;
    assert_eq!(refused(later), chain(400, &[PARSE, PARSE, ARGUMENT], PARSE));
    assert!(
        reason(later).starts_with("[1:57] failed to build [job_update]"),
        "{}",
        reason(later)
    );
    let with_id = r#"{"background_persist_interval":"x","job_id":"j"}"#;
    assert_eq!(refused(with_id), chain(400, &[PARSE, PARSE, PARSE, ARGUMENT], PARSE));
    assert!(reason(with_id).contains("[job_update] failed to parse field [job_id]"));
    let after_id = r#"{"job_id":"j","background_persist_interval":"x"}"#;
    assert_eq!(refused(after_id), chain(400, &[PARSE, ARGUMENT], PARSE));
}

/// §3.5.
#[test]
fn categorization_changes_only_where_there_is_no_analyzer() {
    let none = r#"{"categorization_filters":[]}"#;
    assert_eq!(updated(none)["analysis_config"]["categorization_filters"], json!([]));
    let some = r#"{"categorization_filters":["[A-Z]+"]}"#;
    assert_eq!(refused(some), chain(400, &[STATUS], STATUS));
    let mut before = job();
    before["analysis_config"]["categorization_field_name"] = "message".into();
    before["analysis_config"]["detectors"][1]["by_field_name"] = "mlcategory".into();
    let after = updated_as(V7_17, &before, some);
    assert_eq!(after["analysis_config"]["categorization_filters"], json!(["[A-Z]+"]));
    before["analysis_config"]["categorization_analyzer"] = json!({"tokenizer": "ml_standard"});
    assert_eq!(refused_as(V7_17, &before, some), chain(400, &[STATUS], STATUS));
    let enables = r#"{"per_partition_categorization":{"enabled":true}}"#;
    assert_eq!(refused_as(V7_17, &before, enables), chain(400, &[STATUS], STATUS));
}

/// §3.6, 3.
#[test]
fn a_broken_document_is_not_repaired_by_an_update() {
    let mut broken = job();
    broken["renormalization_window_days"] = json!(-1);
    let repair = r#"{"renormalization_window_days":1}"#;
    assert_eq!(
        refused_as(V7_17, &broken, repair),
        chain(400, &["parse_exception", ARGUMENT], "parse_exception")
    );
    broken["renormalization_window_days"] = json!(1);
    broken["analysis_config"]["bucket_span"] = json!("0s");
    assert_eq!(
        refused_as(V7_17, &broken, repair),
        chain(400, &["parse_exception", PARSE, ARGUMENT], "parse_exception")
    );
    let mut another = job();
    another["job_id"] = json!("k");
    assert_eq!(refused_as(V7_17, &another, "{}").1[0], "parse_exception");
}

/// §3.1, §3.6: what is wrong with the request itself is found without the job.
#[test]
fn a_request_that_is_wrong_by_itself_needs_no_job() {
    let groups_of = |id: &str, query: &str, body: &str| {
        CALL.groups_of(&Candidate {
            id,
            query,
            path: "/_ml/anomaly_detectors/j/_update",
            body: body.as_bytes(),
            format: Format::Json,
            api: V7_17,
            now_millis: 0,
            current: None,
        })
    };
    assert_eq!(
        groups_of("j", "", r#"{"groups":["a","b"]}"#),
        Ok(vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(groups_of("j", "timeout=1s", "{}"), Ok(Vec::new()));
    for (id, query, body, kind) in [
        ("j", "", "", Kind::Parse),
        ("j", "x=1", "{}", Kind::IllegalArgument),
        ("_all", "x=1", "{}", Kind::Status(StatusCode::BAD_REQUEST)),
        ("_all", "", "{", Kind::XContentParse),
    ] {
        assert_eq!(
            groups_of(id, query, body).map_err(|exception| exception.kind),
            Err(kind),
            "{id} {query} {body}"
        );
    }
    let Verdict::Refused(Refusal::Exception(exception)) = CALL.admit(&Candidate {
        id: "j",
        query: "",
        path: "",
        body: b"{}",
        format: Format::Json,
        api: V7_17,
        now_millis: 0,
        current: None,
    }) else {
        panic!("a job that was not looked up is no job to judge")
    };
    assert_eq!(exception.kind, Kind::Internal);
}

/// As in every version: bytes are no text, also where a later detector is at fault as well.
#[test]
fn bytes_are_no_description_of_a_detector() {
    let body = b"\xA1idetectors\x9F\xA2ndetector_index\x00kdescriptionBab\xA1kdescriptionax\xFF";
    let document = Format::Cbor.read(body, V9_5);
    let (_, schemas) = CALL.of_version(V9_5).expect("a version");
    let fault = first_fault(&schemas.update, &document).expect("a fault");
    let told = fault.exception.to_body(Traces::Absent).to_string();
    assert!(told.contains("VALUE_EMBEDDED_OBJECT"), "{told}");
}
