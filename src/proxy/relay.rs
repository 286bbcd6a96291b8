//! Hands a client the cluster's answer to a call that was made on its behalf, as if the client had made the call.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, TRANSFER_ENCODING, WARNING};
use http::{Response, StatusCode};
use http_body_util::Either;
use serde_json::Value;

use super::context::RequestContext;
use super::own_body::{Content, OwnBody};
use crate::cluster::{RefusedReply, Reply};
use crate::http::hop_by_hop;
use crate::xcontent::answer;

const PRODUCT: HeaderName = HeaderName::from_static("x-elastic-product");

impl RequestContext {
    /// The cluster's answer, less what only the call explains that it was given to.
    pub(super) fn relayed(&self, refused: RefusedReply) -> Response<Content> {
        let mut reply = refused.into_reply();
        let respelled = self.about_this_request(&reply);
        let headers = &mut reply.headers;
        hop_by_hop::remove_from_answer(headers);
        headers.remove(TRANSFER_ENCODING); // The body is here as a whole.
        // What the gateway's own calls earn is no business of the client (http.md §5.4).
        headers.remove(WARNING);
        if matches!(reply.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            headers.remove(PRODUCT); // http.md §2.6.
        } else {
            headers.extend(self.warnings().map(|warning| (WARNING, warning.clone())));
        }
        if self.body_is_unread {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let body = match respelled {
            Some(body) => {
                headers.remove(CONTENT_LENGTH);
                if let Some(settled) = self.form.settled_type() {
                    headers.insert(CONTENT_TYPE, settled);
                }
                body
            }
            None => reply.body,
        };
        let mut answer = Response::new(Either::Right(OwnBody::whole(body)));
        *answer.status_mut() = reply.status;
        *answer.headers_mut() = reply.headers;
        answer
    }

    /// A refusal that names the target of the call, naming the client's instead: Elasticsearch's 401 does so (http.md
    /// §2.8).
    fn about_this_request(&self, reply: &Reply) -> Option<Bytes> {
        if reply.status != StatusCode::UNAUTHORIZED {
            return None;
        }
        let mut body: Value = serde_json::from_slice(&reply.body).ok()?;
        let error = body.get_mut("error")?;
        let context = self.uri.to_string();
        let mut named = respell(error, &reply.target, &context);
        for cause in error
            .get_mut("root_cause")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            named |= respell(cause, &reply.target, &context);
        }
        let text = answer::one_line(&body).ok()?;
        named.then(|| self.form.write_whole(text))
    }
}

/// Replaces a target in brackets in an exception's reason, and says whether it was there.
fn respell(exception: &mut Value, called: &str, context: &str) -> bool {
    let Some(Value::String(reason)) = exception.get_mut("reason") else {
        return false;
    };
    let called = format!("[{called}]");
    let was_there = reason.contains(&called);
    *reason = reason.replace(&called, &format!("[{context}]"));
    was_there
}
