//! Stores an admitted job, unless its id or a group of it is in use, and keeps records of those that the cluster stores.

use serde_json::{Value, json};

use crate::admission::Admitted;
use crate::es::error::{Exception, Kind};
use crate::http::excerpt::Excerpt;
use crate::plugin::CommitError;
use crate::store::{FoundIndex, IndexDefinition, Store, StoreError};

use super::parts::Texts;

/// The most groups that a job can be in here: one search finds all jobs that could be in the way of them and of the job
/// itself, and no search finds more than 10,000 (`index.max_result_window`).
const MAX_GROUPS: usize = 9_998;

/// Stores the job and gives the answer document.
pub(super) async fn commit(
    index: &IndexDefinition,
    admitted: Admitted,
    store: Store<'_>,
) -> Result<Excerpt, CommitError> {
    let names = Names::of(&admitted.names)?;
    let index = index.ensure(store).await?;
    names.check(&index, store).await?;
    let documents = admitted.documents;
    match store.create(&index, &admitted.document_id, documents.clone()).await {
        Ok(()) => Ok(documents),
        // Another create of the id was faster.
        Err(StoreError::Exists) => Err(in_use(exists(names.id))),
        Err(error) => Err(error.into()),
    }
}

/// Stores the job that the cluster itself has created, over the record of a job of that id which is no more: whose id it
/// is, the cluster has decided.
pub(super) async fn record(index: &IndexDefinition, admitted: Admitted, store: Store<'_>) -> Result<(), StoreError> {
    let index = index.ensure(store).await?;
    store.replace(&index, &admitted.document_id, admitted.documents).await
}

/// Gives the answer document of a job that could be stored now, and stores nothing.
pub(super) async fn rehearse(
    index: &IndexDefinition,
    admitted: Admitted,
    store: Store<'_>,
) -> Result<Excerpt, CommitError> {
    let names = Names::of(&admitted.names)?;
    // Where there is no index, no job is in the way.
    if let Some(index) = index.find(store).await? {
        names.check(&index, store).await?;
    }
    Ok(admitted.documents)
}

/// 400, and not the 409 that a store would answer (contract job.md §4.5).
fn in_use(reason: String) -> CommitError {
    CommitError::Refused(Exception::new(Kind::ResourceAlreadyExists, reason).into())
}

fn exists(id: &str) -> String {
    format!("the id [{id}] is in use: there is a job of that id, which was left as it is")
}

/// The names that a job takes: job ids and groups share one space of names.
pub(super) fn names(id: &str, groups: Texts<'_>) -> Vec<String> {
    // One more shows that there are too many.
    let groups = groups.iter().flatten().take(MAX_GROUPS + 1);
    let groups = groups.map(std::borrow::Cow::into_owned);
    [id.to_owned()].into_iter().chain(groups).collect()
}

/// The same, taken apart.
#[derive(Debug)]
struct Names<'a> {
    id: &'a str,
    groups: &'a [String],
}

impl<'a> Names<'a> {
    fn of(names: &'a [String]) -> Result<Self, CommitError> {
        let refused = |kind, reason: String| CommitError::Refused(Exception::new(kind, reason).into());
        match names.split_first() {
            // The names are admission's own, so this cannot be but by a fault of the gateway.
            None => Err(refused(Kind::Internal, "the admitted job has no name".to_owned())),
            Some((_, groups)) if groups.len() > MAX_GROUPS => Err(refused(
                Kind::IllegalArgument,
                format!(
                    "[groups] has more than {MAX_GROUPS} names: whether so many are in use is not found by one search"
                ),
            )),
            Some((id, groups)) => Ok(Self { id, groups }),
        }
    }

    /// Fails if one of the names is taken.
    async fn check(&self, index: &FoundIndex, store: Store<'_>) -> Result<(), CommitError> {
        let found = store.search(index, &self.query()).await?;
        self.clash(&found).map_or(Ok(()), |reason| Err(in_use(reason)))
    }

    /// Finds the jobs that could clash: by their id all of them, and of those in a group of the id enough to know it.
    fn query(&self) -> Value {
        let ids: Vec<&str> = self.groups.iter().map(String::as_str).chain([self.id]).collect();
        json!({
            "size": ids.len() + 1,
            "_source": ["job_id", "job_type", "groups"],
            "query": {"bool": {"should": [{"terms": {"job_id": ids, "boost": 1000}}, {"term": {"groups": self.id}}]}}
        })
    }

    /// Why the names cannot be taken, in Elasticsearch's order: a job of the id, a group of that name, a job that has
    /// the name of one of the groups (contract job.md §1 step 8, §4.5). Jobs of another type count only as ids (§5.2).
    fn clash(&self, found: &[Value]) -> Option<String> {
        let id_of = |job: &'_ Value| job.get("job_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if found.iter().any(|job| id_of(job) == self.id) {
            return Some(exists(self.id));
        }
        let of_this_type = |job: &&Value| job.get("job_type").and_then(Value::as_str) == Some("anomaly_detector");
        let others: Vec<&Value> = found.iter().filter(of_this_type).collect();
        let in_group = |job: &Value| {
            let groups = job.get("groups").and_then(Value::as_array);
            groups.is_some_and(|groups| groups.iter().any(|group| *group == self.id))
        };
        if let Some(job) = others.iter().find(|job| in_group(job)) {
            return Some(format!(
                "the id [{}] is in use: the job [{}] is in a group of that name",
                self.id,
                id_of(job)
            ));
        }
        let taken = self
            .groups
            .iter()
            .find(|group| others.iter().any(|job| id_of(job) == **group))?;
        Some(format!("the group [{taken}] cannot be made: there is a job of that id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clash(found: &[Value]) -> Option<String> {
        let names = ["new", "web", "ops"].map(str::to_owned);
        Names::of(&names).expect("names").clash(found)
    }

    #[test]
    fn other_jobs_and_groups_are_no_clash() {
        assert_eq!(clash(&[]), None);
        assert_eq!(
            clash(&[json!({"job_id": "old", "job_type": "anomaly_detector", "groups": ["web"]})]),
            None
        );
    }

    #[test]
    fn the_clashes_come_in_elasticsearchs_order() {
        let same_id = json!({"job_id": "new", "job_type": "other"});
        let group_like_id = json!({"job_id": "old", "job_type": "anomaly_detector", "groups": ["x", "new"]});
        let id_like_group = json!({"job_id": "ops", "job_type": "anomaly_detector"});
        let all = [id_like_group.clone(), group_like_id.clone(), same_id];
        assert!(
            clash(&all)
                .expect("a clash")
                .contains("there is a job of that id, which was left")
        );
        assert!(
            clash(&all[..2])
                .expect("a clash")
                .contains("the job [old] is in a group of that name")
        );
        assert!(
            clash(&all[..1])
                .expect("a clash")
                .contains("the group [ops] cannot be made")
        );
    }

    #[test]
    fn jobs_of_another_type_clash_by_their_id_only() {
        assert_eq!(clash(&[json!({"job_id": "ops", "job_type": "other"})]), None);
        assert_eq!(
            clash(&[json!({"job_id": "old", "job_type": "other", "groups": ["new"]})]),
            None
        );
    }
}
