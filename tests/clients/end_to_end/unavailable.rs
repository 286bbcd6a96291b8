//! An upstream that is unavailable at first, so that clients try again.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use clients::Server;
use serde_json::json;

use crate::support::scripted_upstream::{ScriptedUpstream, read_body};

/// How often it is unavailable before it answers (checklist line 114).
const REFUSALS: usize = 2;

/// Says who it is whenever it is asked, as 7.17's clients do first, and is unavailable twice before anything else.
pub struct Unavailable {
    upstream: ScriptedUpstream,
}

impl Unavailable {
    pub fn as_server(server: Server, version: &str) -> Self {
        let page = json!({
            "name": "unavailable",
            "version": {"number": version, "build_flavor": "default"},
            "tagline": "You Know, for Search"
        })
        .to_string();
        let product = match server {
            Server::OpenSearch | Server::Elasticsearch7_10 => "",
            _ => "X-elastic-product: Elasticsearch\r\n",
        };
        let refused = AtomicUsize::new(0);
        let upstream = ScriptedUpstream::new(move |head, stream| {
            read_body(head, stream);
            let (status, body) = if head.starts_with("GET / ") {
                ("200 OK", page.as_str())
            } else if refused.fetch_add(1, Ordering::Relaxed) < REFUSALS {
                ("503 Service Unavailable", r#"{"error":"not yet","status":503}"#)
            } else {
                ("200 OK", r#"{"count":20}"#)
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\n{product}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes());
        });
        Self { upstream }
    }

    pub fn url(&self) -> &str {
        &self.upstream.url
    }

    /// The lines of all requests that have reached it.
    pub fn requests(&self) -> Vec<String> {
        let heads = self.upstream.heads();
        heads
            .iter()
            .filter_map(|head| head.lines().next())
            .map(str::to_owned)
            .collect()
    }
}
