//! Stores a document: one that must not exist yet, or one that takes the place of any that does.

pub(super) mod bulk;
mod remove;
pub(super) mod reserve;

use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::Store;
use super::error::{StoreError, UntrustedIndex};
use super::index::ReadyIndex;
use crate::admission::DocumentVersion;
use crate::cluster::CallError;
use crate::cluster::reply::{Reply, ReplyError};
use crate::telemetry::events::cluster::StoredElsewhere;
use crate::xcontent::elided_text::ElidedText;

/// Every write says that no pipeline is to run on it, whatever the index says, and waits until a search would find it.
const OPTIONS: &str = "refresh=true&pipeline=_none";

/// The same of writes that nobody searches for at once.
const OPTIONS_OF_MANY: &str = "pipeline=_none";

/// What the cluster says of a document with a field that a mapping does not let come to it. That of the gateway does.
const STRICT_MAPPING: &str = "strict_dynamic_mapping_exception";

/// Whether there is another document of the id than was expected.
fn is_conflict(reply: &Reply) -> bool {
    reply.status == StatusCode::CONFLICT && reply.error_type().as_deref() == Some("version_conflict_engine_exception")
}

/// The version of a document that the cluster tells of.
fn version_in(said: &Value) -> Option<DocumentVersion> {
    let number = |name: &str| said.get(name).and_then(Value::as_u64);
    Some(DocumentVersion {
        sequence: number("_seq_no")?,
        term: number("_primary_term")?,
    })
}

/// The parameters by which a write is of this version of a document only.
fn condition(DocumentVersion { sequence, term }: DocumentVersion) -> String {
    format!("if_seq_no={sequence}&if_primary_term={term}")
}

impl Store<'_> {
    /// Stores `document` under `id` if no document has that id, and returns once a search would find it.
    ///
    /// The id must need no escaping in a path.
    pub async fn create(self, index: &ReadyIndex, id: &str, document: ElidedText) -> Result<(), StoreError> {
        let path = format!("{}/_create/{id}?{OPTIONS}", index.path);
        let reply = self.write(&path, document).await?;
        if is_conflict(&reply) {
            return Err(StoreError::Exists);
        }
        self.confirm(reply, index, id, &["created"]).await
    }

    /// Stores `document` under `id`, in the place of any that has that id, and returns once a search would find it.
    ///
    /// The id must need no escaping in a path.
    pub async fn replace(self, index: &ReadyIndex, id: &str, document: ElidedText) -> Result<(), StoreError> {
        let path = format!("{}/_doc/{id}?{OPTIONS}", index.path);
        let reply = self.write(&path, document).await?;
        self.confirm(reply, index, id, &["created", "updated"]).await
    }

    /// Stores `document` under `id` in the place of this version of it, and of no other; returns once a search would find it.
    ///
    /// The id must need no escaping in a path.
    pub async fn replace_version(
        self,
        index: &ReadyIndex,
        id: &str,
        document: ElidedText,
        version: DocumentVersion,
    ) -> Result<(), StoreError> {
        let reply = self.write_over(index, id, document, version).await?;
        self.confirm(reply, index, id, &["updated"]).await
    }

    /// The cluster's answer to a document that takes the place of this version of it, if that was still there.
    async fn write_over(
        self,
        index: &ReadyIndex,
        id: &str,
        document: ElidedText,
        version: DocumentVersion,
    ) -> Result<Reply, StoreError> {
        let path = format!("{}/_doc/{id}?{}&{OPTIONS}", index.path, condition(version));
        let reply = self.write(&path, document).await?;
        if is_conflict(&reply) {
            return Err(StoreError::Outdated);
        }
        Ok(reply)
    }

    /// As [`Self::confirm`], and the version of what is stored.
    async fn confirm_version(
        self,
        reply: Reply,
        index: &ReadyIndex,
        id: &str,
        result: &str,
    ) -> Result<DocumentVersion, StoreError> {
        let version = version_in(&reply.json());
        let shown = reply.clone();
        self.confirm(reply, index, id, &[result]).await?;
        // Every node that there is tells the version of what it has stored.
        version.ok_or_else(|| ReplyError::from(shown).into())
    }

    /// The cluster's answer to a document, if it is known that it is the cluster's.
    async fn write(self, path: &str, document: ElidedText) -> Result<Reply, StoreError> {
        self.change(Method::PUT, path, Some(document)).await
    }

    /// The cluster's answer to a call that changes a document, if it is known that it is the cluster's.
    async fn change(self, method: Method, path: &str, document: Option<ElidedText>) -> Result<Reply, StoreError> {
        let called = self.cluster.call(method, path, document, self.caller).await;
        let reply = called.map_err(|error| match error {
            CallError::Client(_) | CallError::Unreachable(_) => StoreError::NotSent(error),
            _ => StoreError::OutcomeUnknown(error),
        })?;
        match reply.status {
            // Something between here and the node says that it has no answer of the node.
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
                Err(StoreError::OutcomeUnknown(CallError::NoAnswerBehind(reply.status)))
            }
            _ => Ok(reply),
        }
    }

    /// Succeeds if the answer says that this document was stored in this very index, and nothing else.
    async fn confirm(self, reply: Reply, index: &ReadyIndex, id: &str, results: &[&str]) -> Result<(), StoreError> {
        // Of what is stored, a mapping of the gateway's own looks at nothing that a client could get wrong.
        if reply.status == StatusCode::BAD_REQUEST && reply.error_type().as_deref() == Some(STRICT_MAPPING) {
            let (index, reason) = (index.index.clone(), reply.reason());
            return Err(UntrustedIndex::Mapping { index, reason }.into());
        }
        if !reply.status.is_success() {
            return Err(ReplyError::from(reply).into());
        }
        let said = reply.json();
        let word = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default();
        let is_as_meant = results.contains(&word("result")) && word("_index") == index.index && word("_id") == id;
        if is_as_meant {
            return Ok(());
        }
        self.undo(&said).await;
        Err(StoreError::NotStored {
            result: word("result").to_owned(),
            index: word("_index").to_owned(),
        })
    }

    /// Removes a document that came to lie elsewhere than was meant, unless it has changed since.
    async fn undo(self, said: &Value) {
        let word = |name: &str| said.get(name).and_then(Value::as_str);
        let number = |name: &str| said.get(name).and_then(Value::as_u64);
        let (Some("created"), Some(index), Some(id), Some(sequence), Some(term)) = (
            word("result"),
            word("_index"),
            word("_id"),
            number("_seq_no"),
            number("_primary_term"),
        ) else {
            return;
        };
        let [index, id] = [index, id].map(|name| utf8_percent_encode(name, NON_ALPHANUMERIC));
        let path = format!("/{index}/_doc/{id}?if_seq_no={sequence}&if_primary_term={term}&refresh=true");
        let removed = self.cluster.call(Method::DELETE, &path, None, self.caller).await;
        let is_removed = removed.is_ok_and(|reply| reply.status == StatusCode::OK);
        StoredElsewhere {
            path: &path,
            is_removed,
        }
        .log();
    }
}
