//! What those who run the gateway can ask, and how it stops step by step.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::gateway::{BINARY, Gateway};
use crate::support::job;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::stand_in::StandIn;
use crate::support::wire::{Connection, eventually, request};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// An upstream that never answers.
fn silent() -> ScriptedUpstream {
    ScriptedUpstream::new(|_, stream| {
        let _ = stream.read(&mut [0]);
    })
}

/// A request that an upstream has and does not answer.
fn held(gateway: &Gateway, upstream: &ScriptedUpstream) -> Connection {
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("GET", "/a", &[], ""));
    eventually("the request", || upstream.requests() == 1);
    connection
}

fn await_closed_listener(gateway: &Gateway) {
    eventually("a closed listener", || TcpStream::connect(gateway.address).is_err());
}

/// The status of `/ready`, and its body.
fn readiness(gateway: &Gateway) -> (u16, Value) {
    let answer = gateway.ask_admin("GET", "/ready");
    (answer.status(), answer.json())
}

/// What the command `health` says of a gateway, asked there.
fn health(gateway: &Gateway, path: &str) -> Option<i32> {
    let url = format!("http://{}{path}", gateway.admin());
    let asked = Command::new(BINARY).args(["health", "--url", &url]).status();
    asked.expect("the gateway's binary starts").code()
}

/// A port at which nobody listens, kept for a node that comes later.
fn kept_port() -> (SocketAddr, String) {
    let bound = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = bound.local_addr().expect("it is bound");
    (address, format!("http://{address}"))
}

#[test]
fn a_gateway_says_that_it_lives_and_is_ready_once_its_cluster_answers() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&upstream.url], "admin: {listen: '127.0.0.1:0'}");
    let live = gateway.ask_admin("GET", "/live");
    assert_eq!((live.status(), live.json()), (200, json!({"live": true})));
    eventually("that the node was probed", || readiness(&gateway).0 == 200);
    let ready = gateway.ask_admin("GET", "/ready");
    let expected = json!({
        "ready": true,
        "requires": "cluster",
        "nodes": [{"url": upstream.url, "answers": true}],
    });
    assert_eq!((ready.status(), ready.json()), (200, expected));
    assert_eq!(ready.values("content-type"), ["application/json"]);

    let refused = gateway.ask_admin("POST", "/ready");
    assert_eq!((refused.status(), refused.values("allow")), (405, vec!["GET, HEAD"]));
    assert_eq!(gateway.ask_admin("GET", "/_search").status(), 404);
    assert!(upstream.heads().is_empty(), "the cluster was asked nothing");
    assert_eq!(
        gateway.call("GET", "/ready", "").text(),
        "ok",
        "to clients it is a path as any other"
    );
}

#[test]
fn with_a_single_node_that_is_dead_a_gateway_is_not_ready_until_it_answers() {
    let (address, url) = kept_port();
    let gateway = Gateway::configured(&[&url], "admin: {listen: '127.0.0.1:0'}");
    let expected = json!({
        "ready": false,
        "requires": "cluster",
        "reason": "no node of the cluster is known to answer",
        "nodes": [{"url": url, "answers": false}],
    });
    assert_eq!(readiness(&gateway), (503, expected.clone()), "nobody has found out yet");
    gateway.logged(&["WARN", "the node does not answer", &url]);
    assert_eq!(readiness(&gateway), (503, expected));
    assert_eq!(health(&gateway, "/ready"), Some(1));
    assert_eq!(health(&gateway, "/live"), Some(0));
    let is_ready = |value: u8| {
        let line = format!("anomaly_gateway_ready {value}");
        gateway
            .ask_admin("GET", "/metrics")
            .text()
            .lines()
            .any(|found| found == line)
    };
    assert!(is_ready(0));

    let listener = TcpListener::bind(address).expect("the port is free");
    let _back = ScriptedUpstream::on(listener, |_, stream| {
        let _ = stream.write_all(OK.as_bytes());
    });
    eventually("that the node is found", || readiness(&gateway).0 == 200);
    assert_eq!(health(&gateway, "/ready"), Some(0));
    assert!(is_ready(1));
}

#[test]
fn a_gateway_that_requires_only_itself_is_ready_while_its_cluster_is_down() {
    let (_, url) = kept_port();
    let yaml = "{admin: {listen: '127.0.0.1:0'}, ready: {require: gateway}}";
    let gateway = Gateway::configured(&[&url], yaml);
    gateway.logged(&["the node does not answer"]);
    let expected = json!({"ready": true, "requires": "gateway", "nodes": [{"url": url, "answers": false}]});
    assert_eq!(readiness(&gateway), (200, expected));
}

#[test]
fn one_of_two_nodes_that_answers_is_enough_to_be_ready() {
    let upstream = ScriptedUpstream::answering(OK);
    let (_, dead) = kept_port();
    let gateway = Gateway::configured(&[&dead, &upstream.url], "admin: {listen: '127.0.0.1:0'}");
    eventually("that both were probed", || {
        let (status, body) = readiness(&gateway);
        status == 200 && body["nodes"][0]["answers"] == false && body["nodes"][1]["answers"] == true
    });
    gateway.logged(&["WARN", "the node does not answer", &dead, "Connection refused"]);
}

#[test]
fn what_was_decided_is_counted() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let gateway = Gateway::configured(&[cluster.url()], "admin: {listen: '127.0.0.1:0'}");
    for body in [job::smallest(), "{}".to_owned(), "{}".to_owned()] {
        gateway.call("PUT", "/_ml/anomaly_detectors/j", &body);
    }
    gateway.call("GET", "/_search", "");
    let metrics = gateway.ask_admin("GET", "/metrics");
    assert_eq!(metrics.status(), 200);
    assert_eq!(
        metrics.values("content-type"),
        ["text/plain; version=0.0.4; charset=utf-8"]
    );
    let text = metrics.text();
    for (verdict, count) in [("admitted", 1), ("refused", 2)] {
        let line = format!(
            r#"anomaly_gateway_decisions_total{{plugin="anomaly_job",verdict="{verdict}",dry_run="false"}} {count}"#
        );
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    for name in ["build_info", "decisions_total"] {
        assert!(text.contains(&format!("# HELP anomaly_gateway_{name} ")), "{text}");
    }
}

#[test]
fn a_gateway_that_is_told_to_stop_is_not_ready_then_takes_no_connections_then_ends_with_its_requests() {
    let (upstream, started, finish) = ScriptedUpstream::holding(OK);
    let yaml = "{shutdown: {delay: 10m, timeout: 10m}, admin: {listen: '127.0.0.1:0'}}";
    let mut gateway = Gateway::configured(&[&upstream.url], yaml);
    let mut running = Connection::to(gateway.address);
    running.send(&request("GET", "/slow", &[], ""));
    started.wait();
    eventually("that it is ready", || readiness(&gateway).0 == 200);

    gateway.terminate();
    eventually("that it is not ready", || {
        gateway.ask_admin("GET", "/ready").status() == 503
    });
    assert_eq!(gateway.ask_admin("GET", "/ready").json()["ready"], false);
    assert_eq!(gateway.ask_admin("GET", "/live").status(), 200);
    assert_eq!(
        gateway.call("GET", "/a", "").status(),
        200,
        "who comes all the same is served"
    );

    gateway.terminate(); // The delay is cut short.
    await_closed_listener(&gateway);
    finish.wait();
    assert_eq!(running.read().text(), "ok");
    assert_eq!(gateway.wait(), Some(0));
}

#[test]
fn what_does_not_end_in_time_is_ended() {
    let upstream = silent();
    let mut gateway = Gateway::configured(&[&upstream.url], "shutdown: {timeout: 300ms}");
    let mut connection = held(&gateway, &upstream);
    let begun = Instant::now();
    gateway.terminate();
    assert_eq!(connection.read_some(&mut [0]), 0, "closed without an answer");
    assert_eq!(gateway.wait(), Some(0));
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
}

#[test]
fn a_second_signal_ends_at_once() {
    let upstream = silent();
    let mut gateway = Gateway::configured(&[&upstream.url], "shutdown: {timeout: 10m}");
    let mut connection = held(&gateway, &upstream);
    gateway.terminate();
    await_closed_listener(&gateway);
    gateway.terminate();
    assert_eq!(connection.read_some(&mut [0]), 0, "closed without an answer");
    assert_eq!(gateway.wait(), Some(0));
}
