//! Calls that the gateway makes to the cluster itself, on behalf of a caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use reqwest::redirect;
use serde_json::Value;

use crate::es::caller::Caller;
use crate::upstream::{Nodes, Timeouts};

/// How long the cluster may take over one call. Clients wait 10 s (Python) to 30 s (JavaScript) for theirs.
const CALL_TIMEOUT: Duration = Duration::from_secs(25);

/// The longest answer that is read, in bytes. The longest one asked for, an index's mapping, has some thousands.
const LONGEST_REPLY: usize = 4 * 1024 * 1024;

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The calls' client could not be made. Usual cause: the system's TLS or resolver configuration.
    #[error("the client for the cluster cannot be made")]
    Client(#[source] reqwest::Error),
    /// No node could be reached; nothing was sent. Usual cause: the cluster is down.
    #[error("no node of the cluster can be reached; {}", list(.0))]
    Unreachable(Vec<reqwest::Error>),
    /// The call was sent, and its answer did not come in time or not whole: what it asked for may have happened.
    #[error("the cluster's answer was lost")]
    AnswerLost(#[source] reqwest::Error),
    /// The answer is longer than anything the gateway asks for.
    #[error("the cluster's answer is longer than {LONGEST_REPLY} bytes")]
    ReplyTooLong,
    /// Something that stands before the cluster answered in its place. Usual cause: a load balancer lost the node.
    #[error("what stands before the cluster answered {0}")]
    NoAnswerBehind(StatusCode),
}

fn list(errors: &[reqwest::Error]) -> String {
    let described = errors.iter().map(|error| {
        let innermost = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source()).last();
        match (error.url(), innermost) {
            (Some(url), Some(innermost)) => format!("{}: {innermost}", url.authority()),
            _ => error.to_string(),
        }
    });
    described.collect::<Vec<_>>().join("; ")
}

/// An answer of the cluster, whole.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The target that was called.
    pub target: String,
    /// Its status.
    pub status: StatusCode,
    /// Its header fields.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
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
}

/// The cluster, as the store and the probes call it. One for each worker thread, whose runtime its connections use.
#[derive(Debug)]
pub struct Cluster {
    client: reqwest::Client,
    nodes: Arc<Nodes>,
    next: AtomicUsize,
}

impl Cluster {
    /// The cluster of these nodes, as this client calls them.
    #[must_use]
    pub fn new(nodes: Arc<Nodes>, client: reqwest::Client) -> Self {
        Self {
            client,
            nodes,
            next: AtomicUsize::new(0),
        }
    }

    /// Makes a call for a caller. The path begins with `/`, names only what the gateway has checked, and needs no
    /// escaping. Another node is asked only when nothing was sent to the one before.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
        caller: &Caller,
    ) -> Result<Reply, CallError> {
        let mut unreachable = Vec::new();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let mut tried = Vec::new();
        while let Some((place, node)) = self.nodes.choose(first, &tried) {
            let mut call = self.client.request(method.clone(), format!("{node}{path}"));
            call = call.headers(caller.headers().clone());
            if let Some(body) = body.clone() {
                call = call.header(http::header::CONTENT_TYPE, "application/json").body(body);
            }
            match call.send().await {
                Ok(answer) => {
                    self.nodes.answered(place);
                    return read(path, answer).await;
                }
                Err(error) if error.is_connect() => {
                    self.nodes.failed(place);
                    unreachable.push(error);
                }
                Err(error) => return Err(CallError::AnswerLost(error)),
            }
            tried.push(place);
        }
        Err(CallError::Unreachable(unreachable))
    }
}

/// The client for the gateway's own calls. reqwest's conveniences would each change a call behind its back (contract
/// http.md §6.2).
pub fn client(timeouts: Timeouts) -> Result<reqwest::Client, CallError> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(timeouts.connect)
        .pool_idle_timeout(timeouts.idle)
        .timeout(CALL_TIMEOUT)
        .user_agent(concat!("anomaly-gateway/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(CallError::Client)
}

async fn read(target: &str, mut answer: reqwest::Response) -> Result<Reply, CallError> {
    let status = answer.status();
    let headers = std::mem::take(answer.headers_mut());
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(CallError::AnswerLost)? {
        if body.len() + chunk.len() > LONGEST_REPLY {
            return Err(CallError::ReplyTooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply {
        target: target.to_owned(),
        status,
        headers,
        body: body.freeze(),
    })
}
