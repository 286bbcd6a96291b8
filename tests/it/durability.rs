//! A job that was answered with 200 is there, even when gateway and node die the moment after.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::wire::{self, Connection, eventually};

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

/// How often for pairs in the test command.
const ROUNDS_OF_PAIRS: u32 = 3;

/// Gateway and node die while jobs are created with datafeeds: what was answered with 200 is there, and of no pair one half
/// counts.
#[test]
fn a_job_and_its_datafeed_survive_both_or_neither() {
    let rounds = std::env::var("DURABILITY_ROUNDS").map_or(ROUNDS_OF_PAIRS, |rounds| rounds.parse().expect("a number"));
    let data = tempfile::tempdir().expect("a folder");
    let mut acknowledged = HashSet::new();
    for round in 0..=rounds {
        let node = node::start_on(data.path(), None);
        let gateway = Gateway::with(&[node.url()], &["--jobs-api", "8.19"]);
        if round > 0 {
            check_pairs(&gateway, &acknowledged);
        }
        if round < rounds {
            let done = Mutex::new(Vec::new());
            thread::scope(|scope| {
                for writer in 0..4 {
                    let (gateway, done) = (&gateway, &done);
                    scope.spawn(move || create_pairs(gateway, &format!("pair-{round}-{writer}"), done));
                }
                // Somewhere in the middle of another one.
                eventually("some pairs", || done.lock().expect("no writer panicked").len() >= 6);
                kill_at_once(&[gateway.pid(), node.pid()]);
            });
            acknowledged.extend(done.into_inner().expect("no writer panicked"));
        }
    }
    eprintln!("{rounds} rounds, {} pairs", acknowledged.len());
}

/// Creates one pair after the other until there is no more answer.
fn create_pairs(gateway: &Gateway, name: &str, done: &Mutex<Vec<String>>) {
    for count in 0.. {
        let id = format!("{name}-{count}");
        let body = job::smallest();
        let body = body.strip_suffix('}').expect("an object");
        let body = format!(r#"{body},"datafeed_config":{{"datafeed_id":"{id}-feed","indices":["logs"]}}}}"#);
        let target = format!("/_ml/anomaly_detectors/{id}");
        let request = wire::request("PUT", &target, &[("Content-Type", "application/json")], &body);
        let sent = TcpStream::connect(gateway.address).and_then(|mut stream| {
            stream.write_all(&request)?;
            Ok(stream)
        });
        match sent.ok().and_then(|stream| Connection::over(stream).answer(false)) {
            Some(answer) if answer.status() == 200 => done.lock().expect("no writer panicked").push(id),
            _ => return,
        }
    }
}

/// Every acknowledged pair is whole, and no job with the name of a pair lacks its datafeed.
fn check_pairs(gateway: &Gateway, acknowledged: &HashSet<String>) {
    let found = gateway.call("GET", "/anomaly-detectors/_search?size=10000", "").json();
    let sources: Vec<&Value> = found["hits"]["hits"]
        .as_array()
        .expect("hits")
        .iter()
        .map(|hit| &hit["_source"])
        .collect();
    let of_kind = |is_job: bool| {
        let wanted = sources
            .iter()
            .filter(move |source| source.get("job_type").is_some() == is_job);
        wanted.map(|source| (source["job_id"].as_str().expect("an id"), &source["create_time"]))
    };
    let datafeeds: HashMap<&str, &Value> = of_kind(false).collect();
    let jobs: HashMap<&str, &Value> = of_kind(true).collect();
    for (job, made) in &jobs {
        assert_eq!(datafeeds.get(job), Some(made), "the job {job} has its datafeed");
    }
    for id in acknowledged {
        assert!(jobs.contains_key(id.as_str()), "{id} is there");
    }
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
