//! What the cluster answers to the gateway's own calls, and what an answer that is not the expected one may be taken for.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use super::call_error::CallError;
use crate::telemetry::asked::shortened;

/// An answer of the cluster, whole.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The method of the call.
    pub method: Method,
    /// The target that was called.
    pub target: String,
    /// Its status.
    pub status: StatusCode,
    /// Its header fields.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// An answer by which the cluster has refused a call, so that it can be a client's answer too. It is never of the 200s:
/// a client would take it for success.
#[derive(Debug, Clone)]
pub struct RefusedReply(Box<Reply>);

/// Why a call did not do what it was for.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// The cluster has refused it; its answer says why. Usual cause: the caller's credentials or privileges.
    #[error("the cluster answered {} to {} {}: {}", .0.reply().status, .0.reply().method, .0.reply().target, .0.reason())]
    Refused(RefusedReply),
    /// There is no answer, or none that says what was asked.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl RefusedReply {
    /// The answer.
    #[must_use]
    pub fn reply(&self) -> &Reply {
        &self.0
    }

    /// Why the cluster has refused the call, for those who run the gateway: of a long reason the beginning.
    #[must_use]
    pub fn reason(&self) -> String {
        shortened(&self.0.reason())
    }

    /// The answer, to be handed on.
    #[must_use]
    pub fn into_reply(self) -> Reply {
        *self.0
    }
}

impl From<Reply> for ReplyError {
    /// What an answer means that is not the one which was asked for.
    fn from(reply: Reply) -> Self {
        if reply.status.is_success() || reply.status.is_informational() {
            return Self::Call(CallError::Unexpected {
                method: reply.method,
                target: reply.target,
                status: reply.status,
            });
        }
        Self::Refused(RefusedReply(Box::new(reply)))
    }
}

impl Reply {
    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The error type in Elasticsearch's envelope, when the body has one.
    #[must_use]
    pub fn error_type(&self) -> Option<String> {
        self.json().pointer("/error/type")?.as_str().map(str::to_owned)
    }

    /// Why the cluster has refused the call, as it says itself, or its status.
    #[must_use]
    pub fn reason(&self) -> String {
        let body = self.json();
        let said = body.pointer("/error/reason").or_else(|| body.get("error"));
        let said = said.and_then(Value::as_str).map(str::to_owned);
        said.unwrap_or_else(|| "it gives no reason".to_owned())
    }

    /// Whether the cluster says that it has no such call: security that is switched off has none. Each version says it in
    /// its way, as seen of OpenSearch 3.8.0 and of Elasticsearch 7.10.2, 7.17.29, 8.19.21 and 9.5.3. No other answer says
    /// it: a request may be refused for many reasons before anybody looks at what it calls.
    #[must_use]
    pub fn says_no_such_call(&self) -> bool {
        let (method, target) = (&self.method, &self.target);
        let body = self.json();
        let text = body.get("error").and_then(Value::as_str).unwrap_or_default();
        let error = |name: &str| body.pointer(&format!("/error/{name}")).and_then(Value::as_str);
        // Where documents had types, up to Elasticsearch 7 and OpenSearch 1, the path names an index first.
        let first = target.split('/').nth(1).unwrap_or_default();
        match self.status {
            StatusCode::BAD_REQUEST if error("type") == Some("invalid_index_name_exception") => {
                error("index") == Some(first)
            }
            StatusCode::BAD_REQUEST => text == format!("no handler found for uri [{target}] and method [{method}]"),
            StatusCode::NOT_FOUND => {
                error("type") == Some("index_not_found_exception") && error("index") == Some(first)
            }
            // A path of two segments is that of an index and a type, to which documents are only added.
            StatusCode::METHOD_NOT_ALLOWED => {
                let expected =
                    format!("Incorrect HTTP method for uri [{target}] and method [{method}], allowed: [POST]");
                text == expected && target.matches('/').count() == 2
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(method: Method, target: &str, status: u16, body: &'static str) -> Reply {
        Reply {
            method,
            target: target.to_owned(),
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: body.into(),
        }
    }

    /// As the nodes answered.
    #[test]
    fn each_version_says_in_its_way_that_it_has_no_such_call() {
        let privileges = "/_security/user/_has_privileges";
        let authenticate = "/_security/_authenticate";
        let account = "/_plugins/_security/authinfo";
        for (method, target, status, body) in [
            (
                Method::POST,
                privileges,
                400,
                r#"{"error":"no handler found for uri [/_security/user/_has_privileges] and method [POST]"}"#,
            ),
            (
                Method::POST,
                privileges,
                400,
                r#"{"error":{"root_cause":[],"type":"invalid_index_name_exception","reason":"x","index":"_security"},"status":400}"#,
            ),
            (
                Method::GET,
                authenticate,
                405,
                r#"{"error":"Incorrect HTTP method for uri [/_security/_authenticate] and method [GET], allowed: [POST]","status":405}"#,
            ),
            (
                Method::GET,
                account,
                400,
                r#"{"error":"no handler found for uri [/_plugins/_security/authinfo] and method [GET]"}"#,
            ),
            (
                Method::GET,
                account,
                404,
                r#"{"error":{"root_cause":[],"type":"index_not_found_exception","reason":"x","index":"_plugins"},"status":404}"#,
            ),
        ] {
            assert!(
                reply(method, target, status, body).says_no_such_call(),
                "{target} {status}"
            );
        }
    }

    #[test]
    fn nothing_else_says_it() {
        for (status, body) in [
            (200, r#"{"has_all_requested":true}"#),
            (
                400,
                r#"{"error":{"type":"too_long_http_header_exception"},"status":400}"#,
            ),
            (
                400,
                r#"{"error":{"type":"content_type_header_exception"},"status":400}"#,
            ),
            (
                400,
                r#"{"error":"no handler found for uri [/other] and method [POST]"}"#,
            ),
            (
                400,
                r#"{"error":{"type":"invalid_index_name_exception","index":"other"},"status":400}"#,
            ),
            (400, ""),
            (404, "{}"),
            (404, "<html>"),
            (405, ""),
            (
                405,
                r#"{"error":"Incorrect HTTP method for uri [/x] and method [POST], allowed: [GET]","status":405}"#,
            ),
            (401, ""),
            (403, "{}"),
            (500, "{}"),
            (503, "{}"),
        ] {
            let reply = reply(Method::POST, "/_security/user/_has_privileges", status, body);
            assert!(!reply.says_no_such_call(), "{status} {body}");
        }
    }

    #[test]
    fn a_refusal_is_never_a_success() {
        for (status, is_refusal) in [
            (200, false),
            (204, false),
            (301, true),
            (400, true),
            (401, true),
            (503, true),
        ] {
            let error = ReplyError::from(reply(Method::GET, "/", status, "{}"));
            assert_eq!(matches!(error, ReplyError::Refused(_)), is_refusal, "{status}");
        }
    }
}
