//! Many updates of one job at once: whatever order they come in, no state of the job is one that a policy forbids.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};

use super::{Cluster, Governed, error_type, job, send};
use crate::support::node;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Answer};

/// Each of the two alone may be long; not both.
const BOTH_SHORT: &str = "\
policies:
  - name: both-short
    enforcement: enforce
    rule: '!has(job.results_retention_days) || !has(job.renormalization_window_days) || job.results_retention_days + job.renormalization_window_days <= 100'
";

const UPDATES: usize = 64;

fn days(job: &Value) -> i64 {
    let number = |name: &str| job[name].as_i64().unwrap_or_default();
    number("results_retention_days") + number("renormalization_window_days")
}

/// Sends all updates at once, to these gateways in turn: each sets one of the two fields to a number.
fn race(gateways: &[&Governed], id: &str) -> Vec<Answer> {
    let start = Barrier::new(UPDATES);
    thread::scope(|scope| {
        let updates: Vec<_> = (0..UPDATES)
            .map(|number| {
                let (governed, start) = (gateways[number % gateways.len()], &start);
                let field = ["results_retention_days", "renormalization_window_days"][number / 2 % 2];
                let body = format!("{{\"{field}\":{}}}", 20 + number % 61);
                let target = format!("/_ml/anomaly_detectors/{id}/_update");
                scope.spawn(move || {
                    start.wait();
                    send(
                        &governed.gateway,
                        &target,
                        &[("content-type", "application/json")],
                        &body,
                    )
                })
            })
            .collect();
        updates
            .into_iter()
            .map(|update| update.join().expect("no update panicked"))
            .collect()
    })
}

fn counted(answers: &[Answer]) -> (usize, usize, usize) {
    let count = |is_counted: &dyn Fn(&Answer) -> bool| answers.iter().filter(|answer| is_counted(answer)).count();
    (
        count(&|answer| answer.status() == 200),
        count(&|answer| error_type(answer) == "policy_violation_exception"),
        count(&|answer| error_type(answer) == "version_conflict_engine_exception"),
    )
}

#[test]
fn the_cluster_never_has_what_was_not_judged() {
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), BOTH_SHORT, "commit: forward, updates: judge");
    let answers = race(&[&governed], "web-1");
    let (done, refused, _) = counted(&answers);
    assert_eq!(done + refused, UPDATES, "{answers:?}");
    assert!(done > 0 && refused > 0, "{done} done, {refused} refused");
    let states = cluster.states.lock().expect("no test thread panicked").clone();
    assert_eq!(states.len(), done + 1);
    for state in states {
        assert!(days(&state) <= 100, "{state}");
    }
}

#[test]
fn the_index_never_has_what_was_not_judged() {
    let index = node::fresh_id("updates");
    let jobs = format!("index: {index}, updates: judge");
    let gateways: Vec<_> = (0..2)
        .map(|_| Governed::before(node::shared_url(), BOTH_SHORT, &jobs))
        .collect();
    let gateways: Vec<&Governed> = gateways.iter().collect();
    for _ in 0..3 {
        let id = node::fresh_id("raced");
        let created = gateways[0].gateway.create_job(&id, &crate::support::job::smallest());
        assert_eq!(created.status(), 200, "{}", created.text());
        let answers = race(&gateways, &id);
        let (done, refused, conflicts) = counted(&answers);
        assert_eq!(done + refused + conflicts, UPDATES, "{answers:?}");
        assert!(
            done > 0 && refused > 0,
            "{done} done, {refused} refused, {conflicts} conflicts"
        );
        // Each that was done has seen the one before: the answers of those done are no two of one version.
        for answer in answers.iter().filter(|answer| answer.status() == 200) {
            assert!(days(&answer.json()) <= 100, "{}", answer.text());
        }
        let node = wire::address_of(node::shared_url());
        let stored = wire::call(node, "GET", &format!("/{index}/_doc/anomaly_detector-{id}"), &[], "").json();
        assert!(days(&stored["_source"]) <= 100, "{stored}");
        assert_eq!(
            stored["_version"],
            done + 1,
            "every update that was done was written, and nothing else"
        );
    }
}

/// The cluster takes updates from others as well, and says of none which version it has changed.
#[test]
fn a_job_that_is_not_what_was_judged_is_told_of() {
    let shown = |job: &Value| with_fields("200 OK", &[], &json!({"count": 1, "jobs": [job]}).to_string());
    let before = shown(&job());
    let mut changed = job();
    changed["renormalization_window_days"] = 60.into();
    changed["results_retention_days"] = 90.into(); // By somebody else, between the look-up and the update.
    let after = shown(&changed);
    let is_updated = AtomicBool::new(false);
    let cluster = StandIn::answering("8.19.21", move |(line, _)| {
        if line.starts_with("POST /_ml/anomaly_detectors/") {
            is_updated.store(true, Ordering::SeqCst);
            return Some(with_fields("200 OK", &[], "{}"));
        }
        let shown = if is_updated.load(Ordering::SeqCst) {
            &after
        } else {
            &before
        };
        line.starts_with("GET /_ml/anomaly_detectors/").then(|| shown.clone())
    });
    let governed = Governed::before(cluster.url(), BOTH_SHORT, "commit: forward, updates: judge");
    let answer = governed.update("web-1", r#"{"renormalization_window_days":60}"#);
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let line = governed
        .gateway
        .logged(&["a document was changed otherwise than was judged", "web-1"]);
    assert!(line.contains("both-short"), "{line}");
}
