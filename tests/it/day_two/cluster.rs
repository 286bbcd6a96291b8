//! Nodes that do not answer.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::time::Instant;

use super::{ADMIN, OK};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::eventually;

/// A port at which nobody listens, kept for a node that comes later.
fn kept_port() -> (SocketAddr, String) {
    let bound = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = bound.local_addr().expect("it is bound");
    (address, format!("http://{address}"))
}

fn node_at(address: SocketAddr) -> ScriptedUpstream {
    let listener = TcpListener::bind(address).expect("the port is free");
    ScriptedUpstream::on(listener, |_, stream| {
        let _ = stream.write_all(OK.as_bytes());
    })
}

fn up(gateway: &Gateway, node: &str) -> u64 {
    gateway.metric(&format!("anomaly_gateway_node_up{{node=\"{node}\"}}"))
}

fn unavailable(gateway: &Gateway, method: &str) -> u64 {
    gateway.metric(&format!(
        "anomaly_gateway_requests_total{{outcome=\"unavailable\",status=\"5xx\",method=\"{method}\"}}"
    ))
}

#[test]
fn an_outage_is_a_line_when_it_begins_and_one_when_it_ends_and_requests_are_counted() {
    let (address, url) = kept_port();
    let gateway = Gateway::configured(&[&url], ADMIN);
    for _ in 0..30 {
        let answer = gateway.call("GET", "/_search", "");
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.json()["error"]["type"], "upstream_unavailable_exception");
    }
    assert_eq!(gateway.create_job("a", &job::smallest()).status(), 503);
    let line = gateway.logged(&["WARN", "the node does not answer", &url]);
    assert!(
        line.contains("Connection refused") && line.contains("answering=0"),
        "{line}"
    );
    let warnings = |gateway: &Gateway| gateway.log().matches(" WARN ").count();
    assert_eq!(warnings(&gateway), 1, "{}", gateway.log());
    assert_eq!((unavailable(&gateway, "GET"), unavailable(&gateway, "PUT")), (30, 1));
    assert_eq!((up(&gateway, &url), gateway.metric("anomaly_gateway_ready")), (0, 0));
    assert_eq!(gateway.ask_admin("GET", "/ready").status(), 503);

    let _node = node_at(address);
    let line = gateway.logged(&["INFO", "the node answers again", &url]);
    assert!(line.contains("unserved=31"), "{line}");
    assert_eq!((up(&gateway, &url), gateway.metric("anomaly_gateway_ready")), (1, 1));
    assert_eq!(warnings(&gateway), 1, "{}", gateway.log());
}

#[test]
fn when_one_of_two_nodes_is_down_nothing_is_lost_and_that_is_told() {
    let (_, dead) = kept_port();
    let living = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&dead, &living.url], ADMIN);
    for _ in 0..10 {
        assert_eq!(gateway.call("GET", "/_search", "").status(), 200);
    }
    gateway.logged(&["WARN", "the node does not answer", &dead, "answering=1"]);
    assert_eq!((up(&gateway, &dead), up(&gateway, &living.url)), (0, 1));
    assert_eq!(gateway.ask_admin("GET", "/ready").status(), 200);
}

/// Requests that a node has and does not answer as it should are told one by one, but not more than one a second.
#[test]
fn a_node_that_breaks_off_its_answers_is_told_with_who_asked_and_not_for_each_request() {
    let node = ScriptedUpstream::new(|head, stream| {
        if head.starts_with("GET /broken") {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        } else {
            let _ = stream.write_all(OK.as_bytes());
        }
    });
    let gateway = Gateway::configured(&[&node.url], ADMIN);
    let begun = Instant::now();
    for _ in 0..20 {
        let answer = gateway.call("GET", "/broken?token=secret", "");
        assert_eq!(answer.status(), 502);
    }
    let line = gateway.logged(&["WARN", "the cluster did not serve a request"]);
    for word in [
        "client=127.0.0.1:",
        "method=\"GET\"",
        "path=\"/broken\"",
        "status=502",
        "duration=",
        &node.url,
    ] {
        assert!(line.contains(word), "{word}: {line}");
    }
    let gone = "anomaly_gateway_requests_total{outcome=\"node_gone\",status=\"5xx\",method=\"GET\"}";
    assert_eq!(gateway.metric(gone), 20);
    let lines = gateway.log().matches("did not serve").count();
    let most = begun.elapsed().as_secs() + 2;
    assert!(lines as u64 <= most, "{lines} lines, and {most} are the most");
    eventually("the rest is told with a later one", || {
        gateway.call("GET", "/broken", "");
        let log = gateway.log();
        log.lines()
            .any(|line| line.contains("did not serve") && !line.contains("unsaid=0"))
    });
    assert!(!gateway.log().contains("secret"), "{}", gateway.log());
}
