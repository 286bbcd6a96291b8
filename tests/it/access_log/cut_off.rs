//! Requests that do not come to their end: the client, the node or the upload breaks off, or the node takes too long.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::logged::{Logged, OK, assert_ended, nanos};
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::wire::{Connection, eventually, request};

#[test]
fn a_client_that_leaves_in_the_middle_of_an_answer_is_gone() {
    let upstream = ScriptedUpstream::new(|_, stream: &mut TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
        let piece = vec![b'a'; 100_000];
        while stream.write_all(&piece).is_ok() {}
    });
    let logged = Logged::before(&[&upstream.url]);
    let mut connection = Connection::to(logged.gateway.address);
    connection.send(&request("GET", "/long", &[], ""));
    assert_eq!(connection.read_head().status(), 200);
    connection.read_exact(&mut [0; 1000]);
    drop(connection);
    let line = logged.first();
    assert_ended(&line, "client_gone", Some(200));
    assert_eq!(line["event"]["outcome"], "failure");
    let sent = nanos(&line["http"]["response"]["body"]["bytes"]);
    assert!((1000..100_000_000).contains(&sent), "{sent}");
    let counted = "anomaly_gateway_requests_total{outcome=\"client_gone\",status=\"2xx\",method=\"GET\"}";
    assert_eq!(logged.metric(counted), 1);
    assert_eq!(logged.metric("anomaly_gateway_requests_in_flight"), 0);
}

#[test]
fn a_client_that_leaves_before_its_answer_has_no_status() {
    let (upstream, started, finish) = ScriptedUpstream::holding(OK);
    let logged = Logged::before(&[&upstream.url]);
    let mut connection = Connection::to(logged.gateway.address);
    connection.send(&request("GET", "/slow", &[], ""));
    started.wait();
    assert_eq!(logged.metric("anomaly_gateway_requests_in_flight"), 1);
    drop(connection);
    let line = logged.only();
    assert_ended(&line, "client_gone", None);
    let [total, own, node] = [
        &line["event"]["duration"],
        &line["anomaly_gateway"]["own_duration"],
        &line["anomaly_gateway"]["node_duration"],
    ]
    .map(nanos);
    assert!(
        node > total / 2 && own < total / 2,
        "it has waited for the node: {line:#}"
    );
    finish.wait();
}

#[test]
fn an_upload_that_breaks_off_is_a_broken_body() {
    let upstream = ScriptedUpstream::new(|_, stream: &mut TcpStream| {
        let mut rest = Vec::new();
        let _ = std::io::Read::read_to_end(stream, &mut rest);
    });
    let logged = Logged::before(&[&upstream.url]);
    let mut connection = Connection::to(logged.gateway.address);
    connection.send(b"POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n0123456789");
    connection.assert_silent_for(Duration::from_millis(300));
    connection.stop_sending();
    assert_eq!(connection.read().status(), 400);
    let line = logged.first();
    assert_ended(&line, "broken_body", Some(400));
    assert_eq!(line["http"]["request"]["body"]["bytes"], 10);
    // The gateway begins to count when it has the head, which on a busy machine is after the client has.
    let total = nanos(&line["event"]["duration"]);
    assert!(total >= 150_000_000, "{line:#}");
    for part in ["own_duration", "node_duration"] {
        assert!(
            nanos(&line["anomaly_gateway"][part]) < total / 2,
            "it has waited for the client: {line:#}"
        );
    }
    let counted = "anomaly_gateway_requests_total{outcome=\"broken_body\",status=\"4xx\",method=\"POST\"}";
    assert_eq!(logged.metric(counted), 1);
}

#[test]
fn a_node_that_leaves_is_told_from_a_client_that_does() {
    for (method, answer, status) in [
        ("GET", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", 200),
        ("POST", "", 500),
        ("GET", "", 502),
        ("GET", "HTTP/1.1 101 Switching Protocols\r\n\r\n", 502),
    ] {
        let upstream = ScriptedUpstream::new(move |head, stream: &mut TcpStream| {
            read_body(head, stream);
            let _ = stream.write_all(answer.as_bytes());
            let _ = stream.shutdown(Shutdown::Both);
        });
        let logged = Logged::before(&[&upstream.url]);
        let mut connection = Connection::to(logged.gateway.address);
        connection.send(&request(method, "/a", &[], ""));
        let head = connection.read_head();
        assert_eq!(head.status(), status, "{method} {answer}");
        let line = logged.first();
        assert_ended(&line, "node_gone", Some(u64::from(status)));
        assert_eq!(line["anomaly_gateway"]["node"], upstream.url);
    }
}

#[test]
fn a_node_that_does_not_answer_in_time_is_told_so() {
    let finish = Arc::new(Barrier::new(2));
    let held = Arc::clone(&finish);
    let upstream = ScriptedUpstream::new(move |head, _: &mut TcpStream| {
        if head.starts_with("GET /slow ") {
            held.wait();
        }
    });
    let logged = Logged::configured(&[&upstream.url], "upstream: {response_timeout: 200ms, probe: 'off'}");
    assert_eq!(logged.call("GET", "/slow", "").status(), 504);
    finish.wait();
    let line = logged.first();
    assert_ended(&line, "node_timeout", Some(504));
    let [own, node] = ["own_duration", "node_duration"].map(|part| nanos(&line["anomaly_gateway"][part]));
    assert!(node >= 200_000_000 && own < 200_000_000, "{line:#}");
}

/// The node's time begins when it has the whole request.
#[test]
fn what_a_client_takes_to_send_is_neither_the_nodes_time_nor_the_gateways() {
    let upstream = ScriptedUpstream::answering(OK);
    let logged = Logged::before(&[&upstream.url]);
    let mut connection = Connection::to(logged.gateway.address);
    connection.send(b"POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
    eventually("that the node has the head", || upstream.requests() == 1);
    connection.assert_silent_for(Duration::from_millis(300));
    connection.send(b"cd");
    assert_eq!(connection.read().status(), 200);
    let line = logged.only();
    assert!(nanos(&line["event"]["duration"]) >= 300_000_000, "{line:#}");
    for part in ["own_duration", "node_duration"] {
        assert!(nanos(&line["anomaly_gateway"][part]) < 300_000_000, "{line:#}");
    }
}
