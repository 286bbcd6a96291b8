//! A line of the access log before it is written: what was read of a request's head, and how the request ended. It holds
//! copies of bounded length, and no header field that could be a secret.

use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderValue, Method, Request, Uri, Version};

use crate::telemetry::asked::shortened_to;
use crate::telemetry::request_record::Origin;
use crate::telemetry::request_record::finished::Finished;

/// How many bytes of a target are logged: as many as a node reads of a request line (http.md §2.7).
const MAX_TARGET: usize = 4096;

/// How many bytes of an opaque id are logged.
const MAX_OPAQUE_ID: usize = 256;

/// A request that has ended.
#[derive(Debug)]
pub(in crate::telemetry) struct Entry {
    pub(in crate::telemetry) head: Box<RequestHead>,
    pub(in crate::telemetry) finished: Finished,
    /// The node that was asked last.
    pub(in crate::telemetry) node: Option<Arc<str>>,
    /// When it ended.
    pub(in crate::telemetry) at: SystemTime,
}

/// What is logged of a head.
#[derive(Debug, Clone)]
pub(in crate::telemetry) struct RequestHead {
    pub(super) origin: Origin,
    /// None where the head could not be read.
    pub(super) method: Option<Method>,
    pub(super) version: Option<Version>,
    /// Path and query, or of `CONNECT` the host; never what comes before a host.
    pub(super) target: String,
    pub(super) opaque_id: Option<String>,
    pub(super) trace_id: Option<String>,
}

impl RequestHead {
    /// What is logged of a request's head.
    pub(in crate::telemetry) fn of<B>(origin: Origin, request: &Request<B>) -> Self {
        let field = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
        Self {
            origin,
            method: Some(request.method().clone()),
            version: Some(request.version()),
            target: target(request.uri()),
            opaque_id: field("x-opaque-id").map(|id| shortened_to(&String::from_utf8_lossy(id), MAX_OPAQUE_ID)),
            trace_id: field("traceparent").and_then(trace_id),
        }
    }

    /// What is logged where a head could not be read.
    pub(in crate::telemetry) const fn unreadable(origin: Origin) -> Self {
        Self {
            origin,
            method: None,
            version: None,
            target: String::new(),
            opaque_id: None,
            trace_id: None,
        }
    }
}

/// A target without scheme and authority, in which there may be a password.
fn target(uri: &Uri) -> String {
    let path_and_query = uri.path_and_query().map(http::uri::PathAndQuery::as_str);
    let text = path_and_query
        .filter(|text| !text.is_empty())
        .or_else(|| uri.authority()?.as_str().rsplit('@').next());
    shortened_to(text.unwrap_or_default(), MAX_TARGET)
}

/// The trace that a request belongs to, by W3C Trace Context: `00-<32 hexadecimal digits>-…`, not all of them zero.
fn trace_id(traceparent: &[u8]) -> Option<String> {
    let mut parts = std::str::from_utf8(traceparent).ok()?.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let is_lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_hex = |text: &str, length: usize| text.len() == length && text.bytes().all(is_lower_hex);
    let is_id = is_hex(version, 2) && version != "ff" && is_hex(trace, 32) && trace.bytes().any(|byte| byte != b'0');
    is_id.then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target_of(uri: &str) -> String {
        target(&uri.parse().expect("a target"))
    }

    #[test]
    fn a_password_before_a_host_is_not_kept() {
        assert_eq!(target_of("http://elastic:secret@es:9200/_search?q=a"), "/_search?q=a");
        assert_eq!(target_of("elastic:secret@es:9200"), "es:9200");
        assert_eq!(target_of("/a@b"), "/a@b");
        assert_eq!(target_of("*"), "*");
    }

    #[test]
    fn only_a_trace_context_names_a_trace() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let of = |text: &str| trace_id(text.as_bytes());
        assert_eq!(of(&format!("00-{id}-00f067aa0ba902b7-01")).as_deref(), Some(id));
        assert_eq!(of(&format!("01-{id}-00f067aa0ba902b7-01-more")).as_deref(), Some(id));
        for wrong in [
            format!("ff-{id}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            "00-secret-1".to_owned(),
            "Bearer abc".to_owned(),
            String::new(),
        ] {
            assert_eq!(of(&wrong), None, "{wrong}");
        }
    }
}
