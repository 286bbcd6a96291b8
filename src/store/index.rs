//! Makes sure that an index exists with the mapping it needs before anything is written into it.
//!
//! A write into a missing index would create it with guessed types, so the index is looked for before every write:
//! one small call, on a path that is not taken often, against a promise that would otherwise hang on a memory of the
//! index which another gateway, or an operator, can make false.

use std::ops::Deref;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::cluster::{Cluster, Reply};
use super::index_name::IndexName;
use super::write::StoreError;
use crate::es::caller::Caller;

/// Where a mapping says which revision of the gateway's definition it is.
const REVISION: &str = "/_meta/anomaly_gateway/revision";

/// An index that was just there, with whatever mapping.
#[derive(Debug)]
pub struct FoundIndex {
    /// Its path in the cluster's API, without a slash at the end.
    pub(super) path: String,
}

/// An index that was just there with its mapping. Only [`IndexDefinition::ensure`] gives one, and only into one can be
/// written, so that no write creates an index by accident.
#[derive(Debug)]
pub struct ReadyIndex(FoundIndex);

impl Deref for ReadyIndex {
    type Target = FoundIndex;

    fn deref(&self) -> &FoundIndex {
        &self.0
    }
}

/// An index that the gateway keeps: its name, settings and mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexDefinition {
    name: IndexName,
    body: Value,
}

impl IndexDefinition {
    /// An index of this name, with a body `{"settings": …, "mappings": …}` whose mapping carries its revision.
    #[must_use]
    pub const fn new(name: IndexName, body: Value) -> Self {
        Self { name, body }
    }

    /// The index's path in the cluster's API, without a slash at the end.
    fn path(&self) -> String {
        format!(
            "/{}",
            percent_encoding::utf8_percent_encode(self.name.as_str(), percent_encoding::NON_ALPHANUMERIC)
        )
    }

    fn mapping(&self) -> Value {
        self.body.get("mappings").cloned().unwrap_or_else(|| json!({}))
    }

    fn revision(&self) -> u64 {
        self.mapping()
            .pointer(REVISION)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    }

    /// Creates the index, or extends its mapping, where that is needed.
    pub async fn ensure(&self, cluster: &Cluster, caller: &Caller) -> Result<ReadyIndex, StoreError> {
        self.make_ready(cluster, caller).await?;
        Ok(ReadyIndex(FoundIndex { path: self.path() }))
    }

    /// The index, if there is one. Nothing is created or changed.
    pub async fn find(&self, cluster: &Cluster, caller: &Caller) -> Result<Option<FoundIndex>, StoreError> {
        let reply = self.mapping_now(cluster, caller).await?;
        match reply.status {
            StatusCode::OK => Ok(Some(FoundIndex { path: self.path() })),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(StoreError::Refused(Box::new(reply))),
        }
    }

    async fn mapping_now(&self, cluster: &Cluster, caller: &Caller) -> Result<Reply, StoreError> {
        let path = format!("{}/_mapping", self.path());
        let asked = cluster.call(Method::GET, &path, None, caller).await;
        asked.map_err(StoreError::NotSent)
    }

    async fn make_ready(&self, cluster: &Cluster, caller: &Caller) -> Result<(), StoreError> {
        let path = format!("{}/_mapping", self.path());
        let found = self.mapping_now(cluster, caller).await?;
        match found.status {
            StatusCode::OK if self.is_current(&found.json()) => Ok(()),
            // Fields are only ever added, so an older gateway beside this one is not disturbed.
            StatusCode::OK => self.accepted(cluster, &path, &self.mapping(), caller).await,
            StatusCode::NOT_FOUND => self.accepted(cluster, &self.path(), &self.body, caller).await,
            _ => Err(StoreError::Refused(Box::new(found))),
        }
    }

    /// Whether every index behind the name (it may be an alias) has this revision of the mapping or a later one.
    fn is_current(&self, mappings: &Value) -> bool {
        let current = |index: &Value| {
            let revision = index.pointer(&format!("/mappings{REVISION}")).and_then(Value::as_u64);
            revision.is_some_and(|revision| revision >= self.revision())
        };
        mappings
            .as_object()
            .is_some_and(|indices| indices.values().all(current))
    }

    async fn accepted(&self, cluster: &Cluster, path: &str, body: &Value, caller: &Caller) -> Result<(), StoreError> {
        let reply = cluster
            .call(Method::PUT, path, Some(body.to_string().into()), caller)
            .await
            .map_err(StoreError::NotSent)?;
        // Another gateway may have been faster: the index that exists by now is the one that was wanted.
        let exists = || reply.error_type().as_deref() == Some("resource_already_exists_exception");
        if reply.status.is_success() || exists() {
            Ok(())
        } else {
            Err(StoreError::Refused(Box::new(reply)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(revision: u64) -> IndexDefinition {
        let body = json!({"mappings": {"_meta": {"anomaly_gateway": {"revision": revision}}}});
        IndexDefinition::new(IndexName::default(), body)
    }

    fn found(revision: u64) -> Value {
        json!({"anomaly-detectors": {"mappings": {"_meta": {"anomaly_gateway": {"revision": revision}}}}})
    }

    #[test]
    fn a_mapping_of_the_same_or_a_later_revision_is_current() {
        assert!(definition(2).is_current(&found(2)));
        assert!(definition(2).is_current(&found(3)));
        assert!(!definition(2).is_current(&found(1)));
    }

    #[test]
    fn an_index_that_somebody_else_made_is_not_current() {
        assert!(!definition(1).is_current(&json!({"anomaly-detectors": {"mappings": {}}})));
        assert!(!definition(1).is_current(&Value::Null));
    }
}
