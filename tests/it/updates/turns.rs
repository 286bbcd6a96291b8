//! Modes `forward` and `both`: the gateways of a cluster take turns by locks in the index that they share, which a real node
//! keeps here. The cluster's machine learning is scripted.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::races::{BOTH_SHORT, UPDATES, counted, days, one_of_two, race};
use super::{Cluster, Governed, error_type, job, send};
use crate::support::node;
use crate::support::stand_in::with_fields;
use crate::support::wire::{self, Answer, Connection, eventually};

const UPDATE: &str = "/_ml/anomaly_detectors/web-1/_update";

/// What a real node says of a call about an index; `None` of any other call.
fn of_the_node(index: &str, line: &str, body: &str) -> Option<String> {
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let named = target.strip_prefix('/')?.replace("%2D", "-");
    if !named.starts_with(index) {
        return None;
    }
    let node = wire::address_of(node::shared_url());
    let answer = wire::call(node, method, target, &[("content-type", "application/json")], body);
    Some(with_fields(&format!("{} -", answer.status()), &[], &answer.text()))
}

/// The lock of the job as the node shows it.
fn lock(index: &str) -> Answer {
    let node = wire::address_of(node::shared_url());
    wire::call(node, "GET", &format!("/{index}/_doc/change_lock-web-1"), &[], "")
}

/// A cluster whose updates are done only when the test lets them.
struct Held {
    cluster: Cluster,
    index: String,
    /// Tells that an update has come.
    came: Receiver<()>,
    /// What is answered to it.
    answers: Sender<String>,
}

impl Held {
    fn new() -> Self {
        let (coming, came) = channel();
        let (answers, answer) = channel();
        let answer = Mutex::new(answer);
        let index = node::fresh_id("turns");
        let name = index.clone();
        let cluster = Cluster::first_asking("8.19.21", job(), move |line, body| {
            if line.contains("/_update") {
                coming.send(()).expect("the test is there");
                let answer = answer.lock().expect("no test thread panicked").recv();
                return Some(answer.expect("the test is there"));
            }
            of_the_node(&name, line, body)
        });
        Self {
            cluster,
            index,
            came,
            answers,
        }
    }

    fn gateway(&self) -> Governed {
        let jobs = format!("commit: forward, updates: judge, index: {}", self.index);
        Governed::before(self.cluster.stand_in.url(), BOTH_SHORT, &jobs)
    }

    /// Sends an update on a connection of its own, and returns when it has reached the cluster.
    fn begin(&self, governed: &Governed) -> Connection {
        let mut connection = Connection::to(governed.gateway.address);
        let body = r#"{"description":"new"}"#;
        let fields = [("content-type", "application/json")];
        connection.send(&wire::request("POST", UPDATE, &fields, body));
        self.came
            .recv_timeout(Duration::from_secs(60))
            .expect("the update comes to the cluster");
        connection
    }

    fn done(&self) {
        let answer = with_fields("200 OK", &[], &job().to_string());
        self.answers.send(answer).expect("the cluster waits");
    }

    /// Something before the cluster has lost its answer.
    fn lost(&self) {
        let answer = with_fields("502 Bad Gateway", &[], "{}");
        self.answers.send(answer).expect("the cluster waits");
    }
}

fn update(governed: &Governed) -> Answer {
    governed.update("web-1", r#"{"description":"newer"}"#)
}

/// Each update is judged on what the one before has left, whichever gateway it came to.
#[test]
fn many_updates_through_several_gateways_never_make_what_was_not_judged() {
    for mode in ["forward", "both"] {
        let index = node::fresh_id("turns");
        let name = index.clone();
        let cluster = Cluster::first_asking("8.19.21", job(), move |line, body| {
            if line.starts_with("GET /_ml/") {
                // Time for others to be faster.
                thread::sleep(Duration::from_millis(5));
            }
            of_the_node(&name, line, body)
        });
        let jobs = format!("commit: {mode}, updates: judge, index: {index}");
        let gateways: Vec<_> = (0..3)
            .map(|_| Governed::before(cluster.stand_in.url(), BOTH_SHORT, &jobs))
            .collect();
        let gateways: Vec<&Governed> = gateways.iter().collect();
        let answers = race(&gateways, "web-1", one_of_two);
        let (done, refused, gave_up) = counted(&answers);
        assert_eq!(done + refused + gave_up, UPDATES, "{answers:?}");
        assert!(
            done > 0 && refused > 0,
            "{done} done, {refused} refused, {gave_up} gave up"
        );
        let states = cluster.states.lock().expect("no test thread panicked").clone();
        assert_eq!(states.len(), done + 1);
        for state in states {
            assert!(days(&state) <= 100, "{mode}: {state}");
        }
        for governed in gateways {
            let log = governed.gateway.log();
            assert!(!log.contains("a changed document is not what was judged"), "{log}");
        }
        eventually("no lock is left", || lock(&index).status() == 404);
    }
}

#[test]
fn an_update_waits_for_one_through_another_gateway() {
    let held = Held::new();
    let (first, second) = (held.gateway(), held.gateway());
    let mut earlier = held.begin(&first);
    let refused = update(&second);
    assert_eq!(
        (refused.status(), &*error_type(&refused)),
        (429, "es_rejected_execution_exception"),
        "{}",
        refused.text()
    );
    assert_eq!(held.cluster.updates().len(), 1, "nothing of it was done");
    held.done();
    assert_eq!(earlier.read().status(), 200);
    held.done();
    assert_eq!(
        update(&second).status(),
        200,
        "the turn of the first one has ended with its answer"
    );
    assert_eq!(lock(&held.index).status(), 404);
}

/// A job that is deleted and made anew while an update of it is under way would be updated unjudged.
#[test]
fn a_create_waits_for_an_update_of_its_id() {
    let held = Held::new();
    let (first, second) = (held.gateway(), held.gateway());
    let mut update = held.begin(&first);
    let smallest = crate::support::job::smallest();
    for governed in [&first, &second] {
        let refused = governed.gateway.create_job("web-1", &smallest);
        assert_eq!(refused.status(), 429, "{}", refused.text());
    }
    assert!(held.cluster.stand_in.requests("PUT /_ml/").is_empty());
    held.done();
    assert_eq!(update.read().status(), 200);
    assert_eq!(second.gateway.create_job("web-1", &smallest).status(), 200);
    assert_eq!(lock(&held.index).status(), 404);
}

#[test]
fn a_client_that_leaves_leaves_no_lock() {
    let held = Held::new();
    let (first, second) = (held.gateway(), held.gateway());
    drop(held.begin(&first));
    assert_eq!(lock(&held.index).status(), 200, "the cluster is still at work");
    held.done();
    eventually("the lock is gone", || lock(&held.index).status() == 404);
    // Those that leave while they wait.
    let earlier = held.begin(&first);
    for _ in 0..20 {
        let mut waiting = Connection::to(second.gateway.address);
        let fields = [("content-type", "application/json")];
        waiting.send(&wire::request("POST", UPDATE, &fields, r#"{"description":"no"}"#));
    }
    held.done();
    drop(earlier);
    eventually("the lock is gone", || lock(&held.index).status() == 404);
    // One of those who have left may have had its turn before that was known.
    while held.came.recv_timeout(Duration::from_millis(500)).is_ok() {
        held.done();
    }
    eventually("no lock is left", || lock(&held.index).status() == 404);
}

/// Whoever was ended does not say whether the cluster is still at work.
#[test]
fn the_lock_of_a_killed_gateway_is_removed_after_a_minute() {
    let held = Held::new();
    let (mut first, second) = (held.gateway(), held.gateway());
    let _connection = held.begin(&first);
    first.gateway.kill();
    held.done();
    let line = until_the_lock_is_gone(&held, &second);
    assert!(line.contains("change_lock-web-1"), "{line}");
}

/// Nor does a lost answer.
#[test]
fn the_lock_of_a_lost_update_stays_for_a_minute() {
    let held = Held::new();
    let governed = held.gateway();
    let mut connection = held.begin(&governed);
    held.lost();
    assert_eq!(connection.read().status(), 502);
    let begun = Instant::now();
    while lock(&held.index).status() == 200 {
        assert!(begun.elapsed() < Duration::from_secs(240), "the lock is still there");
        thread::sleep(Duration::from_millis(500));
    }
    assert!(begun.elapsed() > Duration::from_secs(50), "{:?}", begun.elapsed());
    held.done();
    assert_eq!(update(&governed).status(), 200);
}

/// Updates until one is done, which is not before a minute, and gives what the gateway has logged then.
fn until_the_lock_is_gone(held: &Held, governed: &Governed) -> String {
    let begun = Instant::now();
    let refused = update(governed);
    assert_eq!(refused.status(), 429, "{}", refused.text());
    held.done();
    loop {
        let answer = update(governed);
        if answer.status() == 200 {
            break;
        }
        assert_eq!(answer.status(), 429, "{}", answer.text());
        assert!(begun.elapsed() < Duration::from_secs(240), "the lock is still there");
    }
    assert!(begun.elapsed() > Duration::from_secs(55), "{:?}", begun.elapsed());
    governed
        .gateway
        .logged(&["a lock that a gateway has left behind was removed"])
}

/// Where no lock can be written, it is not known who else changes the job.
#[test]
fn without_a_lock_nothing_is_updated() {
    let refusals = [
        ("403 Forbidden", "security_exception", 403),
        ("503 Service Unavailable", "cluster_block_exception", 503),
        ("200 OK", "what_is_this", 500),
    ];
    for (status, kind, expected) in refusals {
        let cluster = Cluster::first_asking("8.19.21", job(), move |line, _| {
            let error = json!({"error": {"type": kind, "reason": "no", "root_cause": []}, "status": 403});
            line.contains("/_create/change_lock-")
                .then(|| with_fields(status, &[], &error.to_string()))
        });
        let governed = Governed::before(cluster.stand_in.url(), BOTH_SHORT, "commit: forward, updates: judge");
        let answer = update(&governed);
        assert_eq!(answer.status(), expected, "{status}: {}", answer.text());
        let created = governed.gateway.create_job("new", &crate::support::job::smallest());
        assert_eq!(created.status(), expected, "{status}: {}", created.text());
        assert!(cluster.updates().is_empty());
        assert!(cluster.stand_in.requests("PUT /_ml/").is_empty());

        // A dry run changes nothing, and a gateway that heeds no other needs no lock.
        let body = r#"{"description":"newer"}"#;
        let fields = [("content-type", "application/json")];
        let tried = send(&governed.gateway, &format!("{UPDATE}?dry_run=true"), &fields, body);
        assert_eq!(tried.status(), 200, "{}", tried.text());
        let jobs = "commit: forward, updates: judge, update_turns: gateway";
        let alone = Governed::before(cluster.stand_in.url(), BOTH_SHORT, jobs);
        assert_eq!(update(&alone).status(), 200);
    }
}
