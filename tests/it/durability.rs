//! A job that was answered with 200 is there, even when gateway and node die the moment after.

use std::process::Command;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;

/// How often in the test command; `cargo xtask durability` sets another number.
const ROUNDS: u32 = 20;

#[test]
fn a_stored_job_survives() {
    let rounds = std::env::var("DURABILITY_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().expect("a number"));
    let data = tempfile::tempdir().expect("a folder");
    let mut lost = Vec::new();
    for round in 0..=rounds {
        // Each start is the restart after the round before.
        let node = node::start_on(data.path(), None);
        let gateway = Gateway::before(&[node.url()]);
        if round > 0 {
            let id = job_id(round - 1);
            let document = gateway.call("GET", &format!("/anomaly-detectors/_doc/anomaly_detector-{id}"), "");
            let found = gateway
                .call("GET", &format!("/anomaly-detectors/_search?q=job_id:{id}"), "")
                .json();
            if document.status() != 200 || found["hits"]["total"]["value"] != 1 {
                lost.push(id);
            }
        }
        if round < rounds {
            let answer = gateway.create_job(&job_id(round), &job::total_requests());
            assert_eq!(answer.status(), 200, "{}", answer.text());
            kill_at_once(&[gateway.pid(), node.pid()]);
        } else {
            let count = gateway.call("GET", "/anomaly-detectors/_count", "").json();
            assert_eq!(count["count"], rounds, "every job of every round");
        }
    }
    eprintln!("{rounds} rounds, {} jobs lost", lost.len());
    assert!(lost.is_empty(), "lost: {lost:?}");
}

fn job_id(round: u32) -> String {
    format!("durable-{round}")
}

/// One call of kill for all of them, so that none has time to react to another's death.
fn kill_at_once(processes: &[u32]) {
    let killed = Command::new("kill")
        .arg("-9")
        .args(processes.iter().map(u32::to_string))
        .status();
    assert!(killed.expect("kill runs").success());
}
