//! The names that jobs have taken: as they are stored in the gateway's index, or as the cluster's own machine learning
//! shows them. And whether a cluster can make a job's analyzer.

use http::{Method, StatusCode};
use serde_json::Value;

use super::AnomalyJobPlugin;
use super::analyzer::lookup::{self, Lookup};
use super::commit::FIELDS;
use super::stored_jobs::of_jobs;
use crate::cluster::ReplyError;
use crate::store::{Store, StoreError};

/// The call that shows jobs, cut down to their names.
const SHOWN: &str = "/_ml/anomaly_detectors?filter_path=jobs.job_id,jobs.job_type,jobs.groups";

/// The names that one job has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobNames {
    /// Its id.
    pub id: String,
    /// The groups that it is in.
    pub groups: Vec<String>,
    /// It is of the one type that there is today: others only keep their id from being used again (create-job.md §5.2).
    pub is_of_this_type: bool,
}

impl JobNames {
    fn read(job: &Value) -> Self {
        let text = |name: &str| job.get(name).and_then(Value::as_str).unwrap_or_default();
        let groups = job.get("groups").and_then(Value::as_array);
        let groups = groups.into_iter().flatten().filter_map(Value::as_str);
        Self {
            id: text("job_id").to_owned(),
            groups: groups.map(str::to_owned).collect(),
            is_of_this_type: text("job_type") == "anomaly_detector",
        }
    }
}

impl AnomalyJobPlugin {
    /// The names of the jobs that are stored, as of the last refresh.
    pub async fn stored_names(&self, store: Store<'_>) -> Result<Vec<JobNames>, StoreError> {
        let mut names = Vec::new();
        // Where there is no index, there are no jobs.
        if let Some(index) = self.index.find(store).await? {
            let add = |job: &Value| names.push(JobNames::read(job));
            store.scan(&index, of_jobs(&FIELDS), add).await?;
        }
        Ok(names)
    }

    /// The names of the jobs that the cluster's own machine learning has.
    pub async fn native_names(&self, store: Store<'_>) -> Result<Vec<JobNames>, StoreError> {
        let asked = store.cluster.call(Method::GET, SHOWN, None, store.caller).await;
        let reply = asked.map_err(StoreError::NotSent)?;
        let shown = reply.json();
        // Where there is no job, nothing is left of the answer.
        let jobs = shown.get("jobs").map(|jobs| jobs.as_array().cloned());
        match (reply.status, jobs) {
            (StatusCode::OK, None) if shown.is_object() => Ok(Vec::new()),
            (StatusCode::OK, Some(Some(jobs))) => Ok(jobs.iter().map(JobNames::read).collect()),
            _ => Err(ReplyError::from(reply).into()),
        }
    }

    /// Whether the cluster can make the analyzer of a job, by the question that the job leaves open.
    pub async fn look_up_analyzer(&self, question: String, store: Store<'_>) -> Result<Lookup, StoreError> {
        lookup::look_up(question, store).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_read_from_what_is_stored_or_shown() {
        let job = json!({"job_id": "a", "job_type": "anomaly_detector", "groups": ["web", "ops"]});
        let expected = JobNames {
            id: "a".to_owned(),
            groups: vec!["web".to_owned(), "ops".to_owned()],
            is_of_this_type: true,
        };
        assert_eq!(JobNames::read(&job), expected);
        let bare = JobNames::read(&json!({"job_id": "b", "job_type": "other"}));
        assert!(bare.groups.is_empty() && !bare.is_of_this_type);
    }
}
