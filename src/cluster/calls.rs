//! Calls that the gateway makes to the cluster itself, on behalf of a caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};

use super::call_error::{CallError, MAX_REPLY};
use super::reply::Reply;
use crate::http::caller::Caller;
use crate::upstream::probing::is_like_a_probe;
use crate::upstream::{Call, Nodes, OwnCalls, SendError};
use crate::xcontent::elided_text::ElidedText;

/// How long the cluster may take over one call. Clients wait 10 s (Python) to 30 s (JavaScript) for theirs.
const CALL_TIMEOUT: Duration = Duration::from_secs(25);

/// The cluster, as the store and the probes call it. One for each worker thread, whose runtime its connections use.
#[derive(Debug)]
pub struct Cluster {
    calls: OwnCalls,
    nodes: Arc<Nodes>,
    next: AtomicUsize,
}

impl Cluster {
    /// The cluster of these nodes, which are called like this.
    #[must_use]
    pub fn new(nodes: Arc<Nodes>, calls: OwnCalls) -> Self {
        Self {
            calls,
            nodes,
            next: AtomicUsize::new(0),
        }
    }

    /// Makes a call for a caller. The path begins with `/`, names only what the gateway has checked, and needs no
    /// escaping. Another node is asked only when nothing was sent to the one before; what changes nothing is asked once
    /// more on another connection, when the first one broke.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<ElidedText>,
        caller: &Caller,
    ) -> Result<Reply, CallError> {
        let repeatable = method.is_safe();
        self.make(method, path, body, caller, repeatable).await
    }

    /// The same for a call that changes nothing, though its method does not say so.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<ElidedText>,
        caller: &Caller,
    ) -> Result<Reply, CallError> {
        self.make(method, path, body, caller, true).await
    }

    async fn make(
        &self,
        method: Method,
        path: &str,
        body: Option<ElidedText>,
        caller: &Caller,
        repeatable: bool,
    ) -> Result<Reply, CallError> {
        let mut unreachable = Vec::new();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let mut tried = Vec::new();
        while let Some((place, node)) = self.nodes.choose(first, &tried) {
            let mut headers = caller.headers().clone();
            if body.is_some() {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            let call = Call {
                method: method.clone(),
                path,
                headers,
                body: body.clone(),
                repeatable,
            };
            match self.calls.send(node, call, CALL_TIMEOUT, MAX_REPLY).await {
                Ok(answer) => {
                    self.nodes.answered(place, answer.status());
                    let is_like_a_probe = || is_like_a_probe(&method, path, caller.headers());
                    if self.calls.connects_as_probes_do() && is_like_a_probe() && answer.status().is_success() {
                        self.nodes.note_open(place);
                    }
                    let (head, body) = answer.into_parts();
                    return Ok(Reply {
                        method,
                        target: path.to_owned(),
                        status: head.status,
                        headers: head.headers,
                        body,
                    });
                }
                Err(SendError::NotSent(error)) => {
                    self.nodes.failed(place, &error);
                    unreachable.push(error);
                }
                Err(SendError::Client(error)) => return Err(CallError::Client(error)),
                Err(SendError::TooLong(_)) => return Err(CallError::ReplyTooLong),
                Err(error) => return Err(CallError::AnswerLost(error)),
            }
            tried.push(place);
        }
        self.nodes.none_served();
        Err(CallError::Unreachable(unreachable))
    }
}
