//! Stores an admitted job: the document's id and index, and what an id in use means to the client.

use serde_json::{Value, json};

use crate::admission::Admitted;
use crate::es::caller::Caller;
use crate::es::error::{Exception, Kind};
use crate::plugin::CommitError;
use crate::store::{self, Cluster, IndexDefinition, IndexName, StoreError};

/// The index's settings and mapping (contract job.md §5.2): of every field of a job, none guessed.
const INDEX: &str = include_str!("../../../schemas/index/anomaly-detectors.json");

/// The job index under the operator's name for it.
pub(super) fn index(name: IndexName) -> Result<IndexDefinition, serde_json::Error> {
    Ok(IndexDefinition::new(name, serde_json::from_str(INDEX)?))
}

/// Stores the job and gives the answer document.
pub(super) async fn commit(
    index: &IndexDefinition,
    admitted: Admitted,
    cluster: &Cluster,
    caller: &Caller,
) -> Result<Value, CommitError> {
    let Admitted {
        document_id,
        stored,
        effective,
        ..
    } = admitted;
    match store::create(cluster, index, &document_id, &stored, caller).await {
        Ok(()) => Ok(effective),
        // 400, and not the 409 that the cluster answered (contract job.md §4.5).
        Err(StoreError::Exists) => {
            let id = effective
                .get("job_id")
                .unwrap_or(&json!(null))
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let reason = format!("The job cannot be created with the Id '{id}': a job of that Id exists already.");
            Err(CommitError::Refused(
                Exception::new(Kind::ResourceAlreadyExists, reason).into(),
            ))
        }
        Err(error) => Err(error.into()),
    }
}
