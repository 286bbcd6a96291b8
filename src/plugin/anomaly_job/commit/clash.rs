//! Finds out whether another job has one of the names that a new job takes.

use std::collections::HashMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::{FIELDS, exists, in_use};
use crate::admission::Names;
use crate::plugin::CommitError;
use crate::store::{FoundIndex, Hit, Store, StoreError};

/// How many found jobs are looked at again because they may be gone; beyond that the search is believed.
const MAX_GONE: usize = 20;

/// Fails if one of the names is taken. A search finds jobs as of the last refresh of the index, so a job that is in the way
/// is read again.
pub(super) async fn check(names: &Names, index: &FoundIndex, store: Store<'_>) -> Result<(), CommitError> {
    let mut gone: Vec<String> = Vec::new();
    loop {
        let mut found = store.find(index, &query(names, &gone)).await?;
        let gone_before = gone.len();
        while let Some((place, reason)) = clash(names, &found) {
            if gone.len() >= MAX_GONE || is_there(names, &found, place, index, store).await? {
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

/// Whether a job that was found is still there, and still in the way. For a caller who may search but not read, the search
/// is believed.
async fn is_there(
    names: &Names,
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
            Ok(clash(names, &[current]).is_some())
        }
        Err(StoreError::Refused(refused)) if refused.reply().status == StatusCode::FORBIDDEN => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Finds all jobs whose id could clash, and at least one of those that are in a group of the new job's id, if there is any.
fn query(names: &Names, gone: &[String]) -> Value {
    let ids: Vec<&str> = names
        .others
        .iter()
        .map(String::as_str)
        .chain([names.own.as_str()])
        .collect();
    json!({
        "size": ids.len() + 1,
        "_source": FIELDS,
        "query": {"bool": {
            "should": [{"terms": {"job_id": ids, "boost": 1000}}, {"term": {"groups": names.own}}],
            "minimum_should_match": 1,
            "filter": {"exists": {"field": "job_type"}},
            "must_not": {"ids": {"values": gone}}
        }}
    })
}

/// Which of the jobs that were found is in the way, and why, in Elasticsearch's order: a job of the id, a group of that
/// name, a job that has the name of one of the groups (create-job.md §1 step 8, §4.5). Jobs of another type count only
/// as ids (§5.2).
fn clash(names: &Names, found: &[Hit]) -> Option<(usize, String)> {
    let place = |is_in_the_way: &dyn Fn(&Hit) -> bool| found.iter().position(is_in_the_way);
    if let Some(place) = place(&|hit| text(hit, "job_id") == names.own) {
        return Some((place, exists(&names.own)));
    }
    let is_of_this_type = |hit: &Hit| text(hit, "job_type") == "anomaly_detector";
    let in_group = |hit: &Hit| {
        let groups = hit.source.get("groups").and_then(Value::as_array);
        groups.is_some_and(|groups| groups.iter().any(|group| *group == names.own))
    };
    if let Some(place) = place(&|hit| is_of_this_type(hit) && in_group(hit)) {
        let job = found.get(place).map_or("", |hit| text(hit, "job_id"));
        let reason = format!(
            "the id [{}] is in use: the job [{job}] is in a group of that name; choose another id",
            names.own
        );
        return Some((place, reason));
    }
    // There may be ten thousand of either, so that each of one is not looked for among all of the other.
    let jobs = found.iter().enumerate().filter(|(_, hit)| is_of_this_type(hit));
    let places: HashMap<&str, usize> = jobs.map(|(place, hit)| (text(hit, "job_id"), place)).collect();
    let (group, place) = names
        .others
        .iter()
        .find_map(|group| Some((group, *places.get(group.as_str())?)))?;
    let reason =
        format!("the group [{group}] cannot be made: there is a job of that id; choose another name for the group");
    Some((place, reason))
}

/// A text that a job has; empty where it has none.
fn text<'h>(hit: &'h Hit, name: &str) -> &'h str {
    hit.source.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clash(found: &[Value]) -> Option<String> {
        let names = Names {
            own: "new".to_owned(),
            others: vec!["web".to_owned(), "ops".to_owned()],
        };
        let hit = |source: &Value| Hit {
            id: "anomaly_detector-x".to_owned(),
            source: source.clone(),
        };
        let found: Vec<Hit> = found.iter().map(hit).collect();
        super::clash(&names, &found).map(|(_, reason)| reason)
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
