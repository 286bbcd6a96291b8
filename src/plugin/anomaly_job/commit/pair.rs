//! Stores a job and its datafeed, which are two documents, both or neither.
//!
//! No cluster stores two documents atomically. So a datafeed counts only beside its job: the job with the id that it names and
//! the same creation time. The datafeed is stored first, and the write that creates the job then makes both valid. A create that
//! breaks off in between leaves a datafeed without a job, which counts for nothing: the next create of its id replaces it, but
//! not before a minute has passed, since the first create may be about to store its job. A create that takes longer than that
//! checks, after its job is stored, whether the datafeed is still its own, and deletes the job again if it is not.

use http::StatusCode;
use serde_json::Value;

use super::{document_id, exists, in_use};
use crate::admission::{Admitted, Companion, DocumentVersion, now_millis};
use crate::es::error::{Exception, Kind};
use crate::plugin::CommitError;
use crate::store::{FoundIndex, ReadyIndex, Reserved, Store, StoreError};
use crate::telemetry::events::cluster::LeftBehind;
use crate::xcontent::elided_text::ElidedText;

/// How long, in milliseconds, a datafeed may wait for its job: longer than a node takes to answer a write.
const UNDER_WAY: i64 = 60_000;

/// The fields that link a datafeed to its job.
const LINK: [&str; 2] = ["job_id", "create_time"];

/// Stores the job and its datafeed, and gives the answer document.
pub(super) async fn create(
    index: &ReadyIndex,
    admitted: Admitted,
    companion: Companion,
    store: Store<'_>,
) -> Result<ElidedText, CommitError> {
    let job_id = &admitted.names.own;
    let datafeed = reserve(index, &companion, store).await?;
    let documents = admitted.documents;
    let created = store.reserve(index, &admitted.document_id, documents.clone()).await;
    let job = match created {
        Ok(job) => job,
        // The job may be there, and then its datafeed has to be.
        Err(error @ StoreError::OutcomeUnknown(_)) => return Err(error.into()),
        Err(error) => {
            withdraw(index, &companion.document_id, datafeed, store).await;
            return Err(match error {
                // Another create of the id was faster.
                StoreError::Exists => in_use(exists(job_id)),
                error => error.into(),
            });
        }
    };
    if is_still(index, &companion.document_id, datafeed, store).await? {
        return Ok(documents);
    }
    if withdraw(index, &admitted.document_id, job, store).await {
        return Err(in_use(taken(&companion)));
    }
    let reason = format!(
        "{}; and the job [{job_id}], which was stored, could not be deleted again: delete it",
        taken(&companion)
    );
    let exception = Exception::new(Kind::Status(StatusCode::REQUEST_TIMEOUT), reason);
    Err(CommitError::Refused(exception.into()))
}

/// Fails if the id of the datafeed is taken now.
pub(super) async fn check(index: &FoundIndex, companion: &Companion, store: Store<'_>) -> Result<(), CommitError> {
    match store.reserved(index, &companion.document_id, &LINK).await? {
        None => Ok(()),
        Some(found) => check_left_over(index, &found, companion, store).await,
    }
}

/// Stores the datafeed, over one that an earlier create has left.
async fn reserve(index: &ReadyIndex, companion: &Companion, store: Store<'_>) -> Result<DocumentVersion, CommitError> {
    let Companion {
        document_id, document, ..
    } = companion;
    match store.reserve(index, document_id, document.clone()).await {
        Err(StoreError::Exists) => {}
        reserved => return Ok(reserved?),
    }
    // One that is gone by now was another create's, under way like this one.
    let found = store.reserved(index, document_id, &LINK).await?;
    let found = found.ok_or_else(|| in_use(taken(companion)))?;
    check_left_over(index, &found, companion, store).await?;
    let reserved = store
        .reserve_instead(index, document_id, document.clone(), found.version)
        .await;
    reserved.map_err(|error| match error {
        StoreError::Outdated => in_use(taken(companion)),
        error => error.into(),
    })
}

/// Fails if a datafeed that was found is that of a job, or may still become it.
async fn check_left_over(
    index: &FoundIndex,
    found: &Reserved,
    companion: &Companion,
    store: Store<'_>,
) -> Result<(), CommitError> {
    let id = &companion.id;
    let made = found.source.get("create_time").and_then(Value::as_i64);
    let Some((job_id, made)) = found.source.get("job_id").and_then(Value::as_str).zip(made) else {
        // The gateway has not made it.
        return Err(in_use(format!(
            "the datafeed id [{id}] is in use; choose another [datafeed_id]"
        )));
    };
    let job = store.current(index, &document_id(job_id), &LINK).await?;
    if job.is_some_and(|job| job.get("create_time").and_then(Value::as_i64) == Some(made)) {
        return Err(in_use(format!(
            "the datafeed id [{id}] is in use: it is the datafeed of the job [{job_id}], which was left as it is; choose \
             another [datafeed_id]"
        )));
    }
    if now_millis().saturating_sub(made) < UNDER_WAY {
        return Err(in_use(taken(companion)));
    }
    Ok(())
}

/// Whether a document still has that version. If the caller may write but not read, it is assumed to have.
async fn is_still(
    index: &ReadyIndex,
    id: &str,
    version: DocumentVersion,
    store: Store<'_>,
) -> Result<bool, CommitError> {
    match store.reserved(index, id, &LINK).await {
        Ok(found) => Ok(found.is_some_and(|found| found.version == version)),
        Err(StoreError::Refused(refused)) if refused.reply().status == StatusCode::FORBIDDEN => Ok(true),
        // The job was stored, and whether it stays so is not known.
        Err(StoreError::NotSent(error)) => Err(StoreError::OutcomeUnknown(error).into()),
        Err(error) => Err(error.into()),
    }
}

/// Deletes a document again; returns whether that succeeded.
async fn withdraw(index: &ReadyIndex, id: &str, version: DocumentVersion, store: Store<'_>) -> bool {
    let withdrawn = store.withdraw(index, id, version).await;
    if let Err(error) = &withdrawn {
        LeftBehind { id, error }.log();
    }
    withdrawn.is_ok()
}

fn taken(companion: &Companion) -> String {
    let id = &companion.id;
    format!(
        "the datafeed id [{id}] is in use by another create that is under way, or has broken off; nothing was stored: choose \
         another [datafeed_id], or try again in a minute"
    )
}
