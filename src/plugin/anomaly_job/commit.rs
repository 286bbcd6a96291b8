//! Stores an admitted job: the document's id and index, and what an id in use means to the client.

use serde_json::Value;

use crate::admission::Admitted;
use crate::es::caller::Caller;
use crate::es::error::{Exception, Kind};
use crate::plugin::CommitError;
use crate::store::{self, Cluster, IndexDefinition, StoreError};

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
            let id = effective.get("job_id").and_then(Value::as_str).unwrap_or_default();
            let reason = format!("The job cannot be created with the Id '{id}': a job of that Id exists already.");
            Err(CommitError::Refused(
                Exception::new(Kind::ResourceAlreadyExists, reason).into(),
            ))
        }
        Err(error) => Err(error.into()),
    }
}
