//! The client for the gateway's own calls, which are short and read whole.
//!
//! It does what it is told and nothing else: it follows no redirect, asks no proxy, and decodes nothing
//! (contract http.md §6.2).

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, HOST, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Either, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use super::connector::{ConnectError, Connector, refused_certificate, tls_hint};
use super::early_answer::EarlyAnswerStream;
use super::long_head::MAX_FIELDS;
use super::node_url::NodeUrl;
use crate::http::excerpt::{Excerpt, ExcerptBody};

/// How the gateway's own calls name their sender.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("anomaly-gateway/", env!("CARGO_PKG_VERSION")));

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The node could not be reached, or does not accept the gateway's certificate; nothing of the call was done.
    #[error(transparent)]
    NotSent(ConnectError),
    /// The call cannot be written. A fault of the gateway.
    #[error("the call cannot be written")]
    Client(#[source] http::Error),
    /// The connection broke after the call was sent.
    #[error("{node}: the connection broke{}", tls_hint(.node, *.is_first))]
    Lost {
        /// The node.
        node: NodeUrl,
        /// Whether nothing had been answered on the connection before.
        is_first: bool,
        /// What hyper said.
        source: hyper::Error,
    },
    /// The call took too long.
    #[error("timed out: no answer within {0:?}")]
    TimedOut(Duration),
    /// The answer is longer than the limit, in bytes.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
}

/// How many connections to a node are kept that no call uses. Each call that changes something leaves one behind.
const MAX_IDLE: usize = 16;

/// A call.
#[derive(Debug, Clone)]
pub struct Call<'c> {
    /// Its method.
    pub method: Method,
    /// Its path and query, which begin with `/`, and need no escaping.
    pub path: &'c str,
    /// Its header fields.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Option<Excerpt>,
    /// Whether it changes nothing, so that it can be made again.
    pub repeatable: bool,
}

type CallBody = Either<ExcerptBody, Empty<Bytes>>;

/// A connection that no call uses.
struct Idle {
    connection: SendRequest<CallBody>,
    since: Instant,
}

/// A client. Each runtime needs one of its own: connections belong to the runtime that made them.
#[derive(Clone)]
pub struct Client {
    connector: Connector,
    idle_timeout: Duration,
    idle: Arc<Mutex<HashMap<NodeUrl, Vec<Idle>>>>,
}

impl Client {
    /// A client that connects like this, and keeps a connection for so long that no call uses.
    #[must_use]
    pub fn new(connector: Connector, idle_timeout: Duration) -> Self {
        Self {
            connector,
            idle_timeout,
            idle: Arc::default(),
        }
    }

    /// Makes a call and reads its answer, within `limit`, with a body of `longest` bytes at most.
    pub async fn send(
        &self,
        node: &NodeUrl,
        call: Call<'_>,
        limit: Duration,
        longest: usize,
    ) -> Result<Response<Bytes>, SendError> {
        let is_sent = AtomicBool::new(false);
        let answered = tokio::time::timeout(limit, self.exchange(node, call, longest, &is_sent)).await;
        answered.unwrap_or_else(|_| {
            if is_sent.load(Ordering::Relaxed) {
                return Err(SendError::TimedOut(limit));
            }
            let node = node.clone();
            Err(SendError::NotSent(ConnectError::TimedOut { node, limit }))
        })
    }

    /// Closes the connections that no call has used for too long.
    pub fn close_idle(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        for idle in idle.values_mut() {
            idle.retain(|idle| self.is_usable(idle));
        }
    }

    /// Makes a call, and one that can be made again once more if its connection breaks: the node may have closed it while
    /// the call was on its way. One that cannot be has a connection of its own.
    async fn exchange(
        &self,
        node: &NodeUrl,
        call: Call<'_>,
        longest: usize,
        is_sent: &AtomicBool,
    ) -> Result<Response<Bytes>, SendError> {
        if !call.repeatable {
            return self.attempt(node, call, longest, is_sent, None).await;
        }
        let idle = self.take(node);
        match self.attempt(node, call.clone(), longest, is_sent, idle).await {
            Err(SendError::Lost { source, .. }) if !source.is_parse() => {
                tracing::debug!(%node, error = %source, path = call.path, "a call is made once more");
                self.attempt(node, call, longest, is_sent, None).await
            }
            outcome => outcome,
        }
    }

    /// Makes a call on this connection, or on one that is made for it.
    async fn attempt(
        &self,
        node: &NodeUrl,
        call: Call<'_>,
        longest: usize,
        is_sent: &AtomicBool,
        mut idle: Option<SendRequest<CallBody>>,
    ) -> Result<Response<Bytes>, SendError> {
        let host = self.connector.host().of_own_call(node);
        let mut request = request(host, call).map_err(SendError::Client)?;
        loop {
            let (mut connection, pooled) = match idle.take() {
                Some(connection) => (connection, true),
                None => (self.connect(node).await.map_err(SendError::NotSent)?, false),
            };
            is_sent.store(true, Ordering::Relaxed);
            let mut failure = match connection.try_send_request(request).await {
                Ok(answer) => {
                    let answer = read(answer, longest).await;
                    let answer = answer.unwrap_or_else(|source| {
                        let node = node.clone();
                        Err(SendError::Lost {
                            node,
                            is_first: false,
                            source,
                        })
                    })?;
                    self.put(node, connection);
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            let unsent = failure.take_message();
            let source = failure.into_error();
            let node = node.clone();
            match unsent {
                Some(unsent) if pooled => request = unsent, // The node closed it while it was idle.
                Some(_) => return Err(SendError::NotSent(ConnectError::Handshake { node, source })),
                None => {
                    return Err(match refused_certificate(&source).filter(|_| !pooled) {
                        Some(source) => SendError::NotSent(ConnectError::Tls { node, source }),
                        None => SendError::Lost {
                            node,
                            is_first: !pooled,
                            source,
                        },
                    });
                }
            }
        }
    }

    async fn connect(&self, node: &NodeUrl) -> Result<SendRequest<CallBody>, ConnectError> {
        let stream = self.connector.connect(node).await?;
        let (sender, connection) = http1::Builder::new()
            .max_headers(MAX_FIELDS)
            .handshake(TokioIo::new(EarlyAnswerStream::new(stream)))
            .await
            .map_err(|source| ConnectError::Handshake {
                node: node.clone(),
                source,
            })?;
        let node = node.clone();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%node, %error, "the connection to the node ended");
            }
        });
        Ok(sender)
    }

    /// The idle connection to a node that was used last.
    fn take(&self, node: &NodeUrl) -> Option<SendRequest<CallBody>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = idle.get_mut(node)?;
        idle.retain(|idle| self.is_usable(idle));
        let ready = idle.iter().rposition(|idle| idle.connection.is_ready())?;
        Some(idle.remove(ready).connection)
    }

    /// Keeps a connection whose answer was read to its end.
    fn put(&self, node: &NodeUrl, connection: SendRequest<CallBody>) {
        let since = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = Idle { connection, since };
        if self.is_usable(&kept) {
            let idle = idle.entry(node.clone()).or_default();
            idle.push(kept);
            let surplus = idle.len().saturating_sub(MAX_IDLE);
            idle.drain(..surplus);
        }
    }

    fn is_usable(&self, idle: &Idle) -> bool {
        !idle.connection.is_closed() && idle.since.elapsed() < self.idle_timeout
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("connector", &self.connector)
            .field("idle_timeout", &self.idle_timeout)
            .finish_non_exhaustive()
    }
}

fn request(host: Option<HeaderValue>, call: Call<'_>) -> Result<Request<CallBody>, http::Error> {
    let body = match call.body {
        Some(body) => Either::Left(body.into_body()),
        None => Either::Right(Empty::new()),
    };
    let mut request = Request::new(body);
    *request.method_mut() = call.method;
    *request.uri_mut() = Uri::try_from(call.path)?;
    let headers = request.headers_mut();
    headers.extend(host.map(|host| (HOST, host)));
    headers.insert(USER_AGENT, AGENT);
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.extend(call.headers);
    Ok(request)
}

/// Reads an answer to its end.
async fn read(answer: Response<Incoming>, longest: usize) -> hyper::Result<Result<Response<Bytes>, SendError>> {
    let (head, mut body) = answer.into_parts();
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame?.into_data() else {
            continue;
        };
        if read.len() + chunk.len() > longest {
            return Ok(Err(SendError::TooLong(longest)));
        }
        read.extend_from_slice(&chunk);
    }
    Ok(Ok(Response::from_parts(head, read.freeze())))
}
