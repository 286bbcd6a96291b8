//! Deletes a job and its datafeed, which are two documents, both or neither.
//!
//! As a datafeed counts only beside its job (`commit/pair.rs`), the write that deletes the job makes both be gone. What breaks
//! off after it leaves a datafeed that counts for nothing, and whose place the next create of its id takes.

use serde_json::json;

use super::super::commit::document_id;
use super::ACKNOWLEDGED;
use crate::admission::DocumentVersion;
use crate::es::error::{Exception, Kind};
use crate::plugin::{Calling, CommitError, Work};
use crate::store::{FoundIndex, IndexDefinition, Store, StoreError};
use crate::telemetry::events::cluster::LeftBehind;
use crate::xcontent::json::Node;

/// How often the job is looked at again that somebody else has changed meanwhile.
const MAX_ROUNDS: usize = 8;

/// What a datafeed and its job know each other by.
const CREATE_TIME: &str = "create_time";

/// How many datafeeds of a job are looked at: its own, and what creates of it that broke off have left.
const MAX_DATAFEEDS: usize = 100;

/// There is no job of that id.
pub(super) fn absent(id: &str) -> Exception {
    let reason =
        format!("there is no job of the id [{id}]; a delete names one job by its id, and no group or wildcard");
    Exception::new(Kind::ResourceNotFound, reason)
}

/// A datafeed of a job.
struct Datafeed {
    document_id: String,
    version: DocumentVersion,
}

/// A job that is being deleted.
#[derive(Debug)]
pub(super) struct Deletion {
    index: IndexDefinition,
    id: String,
}

impl Deletion {
    pub(super) const fn new(index: IndexDefinition, id: String) -> Self {
        Self { index, id }
    }

    async fn delete(&self, store: Store<'_>) -> Result<(), CommitError> {
        let refused = |exception: Exception| CommitError::Refused(exception.into());
        // Where there is no index, there is no job.
        let index = self.index.find(store).await?;
        let index = index.ok_or_else(|| refused(absent(&self.id)))?;
        let document_id = document_id(&self.id);
        let mut rounds_left = MAX_ROUNDS;
        loop {
            rounds_left -= 1;
            let job = store.reserved(&index, &document_id, &[CREATE_TIME]).await?;
            let job = job.ok_or_else(|| refused(absent(&self.id)))?;
            let datafeeds = match job.source.get(CREATE_TIME) {
                Some(created) => self.datafeeds(&created.to_string(), &index, store).await?,
                None => Vec::new(),
            };
            match store.remove(&index, &document_id, job.version).await {
                Ok(()) => {
                    withdraw(&datafeeds, &index, store).await;
                    return Ok(());
                }
                Err(StoreError::Outdated) if rounds_left > 0 => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The datafeed of the job that was made at this moment.
    async fn datafeeds(
        &self,
        created: &str,
        index: &FoundIndex,
        store: Store<'_>,
    ) -> Result<Vec<Datafeed>, CommitError> {
        let query = json!({
            "size": MAX_DATAFEEDS,
            "seq_no_primary_term": true,
            "_source": ["job_id", CREATE_TIME],
            "query": {"bool": {"filter": [
                {"term": {"config_type": "datafeed"}},
                {"term": {"job_id": self.id}}
            ]}}
        });
        let mut datafeeds = Vec::new();
        let page = store.page(index, &query).await?;
        page.read(|hit| {
            let is_its = hit.source.member(CREATE_TIME).and_then(Node::as_number) == Some(created);
            let known = hit.id().zip(hit.version()).filter(|_| is_its);
            datafeeds.extend(known.map(|(document_id, version)| Datafeed { document_id, version }));
            Ok::<(), CommitError>(())
        })?;
        Ok(datafeeds)
    }
}

/// Removes the datafeeds of a job that is no more. One that stays counts for nothing.
async fn withdraw(datafeeds: &[Datafeed], index: &FoundIndex, store: Store<'_>) {
    for Datafeed { document_id, version } in datafeeds {
        if let Err(error) = &store.withdraw(index, document_id, *version).await {
            LeftBehind { id: document_id, error }.log();
        }
    }
}

impl Work for Deletion {
    fn call<'a>(&'a mut self, store: Store<'a>) -> Calling<'a> {
        Box::pin(self.delete(store))
    }

    fn unread(&self) -> usize {
        0
    }

    fn held(&self) -> usize {
        0
    }

    fn read(&mut self) -> Result<Option<String>, CommitError> {
        Ok(Some(ACKNOWLEDGED.to_owned()))
    }
}
