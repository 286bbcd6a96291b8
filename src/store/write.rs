//! Stores a document: one that must not exist yet, or one that takes the place of any that does.

use http::{Method, StatusCode};

use super::cluster::{CallError, Cluster, Reply};
use super::index::ReadyIndex;
use crate::es::caller::Caller;
use crate::http::excerpt::Excerpt;

/// Why a document was not stored, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A document of this id exists; it was left as it is.
    #[error("a document of this id exists")]
    Exists,
    /// The cluster refused a call; its answer says why. Usual cause: the caller's credentials or privileges.
    #[error("the cluster answered {}", .0.status)]
    Refused(Box<Reply>),
    /// The document was never sent.
    #[error("the document was not sent")]
    NotSent(#[source] CallError),
    /// The document was sent and the answer was lost: it may be stored or not. Never to be repeated blindly.
    #[error("the document was sent, but it is not known whether it was stored")]
    OutcomeUnknown(#[source] CallError),
}

/// Stores `document` under `id` if no document has that id, and returns once a search would find it.
///
/// The id must need no escaping in a path.
pub async fn create(
    cluster: &Cluster,
    index: &ReadyIndex,
    id: &str,
    document: Excerpt,
    caller: &Caller,
) -> Result<(), StoreError> {
    let path = format!("{}/_create/{id}?refresh=true", index.path);
    let reply = write(cluster, &path, document, caller).await?;
    match reply.status {
        StatusCode::CREATED => Ok(()),
        StatusCode::CONFLICT => Err(StoreError::Exists),
        _ => Err(StoreError::Refused(Box::new(reply))),
    }
}

/// Stores `document` under `id`, in the place of any that has that id, and returns once a search would find it.
///
/// The id must need no escaping in a path.
pub async fn replace(
    cluster: &Cluster,
    index: &ReadyIndex,
    id: &str,
    document: Excerpt,
    caller: &Caller,
) -> Result<(), StoreError> {
    let path = format!("{}/_doc/{id}?refresh=true", index.path);
    let reply = write(cluster, &path, document, caller).await?;
    match reply.status {
        StatusCode::CREATED | StatusCode::OK => Ok(()),
        _ => Err(StoreError::Refused(Box::new(reply))),
    }
}

/// The cluster's answer to a document, if it is known that it is the cluster's.
async fn write(cluster: &Cluster, path: &str, document: Excerpt, caller: &Caller) -> Result<Reply, StoreError> {
    let reply = match cluster.call(Method::PUT, path, Some(document), caller).await {
        Ok(reply) => reply,
        Err(error @ (CallError::Client(_) | CallError::Unreachable(_))) => return Err(StoreError::NotSent(error)),
        Err(error @ (CallError::AnswerLost(_) | CallError::ReplyTooLong | CallError::NoAnswerBehind(_))) => {
            return Err(StoreError::OutcomeUnknown(error));
        }
    };
    match reply.status {
        // Something between here and the node says that it has no answer of the node.
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            Err(StoreError::OutcomeUnknown(CallError::NoAnswerBehind(reply.status)))
        }
        _ => Ok(reply),
    }
}
