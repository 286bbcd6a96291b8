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
    let rounds = rounds_or(ROUNDS);
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
    let rounds = rounds_or(ROUNDS_OF_PAIRS);
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
        if !is_acknowledged(gateway, &creation_of_a_pair(&id)) {
            return;
        }
        done.lock().expect("no writer panicked").push(id);
    }
}

/// The request that creates a job with a datafeed.
fn creation_of_a_pair(id: &str) -> Vec<u8> {
    let body = job::smallest();
    let body = body.strip_suffix('}').expect("an object");
    let body = format!(r#"{body},"datafeed_config":{{"datafeed_id":"{id}-feed","indices":["logs"]}}}}"#);
    json_request("PUT", &format!("/_ml/anomaly_detectors/{id}"), &body)
}

fn json_request(method: &str, target: &str, body: &str) -> Vec<u8> {
    wire::request(method, target, &[("Content-Type", "application/json")], body)
}

/// Whether a request is answered with 200. Where it is not answered at all, nobody knows what has come of it.
fn is_acknowledged(gateway: &Gateway, request: &[u8]) -> bool {
    let sent = TcpStream::connect(gateway.address).and_then(|mut stream| {
        stream.write_all(request)?;
        Ok(stream)
    });
    let answer = sent.ok().and_then(|stream| Connection::over(stream).answer(false));
    answer.is_some_and(|answer| answer.status() == 200)
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

/// How often for whole lives in the test command.
const ROUNDS_OF_LIVES: u32 = 3;

/// How often each job is updated.
const UPDATES: u32 = 2;

/// What has been acknowledged of a job last. The step after it may have been under way.
#[derive(Clone, Copy)]
enum Acknowledged {
    /// So many updates, the first of which comes after the creation.
    Updates(u32),
    Deletion,
}

/// Gateway and node die while jobs with datafeeds are created, updated and deleted: what was answered with 200 holds, at most
/// the step after it has come of what was not answered, and of no pair one half is left.
#[test]
fn of_a_life_that_is_cut_short_all_holds_that_was_acknowledged() {
    let rounds = rounds_or(ROUNDS_OF_LIVES);
    let data = tempfile::tempdir().expect("a folder");
    let mut known = HashMap::new();
    let mut steps = 0;
    for round in 0..=rounds {
        let node = node::start_on(data.path(), None);
        let gateway = Gateway::configured(&[node.url()], "jobs: {api: '8.19', serve: all, updates: judge}");
        if round > 0 {
            check_lives(&gateway, &known);
        }
        if round < rounds {
            let done = Mutex::new(Vec::new());
            thread::scope(|scope| {
                for writer in 0..4 {
                    let (gateway, done) = (&gateway, &done);
                    scope.spawn(move || live(gateway, &format!("life-{round}-{writer}"), done));
                }
                // Wherever the writers are then.
                let enough = 12 + usize::try_from(round % 7).expect("small");
                eventually("some steps", || {
                    done.lock().expect("no writer panicked").len() >= enough
                });
                kill_at_once(&[gateway.pid(), node.pid()]);
            });
            let done = done.into_inner().expect("no writer panicked");
            steps += done.len();
            known.extend(done);
        }
    }
    eprintln!("{rounds} rounds, {steps} steps of {} jobs", known.len());
}

/// Creates jobs, updates them and deletes every other one, until there is no more answer.
fn live(gateway: &Gateway, name: &str, done: &Mutex<Vec<(String, Acknowledged)>>) {
    for count in 0.. {
        let id = format!("{name}-{count}");
        let target = format!("/_ml/anomaly_detectors/{id}");
        let update = |number: u32| {
            let body = format!(r#"{{"description":"{number}"}}"#);
            (
                json_request("POST", &format!("{target}/_update"), &body),
                Acknowledged::Updates(number),
            )
        };
        let mut steps = vec![(creation_of_a_pair(&id), Acknowledged::Updates(0))];
        steps.extend((1..=UPDATES).map(update));
        if is_deleted(&id) {
            steps.push((wire::request("DELETE", &target, &[], ""), Acknowledged::Deletion));
        }
        for (request, step) in steps {
            if !is_acknowledged(gateway, &request) {
                return;
            }
            done.lock().expect("no writer panicked").push((id.clone(), step));
        }
    }
}

/// Whether a job is one of those whose last step is a deletion.
fn is_deleted(id: &str) -> bool {
    id.ends_with(['1', '3', '5', '7', '9'])
}

fn check_lives(gateway: &Gateway, known: &HashMap<String, Acknowledged>) {
    let mut answer = None;
    eventually("the jobs are served", || {
        answer = Some(gateway.call("GET", "/_ml/anomaly_detectors", "")).filter(|answer| answer.status() == 200);
        answer.is_some()
    });
    let listed = answer.expect("polled for").json();
    let jobs = listed["jobs"].as_array().expect("jobs").iter();
    let jobs: HashMap<&str, &Value> = jobs.map(|job| (job["job_id"].as_str().expect("an id"), job)).collect();
    for (id, job) in &jobs {
        assert_eq!(job["datafeed_config"]["datafeed_id"], format!("{id}-feed"), "{job}");
    }
    for (id, step) in known {
        let updates = jobs.get(id.as_str()).map(|job| {
            job["description"]
                .as_str()
                .map_or(0, |text| text.parse().expect("a number"))
        });
        let holds = match (*step, updates) {
            (Acknowledged::Updates(acknowledged), Some(found)) => found == acknowledged || found == acknowledged + 1,
            (Acknowledged::Updates(acknowledged), None) => acknowledged == UPDATES && is_deleted(id),
            (Acknowledged::Deletion, found) => found.is_none(),
        };
        assert!(holds, "{id}: {:?}", jobs.get(id.as_str()));
    }
}

/// How often, unless it is said: so often.
fn rounds_or(default: u32) -> u32 {
    std::env::var("DURABILITY_ROUNDS").map_or(default, |rounds| rounds.parse().expect("a number"))
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
