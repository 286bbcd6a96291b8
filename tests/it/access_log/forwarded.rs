//! Requests that nobody claims: answered by a node, by nobody, cut off on either side, and turned away.

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use rustls::version::TLS12;
use serde_json::Value;

use super::logged::{Logged, SECRETS, assert_ended};
use crate::support::authority::{Authority, Files};
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::tls::{client, connect, exchange};
use crate::support::wire::{Connection, call, eventually, request};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// The URL of a port at which nobody listens.
fn dead() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("it is bound"))
}

fn nanos(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[test]
fn a_forwarded_request_is_logged_with_all_that_is_known_and_no_secret() {
    let upstream = ScriptedUpstream::answering(OK);
    let logged = Logged::before(&[&upstream.url]);
    let answer = logged.call("POST", "/a/_search?q=1&API_Key=planted&token=planted", "{\"a\":1}");
    assert_eq!(answer.status(), 200);
    let line = logged.only();
    assert_ended(&line, "complete", Some(200));
    assert_eq!(line["event"]["outcome"], "success");
    assert_eq!(line["client"]["ip"], "127.0.0.1");
    assert!(line["client"]["port"].as_u64().is_some_and(|port| port > 0), "{line:#}");
    assert_eq!(line["http"]["request"]["method"], "POST");
    assert_eq!(line["http"]["version"], "1.1");
    assert_eq!(line["http"]["request"]["body"]["bytes"], 7);
    assert_eq!(line["http"]["response"]["body"]["bytes"], 2);
    assert_eq!(line["url"]["path"], "/a/_search");
    assert_eq!(line["url"]["query"], "q=1&API_Key=[redacted]&token=[redacted]");
    assert_eq!(line["anomaly_gateway"]["node"], upstream.url);
    assert_eq!(line["anomaly_gateway"]["retries"], 0);
    assert!(line["anomaly_gateway"].get("plugin").is_none(), "{line:#}");
    assert!(line.get("tls").is_none(), "{line:#}");
    assert_eq!(line["elasticsearch"]["http"]["request"]["x_opaque_id"], "kibana-1");
    assert_eq!(line["trace"]["id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    let [total, own, node] = [
        &line["event"]["duration"],
        &line["anomaly_gateway"]["own_duration"],
        &line["anomaly_gateway"]["node_duration"],
    ]
    .map(nanos);
    assert!(own > 0 && node > 0 && own + node <= total, "{line:#}");
    let text = std::fs::read_to_string(logged.file()).expect("the log");
    let log = logged.gateway.log();
    let metrics = logged.gateway.ask_admin("GET", "/metrics").text();
    for text in [text, log, metrics] {
        assert!(!text.contains("planted"), "{text}");
        for (_, secret) in SECRETS {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn an_answer_of_a_node_is_complete_whatever_its_status_and_framing() {
    for (method, answer, status, sent) in [
        ("GET", "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno", 404, 2),
        (
            "GET",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            200,
            3,
        ),
        ("GET", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200, 0),
        ("HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n", 200, 0),
        ("DELETE", "HTTP/1.1 204 No Content\r\n\r\n", 204, 0),
        ("GET", "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", 304, 0),
        (
            "PUT",
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 1\r\n\r\n-",
            503,
            1,
        ),
    ] {
        let upstream = ScriptedUpstream::answering(answer);
        let logged = Logged::before(&[&upstream.url]);
        let mut connection = Connection::to(logged.gateway.address);
        connection.send(&request(method, "/a", &[], ""));
        let got = connection.answer(method == "HEAD").expect("an answer");
        assert_eq!(got.status(), status);
        let line = logged.only();
        assert_ended(&line, "complete", Some(u64::from(status)));
        assert_eq!(line["http"]["response"]["body"]["bytes"], sent, "{line:#}");
        let outcome = if status < 400 { "success" } else { "failure" };
        assert_eq!(line["event"]["outcome"], outcome);
    }
}

#[test]
fn a_node_that_is_not_there_makes_a_request_unavailable() {
    let node = dead();
    let logged = Logged::before(&[&node]);
    assert_eq!(logged.call("GET", "/a", "").status(), 503);
    let line = logged.only();
    assert_ended(&line, "unavailable", Some(503));
    assert_eq!(line["anomaly_gateway"]["node"], node);
    let failed = format!("anomaly_gateway_node_connections_failed_total{{node=\"{node}\"}}");
    assert!(logged.metric(&failed) >= 1);
    let up = format!("anomaly_gateway_node_up{{node=\"{node}\"}}");
    eventually("that it is known to be down", || logged.metric(&up) == 0);
}

#[test]
fn a_request_that_another_node_answers_was_sent_again() {
    let (dead, upstream) = (dead(), ScriptedUpstream::answering(OK));
    let logged = Logged::configured(&[&dead, &upstream.url], "upstream: {probe: 'off', probe_interval: 1h}");
    assert_eq!(logged.call("GET", "/a", "").status(), 200);
    let line = logged.only();
    assert_ended(&line, "complete", Some(200));
    assert_eq!(line["anomaly_gateway"]["retries"], 1);
    assert_eq!(line["anomaly_gateway"]["node"], upstream.url);
}

#[test]
fn connections_of_clients_and_nodes_are_counted() {
    let upstream = ScriptedUpstream::answering(OK);
    let logged = Logged::before(&[&upstream.url]);
    let mut connection = Connection::to(logged.gateway.address);
    for _ in 0..3 {
        connection.send(&request("GET", "/a", &[], ""));
        assert_eq!(connection.read().status(), 200);
    }
    let node = &upstream.url;
    let of_node = |metric: &str| logged.metric(&format!("anomaly_gateway_node_connections{metric}"));
    assert_eq!(of_node(&format!("_opened_total{{node=\"{node}\"}}")), 1);
    assert_eq!(of_node(&format!("_reused_total{{node=\"{node}\"}}")), 2);
    assert_eq!(of_node(&format!("_failed_total{{node=\"{node}\"}}")), 0);
    let idle = format!("{{node=\"{node}\",state=\"idle\"}}");
    eventually("an idle connection", || of_node(&idle) == 1);
    assert_eq!(of_node(&format!("{{node=\"{node}\",state=\"active\"}}")), 0);
    assert_eq!(logged.metric("anomaly_gateway_client_connections"), 1);
    drop(connection);
    eventually("that the client has left", || {
        logged.metric("anomaly_gateway_client_connections") == 0
    });
    assert_eq!(logged.metric("anomaly_gateway_client_connections_opened_total"), 1);
}

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
    let (started, finish) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let upstream = ScriptedUpstream::new({
        let (started, finish) = (Arc::clone(&started), Arc::clone(&finish));
        move |head, stream: &mut TcpStream| {
            if head.starts_with("GET /slow ") {
                started.wait();
                finish.wait();
            }
            let _ = stream.write_all(OK.as_bytes());
        }
    });
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
    assert!(nanos(&line["event"]["duration"]) >= 300_000_000, "{line:#}");
    for part in ["own_duration", "node_duration"] {
        assert!(
            nanos(&line["anomaly_gateway"][part]) < 300_000_000,
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
    let (started, finish) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let upstream = ScriptedUpstream::new({
        let (started, finish) = (Arc::clone(&started), Arc::clone(&finish));
        move |head, stream: &mut TcpStream| {
            if head.starts_with("GET /slow ") {
                started.wait();
                finish.wait();
            }
            let _ = stream.write_all(OK.as_bytes());
        }
    });
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
    let (started, finish) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let upstream = ScriptedUpstream::new({
        let (started, finish) = (Arc::clone(&started), Arc::clone(&finish));
        move |head, _: &mut TcpStream| {
            if head.starts_with("GET /slow ") {
                started.wait();
                finish.wait();
            }
        }
    });
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

#[test]
fn the_version_of_tls_is_logged_and_failed_handshakes_are_counted() {
    let upstream = ScriptedUpstream::answering(OK);
    let (authority, files) = (Authority::new("the gateway's authority"), Files::new());
    files.write_identity("gateway", &authority.sign("gateway", &["gateway.test"]));
    let (certificate, key) = (files.text("gateway.pem"), files.text("gateway-key.pem"));
    let tls = format!("tls: {{certificate: '{certificate}', key: '{key}'}}");
    let logged = Logged::configured(&[&upstream.url], &tls);
    let config = client(authority.roots(), &[&TLS12], None);
    let mut stream = connect(logged.gateway.address, "gateway.test", config).expect("a handshake");
    let closing = request("GET", "/a", &[("Connection", "close")], "");
    exchange(&mut stream, &closing).expect("an answer");
    let line = logged.first();
    assert_ended(&line, "complete", Some(200));
    assert_eq!(line["tls"]["version"], "1.2");
    assert_eq!(line["tls"]["version_protocol"], "tls");
    let mut plain = TcpStream::connect(logged.gateway.address).expect("it listens");
    plain.write_all(&request("GET", "/a", &[], "")).expect("it reads");
    eventually("a failed handshake", || {
        logged.metric("anomaly_gateway_client_handshakes_failed_total") == 1
    });
}
