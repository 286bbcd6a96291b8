//! Requests that are refused before they are forwarded, by limits or for what they are, and those that the end of the
//! gateway cuts off.

use std::net::TcpStream;

use super::logged::{Logged, OK, assert_ended};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::{Connection, call, eventually, request};

#[test]
fn who_is_turned_away_is_logged_too() {
    let upstream = ScriptedUpstream::answering(OK);
    let logged = Logged::configured(&[&upstream.url], "limits: {requests: 1, head: 1kb}");
    let mut running = Connection::to(logged.gateway.address);
    running.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(running.read().status(), 200);
    let long = "x".repeat(2000);
    let answer = call(logged.gateway.address, "GET", "/b", &[("X-Long", &long)], "");
    assert_eq!(answer.status(), 431);
    let lines = logged.all();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert_ended(&lines[1], "limit", Some(431));
    assert!(lines[1]["http"]["request"].get("method").is_none(), "{:#}", lines[1]);
    assert!(lines[1].get("url").is_none(), "{:#}", lines[1]);
}

#[test]
fn one_request_too_many_ends_by_a_limit() {
    let (upstream, started, finish) = ScriptedUpstream::holding(OK);
    let logged = Logged::configured(&[&upstream.url], "limits: {requests: 1}");
    let mut running = Connection::to(logged.gateway.address);
    running.send(&request("GET", "/slow", &[], ""));
    started.wait();
    assert_eq!(logged.call("GET", "/refused", "").status(), 429);
    let line = logged.first();
    assert_ended(&line, "limit", Some(429));
    assert_eq!(line["url"]["path"], "/refused");
    assert!(line["anomaly_gateway"].get("node").is_none(), "{line:#}");
    finish.wait();
    assert_eq!(running.read().status(), 200);
    eventually("the other line", || logged.lines().len() == 2);
    assert_ended(&logged.lines()[1], "complete", Some(200));
}

#[test]
fn a_connection_too_many_ends_by_a_limit() {
    let upstream = ScriptedUpstream::answering(OK);
    let logged = Logged::configured(&[&upstream.url], "limits: {connections: 1}");
    let mut inside = Connection::to(logged.gateway.address);
    inside.send(&request("GET", "/a", &[], ""));
    assert_eq!(inside.read().status(), 200);
    assert_eq!(logged.call("GET", "/refused", "").status(), 503);
    eventually("two lines", || logged.lines().len() == 2);
    assert_ended(&logged.lines()[1], "limit", Some(503));
}

#[test]
fn what_is_not_http_is_refused_and_logged_without_a_target() {
    let upstream = ScriptedUpstream::answering(OK);
    let logged = Logged::before(&[&upstream.url]);
    let mut connection = Connection::to(logged.gateway.address);
    connection.send(b"GET /planted HTTP/9.9\r\nHost: a\r\n\r\n");
    assert_eq!(connection.read_head().status(), 400);
    let line = logged.only();
    assert_ended(&line, "refused", Some(400));
    assert!(line["http"]["request"].get("method").is_none(), "{line:#}");
}

#[test]
fn a_body_that_is_not_framed_right_is_one_request_and_one_line() {
    let upstream = ScriptedUpstream::new(|_, stream: &mut TcpStream| {
        let mut rest = Vec::new();
        let _ = std::io::Read::read_to_end(stream, &mut rest);
    });
    let logged = Logged::configured(&[&upstream.url], "upstream: {probe: 'off'}");
    let mut connection = Connection::to(logged.gateway.address);
    connection.send(b"POST /_bulk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    assert_eq!(connection.read_head().status(), 400);
    drop(connection);
    eventually("that the client has left", || {
        logged.metric("anomaly_gateway_client_connections") == 0
    });
    assert_eq!(logged.metric("anomaly_gateway_requests_in_flight"), 0);
    assert_ended(&logged.first(), "broken_body", Some(400));
    let ended: u64 = logged.metrics("anomaly_gateway_requests_total{").values().sum();
    assert_eq!((ended, logged.lines().len()), (1, 1));
}

#[test]
fn a_target_that_names_nothing_is_refused_and_its_password_is_not_logged() {
    let upstream = ScriptedUpstream::answering(OK);
    let logged = Logged::before(&[&upstream.url]);
    let mut connection = Connection::to(logged.gateway.address);
    connection.send(b"CONNECT user:planted@es:9200 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(connection.read_head().status(), 400);
    let line = logged.first();
    assert_ended(&line, "refused", Some(400));
    assert!(!line.to_string().contains("planted"), "{line:#}");
}

#[test]
fn a_request_that_runs_when_the_gateway_ends_is_logged_as_stopped() {
    let (upstream, started, finish) = ScriptedUpstream::holding(OK);
    let mut logged = Logged::configured(&[&upstream.url], "shutdown: {timeout: 10m}");
    let mut running = Connection::to(logged.gateway.address);
    running.send(&request("GET", "/slow", &[], ""));
    started.wait();
    logged.gateway.terminate();
    logged.gateway.logged(&["no new connections"]);
    logged.gateway.terminate();
    assert_eq!(logged.gateway.wait(), Some(0));
    let lines = logged.lines();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_ended(&lines[0], "stopped", None);
    finish.wait();
}
