//! What people have met with proxies before Elasticsearch and OpenSearch, by their public reports: each passes here, and
//! is to go on passing. The project of a report is named where there is one.

mod answers;
mod bodies;
mod chains;
mod connections;
mod names;
mod starts;

use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use std::io::Write;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// An upstream that answers each request with how many bytes its body had, framing included.
fn counting() -> ScriptedUpstream {
    ScriptedUpstream::new(|head, stream| {
        let count = read_body(head, stream).len().to_string();
        let _ =
            stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{count}", count.len()).as_bytes());
    })
}
