//! The jobs that are stored, each with the datafeed that is stored beside it, for whatever looks at all of them.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::datafeed::companion::{MEMBER, NAME, OF_STORED};
use super::{AnomalyJobPlugin, create_request};
use crate::admission::engine::{Engine, PolicyInput};
use crate::admission::policy::{Evaluation, PolicySet};
use crate::store::{FoundIndex, Pages, Selection, Store, StoreError};

/// All jobs, and no datafeed: what datafeeds do not have is a type of job.
pub(super) const fn of_jobs<'s>(fields: &'s [&'s str]) -> Selection<'s> {
    Selection {
        key: "job_id",
        also: "job_type",
        among: None,
        fields,
    }
}

/// A job as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredJob {
    /// Its id.
    pub id: String,
    /// The document.
    document: String,
    /// The datafeed, as answers show it.
    datafeed: Option<String>,
}

impl StoredJob {
    /// The document that policies judge: what is stored, with the datafeed as one more member.
    #[must_use]
    pub fn judged(&self) -> Cow<'_, str> {
        self.with_datafeed_as(NAME)
    }

    /// The body of the request that creates it anew; empty for what is no job.
    #[must_use]
    pub fn request(&self) -> String {
        create_request::request(&self.with_datafeed_as(MEMBER)).unwrap_or_default()
    }

    fn with_datafeed_as(&self, name: &str) -> Cow<'_, str> {
        match (&self.datafeed, self.document.strip_suffix('}')) {
            (Some(datafeed), Some(members)) => Cow::Owned(format!("{members},\"{name}\":{datafeed}}}")),
            _ => Cow::Borrowed(&self.document),
        }
    }

    /// `datafeeds` has those of this job and of others, by the id of the job and when both were made.
    fn of(document: &Value, datafeeds: &mut HashMap<Link, String>) -> Self {
        Self {
            id: text(document, "job_id"),
            document: document.to_string(),
            datafeed: Link::of(document).and_then(|link| datafeeds.remove(&link)),
        }
    }
}

/// What a datafeed and its job know each other by. One that no job is linked to counts for nothing: its create broke off.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Link {
    job_id: String,
    create_time: i64,
}

impl Link {
    fn of(document: &Value) -> Option<Self> {
        Some(Self {
            job_id: text(document, "job_id"),
            create_time: document.get("create_time")?.as_i64()?,
        })
    }
}

fn text(document: &Value, name: &str) -> String {
    let text = document.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// A stored datafeed as answers show it.
fn shown(mut datafeed: Value) -> String {
    if let Value::Object(members) = &mut datafeed {
        members.retain(|name, _| !OF_STORED.contains(&name.as_str()));
    }
    datafeed.to_string()
}

/// All jobs that are stored, page by page: no more is held than a page of them, with their datafeeds.
#[derive(Debug)]
pub struct StoredJobPages {
    /// None where there is no index, and so no job.
    index: Option<FoundIndex>,
    pages: Pages<'static>,
}

impl AnomalyJobPlugin {
    /// What policies say of a job as it is stored. Who would change it is not known, so that it is a caller without a name.
    #[must_use]
    pub fn standing(&self, job: &StoredJob, policies: &PolicySet, now_millis: i64) -> Evaluation {
        let engine = Engine {
            call: &self.call,
            policies,
        };
        let asked = PolicyInput {
            id: &job.id,
            user: None,
            now_millis,
        };
        engine.standing(&job.judged(), asked)
    }

    /// From the first page on.
    pub async fn stored_jobs(&self, store: Store<'_>) -> Result<StoredJobPages, StoreError> {
        Ok(StoredJobPages {
            index: self.index.find(store).await?,
            pages: Pages::of(of_jobs(&[])),
        })
    }
}

impl StoredJobPages {
    /// The next page; none after the last one.
    pub async fn next(&mut self, store: Store<'_>) -> Result<Option<Vec<StoredJob>>, StoreError> {
        let Some(index) = &self.index else {
            return Ok(None);
        };
        let Some(jobs) = self.pages.next(index, store).await? else {
            return Ok(None);
        };
        let mut datafeeds = datafeeds(&jobs, index, store).await?;
        Ok(Some(
            jobs.iter().map(|job| StoredJob::of(job, &mut datafeeds)).collect(),
        ))
    }
}

/// The datafeeds of these jobs. What earlier creates have left is read past.
async fn datafeeds(jobs: &[Value], index: &FoundIndex, store: Store<'_>) -> Result<HashMap<Link, String>, StoreError> {
    let links: HashMap<String, Link> = jobs
        .iter()
        .filter_map(Link::of)
        .map(|link| (link.job_id.clone(), link))
        .collect();
    let mut datafeeds = HashMap::new();
    if links.is_empty() {
        return Ok(datafeeds);
    }
    let ids: Vec<&str> = links.keys().map(String::as_str).collect();
    let mut pages = Pages::of(Selection {
        key: "datafeed_id",
        also: "create_time",
        among: Some(("job_id", &ids)),
        fields: &[],
    });
    while let Some(page) = pages.next(index, store).await? {
        for datafeed in page {
            let link = Link::of(&datafeed).filter(|link| links.get(&link.job_id) == Some(link));
            if let Some(link) = link {
                datafeeds.insert(link, shown(datafeed));
            }
        }
    }
    Ok(datafeeds)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn job() -> Value {
        json!({"job_id": "j", "job_type": "anomaly_detector", "job_version": "8.19.0", "create_time": 7, "groups": ["g"]})
    }

    fn datafeeds(create_time: i64) -> HashMap<Link, String> {
        let stored = json!({
            "datafeed_id": "d", "job_id": "j", "config_type": "datafeed", "create_time": create_time, "indices": ["a"]
        });
        HashMap::from([(Link::of(&stored).expect("a link"), shown(stored))])
    }

    #[test]
    fn policies_see_the_datafeed_of_a_job_and_a_create_asks_for_it() {
        let stored = StoredJob::of(&job(), &mut datafeeds(7));
        assert_eq!(stored.id, "j");
        let judged: Value = serde_json::from_str(&stored.judged()).expect("JSON");
        let datafeed = json!({"datafeed_id": "d", "job_id": "j", "indices": ["a"]});
        assert_eq!(judged["datafeed"], datafeed);
        assert_eq!(judged["create_time"], 7);
        let request: Value = serde_json::from_str(&stored.request()).expect("JSON");
        let expected = json!({"job_id": "j", "groups": ["g"], "datafeed_config": datafeed});
        assert_eq!(request, expected);
    }

    #[test]
    fn one_that_was_made_at_another_time_is_not_its_own() {
        let stored = StoredJob::of(&job(), &mut datafeeds(8));
        assert_eq!(stored.judged(), job().to_string());
        assert!(!stored.request().contains("datafeed"), "{}", stored.request());
    }
}
