//! Asks the cluster whether it can make an analyzer: which tokenizers and filters there are depends on its plugins.

use http::{Method, StatusCode};
use serde_json::Value;

use super::Store;
use super::error::StoreError;
use crate::cluster::reply::{Reply, ReplyError};

/// What the cluster says of an analyzer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Analysis {
    /// It can make it.
    Possible,
    /// It cannot, for this reason.
    Impossible(String),
    /// It does not say, as the caller may not ask.
    NotTold,
}

impl Store<'_> {
    /// What the cluster says of an analyzer, given by the body of a request to analyze a text with it.
    pub async fn analysis(self, request: String) -> Result<Analysis, StoreError> {
        let body = Some(request.into());
        let asked = self.cluster.ask(Method::POST, "/_analyze", body, self.caller).await;
        told(asked.map_err(StoreError::NotSent)?)
    }
}

fn told(reply: Reply) -> Result<Analysis, StoreError> {
    let said = reply.json();
    let reason = said.pointer("/error/reason").and_then(Value::as_str);
    match (reply.status, reason) {
        (StatusCode::OK, _) if said.get("tokens").is_some_and(Value::is_array) => Ok(Analysis::Possible),
        (StatusCode::BAD_REQUEST, Some(reason)) => Ok(Analysis::Impossible(reason.to_owned())),
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => Ok(Analysis::NotTold),
        _ => Err(ReplyError::from(reply).into()),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answered(status: u16, body: &'static str) -> Result<Analysis, StoreError> {
        told(Reply {
            method: Method::POST,
            target: "/_analyze".to_owned(),
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: body.into(),
        })
    }

    #[test]
    fn an_answer_is_taken_at_its_word() {
        assert!(matches!(answered(200, r#"{"tokens":[]}"#), Ok(Analysis::Possible)));
        let refused = r#"{"error":{"type":"illegal_argument_exception","reason":"no such tokenizer"},"status":400}"#;
        assert!(matches!(answered(400, refused), Ok(Analysis::Impossible(reason)) if reason == "no such tokenizer"));
        for status in [401, 403] {
            assert!(matches!(answered(status, "{}"), Ok(Analysis::NotTold)), "{status}");
        }
    }

    #[test]
    fn anything_else_says_nothing() {
        for (status, body) in [
            (200, "<html>"),
            (200, "{}"),
            (
                400,
                r#"{"error":"no handler found for uri [/_analyze] and method [POST]"}"#,
            ),
            (404, "{}"),
            (429, "{}"),
            (500, "{}"),
            (503, "{}"),
        ] {
            assert!(answered(status, body).is_err(), "{status} {body}");
        }
    }
}
