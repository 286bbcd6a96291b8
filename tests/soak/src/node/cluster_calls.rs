//! What a node answers to the calls that the gateway makes itself: as an OpenSearch with an empty index of jobs and without security
//! (contract http.md §5).

/// The job index, as a gateway of a later version has made it.
const INDEX: &str = concat!(
    r#"{"anomaly-detectors":{"aliases":{},"mappings":{"_meta":{"anomaly_gateway":{"revision":1000}}},"#,
    r#""settings":{"index":{}}}}"#
);

/// The whole answer to a call.
pub(super) fn answer(method: &str, target: &str) -> String {
    let (status, body) = match method {
        "HEAD" => return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n".to_owned(),
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
    written(status, body)
}

/// The answer to a document that was stored.
fn created(target: &str) -> String {
    let id = target.split("/_create/").nth(1).and_then(|rest| rest.split('?').next());
    let id = id.unwrap_or_default();
    let body = format!(r#"{{"_index":"anomaly-detectors","_id":"{id}","result":"created"}}"#);
    written("201 Created", &body)
}

fn written(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}
