//! One connection for forwarded requests, and the task that drives it.

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use super::connector::{ConnectError, Connector};
use super::early_answer::EarlyAnswerStream;
use super::node_url::NodeUrl;
use super::request_body::RequestBody;

/// More header fields than any client or node sends; Elasticsearch limits bytes, not fields (contract http.md §6.3).
pub const MOST_HEADER_FIELDS: usize = 1024;

/// Connects to a node and leaves the connection to a task of its own on this thread.
pub async fn connect(node: &NodeUrl, connector: &Connector) -> Result<SendRequest<RequestBody>, ConnectError> {
    let stream = connector.connect(node).await?;
    let (sender, connection) = http1::Builder::new()
        .preserve_header_case(true)
        .max_headers(MOST_HEADER_FIELDS)
        .handshake(TokioIo::new(EarlyAnswerStream::new(stream)))
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
