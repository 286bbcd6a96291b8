//! Stores an admitted job, unless its id or a group of it is in use, and keeps records of those that the cluster stores.

mod pair;

use std::collections::HashMap;

use http::StatusCode;
use serde_json::{Value, json};

use crate::admission::{Admitted, Unsettled};
use crate::es::error::{Exception, Kind};
use crate::http::excerpt::Excerpt;
use crate::plugin::CommitError;
use crate::store::{FoundIndex, Hit, IndexDefinition, Store, StoreError};

use super::analyzer::lookup::{self, Lookup};
use super::texts::Texts;

/// What is looked at of other jobs.
pub(super) const FIELDS: [&str; 3] = ["job_id", "job_type", "groups"];

/// How many jobs that a search finds may have gone since, before the rest is taken as it was found.
const MAX_GONE: usize = 20;

/// The most groups that a job can be in here: one search finds all jobs that could be in the way of them and of the job
/// itself, and no search finds more than 10,000 (`index.max_result_window`).
const MAX_GROUPS: usize = 9_998;

/// Stores the job and gives the answer document.
pub(super) async fn commit(
    index: &IndexDefinition,
    mut admitted: Admitted,
    store: Store<'_>,
) -> Result<Excerpt, CommitError> {
    let taken = std::mem::take(&mut admitted.names);
    let names = Names::of(&taken)?;
    check_analyzer(admitted.unsettled.take(), store).await?;
    let index = index.ensure(store).await?;
    names.check(&index, store).await?;
    if let Some(companion) = admitted.companion.take() {
        return pair::create(&index, admitted, companion, names.id, store).await;
    }
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
) -> Result<Excerpt, CommitError> {
    let names = Names::of(&admitted.names)?;
    check_analyzer(admitted.unsettled.take(), store).await?;
    // Where there is no index, no job is in the way.
    if let Some(index) = index.find(store).await? {
        names.check(&index, store).await?;
        if let Some(companion) = &admitted.companion {
            pair::check(&index, companion, store).await?;
        }
    }
    Ok(admitted.documents)
}

/// Fails if the cluster cannot make the analyzer of a job that has one of its own. A caller who may not ask is none the
/// worse for it.
async fn check_analyzer(unsettled: Option<Unsettled>, store: Store<'_>) -> Result<(), CommitError> {
    let Some(Unsettled { question, .. }) = unsettled else {
        return Ok(());
    };
    match lookup::look_up(question, store).await? {
        Lookup::Impossible(exception) => Err(CommitError::Refused(exception.into())),
        Lookup::Fine | Lookup::NotTold => Ok(()),
    }
}

/// A text that a job has; empty where it has none.
fn text<'h>(hit: &'h Hit, name: &str) -> &'h str {
    hit.source.get(name).and_then(Value::as_str).unwrap_or_default()
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
                    "[groups] has more than {MAX_GROUPS} names: whether so many are in use is not found by one search; \
                     use fewer"
                ),
            )),
            Some((id, groups)) => Ok(Self { id, groups }),
        }
    }

    /// Fails if one of the names is taken now. A search finds jobs as they were when the index was last refreshed, so that
    /// one which is in the way is looked at again.
    async fn check(&self, index: &FoundIndex, store: Store<'_>) -> Result<(), CommitError> {
        let mut gone: Vec<String> = Vec::new();
        loop {
            let mut found = store.find(index, &self.query(&gone)).await?;
            let gone_before = gone.len();
            while let Some((place, reason)) = self.clash(&found) {
                if gone.len() >= MAX_GONE || self.is_there(&found, place, index, store).await? {
                    return Err(in_use(reason));
                }
                gone.push(found.remove(place).id);
            }
            // In place of those that have gone the search may find others.
            if gone.len() == gone_before {
                return Ok(());
            }
        }
    }

    /// Whether a job that was found is still there, and still in the way. Who may search but not read is told what the
    /// search has found.
    async fn is_there(
        &self,
        found: &[Hit],
        place: usize,
        index: &FoundIndex,
        store: Store<'_>,
    ) -> Result<bool, CommitError> {
        let Some(Hit { id, .. }) = found.get(place) else {
            return Ok(true);
        };
        match store.current(index, id, &FIELDS).await {
            Ok(None) => Ok(false),
            Ok(Some(source)) => {
                let current = Hit { id: id.clone(), source };
                Ok(self.clash(&[current]).is_some())
            }
            Err(StoreError::Refused(refused)) if refused.reply().status == StatusCode::FORBIDDEN => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Finds the jobs that could clash: by their id all of them, and of those in a group of the id enough to know it.
    fn query(&self, gone: &[String]) -> Value {
        let ids: Vec<&str> = self.groups.iter().map(String::as_str).chain([self.id]).collect();
        json!({
            "size": ids.len() + 1,
            "_source": FIELDS,
            "query": {"bool": {
                "should": [{"terms": {"job_id": ids, "boost": 1000}}, {"term": {"groups": self.id}}],
                "minimum_should_match": 1,
                "filter": {"exists": {"field": "job_type"}},
                "must_not": {"ids": {"values": gone}}
            }}
        })
    }

    /// Which of the jobs that were found is in the way, and why, in Elasticsearch's order: a job of the id, a group of that
    /// name, a job that has the name of one of the groups (create-job.md §1 step 8, §4.5). Jobs of another type count only
    /// as ids (§5.2).
    fn clash(&self, found: &[Hit]) -> Option<(usize, String)> {
        let place = |is_in_the_way: &dyn Fn(&Hit) -> bool| found.iter().position(is_in_the_way);
        if let Some(place) = place(&|hit| text(hit, "job_id") == self.id) {
            return Some((place, exists(self.id)));
        }
        let is_of_this_type = |hit: &Hit| text(hit, "job_type") == "anomaly_detector";
        let in_group = |hit: &Hit| {
            let groups = hit.source.get("groups").and_then(Value::as_array);
            groups.is_some_and(|groups| groups.iter().any(|group| *group == self.id))
        };
        if let Some(place) = place(&|hit| is_of_this_type(hit) && in_group(hit)) {
            let job = found.get(place).map_or("", |hit| text(hit, "job_id"));
            let reason = format!(
                "the id [{}] is in use: the job [{job}] is in a group of that name; choose another id",
                self.id
            );
            return Some((place, reason));
        }
        // There may be ten thousand of either, so that each of one is not looked for among all of the other.
        let jobs = found.iter().enumerate().filter(|(_, hit)| is_of_this_type(hit));
        let places: HashMap<&str, usize> = jobs.map(|(place, hit)| (text(hit, "job_id"), place)).collect();
        let (group, place) = self
            .groups
            .iter()
            .find_map(|group| Some((group, *places.get(group.as_str())?)))?;
        let reason =
            format!("the group [{group}] cannot be made: there is a job of that id; choose another name for the group");
        Some((place, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clash(found: &[Value]) -> Option<String> {
        let names = ["new", "web", "ops"].map(str::to_owned);
        let hit = |source: &Value| Hit {
            id: "anomaly_detector-x".to_owned(),
            source: source.clone(),
        };
        let found: Vec<Hit> = found.iter().map(hit).collect();
        let clash = Names::of(&names).expect("names").clash(&found);
        clash.map(|(_, reason)| reason)
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
                .contains("there is a job of that id, which was left as it is; choose another id")
        );
        assert!(
            clash(&all[..2])
                .expect("a clash")
                .contains("the job [old] is in a group of that name; choose another id")
        );
        assert!(
            clash(&all[..1])
                .expect("a clash")
                .contains("the group [ops] cannot be made: there is a job of that id; choose another name")
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
