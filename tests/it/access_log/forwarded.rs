//! Requests that nobody claims and that are answered: by a node, by another one, or because there is none.

use std::io::Write;
use std::net::TcpStream;

use rustls::version::TLS12;

use super::logged::{Logged, OK, SECRETS, assert_ended, nanos};
use crate::support::authority::{Authority, Files};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::tls::{client, connect, exchange};
use crate::support::wire::{Connection, eventually, request};

/// The URL of a port at which nobody listens.
/// A node that is not there. A port that was free a moment ago may be another test's by now; this one is nobody's.
fn dead() -> String {
    "http://127.0.0.1:1".to_owned()
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
        logged.metric("anomaly_gateway_client_handshakes_failed_total{reason=\"not_tls\"}") == 1
    });
}
