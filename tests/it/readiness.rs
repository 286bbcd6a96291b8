//! What those who run the gateway can ask, and how it stops step by step.

use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::gateway::Gateway;
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

#[test]
fn a_gateway_says_that_it_lives_and_is_ready_whatever_its_cluster_does() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&upstream.url], "admin: {listen: '127.0.0.1:0'}");
    let live = gateway.ask_admin("GET", "/live");
    assert_eq!((live.status(), live.json()), (200, serde_json::json!({"live": true})));
    let ready = gateway.ask_admin("GET", "/ready");
    let expected = serde_json::json!({"ready": true, "nodes": [{"url": upstream.url, "answers": true}]});
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
        let line = format!(r#"anomaly_gateway_decisions_total{{plugin="anomaly_job",verdict="{verdict}"}} {count}"#);
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
