//! A gateway whose upstream is itself.

use std::fs;
use std::net::TcpListener;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::wire::{Answer, Connection, request};

/// Names are not looked up before the gateway starts.
const NAMES: &str = "127.0.0.1 self.example.org\n";

fn assert_loop(answer: &Answer) {
    assert_eq!(answer.status(), 508, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["status"], 508);
    assert_eq!(body["error"]["type"], "loop_detected_exception");
    assert_eq!(body["error"]["root_cause"][0]["type"], "loop_detected_exception");
}

#[test]
fn a_request_that_comes_back_is_refused_at_once_and_said_so_once() {
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("a free port")
        .local_addr()
        .expect("bound");
    let url = format!("http://self.example.org:{}", free.port());
    let admin = ["--admin-listen", "127.0.0.1:0"];
    let gateway = Gateway::with_names(NAMES, &free.to_string(), &[&url], &admin);
    for _ in 0..10 {
        assert_loop(&gateway.call("GET", "/", ""));
        assert_loop(&gateway.call("POST", "/_bulk", "{}\n"));
        assert_loop(&gateway.create_job("a", &job::smallest()));
    }
    let mut connection = Connection::to(gateway.address);
    for _ in 0..3 {
        connection.send(&request("GET", "/a", &[], ""));
        assert_loop(&connection.read());
    }
    // Without an end each request would have opened connections until there were no more files.
    let files = fs::read_dir(format!("/proc/{}/fd", gateway.pid()))
        .expect("Linux shows the process")
        .count();
    assert!(files < 100, "{files} files are open");
    gateway.logged(&["requests come back to the gateway"]);
    let told = gateway.log().matches("requests come back to the gateway").count();
    assert_eq!(told, 1, "{}", gateway.log());
    assert_eq!(gateway.ask_admin("GET", "/live").status(), 200);
    let metrics = gateway.ask_admin("GET", "/metrics").text();
    assert!(
        metrics.contains("anomaly_gateway_turned_away_total{reason=\"loop\"} 33"),
        "{metrics}"
    );
}
