//! Stores an admitted job, unless its id or a group of it is in use, and keeps records of those that the cluster stores.

mod clash;
mod pair;

use crate::admission::{Admitted, Names, Unsettled};
use crate::es::error::{Exception, Kind};
use crate::plugin::CommitError;
use crate::store::{IndexDefinition, Store, StoreError};
use crate::xcontent::elided_text::ElidedText;

use super::analyzer::lookup::{self, Lookup};
use super::texts::Texts;

/// The fields of other jobs that are compared.
pub(super) const FIELDS: [&str; 3] = ["job_id", "job_type", "groups"];

/// The most groups that a job can be in: one search has to find all jobs whose names could clash with them and with the job's
/// id, and no search finds more than 10,000 (`index.max_result_window`).
const MAX_GROUPS: usize = 9_998;

/// Stores the job and gives the answer document.
pub(super) async fn commit(
    index: &IndexDefinition,
    mut admitted: Admitted,
    store: Store<'_>,
) -> Result<ElidedText, CommitError> {
    check_number_of_groups(&admitted.names)?;
    check_analyzer(admitted.unsettled.take(), store).await?;
    // Both only read where there is an index, so that neither waits for the other.
    let assumed = index.assumed();
    let names = clash::check(&admitted.names, &assumed, store);
    let (index, names) = tokio::join!(index.ensure(store), names);
    let index = index?;
    match names {
        // It was not there yet, or something else that the look at it would have shown.
        Err(CommitError::Store(_)) => clash::check(&admitted.names, &index, store).await?,
        checked => checked?,
    }
    if let Some(companion) = admitted.companion.take() {
        return pair::create(&index, admitted, companion, store).await;
    }
    let documents = admitted.documents;
    match store.create(&index, &admitted.document_id, documents.clone()).await {
        Ok(()) => Ok(documents),
        // Another create of the id was faster.
        Err(StoreError::Exists) => Err(in_use(exists(&admitted.names.own))),
        Err(error) => Err(error.into()),
    }
}

/// Records the job that the cluster itself has created. It may replace the record of an earlier job of that id: whether the
/// id was free, the cluster has decided.
pub(super) async fn record(index: &IndexDefinition, admitted: Admitted, store: Store<'_>) -> Result<(), StoreError> {
    let index = index.ensure(store).await?;
    // The datafeed counts once its job is there.
    if let Some(companion) = admitted.companion {
        store
            .replace(&index, &companion.document_id, companion.document)
            .await?;
    }
    store.replace(&index, &admitted.document_id, admitted.documents).await
}

/// Gives the answer document of a job that could be stored now, and stores nothing.
pub(super) async fn dry_run(
    index: &IndexDefinition,
    mut admitted: Admitted,
    store: Store<'_>,
) -> Result<ElidedText, CommitError> {
    check_number_of_groups(&admitted.names)?;
    check_analyzer(admitted.unsettled.take(), store).await?;
    // Where there is no index, no job is in the way.
    if let Some(index) = index.find(store).await? {
        clash::check(&admitted.names, &index, store).await?;
        if let Some(companion) = &admitted.companion {
            pair::check(&index, companion, store).await?;
        }
    }
    Ok(admitted.documents)
}

/// Fails if the cluster cannot build the analyzer of a job that has one of its own. If the caller may not ask for that, the job
/// is stored all the same.
async fn check_analyzer(unsettled: Option<Unsettled>, store: Store<'_>) -> Result<(), CommitError> {
    let Some(Unsettled { question, .. }) = unsettled else {
        return Ok(());
    };
    match lookup::look_up(question, store).await? {
        Lookup::Impossible(exception) => Err(CommitError::Refused(exception.into())),
        Lookup::Fine | Lookup::NotTold => Ok(()),
    }
}

/// 400, and not the 409 that a store would answer (create-job.md §4.5).
fn in_use(reason: String) -> CommitError {
    CommitError::Refused(Exception::new(Kind::ResourceAlreadyExists, reason).into())
}

fn exists(id: &str) -> String {
    format!(
        "the id [{id}] is in use: there is a job of that id, which was left as it is; choose another id, or delete it first"
    )
}

/// The id of the document of a job.
pub(super) fn document_id(job_id: &str) -> String {
    format!("anomaly_detector-{job_id}")
}

/// The names that a job takes: job ids and groups share one space of names.
pub(super) fn names(id: &str, groups: Texts<'_>) -> Names {
    // One more shows that there are too many.
    let groups = groups.iter().flatten().take(MAX_GROUPS + 1);
    Names {
        own: id.to_owned(),
        others: groups.map(std::borrow::Cow::into_owned).collect(),
    }
}

/// Fails if a job is in more groups than one search can look for.
fn check_number_of_groups(names: &Names) -> Result<(), CommitError> {
    if names.others.len() <= MAX_GROUPS {
        return Ok(());
    }
    let reason = format!(
        "[groups] has more than {MAX_GROUPS} names: whether so many are in use is not found by one search; use fewer"
    );
    Err(CommitError::Refused(
        Exception::new(Kind::IllegalArgument, reason).into(),
    ))
}
