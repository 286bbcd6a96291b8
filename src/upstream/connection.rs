//! One connection to a node: connecting, and the task that drives it.

use std::io;
use std::time::Duration;

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use super::node_stream::NodeStream;
use super::node_url::NodeUrl;
use super::request_body::RequestBody;

/// More header fields than any client or node sends; Elasticsearch limits bytes, not fields (contract http.md §6.3).
pub const MOST_HEADER_FIELDS: usize = 1024;

/// Why no connection could be made. Nothing of a request was sent.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Usual cause: the node is not running, or a wrong address.
    #[error("{node}: cannot connect: {source}")]
    Refused {
        /// The node.
        node: NodeUrl,
        /// What the operating system said.
        source: io::Error,
    },
    /// Usual cause: a host that is gone, or a firewall that drops packets.
    #[error("{node}: no connection within {limit:?}")]
    TimedOut {
        /// The node.
        node: NodeUrl,
        /// How long it may take.
        limit: Duration,
    },
    /// The HTTP/1.1 state machine could not start.
    #[error("{node}: {source}")]
    Handshake {
        /// The node.
        node: NodeUrl,
        /// What hyper said.
        source: hyper::Error,
    },
}

/// Connects to a node and leaves the connection to a task of its own on this thread.
pub async fn connect(node: &NodeUrl, limit: Duration) -> Result<SendRequest<RequestBody>, ConnectError> {
    let connecting = TcpStream::connect((node.host(), node.port()));
    let stream = tokio::time::timeout(limit, connecting)
        .await
        .map_err(|_| ConnectError::TimedOut {
            node: node.clone(),
            limit,
        })?
        .map_err(|source| ConnectError::Refused {
            node: node.clone(),
            source,
        })?;
    // Requests and answers are written in one piece each; waiting for more to send would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%node, %error, "the connection stays without TCP_NODELAY");
    }
    // A node that lost its power sends nothing any more: without this, who waits for its answer waits for ever.
    if let Err(error) = SockRef::from(&stream).set_tcp_keepalive(&keepalive()) {
        tracing::debug!(%node, %error, "the connection stays without TCP keep-alive");
    }
    let (sender, connection) = http1::Builder::new()
        .preserve_header_case(true)
        .max_headers(MOST_HEADER_FIELDS)
        .handshake(TokioIo::new(NodeStream::new(stream)))
        .await
        .map_err(|source| ConnectError::Handshake {
            node: node.clone(),
            source,
        })?;
    let node = node.clone();
    tokio::task::spawn_local(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%node, %error, "the connection to the node ended");
        }
    });
    Ok(sender)
}

/// How a peer that is gone without a word is found out: within a minute and a half.
#[must_use]
pub fn keepalive() -> TcpKeepalive {
    TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(10))
        .with_retries(3)
}
