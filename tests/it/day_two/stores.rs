//! What was admitted, and is not stored.

use std::process::Command;
use std::sync::{Arc, Barrier};

use cluster::WRITER;
use serde_json::{Value, json};

use super::ADMIN;
use crate::support::gateway::Gateway;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Answer, Connection, eventually, request};
use crate::support::{job, node};

/// A gateway that stores in an index of its own on the shared node.
struct Storing {
    gateway: Gateway,
    index: String,
}

impl Storing {
    fn new(name: &str) -> Self {
        let index = node::fresh_id(name);
        let yaml = format!("{{{ADMIN}, jobs: {{index: {index}}}}}");
        let gateway = Gateway::configured(&[node::shared_url()], &yaml);
        Self { gateway, index }
    }

    /// Has the node do something with the index.
    fn tell(&self, method: &str, target: &str, body: &Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = self.gateway.call(method, &format!("/{}{target}", self.index), &body);
        assert_eq!(answer.status(), 200, "{}", answer.text());
    }

    fn commits(&self, outcome: &str) -> u64 {
        commits(&self.gateway, outcome)
    }
}

fn commits(gateway: &Gateway, outcome: &str) -> u64 {
    gateway.metric(&format!(
        "anomaly_gateway_commits_total{{plugin=\"anomaly_job\",outcome=\"{outcome}\"}}"
    ))
}

fn kind(answer: &Answer) -> (u16, String) {
    let kind = answer.json()["error"]["type"].as_str().unwrap_or_default().to_owned();
    (answer.status(), kind)
}

#[test]
fn a_create_that_meets_a_full_disk_is_the_clusters_429_and_leaves_a_trace() {
    let storing = Storing::new("full");
    assert_eq!(storing.gateway.create_job("a", &job::smallest()).status(), 200);
    assert_eq!((storing.commits("stored"), storing.commits("blocked")), (1, 0));
    storing.tell(
        "PUT",
        "/_settings",
        &json!({"index.blocks.read_only_allow_delete": true}),
    );
    let answer = storing.gateway.create_job("b", &job::smallest());
    assert_eq!(kind(&answer), (429, "cluster_block_exception".to_owned()));
    let line = storing.gateway.logged(&["WARN", "admitted, but not done", "id=\"b\""]);
    let index = format!("index=\"{}\"", storing.index);
    for word in [
        "outcome=\"blocked\"",
        "status=429",
        "reason=\"index [",
        &index,
        "client=127.0.0.1:",
    ] {
        assert!(line.contains(word), "{word}: {line}");
    }
    assert_eq!((storing.commits("stored"), storing.commits("blocked")), (1, 1));
    storing.tell(
        "PUT",
        "/_settings",
        &json!({"index.blocks.read_only_allow_delete": null}),
    );
    assert_eq!(storing.gateway.create_job("b", &job::smallest()).status(), 200);
}

#[test]
fn a_mapping_of_somebody_else_is_the_gateways_problem_and_not_the_clients() {
    let storing = Storing::new("mapping");
    storing.tell(
        "PUT",
        "",
        &json!({"mappings": {"properties": {"analysis_config": {"type": "keyword"}}}}),
    );
    let answer = storing.gateway.create_job("a", &job::smallest());
    assert_eq!(kind(&answer), (500, "untrusted_index_exception".to_owned()));
    let reason = answer.json()["error"]["reason"].to_string();
    assert!(
        reason.contains(&storing.index) && reason.contains("analysis_config"),
        "{reason}"
    );
    assert!(reason.contains("delete or rename that index"), "{reason}");
    let line = storing.gateway.logged(&["WARN", "admitted, but not done", "id=\"a\""]);
    let index = format!("index=\"{}\"", storing.index);
    assert!(
        line.contains("outcome=\"unusable_index\"") && line.contains(&index),
        "{line}"
    );
    assert_eq!(storing.commits("unusable_index"), 1);
}

#[test]
fn an_index_that_was_deleted_is_made_again_and_that_is_told() {
    let storing = Storing::new("deleted");
    let made = |again: bool| {
        let series = format!("anomaly_gateway_index_creations_total{{again=\"{again}\"}}");
        storing.gateway.metric(&series)
    };
    assert_eq!((made(false), made(true)), (0, 0));
    assert_eq!(storing.gateway.create_job("a", &job::smallest()).status(), 200);
    storing
        .gateway
        .logged(&["INFO", "the index was created", &storing.index]);
    assert_eq!((made(false), made(true)), (1, 0));
    storing.tell("DELETE", "", &Value::Null);
    assert_eq!(storing.gateway.create_job("b", &job::smallest()).status(), 200);
    storing
        .gateway
        .logged(&["WARN", "the index was missing and was created again", &storing.index]);
    assert_eq!((made(false), made(true)), (1, 1));
}

#[test]
fn a_dry_run_is_decided_on_apart_and_commits_nothing() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let gateway = Gateway::configured(&[cluster.url()], ADMIN);
    let decided = |dry_run: bool| {
        let series = format!(
            "anomaly_gateway_decisions_total{{plugin=\"anomaly_job\",verdict=\"admitted\",dry_run=\"{dry_run}\"}}"
        );
        gateway.metric(&series)
    };
    assert_eq!((decided(false), decided(true)), (0, 0));
    assert_eq!(gateway.create_job("a?dry_run=true", &job::smallest()).status(), 200);
    assert_eq!((decided(false), decided(true)), (0, 1));
    assert_eq!(commits(&gateway, "stored"), 0);
    assert_eq!(gateway.create_job("a", &job::smallest()).status(), 200);
    assert_eq!((decided(false), decided(true), commits(&gateway, "stored")), (1, 1, 1));
}

#[test]
fn a_job_that_is_there_already_is_counted_as_such() {
    let storing = Storing::new("exists");
    assert_eq!(storing.gateway.create_job("a", &job::smallest()).status(), 200);
    let answer = storing.gateway.create_job("a", &job::smallest());
    assert_eq!(kind(&answer), (400, "resource_already_exists_exception".to_owned()));
    assert_eq!((storing.commits("stored"), storing.commits("exists")), (1, 1));
}

/// The privileges of the caller decide: here those that a real node gives, or does not.
#[test]
fn a_wrong_password_or_a_lack_of_privileges_is_the_clusters_answer_and_is_counted() {
    let node = node::start_secured();
    let gateway = Gateway::configured(&[node.url()], ADMIN);
    let create = |id: &str, (user, password): (&str, &str)| {
        use base64::Engine as _;
        let credentials = base64::prelude::BASE64_STANDARD.encode(format!("{user}:{password}"));
        let authorization = format!("Basic {credentials}");
        let fields = [
            ("content-type", "application/json"),
            ("authorization", authorization.as_str()),
        ];
        let target = format!("/_ml/anomaly_detectors/{id}");
        wire::call(gateway.address, "PUT", &target, &fields, &job::smallest()).status()
    };
    assert_eq!(create("a", (WRITER.name, WRITER.password)), 200);
    let line = gateway.logged(&["INFO", "committed", "id=\"a\""]);
    assert!(line.contains(&format!("user=\"{}\"", WRITER.name)), "{line}");
    assert_eq!(create("b", (WRITER.name, "wrong-password-of-b")), 401);
    assert_eq!(create("c", ("nobody-of-c", "wrong-password-of-c")), 401);
    eventually("that both are counted", || {
        commits(&gateway, "forbidden") + gateway.metric(UNDECIDED) == 2
    });
    assert_eq!(commits(&gateway, "stored"), 1);
    let log = gateway.log();
    assert!(
        !log.contains("wrong-password") && !log.contains(WRITER.password),
        "{log}"
    );
}

/// Requests that were refused before anything was decided, for example because nobody knows who asks.
const UNDECIDED: &str = "anomaly_gateway_claimed_requests_total{verdict=\"undecided\",dry_run=\"false\"}";

#[test]
fn a_client_that_leaves_before_the_cluster_has_answered_leaves_a_trace() {
    let (asked, answered) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (asks, answers) = (Arc::clone(&asked), Arc::clone(&answered));
    let cluster = StandIn::answering("9.5.3", move |(line, _)| {
        line.contains("/_create/").then(|| {
            asks.wait();
            answers.wait();
            with_fields("201 Created", &[], "{}")
        })
    });
    let gateway = Gateway::configured(&[cluster.url()], ADMIN);
    let mut client = Connection::to(gateway.address);
    let fields = [
        ("content-type", "application/json"),
        ("x-opaque-id", "the one who left"),
    ];
    client.send(&request(
        "PUT",
        "/_ml/anomaly_detectors/left",
        &fields,
        &job::smallest(),
    ));
    asked.wait();
    drop(client);
    let line = gateway.logged(&["WARN", "admitted, but not done", "id=\"left\""]);
    for word in [
        "outcome=\"unknown\"",
        "the client left",
        "opaque_id=\"the one who left\"",
        "method=\"PUT\"",
    ] {
        assert!(line.contains(word), "{word}: {line}");
    }
    assert_eq!(commits(&gateway, "unknown"), 1);
    answered.wait();
}

#[test]
fn jobs_handed_to_opensearch_are_told_once_to_lead_nowhere() {
    let cluster = StandIn::opensearch();
    let gateway = Gateway::configured(&[cluster.url()], &format!("{{{ADMIN}, jobs: {{commit: forward}}}}"));
    for id in ["a", "b"] {
        assert_eq!(gateway.create_job(id, &job::smallest()).status(), 400);
    }
    gateway.logged(&["WARN", "with OpenSearch, set `jobs.commit` to `store`"]);
    assert_eq!(commits(&gateway, "refused"), 2);
    assert_eq!(gateway.log().matches("with OpenSearch, set").count(), 1);
}

#[test]
fn a_gateway_that_is_killed_mid_create_leaves_its_client_without_an_answer_and_the_next_one_serves() {
    let (asked, answered) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (asks, answers) = (Arc::clone(&asked), Arc::clone(&answered));
    let cluster = StandIn::answering("9.5.3", move |(line, _)| {
        if line.contains("/_create/anomaly_detector-killed") {
            asks.wait();
            answers.wait();
        }
        None
    });
    let mut gateway = Gateway::configured(&[cluster.url()], ADMIN);
    let mut client = Connection::to(gateway.address);
    let fields = [("content-type", "application/json")];
    client.send(&request(
        "PUT",
        "/_ml/anomaly_detectors/killed",
        &fields,
        &job::smallest(),
    ));
    asked.wait();
    let killed = Command::new("kill")
        .args(["-KILL", &gateway.pid().to_string()])
        .status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(client.read_some(&mut [0]), 0, "closed without an answer");
    gateway.wait();
    // The node goes on with what it has.
    answered.wait();
    assert_eq!(cluster.creates().len(), 1);
    let next = Gateway::configured(&[cluster.url()], ADMIN);
    assert_eq!(next.create_job("other", &job::smallest()).status(), 200);
    assert_eq!(commits(&next, "stored"), 1);
}
