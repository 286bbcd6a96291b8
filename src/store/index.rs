//! Makes sure that an index exists, with the mapping it needs and nothing that changes what is written into it, before
//! anything is written.
//!
//! A write into a missing index would create it with guessed types, so the index is looked for before every write:
//! one small call, on a path that is not taken often, against a promise that would otherwise hang on a memory of the
//! index which another gateway, or an operator, can make false.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Store;
use super::error::{StoreError, UntrustedIndex};
use super::found_index::FoundIndex;
use super::index_name::IndexName;
use crate::cluster::reply::{Reply, ReplyError};
use crate::telemetry::events::cluster::index_made;

/// Where a mapping says which revision of the gateway's definition it is.
const REVISION: &str = "/_meta/anomaly_gateway/revision";

/// Where it says what the index is for, if it is not the index of documents.
const CONTENTS: &str = "/_meta/anomaly_gateway/contents";

/// The setting that Elasticsearch knows from 7.5 on only.
const FINAL_PIPELINE: &str = "final_pipeline";

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
#[derive(Debug, Clone)]
pub struct IndexDefinition {
    name: IndexName,
    body: Value,
    /// It was there once. Nothing is done because of it but to say that it is gone.
    was_there: Arc<AtomicBool>,
}

impl IndexDefinition {
    /// An index of this name, with a body `{"settings": …, "mappings": …}` whose mapping carries its revision.
    #[must_use]
    pub fn new(name: IndexName, body: Value) -> Self {
        Self {
            name,
            body,
            was_there: Arc::default(),
        }
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

    /// The index as it should be, for reads beside a look at it: what they find counts once that has found it so.
    #[must_use]
    pub fn assumed(&self) -> FoundIndex {
        FoundIndex {
            path: self.path(),
            index: self.name.as_str().to_owned(),
            revision: None,
            contents: None,
        }
    }

    /// Creates the index, or extends its mapping, where that is needed.
    pub async fn ensure(&self, store: Store<'_>) -> Result<ReadyIndex, StoreError> {
        let found = if let Some(found) = self.find(store).await? {
            found
        } else {
            self.make(store).await?;
            // What was asked for is not always what there is: templates add to it, and another gateway, or somebody else,
            // may have been faster.
            let found = self.find(store).await?;
            found.ok_or_else(|| UntrustedIndex::Gone {
                index: self.name.as_str().to_owned(),
            })?
        };
        // Fields are only ever added, so an older gateway beside this one is not disturbed.
        if found.revision.is_none_or(|revision| revision < self.revision()) {
            let path = format!("{}/_mapping", self.path());
            let reply = put(store, &path, &self.mapping()).await?;
            if reply.status == StatusCode::BAD_REQUEST {
                return Err(self.has_another_mapping(&reply).into());
            }
            if !reply.status.is_success() {
                return Err(ReplyError::from(reply).into());
            }
        }
        self.was_there.store(true, Ordering::Relaxed);
        Ok(ReadyIndex(found))
    }

    /// As [`Self::ensure`], for an index that has nothing else in it than what the definition is for: one that is there already
    /// was made by it, and is called by its own name.
    pub async fn ensure_own(&self, store: Store<'_>) -> Result<ReadyIndex, StoreError> {
        if let Some(found) = self.find(store).await? {
            self.check_is_own(&found)?;
        }
        let ready = self.ensure(store).await?;
        self.check_is_own(&ready)?;
        Ok(ready)
    }

    fn check_is_own(&self, found: &FoundIndex) -> Result<(), UntrustedIndex> {
        let mapping = self.mapping();
        let contents = mapping.pointer(CONTENTS).and_then(Value::as_str);
        if found.index == self.name.as_str() && found.contents.as_deref() == contents {
            return Ok(());
        }
        let index = found.index.clone();
        Err(UntrustedIndex::OfOthers { index })
    }

    /// The index, if there is one and it can be trusted. Nothing is created or changed.
    pub async fn find(&self, store: Store<'_>) -> Result<Option<FoundIndex>, StoreError> {
        let path = self.path();
        let asked = store.cluster.call(Method::GET, &path, None, store.caller).await;
        let reply = asked.map_err(StoreError::NotSent)?;
        if reply.status == StatusCode::NOT_FOUND && reply.error_type().as_deref() == Some("index_not_found_exception") {
            return Ok(None);
        }
        if reply.status != StatusCode::OK {
            return Err(ReplyError::from(reply).into());
        }
        match FoundIndex::read(path, self.name.as_str(), &reply.json())? {
            Some(found) => Ok(Some(found)),
            None => Err(ReplyError::from(reply).into()),
        }
    }

    async fn make(&self, store: Store<'_>) -> Result<(), StoreError> {
        let mut reply = put(store, &self.path(), &self.body).await?;
        if is_unknown_setting(&reply, FINAL_PIPELINE) {
            let mut body = self.body.clone();
            let settings = body.pointer_mut("/settings/index").and_then(Value::as_object_mut);
            settings.map(|settings| settings.remove(FINAL_PIPELINE));
            reply = put(store, &self.path(), &body).await?;
        }
        if reply.status.is_success() {
            index_made(self.name.as_str(), self.was_there.load(Ordering::Relaxed));
            return Ok(());
        }
        // Another gateway may have been faster: the index that exists by now is looked at like any other.
        if reply.error_type().as_deref() == Some("resource_already_exists_exception") {
            return Ok(());
        }
        if reply.status == StatusCode::BAD_REQUEST {
            return Err(self.has_another_mapping(&reply).into());
        }
        Err(ReplyError::from(reply).into())
    }

    /// What it means that the cluster does not take the gateway's own mapping: no client has chosen anything of it.
    fn has_another_mapping(&self, reply: &Reply) -> UntrustedIndex {
        UntrustedIndex::Mapping {
            index: self.name.as_str().to_owned(),
            reason: reply.reason(),
        }
    }
}

async fn put(store: Store<'_>, path: &str, body: &Value) -> Result<Reply, StoreError> {
    let body = Some(body.to_string().into());
    let called = store.cluster.call(Method::PUT, path, body, store.caller).await;
    called.map_err(StoreError::NotSent)
}

/// Whether the cluster has refused to make an index because it does not know one of its settings.
fn is_unknown_setting(reply: &Reply, setting: &str) -> bool {
    let unknown = format!("unknown setting [index.{setting}]");
    let reply = reply.json();
    let reason = reply.pointer("/error/reason").and_then(Value::as_str);
    reason.is_some_and(|reason| reason.starts_with(&unknown))
}
