//! What the upstream answers to the calls that the gateway makes itself: as an OpenSearch with an empty index of jobs and without
//! security (http.md §5).

/// The index of jobs, as a gateway of a later version has made it.
const INDEX: &str = concat!(
    r#"{"anomaly-detectors":{"aliases":{},"mappings":{"_meta":{"anomaly_gateway":{"revision":1000}}},"#,
    r#""settings":{"index":{}}}}"#
);

/// The status and the body of the answer to a call.
pub(super) fn answer(method: &str, target: &str) -> (&'static str, String) {
    let (status, body) = match method {
        "HEAD" => ("200 OK", ""),
        "GET" if target == "/" => (
            "200 OK",
            r#"{"version":{"distribution":"opensearch","number":"3.1.0","build_hash":"abc"}}"#,
        ),
        "GET" if target == "/anomaly%2Ddetectors" => ("200 OK", INDEX),
        _ if target.contains("/_search") => ("200 OK", r#"{"_shards":{"failed":0},"hits":{"hits":[]}}"#),
        _ if target.contains("/_create/") => return created(target),
        "PUT" => ("200 OK", r#"{"acknowledged":true}"#),
        _ => ("400 Bad Request", r#"{"error":"no handler found"}"#),
    };
    (status, body.to_owned())
}

/// The answer to a document that was stored.
fn created(target: &str) -> (&'static str, String) {
    let id = target.split("/_create/").nth(1).and_then(|rest| rest.split('?').next());
    let id = id.unwrap_or_default();
    let body = format!(r#"{{"_index":"anomaly-detectors","_id":"{id}","result":"created"}}"#);
    ("201 Created", body)
}
