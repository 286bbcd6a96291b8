//! The cluster is down: clients are told so at once and in Elasticsearch's words; when it comes back, work goes on.

use std::time::{Duration, Instant};

use crate::support::gateway::Gateway;
use crate::support::wire::{self, Answer, Connection, request};
use crate::support::{job, node};

/// "Quickly": well below the shortest timeout of an official client, 10 s.
const QUICKLY: Duration = Duration::from_secs(2);

/// A URL at which nothing listens. A port that was free a moment ago may be another test's by now; this one is nobody's.
fn dead_node() -> String {
    "http://127.0.0.1:1".to_owned()
}

fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status(), 503);
    let body = answer.json();
    assert_eq!(body["status"], 503);
    assert_eq!(body["error"]["type"], "upstream_unavailable_exception");
    assert_eq!(body["error"]["root_cause"][0]["type"], "upstream_unavailable_exception");
    assert!(body["error"]["reason"].is_string());
    assert_eq!(answer.values("content-type"), ["application/json; charset=UTF-8"]);
}

#[test]
fn line_80_puts_and_forwards_are_told_at_once() {
    let gateway = Gateway::before(&[&dead_node()]);
    let started = Instant::now();
    assert_unavailable(&gateway.create_job("a", &job::smallest()));
    assert_unavailable(&gateway.call("GET", "/_search", ""));
    assert_unavailable(&gateway.call("POST", "/_bulk", "{}\n"));
    assert!(started.elapsed() < QUICKLY, "it took {:?}", started.elapsed());
}

#[test]
fn a_refused_client_may_go_on_with_its_connection() {
    let gateway = Gateway::before(&[&dead_node()]);
    let mut connection = Connection::to(gateway.address);
    for _ in 0..3 {
        let fields = [("content-type", "application/json"), ("x-opaque-id", "abc")];
        connection.send(&request("PUT", "/_ml/anomaly_detectors/a", &fields, &job::smallest()));
        let answer = connection.read();
        assert_unavailable(&answer);
        assert_eq!(answer.values("x-opaque-id"), ["abc"]);
    }
}

#[test]
fn when_the_cluster_comes_back_work_goes_on_without_a_restart() {
    let data = tempfile::tempdir().expect("a folder");
    let node = node::start_on(data.path(), None);
    let url = node.url().to_owned();
    let port = wire::address_of(&url).port();
    drop(node);

    // The gateway starts while the cluster is down.
    let gateway = Gateway::before(&[&url]);
    assert_unavailable(&gateway.create_job("a", &job::smallest()));
    let node = node::start_on(data.path(), Some(port));
    assert_eq!(gateway.create_job("a", &job::smallest()).status(), 200);
    assert_eq!(gateway.call("GET", "/", "").status(), 200);

    // And again, with connections in its pools that have died.
    drop(node);
    assert_unavailable(&gateway.call("GET", "/", ""));
    assert_unavailable(&gateway.create_job("b", &job::smallest()));
    let _node = node::start_on(data.path(), Some(port));
    assert_eq!(
        gateway
            .call("GET", "/anomaly-detectors/_doc/anomaly_detector-a", "")
            .status(),
        200
    );
    assert_eq!(gateway.create_job("b", &job::smallest()).status(), 200);
}
