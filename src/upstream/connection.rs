//! One connection to a node: connecting, and the task that drives it.

use std::io;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::node_url::NodeUrl;

/// How long a node may take to accept a connection. Long enough for a lost SYN to be sent again twice, short enough
/// for a client to hear of a dead cluster before its own timeout (10 s in the Python client).
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

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
    #[error("{node}: no connection within {CONNECT_TIMEOUT:?}")]
    TimedOut {
        /// The node.
        node: NodeUrl,
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
pub async fn connect(node: &NodeUrl) -> Result<SendRequest<Incoming>, ConnectError> {
    let connecting = TcpStream::connect((node.host(), node.port()));
    let stream = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
        .await
        .map_err(|_| ConnectError::TimedOut { node: node.clone() })?
        .map_err(|source| ConnectError::Refused {
            node: node.clone(),
            source,
        })?;
    // Requests and answers are written in one piece each; waiting for more to send would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%node, %error, "the connection stays without TCP_NODELAY");
    }
    let (sender, connection) = http1::Builder::new()
        .preserve_header_case(true)
        .max_headers(MOST_HEADER_FIELDS)
        .handshake(TokioIo::new(stream))
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
