//! What clients may take of the gateway: time for a head, connections, requests, memory for bodies.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{Answer, Connection, eventually, request};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// How often a slow client sends a byte.
const BYTE_PAUSE: Duration = Duration::from_millis(20);

/// Sends a head byte by byte until the gateway has had enough, and says how long that took.
fn trickle(gateway: &Gateway) -> Duration {
    let mut stream = TcpStream::connect(gateway.address).expect("it listens");
    stream.set_read_timeout(Some(BYTE_PAUSE)).expect("a timeout");
    let begun = Instant::now();
    let head = b"GET / HTTP/1.1\r\nX-Slow: ".iter().chain(std::iter::repeat(&b'a'));
    for byte in head.take(2000) {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        match stream.read(&mut [0]) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Ok(0) | Err(_) => break,
            Ok(_) => panic!("an answer to half a head"),
        }
    }
    begun.elapsed()
}

#[test]
fn line_92_a_slow_head_is_ended_and_line_83_an_idle_connection_stays() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&upstream.url], "limits: {head_timeout: 500ms}");
    let mut used = Connection::to(gateway.address);
    used.send(&request("GET", "/a", &[], ""));
    assert_eq!(used.read().status(), 200);
    let mut unused = Connection::to(gateway.address);

    let lasted = trickle(&gateway);
    assert!(lasted >= Duration::from_millis(500), "ended after {lasted:?}");
    assert!(lasted < Duration::from_secs(15), "ended after {lasted:?}");

    for idle in [&mut used, &mut unused] {
        idle.send(&request("GET", "/a", &[], ""));
        assert_eq!(idle.read().status(), 200);
    }
}

fn assert_later(answer: &Answer, status: u16, name: &str) {
    assert_eq!(answer.status(), status, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["status"], status);
    assert_eq!(body["error"]["type"], name);
    assert_eq!(body["error"]["root_cause"][0]["type"], name);
    assert_eq!(answer.values("retry-after"), ["1"]);
    assert_eq!(answer.values("x-opaque-id"), ["abc"]);
    assert_eq!(answer.values("content-type"), ["application/json; charset=UTF-8"]);
}

#[test]
fn a_connection_too_many_is_told_so_and_others_are_served() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&upstream.url], "limits: {connections: 2}");
    let mut inside = [Connection::to(gateway.address), Connection::to(gateway.address)];
    for connection in &mut inside {
        connection.send(&request("GET", "/a", &[], ""));
        assert_eq!(connection.read().status(), 200);
    }
    let asked = request("GET", "/a", &[("X-Opaque-Id", "abc")], "");
    for _ in 0..5 {
        let mut outside = Connection::to(gateway.address);
        outside.send(&asked);
        let answer = outside.read();
        assert_later(&answer, 503, "too_many_connections_exception");
        assert_eq!(answer.values("connection"), ["close"]);
        assert_eq!(outside.read_some(&mut [0]), 0, "the connection ends");
    }
    for connection in &mut inside {
        connection.send(&asked);
        assert_eq!(connection.read().status(), 200);
    }
    assert_eq!(upstream.requests(), 4);

    drop(inside);
    eventually("room for a connection", || {
        let mut connection = Connection::to(gateway.address);
        connection.send(&asked);
        connection.read().status() == 200
    });
}

#[test]
fn who_is_turned_away_while_sending_reads_why() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&upstream.url], "limits: {connections: 1}");
    let mut inside = Connection::to(gateway.address);
    inside.send(&request("GET", "/a", &[], ""));
    assert_eq!(inside.read().status(), 200);

    let mut outside = Connection::to(gateway.address);
    outside.send(b"POST /_bulk HTTP/1.1\r\nHost: a\r\nX-Opaque-Id: abc\r\nContent-Length: 8000000\r\n\r\n");
    // A reset would make one of these writes fail, or take the answer away.
    for _ in 0..8 {
        outside.send(&vec![b'a'; 500_000]);
    }
    assert_later(&outside.read(), 503, "too_many_connections_exception");
}

#[test]
fn a_request_too_many_is_told_so_and_the_connection_goes_on() {
    let (upstream, started, finish) = ScriptedUpstream::holding(OK);
    let gateway = Gateway::configured(&[&upstream.url], "limits: {requests: 1}");
    let mut running = Connection::to(gateway.address);
    running.send(&request("GET", "/slow", &[], ""));
    started.wait();

    let mut refused = Connection::to(gateway.address);
    for method in ["GET", "POST", "PUT"] {
        let body = if method == "GET" { "" } else { "{}" };
        refused.send(&request(method, "/a/_doc/1", &[("X-Opaque-Id", "abc")], body));
        assert_later(&refused.read(), 429, "es_rejected_execution_exception");
    }
    assert_eq!(upstream.requests(), 1, "nothing of what was refused was sent");
    finish.wait();
    assert_eq!(running.read().status(), 200);
    eventually("room for a request", || {
        refused.send(&request("GET", "/a", &[], ""));
        refused.read().status() == 200
    });
}

#[test]
fn those_inside_the_limits_are_served_whatever_knocks() {
    const INSIDE: usize = 6;
    let upstream = ScriptedUpstream::answering(OK);
    let yaml = format!("limits: {{connections: {INSIDE}, requests: {INSIDE}}}");
    let gateway = Gateway::configured(&[&upstream.url], &yaml);
    let mut inside: Vec<_> = (0..INSIDE).map(|_| Connection::to(gateway.address)).collect();
    for connection in &mut inside {
        connection.send(&request("GET", "/a", &[], ""));
        assert_eq!(connection.read().status(), 200);
    }
    let address = gateway.address;
    let knocking = thread::spawn(move || {
        for _ in 0..60 {
            let mut outside = Connection::to(address);
            outside.send(&request("GET", "/a", &[], ""));
            assert_eq!(outside.read().status(), 503);
        }
    });
    let honest = inside.into_iter().map(|mut connection| {
        thread::spawn(move || {
            for _ in 0..60 {
                connection.send(&request("GET", "/a", &[], ""));
                assert_eq!(connection.read().status(), 200);
            }
            connection
        })
    });
    let honest: Vec<_> = honest.collect();
    knocking.join().expect("whoever knocks is told 503");
    for client in honest {
        client.join().expect("whoever is inside is served");
    }
}

/// Elasticsearch reads a body before it asks who sends it; here that would be 100 MB for anybody.
#[test]
fn a_long_body_of_a_caller_whom_the_cluster_does_not_know_is_not_read() {
    let cluster = StandIn::answering("8.19.21", |(line, head)| {
        let is_nobody = !head.to_ascii_lowercase().contains("authorization:");
        (line == "GET / HTTP/1.1" && is_nobody)
            .then(|| with_fields("401 Unauthorized", &["WWW-Authenticate: Basic"], r#"{"error":"who"}"#))
    });
    let gateway = Gateway::before(&[cluster.url()]);
    let target = "/_ml/anomaly_detectors/j";
    let known = [("content-type", "application/json"), ("authorization", "Basic eA==")];
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("PUT", target, &known, &job::smallest()));
    let _ = connection.read(); // The cluster's version is known from here on.

    for framing in ["Content-Length: 9000000", "Transfer-Encoding: chunked"] {
        for expectation in ["", "Expect: 100-continue\r\n"] {
            let mut nobody = Connection::to(gateway.address);
            let head = format!(
                "PUT {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{expectation}{framing}\r\n\r\n"
            );
            nobody.send(head.as_bytes());
            // More than is read only to keep a connection, where the length alone does not say that it will be.
            if framing.starts_with("Transfer") && expectation.is_empty() {
                for _ in 0..20 {
                    nobody.send(b"10000\r\n");
                    nobody.send(&vec![b' '; 0x10000]);
                    nobody.send(b"\r\n");
                }
            }
            assert_eq!(nobody.read().status(), 401, "{framing} {expectation}");
        }
    }
}

#[test]
fn a_body_for_which_there_is_no_room_is_told_so_and_room_comes_back() {
    let cluster = StandIn::answering("8.19.21", |_| None);
    let gateway = Gateway::configured(&[cluster.url()], "limits: {bodies: 1mb}");
    let head = |length: usize| {
        format!(
            "PUT /_ml/anomaly_detectors/j HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nX-Opaque-Id: abc\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    let job = |connection: &mut Connection, length: usize| {
        connection.send(head(length).as_bytes());
        let mut body = job::smallest().into_bytes();
        body.resize(length, b' ');
        connection.send(&body);
        connection.read()
    };
    let refused = job(&mut Connection::to(gateway.address), 1_100_000);
    assert_eq!(refused.status(), 429, "{}", refused.text());
    assert_eq!(refused.json()["error"]["type"], "circuit_breaking_exception");
    assert_eq!(refused.values("retry-after"), ["1"]);
    assert_eq!(refused.values("x-opaque-id"), ["abc"]);

    // One that has been sent in part holds what it has sent, until its client leaves. Where the other one is quicker, it is
    // this one for which there is no room.
    let mut half = None;
    eventually("the half body is held", || {
        let mut sent = Connection::to(gateway.address);
        sent.send(head(1_000_000).as_bytes());
        sent.send(&vec![b' '; 900_000]);
        let is_held = job(&mut Connection::to(gateway.address), 500_000).status() == 429;
        half = Some(sent);
        is_held
    });
    drop(half);
    eventually("there is room again", || {
        job(&mut Connection::to(gateway.address), 500_000).status() == 200
    });
}

/// The figure of a metric that has this label.
fn turned_away(gateway: &Gateway, reason: &str) -> u64 {
    let metrics = gateway.ask_admin("GET", "/metrics").text();
    let line = format!("anomaly_gateway_turned_away_total{{reason=\"{reason}\"}} ");
    let figure = metrics.lines().find_map(|found| found.strip_prefix(&line));
    figure
        .unwrap_or_else(|| panic!("no {line} in {metrics}"))
        .parse()
        .expect("a number")
}

#[test]
fn clients_that_are_turned_away_are_counted_by_reason_and_logged_once_a_second() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let yaml = "{limits: {connections: 4, bodies: 1kb}, admin: {listen: '127.0.0.1:0'}}";
    let gateway = Gateway::configured(&[cluster.url()], yaml);
    for reason in ["connections", "requests", "bodies", "heads", "loop"] {
        assert_eq!(turned_away(&gateway, reason), 0, "{reason}");
    }
    let mut inside: Vec<_> = (0..4).map(|_| Connection::to(gateway.address)).collect();
    for connection in &mut inside {
        connection.send(&request("GET", "/a", &[], ""));
        connection.read();
    }
    for _ in 0..40 {
        let mut outside = Connection::to(gateway.address);
        outside.send(&request("GET", "/a", &[], ""));
        assert_eq!(outside.read().status(), 503);
    }
    assert_eq!(turned_away(&gateway, "connections"), 40);
    let mut body = job::smallest();
    body.push_str(&" ".repeat(2000));
    inside[0].send(&request(
        "PUT",
        "/_ml/anomaly_detectors/j",
        &[("Content-Type", "application/json")],
        &body,
    ));
    assert_eq!(inside[0].read().status(), 429);
    assert_eq!(turned_away(&gateway, "bodies"), 1);

    let said = || -> u64 {
        let log = gateway.log();
        let lines = log.lines().filter(|line| line.contains("clients were turned away"));
        let counts = lines.filter_map(|line| {
            line.split("connections=")
                .nth(1)?
                .split(' ')
                .next()?
                .parse::<u64>()
                .ok()
        });
        counts.sum()
    };
    eventually("that all are said", || said() == 40);
    eventually("that the body is said", || gateway.log().contains("bodies=1"));
    let lines = gateway.log().matches("clients were turned away").count();
    assert!(lines < 10, "{lines} lines for 41 clients");
}

#[test]
fn requests_that_are_turned_away_are_counted() {
    let (upstream, started, finish) = ScriptedUpstream::holding(OK);
    let yaml = "{limits: {requests: 1}, admin: {listen: '127.0.0.1:0'}}";
    let gateway = Gateway::configured(&[&upstream.url], yaml);
    let mut running = Connection::to(gateway.address);
    running.send(&request("GET", "/slow", &[], ""));
    started.wait();
    for _ in 0..3 {
        assert_eq!(gateway.call("GET", "/a", "").status(), 429);
    }
    assert_eq!(turned_away(&gateway, "requests"), 3);
    finish.wait();
    assert_eq!(running.read().status(), 200);
}
