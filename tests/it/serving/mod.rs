//! `jobs.serve: all`: before a cluster without machine learning, the gateway answers all that it takes no running job for.

mod configuration;
mod deletes;
mod faults;
mod paths;
mod reads;
mod terraform;
mod updates;
mod validation;

use serde_json::{Value, json};

use crate::support::gateway::Gateway;
use crate::support::job::smallest;
use crate::support::node;
use crate::support::wire::{self, Answer};

/// A gateway that serves jobs as a version, from an index of its own in the shared node.
struct Serving {
    gateway: Gateway,
    index: String,
}

impl Serving {
    fn version(version: &str) -> Self {
        Self::with(version, "")
    }

    /// The same, with more of its configuration.
    fn with(version: &str, more: &str) -> Self {
        let index = node::fresh_id("serving");
        let yaml = format!("jobs: {{ index: {index}, serve: all, api: '{version}' }}\n{more}");
        Self {
            gateway: Gateway::configured(&[node::shared_url()], &yaml),
            index,
        }
    }

    /// Another version of the same jobs.
    fn as_version(&self, version: &str) -> Self {
        let index = self.index.clone();
        let yaml = format!("jobs: {{ index: {index}, serve: all, api: '{version}' }}\n");
        Self {
            gateway: Gateway::configured(&[node::shared_url()], &yaml),
            index,
        }
    }

    /// Creates a job with these members besides those that it has to have, and gives the answer.
    fn create(&self, id: &str, members: &Value) -> Value {
        let mut job: Value = serde_json::from_str(&smallest()).expect("JSON");
        let members = members.as_object().expect("members").clone();
        job.as_object_mut().expect("an object").extend(members);
        let answer = self.gateway.create_job(id, &job.to_string());
        assert_eq!(answer.status(), 200, "{}", answer.text());
        answer.json()
    }

    /// A call about jobs without a body.
    fn call(&self, method: &str, rest: &str) -> Answer {
        let target = format!("/_ml/anomaly_detectors{rest}");
        wire::call(self.gateway.address, method, &target, &[], "")
    }

    fn get(&self, rest: &str) -> Answer {
        self.call("GET", rest)
    }

    /// The ids of the jobs that a call shows, or its status and what it says is missing.
    fn ids(&self, rest: &str) -> Result<Vec<String>, (u16, String)> {
        let answer = self.get(rest);
        let body = answer.json();
        if answer.status() != 200 {
            return Err((answer.status(), reason(&answer)));
        }
        let jobs = body["jobs"].as_array().expect("jobs").clone();
        assert_eq!(body["count"], jobs.len(), "{body}");
        let id = |job: &Value| job["job_id"].as_str().expect("an id").to_owned();
        Ok(jobs.iter().map(id).collect())
    }

    /// What the node has under an id of the index, with how it is known.
    fn stored(&self, id: &str) -> Value {
        let index = &self.index;
        to_node("GET", &format!("/{index}/_doc/{id}"), "").json()
    }

    /// Puts documents into the index past the gateway.
    fn store(&self, documents: impl Iterator<Item = (String, Value)>) {
        let mut lines = String::new();
        for (id, document) in documents {
            lines += &format!("{}\n{document}\n", json!({"index": {"_id": id}}));
        }
        let answer = to_node("POST", &format!("/{}/_bulk?refresh=true", self.index), &lines);
        assert_eq!(answer.json()["errors"], false, "{}", answer.text());
    }
}

/// A call to the shared node, past any gateway.
fn to_node(method: &str, target: &str, body: &str) -> Answer {
    let address = wire::address_of(node::shared_url());
    wire::call(address, method, target, &[("content-type", "application/json")], body)
}

fn reason(answer: &Answer) -> String {
    answer.json()["error"]["reason"].as_str().unwrap_or_default().to_owned()
}

fn kind(answer: &Answer) -> String {
    answer.json()["error"]["type"].as_str().unwrap_or_default().to_owned()
}

fn is(answer: &Answer, status: u16, expected: &str) {
    assert_eq!(
        (answer.status(), &*kind(answer)),
        (status, expected),
        "{}",
        answer.text()
    );
}
