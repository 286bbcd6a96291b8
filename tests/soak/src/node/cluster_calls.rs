//! What a node answers to the calls that the gateway makes itself: as an OpenSearch without indices and without security
//! (contract http.md §5).

/// The whole answer to a call.
pub(super) fn answer(method: &str, target: &str) -> String {
    let (status, body) = match method {
        "HEAD" => return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "GET" if target == "/" => (
            "200 OK",
            r#"{"version":{"distribution":"opensearch","number":"3.1.0","build_hash":"abc"}}"#,
        ),
        _ if target.contains("/_mapping") => (
            "404 Not Found",
            r#"{"error":{"type":"index_not_found_exception"},"status":404}"#,
        ),
        _ if target.contains("/_search") => ("200 OK", r#"{"_shards":{"failed":0},"hits":{"hits":[]}}"#),
        _ if target.contains("/_create/") => ("201 Created", r#"{"result":"created"}"#),
        "PUT" => ("200 OK", r#"{"acknowledged":true}"#),
        _ => ("400 Bad Request", r#"{"error":"no handler found"}"#),
    };
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}
