//! Bodies of every kind.

use http::HeaderMap;
use http::HeaderValue;

use super::{guard, judge};
use crate::guard::{Inspector, Reason, Verdict};

/// Requests whose bodies could write to the index.
const WRITING: &[(&str, &str)] = &[
    (
        "POST /_reindex",
        r#"{"source":{"index":"a"},"dest":{"index":"anomaly-detectors"}}"#,
    ),
    ("POST /_reindex", r#"{"dest":{"\u0069ndex":"jobs\u002dalias"}}"#),
    (
        "POST /_reindex",
        r#"{"dest":{"index":"b"},"script":{"source":"ctx._index = 'x'"}}"#,
    ),
    ("POST /_reindex", r#"{"dest":{"index":"b"},"script":{"id":"stored"}}"#),
    (
        "POST /_aliases",
        r#"{"actions":[{"add":{"index":"anomaly-detectors","alias":"x"}}]}"#,
    ),
    (
        "POST /_aliases",
        r#"{"actions":[{"add":{"indices":["a","anom*"],"alias":"x"}}]}"#,
    ),
    (
        "POST /_aliases",
        r#"{"actions":[{"add":{"index":"a","alias":"anomaly-detectors"}}]}"#,
    ),
    (
        "POST /_aliases",
        r#"{"actions":[{"remove":{"index":"*","alias":"jobs-alias","must_exist":true}}]}"#,
    ),
    (
        "POST /_aliases",
        r#"{"actions":[{"remove_index":{"index":"anomaly-detectors-000001"}}]}"#,
    ),
    ("PUT /other/_alias/x", r#"{"index":"anomaly-detectors"}"#),
    ("PUT /other/_alias/x", r#"{} {"index":"anomaly-detectors"}"#),
    ("PUT /other/_alias/x", r#"{"deep":[{"index":"anom*"}]}"#),
    ("PUT /other/_alias", r#"{"alias":"anomaly-detectors"}"#),
    ("PUT /_alias/x", ""),
    ("PUT /_alias/x", r#"{"alias":"y"}"#),
    ("PUT /_alias", r#"{"index":"anomaly-detectors","alias":"y"}"#),
    ("PUT /other", r#"{"aliases":{"anomaly-detectors":{}}}"#),
    ("POST /other/_rollover", r#"{"aliases":{"jobs-alias":{}}}"#),
    ("PUT /_index_template/t", r#"{"index_patterns":["a","anom*"]}"#),
    (
        "PUT /_index_template/t",
        r#"{"index_patterns":["b"],"template":{"aliases":{"jobs-alias":{}}}}"#,
    ),
    ("PUT /_template/t", r#"{"index_patterns":"*"}"#),
    ("PUT /_template/t", r#"{"template":"anomaly*"}"#),
    (
        "PUT /_template/t",
        r#"{"index_patterns":["b"],"aliases":{"anomaly-{index}":{}}}"#,
    ),
    (
        "PUT /_component_template/t",
        r#"{"template":{"aliases":{"anomaly-detectors":{}}}}"#,
    ),
    ("POST /_snapshot/r/s/_restore", ""),
    ("POST /_snapshot/r/s/_restore", "{}"),
    ("POST /_snapshot/r/s/_restore", r#"{"indices":[]}"#),
    ("POST /_snapshot/r/s/_restore", r#"{"indices":"-b"}"#),
    ("POST /_snapshot/r/s/_restore", r#"{"indices":"a,anom*"}"#),
    (
        "POST /_snapshot/r/s/_restore",
        r#"{"indices":"a","include_global_state":true}"#,
    ),
    (
        "POST /_snapshot/r/s/_restore",
        r#"{"indices":"a","rename_pattern":"(.+)","rename_replacement":"anomaly-$1"}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"set":{"field":"_index","value":"anomaly-detectors"}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"set":{"field":"_index","value":"anomaly-{{x}}"}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"set":{"field":"_index","copy_from":"x"}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"set":{"field":"{{f}}","value":"x"}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"rename":{"field":"x","target_field":"_index"}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"grok":{"field":"m","patterns":["%{WORD:_index}"]}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"json":{"field":"m","add_to_root":true}}]}"#,
    ),
    ("PUT /_ingest/pipeline/p", r#"{"processors":[{"kv":{"field":"m"}}]}"#),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"date_index_name":{"index_name_prefix":"anomaly-"}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"script":{"source":"ctx._index = 'a'"}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"foreach":{"field":"a","processor":{"script":{"source":"ctx['_index'] = 'a'"}}}}]}"#,
    ),
    ("PUT /_transform/t", r#"{"dest":{"index":"anomaly-detectors"}}"#),
    ("PUT /_transform/t", r#"{"dest":{"index":"{{x}}"}}"#),
    (
        "PUT /_watcher/watch/w",
        r#"{"actions":{"a":{"script":"index into anomaly-detectors"}}}"#,
    ),
    (
        "POST /_cluster/reroute",
        r#"{"commands":[{"allocate_empty_primary":{"index":"anomaly-detectors"}}]}"#,
    ),
    ("POST /_plugins/_sql", r#"{"query":"DELETE FROM anom"}"#),
    (
        "POST /_bulk",
        "{\"delete\":{\"_index\":\"anomaly-detectors\",\"_id\":\"1\"}}\n",
    ),
    (
        "POST /other/_bulk",
        "{\"delete\":{\"_index\":\"jobs-alias\",\"_id\":\"1\"}}\n",
    ),
    (
        "POST /other/_doc/_bulk",
        "{\"index\":{\"_index\":\"anomaly-detectors\"}}\n{}\n",
    ),
    ("PUT /_index_template/t", "{"),
    (
        "PUT /_index_template/t",
        r#"{"index_patterns":["b"],"index_patterns":["anom*"]}"#,
    ),
];

/// Requests whose bodies cannot.
const HARMLESS: &[(&str, &str)] = &[
    (
        "POST /_reindex",
        r#"{"source":{"index":"anomaly-detectors"},"dest":{"index":"b"}}"#,
    ),
    (
        "POST /_reindex",
        r#"{"dest":{"index":"b"},"script":{"lang":"painless","source":"ctx._source.a = params.b"}}"#,
    ),
    (
        "POST /_aliases",
        r#"{"actions":[{"add":{"index":"a","alias":"x","filter":{"term":{"y":"*"}}}}]}"#,
    ),
    (
        "POST /_aliases",
        r#"{"actions":[{"remove":{"index":"a","alias":"*"}}]} "#,
    ),
    ("PUT /other/_alias/x", ""),
    (
        "PUT /other/_alias/x",
        r#"{"filter":{"query_string":{"query":"*"}},"routing":"1"}"#,
    ),
    ("PUT /_alias", r#"{"index":"other","alias":"x"}"#),
    ("PUT /other", ""),
    (
        "PUT /other",
        r#"{"mappings":{"properties":{"aliases":{"type":"keyword"}}},"aliases":{"x":{}}}"#,
    ),
    (
        "PUT /_index_template/anomaly-detectors",
        r#"{"index_patterns":["logs-*"],"template":{"aliases":{"{index}-x":{}}}}"#,
    ),
    ("PUT /_component_template/t", r#"{"template":{"settings":{"a":"*"}}}"#),
    (
        "POST /_snapshot/r/s/_restore",
        r#"{"indices":["a","b*"],"include_global_state":false}"#,
    ),
    (
        "POST /_snapshot/r/s/_restore",
        r#"{"indices":"a","rename_pattern":"(.+)","rename_replacement":"restored_$1"}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"set":{"field":"a","value":"anomaly-detectors {{x}}"}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"set":{"field":"_index","value":"logs-{{x}}"}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"set":{"if":"ctx._index == 'a'","field":"a","value":1}}]}"#,
    ),
    (
        "PUT /_ingest/pipeline/p",
        r#"{"processors":[{"script":{"source":"ctx.a = ctx['b'] + params.c"}}]}"#,
    ),
    (
        "PUT /_transform/t",
        r#"{"source":{"index":"a"},"dest":{"index":"b"},"description":"{{x}} of all"}"#,
    ),
    ("POST /_cluster/reroute", ""),
    ("POST /_plugins/_sql", r#"{"query":"SELECT * FROM anomaly-detectors"}"#),
    ("POST /other/_bulk", "{\"index\":{}}\n{\"x\":\"anomaly-detectors\"}\n"),
];

/// The verdict on a request with a body in JSON.
fn judge_with(request: &str, body: &str) -> Result<(), Reason> {
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    match judge(request) {
        Verdict::Pass => Ok(()),
        Verdict::Refuse(reason) => Err(reason),
        Verdict::Inspect(kind) => {
            let mut inspector = Inspector::new(guard(), kind, &headers)?;
            let mut rest = body.as_bytes();
            while !rest.is_empty() {
                let taken = inspector.look(rest)?;
                rest = &rest[taken..];
            }
            inspector.settle()?;
            inspector.finish()
        }
    }
}

#[test]
fn bodies_that_write_to_it_are_refused() {
    for (request, body) in WRITING {
        assert!(judge_with(request, body).is_err(), "{request} {body}");
    }
}

#[test]
fn bodies_that_write_elsewhere_pass() {
    for (request, body) in HARMLESS {
        assert_eq!(judge_with(request, body), Ok(()), "{request} {body}");
    }
}
