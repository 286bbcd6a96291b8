//! How the gateway finds out which nodes answer: never by what could be a failed login.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cluster::{ADMIN, WRITER};
use rustls::ALL_VERSIONS;
use serde_json::json;

use crate::support::authority::{Files, Identity, roots};
use crate::support::gateway::{BINARY, Gateway};
use crate::support::scripted_upstream::{ScriptedUpstream, field};
use crate::support::tls::{client, connect, door, exchange};
use crate::support::wire::{self, Answer, eventually, request};
use crate::support::{job, node};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const UNAUTHORIZED: &str = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";

/// What a gateway that asks often is configured with, besides this part of `upstream`.
fn asking_often(upstream: &str) -> String {
    format!("{{upstream: {{probe_interval: 50ms{upstream}}}, admin: {{listen: '127.0.0.1:0'}}}}")
}

fn answers(gateway: &Gateway, number: usize) -> bool {
    gateway.ask_admin("GET", "/ready").json()["nodes"][number]["answers"]
        .as_bool()
        .expect("a boolean")
}

/// A node that wants a password, which answers `HEAD` as such.
fn secured() -> ScriptedUpstream {
    ScriptedUpstream::answering(UNAUTHORIZED)
}

#[test]
fn nodes_are_only_connected_to_as_long_as_it_is_not_known_what_they_answer() {
    let nodes = [secured(), secured()];
    let gateway = Gateway::configured(&[&nodes[0].url, &nodes[1].url], &asking_often(""));
    eventually("a dozen probes of each", || {
        nodes.iter().all(|node| node.accepted() > 12)
    });
    for (number, node) in nodes.iter().enumerate() {
        assert_eq!(node.probes(), [""; 0], "it was asked nothing");
        assert!(answers(&gateway, number), "a node that wants a password answers");
    }
}

#[test]
fn a_node_that_refuses_the_question_is_asked_it_once() {
    let node = secured();
    let gateway = Gateway::configured(&[&node.url], &asking_often(", probe: http"));
    eventually("a dozen probes", || node.accepted() > 12);
    assert_eq!(node.probes().len(), 1, "{:?}", node.probes());
    assert!(answers(&gateway, 0));
}

/// As soon as somebody without credentials is seen to be answered, a probe may ask, and finds out more than that somebody
/// accepts connections.
#[test]
fn a_node_that_answers_anybody_is_asked_and_found_out_when_it_hangs() {
    let hangs = Arc::new(AtomicBool::new(false));
    let node = ScriptedUpstream::new({
        let hangs = Arc::clone(&hangs);
        move |_, stream| {
            if hangs.load(Ordering::Relaxed) {
                let _ = stream.read(&mut [0]); // Until the gateway has had enough.
            } else {
                let _ = stream.write_all(EMPTY.as_bytes());
            }
        }
    });
    let gateway = Gateway::configured(&[&node.url], &asking_often(""));
    let fields = [("Authorization", "Basic eA==")];
    assert_eq!(wire::call(gateway.address, "GET", "/", &fields, "").status(), 200);
    assert_eq!(gateway.call("GET", "/_cat/indices", "").status(), 200);
    let before = node.accepted();
    eventually("some more probes", || node.accepted() > before + 3);
    let probes = || node.probes().len();
    assert_eq!(probes(), 0, "neither says how the question would be answered");

    assert_eq!(gateway.call("GET", "/", "").status(), 200);
    eventually("a question", || probes() > 2);
    assert!(node.probes().iter().all(|head| field(head, "authorization").is_none()));
    assert!(answers(&gateway, 0));
    hangs.store(true, Ordering::Relaxed);
    eventually("that it is found out", || !answers(&gateway, 0));
    hangs.store(false, Ordering::Relaxed);
    eventually("that it is back", || answers(&gateway, 0));
}

#[test]
fn credentials_for_probes_are_used_until_they_are_refused_and_read_again_when_they_change() {
    let node = ScriptedUpstream::new(|head, stream| {
        let is_right = field(head, "authorization").is_some_and(|value| value == "ApiKey right");
        let _ = stream.write_all(if is_right { EMPTY } else { UNAUTHORIZED }.as_bytes());
    });
    let files = Files::new();
    files.write("probe", "ApiKey wrong\n");
    let yaml = asking_often(&format!(", probe_authorization: {}", files.text("probe")));
    let gateway = Gateway::configured(&[&node.url], &yaml);
    eventually("a dozen probes", || node.accepted() > 12);
    assert_eq!(node.probes().len(), 1);
    assert_eq!(
        field(&node.probes()[0], "authorization").as_deref(),
        Some("ApiKey wrong")
    );
    assert!(answers(&gateway, 0));
    eventually("a line in the log", || {
        gateway
            .log()
            .contains("refuses the credentials of `upstream.probe_authorization`")
    });
    assert!(!gateway.log().contains("wrong"), "{}", gateway.log());

    files.write("probe", "ApiKey right\n");
    eventually("several questions", || node.probes().len() > 5);
    for head in node.probes().iter().skip(1) {
        assert_eq!(field(head, "authorization").as_deref(), Some("ApiKey right"));
    }
    fs::remove_file(files.path("probe")).expect("it was there");
    eventually("a line in the log", || {
        gateway.log().contains("`upstream.probe_authorization` cannot be read")
    });
    let asked = node.probes().len();
    let connections = node.accepted();
    eventually("a dozen more probes", || node.accepted() > connections + 12);
    assert!(node.probes().len() <= asked + 1, "nothing without credentials");
}

#[test]
fn what_cannot_be_meant_about_probes_is_refused_at_the_start() {
    let files = Files::new();
    files.write("probe", "Basic cHJvYmU6cHJvYmU=");
    files.write("bare", "hunter2");
    let [probe, bare, nothing] = ["probe", "bare", "nothing"].map(|name| files.text(name));
    for (yaml, told) in [
        (
            format!("{{probe_authorization: {nothing}}}"),
            "nothing cannot be read: No such file",
        ),
        (
            format!("{{probe_authorization: {bare}}}"),
            "bare does not hold a value of `Authorization`",
        ),
        (
            format!("{{probe_authorization: {probe}, probe: connect}}"),
            "`upstream.probe` is `connect`, which asks nothing",
        ),
        (
            format!("{{probe: off, probe_authorization: {probe}}}"),
            "`upstream.probe` is `off`, which asks nothing",
        ),
        (
            "{probe: sometimes}".to_owned(),
            "expected `auto`, `connect`, `http` or `off`",
        ),
        ("{probe_interval: 1ms}".to_owned(), "nodes would do nothing else"),
    ] {
        files.write("gateway.yml", &format!("upstream: {yaml}"));
        let checked = std::process::Command::new(BINARY)
            .args(["check", "--config", &files.text("gateway.yml")])
            .output()
            .expect("the gateway's binary starts");
        let said = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert!(said.contains(told) && !said.contains("hunter2"), "{yaml}: {said}");
    }
}

#[test]
fn a_single_node_is_known_too() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let gateway = Gateway::configured(&[&format!("http://{address}")], &asking_often(""));
    eventually("that it is not there", || !answers(&gateway, 0));
    eventually("a reason in the log", || {
        let log = gateway.log();
        log.contains("the node does not answer") && log.contains("Connection refused")
    });
    let _back = ScriptedUpstream::on(TcpListener::bind(address).expect("the port is free"), |_, _| ());
    eventually("that it is there", || answers(&gateway, 0));
}

/// A request finds out that a node is gone, and one of those that come later that it is back.
#[test]
fn without_probes_nobody_is_asked_and_a_node_comes_back_all_the_same() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let living = ScriptedUpstream::answering(OK);
    let dead = format!("http://{address}");
    let gateway = Gateway::configured(&[&dead, &living.url], &asking_often(", probe: off"));
    let ask = || assert_eq!(gateway.call("GET", "/a", "").status(), 200);
    eventually("that it is missed", || {
        ask();
        !answers(&gateway, 0)
    });
    let back = ScriptedUpstream::on(TcpListener::bind(address).expect("the port is free"), |_, stream| {
        let _ = stream.write_all(OK.as_bytes());
    });
    eventually("that it is asked again", || {
        ask();
        back.requests() > 0
    });
    assert!(answers(&gateway, 0));
    for node in [&back, &living] {
        assert!(
            node.probes().is_empty() && node.heads().iter().all(|head| head.starts_with("GET /a ")),
            "{:?}",
            node.heads()
        );
    }
}

#[test]
fn a_gateway_that_is_answered_401_on_everything_says_so() {
    let refuses = Arc::new(AtomicBool::new(true));
    let node = ScriptedUpstream::new({
        let refuses = Arc::clone(&refuses);
        move |_, stream| {
            let answer = if refuses.load(Ordering::Relaxed) {
                UNAUTHORIZED
            } else {
                EMPTY
            };
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let gateway = Gateway::configured(&[&node.url], "admin: {listen: '127.0.0.1:0'}");
    let unauthorized = || gateway.ask_admin("GET", "/ready").json()["nodes"][0]["unauthorized"].clone();
    for _ in 0..9 {
        assert_eq!(gateway.call("GET", "/a", "").status(), 401);
    }
    assert_eq!(unauthorized(), json!(null), "it may be somebody's mistake");
    // The gateway's own calls count, too.
    assert_eq!(gateway.create_job("a", &job::smallest()).status(), 401);
    assert_eq!(gateway.call("GET", "/a", "").status(), 401);
    assert_eq!(unauthorized(), json!(11));
    let told = "the node answers every request with 401";
    eventually("a line in the log", || gateway.log().contains(told));
    assert_eq!(gateway.log().matches(told).count(), 1);
    refuses.store(false, Ordering::Relaxed);
    assert_eq!(gateway.call("GET", "/a", "").status(), 200);
    assert_eq!(unauthorized(), json!(null));
    eventually("a line in the log", || {
        gateway
            .log()
            .contains("the node no longer answers every request with 401")
    });
}

/// The cluster locks an address out after ten failed logins, as the vendor's sample configuration does.
fn lock_out_after_ten(url: &str, certificates: &cluster::Certificates) {
    let read = |path: &std::path::Path| fs::read_to_string(path).expect("a file of the cluster");
    let admin = Identity {
        certificate: read(&certificates.admin),
        key: read(&certificates.admin_key),
    };
    let config = client(roots(&read(&certificates.authority)), ALL_VERSIONS, Some(&admin));
    let address = url.trim_start_matches("https://").parse().expect("an address");
    let listener = json!({
        "type": "ip", "allowed_tries": 10, "time_window_seconds": 3600, "block_expiry_seconds": 600,
        "max_blocked_clients": 100_000, "max_tracked_clients": 100_000, "ignore_hosts": []
    });
    let fields = [("Content-Type", "application/json"), ("Connection", "close")];
    let target = "/_plugins/_security/api/authfailurelisteners/ip_rate_limiting";
    let mut stream = connect(address, "localhost", config).expect("a handshake");
    let answer = exchange(&mut stream, &request("PUT", target, &fields, &listener.to_string())).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
}

/// Ten minutes of probes, at 5 s each, in a few seconds.
#[test]
fn a_cluster_that_locks_out_failed_logins_stays_usable_under_probes() {
    let cluster = node::start_two_in_tls();
    let certificates = cluster.certificates().expect("a cluster with TLS has some");
    lock_out_after_ten(cluster.url(), certificates);
    let ca = certificates.authority.to_str().expect("a path");
    let files = Files::new();
    files.write(
        "gateway.yml",
        "{upstream: {probe_interval: 50ms}, admin: {listen: '127.0.0.1:0'}}",
    );
    let urls: Vec<&str> = cluster.urls().iter().map(String::as_str).collect();
    assert_eq!(urls.len(), 2);
    let gateway = Gateway::with(
        &urls,
        &["--upstream-tls-ca", ca, "--config", &files.text("gateway.yml")],
    );
    let as_user = |user: cluster::User| format!("Basic {}", BASE64_STANDARD.encode(user.to_string()));
    let ask = |authorization: &str, target: &str| -> Answer {
        wire::call(gateway.address, "GET", target, &[("Authorization", authorization)], "")
    };
    let admin = as_user(ADMIN);
    let begun = Instant::now();
    // 120 probes of each node, as ten minutes have; some are later than they should be.
    while begun.elapsed() < Duration::from_secs(12) {
        let answer = ask(&admin, "/_cluster/health");
        assert_eq!(answer.status(), 200, "after {:?}: {answer:?}", begun.elapsed());
        assert!(answers(&gateway, 0) && answers(&gateway, 1));
    }
    let target = "/_ml/anomaly_detectors/under-probes";
    let writer = as_user(WRITER);
    let fields = [("Authorization", writer.as_str()), ("Content-Type", "application/json")];
    let created = wire::call(gateway.address, "PUT", target, &fields, &job::smallest());
    assert_eq!(created.status(), 200, "{}", created.text());

    // The lock is at work: failed logins of a client's are counted, and then the right password helps no more.
    let read = fs::read_to_string(&certificates.authority).expect("a file of the cluster");
    let node = cluster
        .url()
        .trim_start_matches("https://")
        .parse()
        .expect("an address");
    let door = door(node, "localhost", client(roots(&read), ALL_VERSIONS, None));
    let direct = |fields: &[(&str, &str)]| wire::call(door, "GET", "/", fields, "").status();
    for _ in 0..12 {
        assert_eq!(direct(&[]), 401);
    }
    assert_eq!(direct(&[("Authorization", &admin)]), 401);
    eventually("that the gateway says so", || {
        ask(&admin, "/");
        gateway.log().contains("the node answers every request with 401")
    });
}
