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
pub(super) const BOTH_SHORT: &str = "\
policies:
  - name: both-short
    enforcement: enforce
    rule: '!has(job.results_retention_days) || !has(job.renormalization_window_days) || job.results_retention_days + job.renormalization_window_days <= 100'
";

pub(super) const UPDATES: usize = 64;

pub(super) fn days(job: &Value) -> i64 {
    let number = |name: &str| job[name].as_i64().unwrap_or_default();
    number("results_retention_days") + number("renormalization_window_days")
}

/// Sends all updates at once, to these gateways in turn; `body` is that of each by its number.
pub(super) fn race(gateways: &[&Governed], id: &str, body: impl Fn(usize) -> String) -> Vec<Answer> {
    let start = Barrier::new(UPDATES);
    thread::scope(|scope| {
        let updates: Vec<_> = (0..UPDATES)
            .map(|number| {
                let (governed, start, body) = (gateways[number % gateways.len()], &start, body(number));
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

/// Sets one of the two fields to a number.
pub(super) fn one_of_two(number: usize) -> String {
    let field = ["results_retention_days", "renormalization_window_days"][number / 2 % 2];
    format!("{{\"{field}\":{}}}", 20 + number % 61)
}

/// How many were done, refused by the policy, and not done because others were before them for too long.
pub(super) fn counted(answers: &[Answer]) -> (usize, usize, usize) {
    let count = |is_counted: &dyn Fn(&Answer) -> bool| answers.iter().filter(|answer| is_counted(answer)).count();
    let gave_up = ["version_conflict_engine_exception", "es_rejected_execution_exception"];
    (
        count(&|answer| answer.status() == 200),
        count(&|answer| error_type(answer) == "policy_violation_exception"),
        count(&|answer| gave_up.contains(&&*error_type(answer))),
    )
}

#[test]
fn the_cluster_never_has_what_was_not_judged() {
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), BOTH_SHORT, "commit: forward, updates: judge");
    let answers = race(&[&governed], "web-1", one_of_two);
    let (done, refused, gave_up) = counted(&answers);
    assert_eq!(done + refused + gave_up, UPDATES, "{answers:?}");
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
        let answers = race(&gateways, &id, one_of_two);
        let (done, refused, gave_up) = counted(&answers);
        assert_eq!(done + refused + gave_up, UPDATES, "{answers:?}");
        assert!(
            done > 0 && refused > 0,
            "{done} done, {refused} refused, {gave_up} gave up"
        );
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

/// At most so many detectors may have another description.
const FEW_RENAMED: &str = "\
policies:
  - name: few-renamed
    enforcement: enforce
    rule: size(job.analysis_config.detectors.filter(d, d.detector_description == 'mine')) <= 40
";

/// Each update renames a detector of its own, on what the one before has left.
#[test]
fn no_update_in_the_index_is_lost() {
    let index = node::fresh_id("updates");
    let jobs = format!("index: {index}, updates: judge");
    let gateways: Vec<_> = (0..2)
        .map(|_| Governed::before(node::shared_url(), FEW_RENAMED, &jobs))
        .collect();
    let gateways: Vec<&Governed> = gateways.iter().collect();
    let detectors: Vec<Value> = (0..UPDATES)
        .map(|number| json!({"function": "count", "by_field_name": format!("f{number}")}))
        .collect();
    let body = json!({"analysis_config": {"detectors": detectors}, "data_description": {}});
    assert_eq!(gateways[0].gateway.create_job("raced", &body.to_string()).status(), 200);
    let rename = |number: usize| json!({"detectors": [{"detector_index": number, "description": "mine"}]}).to_string();
    let answers = race(&gateways, "raced", rename);
    let (done, refused, gave_up) = counted(&answers);
    assert_eq!(done + refused + gave_up, UPDATES, "{answers:?}");
    let node = wire::address_of(node::shared_url());
    let path = format!("/{index}/_doc/anomaly_detector-raced");
    let stored = wire::call(node, "GET", &path, &[], "").json();
    let detectors = stored["_source"]["analysis_config"]["detectors"]
        .as_array()
        .expect("a list")
        .clone();
    let renamed = detectors
        .iter()
        .filter(|detector| detector["detector_description"] == "mine");
    assert_eq!(renamed.count(), done, "every update that was done is there");
    assert!(done <= 40, "{done} done, {refused} refused, {gave_up} gave up");
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
        .logged(&["a changed document is not what was judged", "web-1"]);
    assert!(line.contains("both-short"), "{line}");
}
