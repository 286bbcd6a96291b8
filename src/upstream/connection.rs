//! One connection for forwarded requests, and the task that drives it.

use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;

use super::connector::{ConnectError, Connector};
use super::early_answer::{EarlyAnswerStream, Heard};
use super::node_stream::NodeStream;
use super::node_url::NodeUrl;
use super::request_body::RequestBody;
use crate::telemetry::traffic::OpenNodeConnection;

/// How many header fields a request may have. Elasticsearch limits bytes, not fields (http.md §6.3).
pub const MOST_HEADER_FIELDS: usize = 1024;

/// The bytes between the gateway and a node, as hyper takes them.
pub(super) type NodeIo = TokioIo<EarlyAnswerStream<NodeStream>>;

/// A connection to a node that takes one request after the other.
pub struct NodeConnection {
    sender: SendRequest<RequestBody>,
    given_up: GivenUp,
    heard: Heard,
}

/// Where the task of a connection leaves what it was reading when it gave up.
type GivenUp = Rc<Cell<Option<Rest>>>;

/// A stream that was not read to its end, and the bytes that were read of it and not understood.
pub(super) struct Rest {
    pub(super) io: NodeIo,
    pub(super) read: Bytes,
}

impl NodeConnection {
    /// Connects to a node and leaves the connection to a task of its own on this thread.
    /// `count` counts it as open until that task ends.
    pub(super) async fn to(
        node: &NodeUrl,
        connector: &Connector,
        count: impl FnOnce() -> OpenNodeConnection,
    ) -> Result<Self, ConnectError> {
        let stream = EarlyAnswerStream::new(connector.connect(node).await?);
        let heard = stream.heard();
        // As many fields of an answer as hyper has room for without allocating; those of one that has more are read again.
        let (sender, connection) = http1::Builder::new()
            .preserve_header_case(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|source| ConnectError::Handshake {
                node: node.clone(),
                source,
            })?;
        let node = node.clone();
        let given_up = GivenUp::default();
        let left = Rc::clone(&given_up);
        let counted = count();
        tokio::task::spawn_local(async move {
            match connection.without_shutdown().await {
                Ok(parts) if parts.read_buf.is_empty() => {
                    let _ = parts.io.into_inner().shutdown().await; // It has ended, however its end goes.
                }
                Ok(parts) => left.set(Some(Rest {
                    io: parts.io,
                    read: parts.read_buf,
                })),
                Err(error) => tracing::debug!(%node, %error, "the connection to the node ended"),
            }
            drop(counted);
        });
        Ok(Self {
            sender,
            given_up,
            heard,
        })
    }

    /// Whether it can take no further request.
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Whether it can take a request now.
    pub(super) fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    /// Sends a request. One that comes back was not sent.
    pub(super) async fn send(
        &mut self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<RequestBody>>> {
        self.heard.forget();
        self.sender.try_send_request(request).await
    }

    /// Whether anything came of an answer to the last request.
    pub(super) fn has_begun_to_answer(&self) -> bool {
        self.heard.anything()
    }

    /// What was read of an answer whose head is too long for a connection that is made for the usual ones.
    pub(super) fn rest(&self) -> Option<Rest> {
        self.given_up.take()
    }
}
