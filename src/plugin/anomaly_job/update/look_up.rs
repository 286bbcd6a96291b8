//! Looks up the job that a request updates, as it is now: that job and no other, whatever the text is that names it
//! (jobs-api.md §3.1, §3.6).

use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::commit::FIELDS;
use super::super::commit::document_id;
use crate::cluster::reply::ReplyError;
use crate::es::error::{Exception, Kind};
use crate::plugin::{CommitError, Found, Wanted};
use crate::store::{FoundIndex, Hit, IndexDefinition, Store, StoreError};
use crate::xcontent::json::{Document, Node};

/// There is no job of that id.
pub(super) fn absent(id: &str) -> CommitError {
    let reason =
        format!("there is no job of the id [{id}]; an update names one job by its id, and no group or wildcard");
    CommitError::Refused(Exception::new(Kind::ResourceNotFound, reason).into())
}

/// The job that the cluster itself has. The call that shows jobs takes a name for a group's as well, so that what it shows is
/// believed only where it has the very id.
pub(super) async fn of_cluster(wanted: &Wanted, store: Store<'_>) -> Result<Found, CommitError> {
    let path = format!(
        "/_ml/anomaly_detectors/{}",
        utf8_percent_encode(&wanted.id, NON_ALPHANUMERIC)
    );
    let asked = store.cluster.call(Method::GET, &path, None, store.caller).await;
    let reply = asked.map_err(StoreError::NotSent)?;
    let jobs = match reply.status {
        StatusCode::OK => jobs_in(&reply.body),
        StatusCode::NOT_FOUND if reply.error_type().as_deref() == Some("resource_not_found_exception") => {
            return Err(absent(&wanted.id));
        }
        _ => None,
    };
    let Some(jobs) = jobs else {
        return Err(StoreError::from(ReplyError::from(reply)).into());
    };
    let job = jobs.into_iter().find(|(id, _)| *id == wanted.id);
    let (_, document) = job.ok_or_else(|| absent(&wanted.id))?;
    Ok(Found {
        document,
        version: None,
    })
}

/// The jobs that an answer shows, each with its id; none where it is not such an answer.
fn jobs_in(body: &[u8]) -> Option<Vec<(String, String)>> {
    let document = Document::read(body);
    let jobs = document.root().filter(|_| document.fault().is_none())?.member("jobs")?;
    let named = |job: Node<'_>| Some((job.member("job_id")?.as_text()?.into_owned(), job.raw().to_owned()));
    jobs.elements().map(named).collect()
}

/// The job that the gateway keeps in its index, with the version of its document.
pub(super) async fn of_index(wanted: &Wanted, index: &IndexDefinition, store: Store<'_>) -> Result<Found, CommitError> {
    // Where there is no index, there is no job.
    let Some(index) = index.find(store).await? else {
        return Err(absent(&wanted.id));
    };
    check_groups(&wanted.names, &index, store).await?;
    let found = store.document(&index, &document_id(&wanted.id)).await?;
    let (document, version) = found.ok_or_else(|| absent(&wanted.id))?;
    Ok(Found {
        document,
        version: Some(version),
    })
}

/// How many groups one search looks for at most.
const MAX_GROUPS: usize = 9_999;

/// Fails if a group has the name of a job, before it is known whether the job that is to be in it exists.
async fn check_groups(groups: &[String], index: &FoundIndex, store: Store<'_>) -> Result<(), CommitError> {
    if groups.is_empty() {
        return Ok(());
    }
    if groups.len() > MAX_GROUPS {
        let reason = format!(
            "[groups] has more than {MAX_GROUPS} names: whether so many are in use is not found by one search; use fewer"
        );
        return Err(CommitError::Refused(
            Exception::new(Kind::IllegalArgument, reason).into(),
        ));
    }
    let query = json!({
        "size": groups.len() + 1,
        "_source": FIELDS,
        "query": {"terms": {"job_id": groups}}
    });
    let found = store.find(index, &query).await?;
    for group in groups {
        let is_it = |hit: &&Hit| hit.source.get("job_id").and_then(Value::as_str) == Some(group);
        let Some(hit) = found.iter().find(is_it) else {
            continue;
        };
        // A search finds what was there when the index was last refreshed.
        if store.current(index, &hit.id, &FIELDS).await?.is_some() {
            let reason = format!(
                "the group [{group}] cannot be made: there is a job of that id; choose another name for the group"
            );
            return Err(CommitError::Refused(
                Exception::new(Kind::ResourceAlreadyExists, reason).into(),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_shows_jobs_with_their_ids() {
        let body = br#"{"count":2,"jobs":[{"job_id":"a","x":1.0},{"job_id":"b"}]}"#;
        let expected = [("a", r#"{"job_id":"a","x":1.0}"#), ("b", r#"{"job_id":"b"}"#)];
        let expected: Vec<_> = expected.map(|(id, job)| (id.to_owned(), job.to_owned())).into();
        assert_eq!(jobs_in(body), Some(expected));
        assert_eq!(jobs_in(br#"{"count":0,"jobs":[]}"#), Some(Vec::new()));
        for body in [
            &b"{}"[..],
            b"[]",
            b"",
            br#"{"jobs":[{}]}"#,
            br#"{"jobs":[{"job_id":"a"}]"#,
        ] {
            assert_eq!(jobs_in(body), None);
        }
    }
}
