//! Bodies and answers in every format, through the real binary. The bytes are those that Elasticsearch 9.5.3 was sent,
//! and those that it answered.

use crate::support::gateway::Gateway;
use crate::support::wire::{Answer, Connection};
use crate::support::{job, node};

/// A job of one counting detector, what of its answer has no time in it, and the answer to a body of one unknown field.
struct Spoken {
    format: &'static str,
    job: &'static [u8],
    answer: &'static [u8],
    refusal: &'static [u8],
}

const SPOKEN: [Spoken; 3] = [
    Spoken {
        format: "yaml",
        job: b"analysis_config:\n  detectors:\n  - function: count\ndata_description: {}\n",
        answer: b"---\nanalysis_config:\n  bucket_span: \"5m\"\n  detectors:\n  - detector_description: \"count\"\n    function: \"count\"\n    detector_index: 0\n  influencers: []\n  model_prune_window: \"30d\"\n",
        refusal: b"---\nerror:\n  root_cause:\n  - type: \"x_content_parse_exception\"\n    reason: \"[1:1] [job_details] unknown field [x]\"\n  type: \"x_content_parse_exception\"\n  reason: \"[1:1] [job_details] unknown field [x]\"\nstatus: 400\n",
    },
    Spoken {
        format: "cbor",
        job: b"\xA2oanalysis_config\xA1idetectors\x81\xA1hfunctionecountpdata_description\xA0",
        answer: b"\xBFoanalysis_config\xBFkbucket_spanb5midetectors\x9F\xBFtdetector_descriptionecounthfunctionecountndetector_index\x00\xFF\xFFkinfluencers\x9F\xFFrmodel_prune_windowc30d\xFF\xFF",
        refusal: b"\xBFeerror\xBFjroot_cause\x9F\xBFdtypex\x19x_content_parse_exceptionfreasonx&[-1:1] [job_details] unknown field [x]\xFF\xFFdtypex\x19x_content_parse_exceptionfreasonx&[-1:1] [job_details] unknown field [x]\xFFfstatus\x19\x01\x90\xFF",
    },
    Spoken {
        format: "smile",
        job: b":)\n\x00\xFA\x8Eanalysis_config\xFA\x88detectors\xF8\xFA\x87functionDcount\xFB\xF9\xFB\x8Fdata_description\xFA\xFB\xFB",
        answer: b":)\n\x05\xFA\x8Eanalysis_config\xFA\x8Abucket_spanA5m\x88detectors\xF8\xFA\x93detector_descriptionDcount\x87functionDcount\x8Ddetector_index\xC0\xFB\xF9\x8Ainfluencers\xF8\xF9\x91model_prune_windowB30d\xFB\xFB",
        refusal: b":)\n\x05\xFA\x84error\xFA\x89root_cause\xF8\xFA\x83typeXx_content_parse_exception\x85reasone[-1:5] [job_details] unknown field [x]\xFB\xF9BXx_content_parse_exceptionCe[-1:5] [job_details] unknown field [x]\xFB\x85status$\x0C\xA0\xFB",
    },
];

fn gateway() -> Gateway {
    Gateway::with(&[node::shared_url()], &["--jobs-api", "9"])
}

fn put(gateway: &Gateway, target: &str, fields: &[(&str, &str)], body: &[u8]) -> Answer {
    let lines: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let fields = lines.concat();
    let head = format!(
        "PUT /_ml/anomaly_detectors/{target} HTTP/1.1\r\nHost: test\r\n{fields}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut connection = Connection::to(gateway.address);
    connection.send(&[head.as_bytes(), body].concat());
    connection.read()
}

/// The body of one unknown field, `x`, whose value is 1.
fn unknown_field(format: &str) -> &'static [u8] {
    match format {
        "yaml" => b"x: 1\n",
        "cbor" => b"\xA1\x61x\x01",
        _ => b":)\n\x00\xFA\x80x\xC2\xFB",
    }
}

#[test]
fn line_56_a_job_is_created_and_answered_in_its_own_format() {
    let gateway = gateway();
    for spoken in SPOKEN {
        let media_type = format!("application/{}", spoken.format);
        let fields = [("Content-Type", media_type.as_str())];
        let id = node::fresh_id(spoken.format);
        let answer = put(
            &gateway,
            &format!("{id}?filter_path=analysis_config"),
            &fields,
            spoken.job,
        );
        assert_eq!(answer.status(), 200, "{}", answer.text());
        assert_eq!(answer.values("content-type"), [media_type.as_str()]);
        assert_eq!(answer.body, spoken.answer, "{}", answer.text());
        let stored = gateway.call("GET", &format!("/anomaly-detectors/_doc/anomaly_detector-{id}"), "");
        assert_eq!(
            stored.json()["_source"]["analysis_config"]["detectors"][0]["function"],
            "count"
        );
    }
}

#[test]
fn line_56_a_refusal_is_written_in_the_format_of_the_request() {
    let gateway = gateway();
    for spoken in SPOKEN {
        let media_type = format!("application/{}", spoken.format);
        let fields = [("Content-Type", media_type.as_str())];
        let answer = put(&gateway, "refused", &fields, unknown_field(spoken.format));
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.values("content-type"), [media_type.as_str()]);
        assert_eq!(answer.body, spoken.refusal, "{}", answer.text());
    }
}

/// http.md §2.4: the parameter, then Accept, then the request's own type.
#[test]
fn line_101_the_answer_has_the_format_that_is_asked_for() {
    let gateway = gateway();
    for spoken in SPOKEN {
        let media_type = format!("application/{}", spoken.format);
        let fields = [("Content-Type", "application/json"), ("Accept", media_type.as_str())];
        let id = node::fresh_id("asked");
        let target = format!("{id}?filter_path=analysis_config");
        let answer = put(&gateway, &target, &fields, job::smallest().as_bytes());
        assert_eq!(answer.body, spoken.answer, "{}", answer.text());
        assert_eq!(answer.values("content-type"), [media_type.as_str()]);
        let target = format!(
            "{}&format={}",
            target.replace(&id, &node::fresh_id("named")),
            spoken.format
        );
        let answer = put(&gateway, &target, &fields[..1], job::smallest().as_bytes());
        assert_eq!(answer.body, spoken.answer, "{}", answer.text());
        assert_eq!(answer.values("content-type"), [media_type.as_str()]);
        let answer = put(
            &gateway,
            &format!("{id}?format=json"),
            &fields,
            job::smallest().as_bytes(),
        );
        assert_eq!(answer.json()["error"]["type"], "resource_already_exists_exception");
        assert_eq!(answer.values("content-type"), ["application/json"]);
    }
}

/// The answer to a type that nobody reads is in the format that was asked for, too.
#[test]
fn a_type_that_is_not_read_is_refused_in_yaml() {
    let gateway = gateway();
    let fields = [("Content-Type", "text/plain"), ("Accept", "application/yaml")];
    let answer = put(&gateway, "j", &fields, b"{}");
    assert_eq!(answer.status(), 406);
    let expected = "---\nerror: \"Content-Type header [text/plain] is not supported\"\nstatus: 406\n";
    assert_eq!(answer.text(), expected);
}

/// create-job.md §2.1: each exception has a trace where it is asked for.
#[test]
fn line_74_error_trace_adds_a_trace_to_every_exception() {
    let gateway = gateway();
    let call = |query: &str| {
        gateway
            .create_job(&format!("traced?{query}"), r#"{"groups":[1,{}]}"#)
            .json()
    };
    let traced = call("error_trace");
    let error = &traced["error"];
    for exception in [error, &error["root_cause"][0], &error["caused_by"]] {
        let (kind, trace) = (&exception["type"], &exception["stack_trace"]);
        let begins = format!("{}: ", kind.as_str().expect("a type"));
        assert!(
            trace.as_str().is_some_and(|trace| trace.starts_with(&begins)),
            "{traced}"
        );
    }
    assert!(call("error_trace=false")["error"]["stack_trace"].is_null());
    let malformed = call("error_trace=x");
    assert_eq!(malformed["status"], 400);
    assert!(malformed["error"].is_string(), "{malformed}");
}
