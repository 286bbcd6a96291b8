//! Bodies that stop before their end, and answers that nobody takes: what others need is not held for them.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::{ScriptedUpstream, field, read_body};
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{Answer, Connection, call, eventually, request};

const TARGET: &str = "/_ml/anomaly_detectors/j";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const KNOWN: [(&str, &str); 2] = [("content-type", "application/json"), ("authorization", "Basic eA==")];

fn unauthorized() -> String {
    with_fields("401 Unauthorized", &["WWW-Authenticate: Basic"], r#"{"error":"who"}"#)
}

/// A cluster that knows only who sends credentials.
fn secured() -> StandIn {
    StandIn::answering("8.19.21", |(_, head)| {
        field(head, "authorization").is_none().then(unauthorized)
    })
}

/// A request with a body of this length, of which no more than `sent` comes.
fn begun(gateway: &Gateway, request: &str, length: usize, sent: &[u8]) -> Connection {
    let mut connection = Connection::to(gateway.address);
    let head =
        format!("{request} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
    connection.send(&[head.as_bytes(), sent].concat());
    connection
}

fn assert_timed_out(connection: &mut Connection) {
    let answer = connection.read();
    assert_eq!(answer.status(), 408, "{answer:?}");
    assert_eq!(answer.json()["error"]["type"], "request_timeout_exception");
    assert_eq!(answer.json()["status"], 408);
    assert_eq!(answer.values("connection"), ["close"]);
    assert_eq!(connection.read_some(&mut [0]), 0, "the connection ends");
}

fn create(gateway: &Gateway) -> Answer {
    call(gateway.address, "PUT", TARGET, &KNOWN, &job::smallest())
}

/// As many as fill the room for bodies.
#[test]
fn two_thousand_bodies_of_nobody_hold_up_no_create() {
    rlimit::increase_nofile_limit(rlimit::INFINITY).expect("files enough");
    let cluster = secured();
    let gateway = Gateway::before(&[cluster.url()]);
    assert_eq!(create(&gateway).status(), 200);

    let body = vec![b' '; 64 * 1024];
    let mut nobodies = Vec::new();
    for number in 0..2_060 {
        nobodies.push(begun(&gateway, &format!("PUT {TARGET}"), body.len(), &body[5..]));
        if number % 206 == 0 {
            assert_eq!(create(&gateway).status(), 200, "beside {number}");
        }
    }
    // What is left of the room, if there were any of it taken.
    let rest: Vec<_> = (0..12)
        .map(|_| begun(&gateway, &format!("PUT {TARGET}"), 1000, b"{"))
        .collect();
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        let asked = Instant::now();
        let answer = create(&gateway);
        slowest = slowest.max(asked.elapsed());
        assert_eq!(answer.status(), 200, "{}", answer.text());
    }
    eprintln!(
        "the slowest create took {slowest:?}; {} MiB",
        gateway.memory("VmHWM") >> 20
    );
    for nobody in nobodies.iter_mut().chain(&mut { rest }).step_by(100) {
        assert_eq!(nobody.read().status(), 401);
    }
}

#[test]
fn a_claimed_body_that_stalls_is_ended() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let gateway = Gateway::configured(&[cluster.url()], "limits: {body_timeout: 500ms}");
    let put = format!("PUT {TARGET}");
    let asked = Instant::now();
    for (length, sent) in [(100, "{\"a"), (100_000, "{\"a"), (100, "")] {
        assert_timed_out(&mut begun(&gateway, &put, length, sent.as_bytes()));
    }
    for chunks in ["", "2\r\n{}", "2\r\n{}\r\n0\r\nX: y\r\n", "1;x"] {
        let mut connection = Connection::to(gateway.address);
        let fields = "Content-Type: application/json\r\nTransfer-Encoding: chunked";
        connection.send(format!("{put} HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n{chunks}").as_bytes());
        assert_timed_out(&mut connection);
    }
    assert!(
        asked.elapsed() >= Duration::from_millis(7 * 500),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(cluster.creates(), [""; 0]);
    assert_eq!(create(&gateway).status(), 200);
}

#[test]
fn a_claimed_body_that_trickles_is_ended_and_a_slow_one_is_not() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let gateway = Gateway::configured(&[cluster.url()], "limits: {body_timeout: 500ms, body_rate: 1kb}");
    let pause = Duration::from_millis(100);

    let mut trickling = begun(&gateway, &format!("PUT {TARGET}"), 2_000, b"");
    let asked = Instant::now();
    let mut sent = 0;
    while trickling.write_all(b" ").is_ok() && sent < 100 && !trickling.has_something_within(pause) {
        sent += 1;
    }
    assert_timed_out(&mut trickling);
    assert!((4..50).contains(&sent), "{sent} bytes in {:?}", asked.elapsed());

    let mut body = job::smallest().into_bytes();
    body.resize(5_000, b' ');
    let mut slow = begun(&gateway, &format!("PUT {TARGET}"), body.len(), b"");
    for piece in body.chunks(250) {
        assert!(!slow.has_something_within(pause), "2,500 bytes a second are enough");
        slow.send(piece);
    }
    assert_eq!(slow.read().status(), 200);
}

/// Elasticsearch waits for ever, and nobody else needs what a forwarded body takes.
#[test]
fn a_forwarded_body_may_pause_as_long_as_it_likes() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let gateway = Gateway::configured(&[cluster.url()], "limits: {body_timeout: 200ms}");
    let mut pausing = begun(&gateway, "POST /_bulk", 6, b"{}");
    assert!(!pausing.has_something_within(Duration::from_secs(1)));
    pausing.send(b"\n{}\n");
    assert_eq!(
        pausing.read().status(),
        400,
        "the stand-in's answer to what it does not know"
    );
    assert_eq!(cluster.forwarded(), ["POST /_bulk HTTP/1.1"]);
}

#[test]
fn nobody_holds_a_place_among_the_requests_by_making_the_gateway_wait() {
    let cluster = secured();
    let yaml = "limits: {requests: 4, body_timeout: none}";
    let gateway = Gateway::configured(&[cluster.url()], yaml);
    let served = || {
        let search = call(gateway.address, "POST", "/_search", &KNOWN, "{}");
        assert_eq!(search.status(), 400, "{}", search.text());
        assert_eq!(create(&gateway).status(), 200);
    };
    served();
    let mut nobodies = Vec::new();
    for (asked, length, sent) in [
        (format!("PUT {TARGET}"), 1000, b"{".as_slice()),
        (format!("PUT {TARGET}"), 1_000_000, b"{"),
        ("POST /_bulk".to_owned(), 1000, b""),
        ("POST /_bulk".to_owned(), 1_000_000, b"{}\n"),
    ] {
        for _ in 0..20 {
            nobodies.push(begun(&gateway, &asked, length, sent));
        }
        served();
    }
    for nobody in &mut nobodies {
        assert_eq!(nobody.read().status(), 401);
    }
    served();
    let forwarded = cluster.forwarded();
    assert!(forwarded.iter().all(|line| !line.contains("_bulk")), "{forwarded:?}");
}

#[test]
fn who_holds_a_place_among_the_requests_keeps_pace() {
    let cluster = secured();
    let yaml = "limits: {requests: 2, body_timeout: 3s}";
    let gateway = Gateway::configured(&[cluster.url()], yaml);
    let upload = |length: usize| {
        let head = "POST /_bulk HTTP/1.1\r\nHost: a\r\nAuthorization: Basic eA==";
        let mut connection = Connection::to(gateway.address);
        connection.send(format!("{head}\r\nContent-Length: {length}\r\n\r\n{{}}\n").as_bytes());
        connection
    };
    let mut stalled = [upload(1_000), upload(1_000_000)];
    for connection in &mut stalled {
        assert!(!connection.has_something_within(Duration::from_millis(200)));
    }
    let refused = call(gateway.address, "GET", "/_search", &KNOWN, "");
    assert_eq!(refused.status(), 429, "both places are taken");
    for connection in &mut stalled {
        assert_timed_out(connection);
    }
    let answer = call(gateway.address, "GET", "/_search", &KNOWN, "");
    assert_eq!(answer.status(), 400, "{}", answer.text());
}

#[test]
fn an_answer_that_nobody_takes_gives_its_place_back() {
    const LENGTH: usize = 256 << 20;
    let upstream = ScriptedUpstream::new(|head, stream: &mut TcpStream| {
        if !head.starts_with("GET /large ") {
            read_body(head, stream);
            return stream.write_all(OK.as_bytes()).expect("the gateway reads");
        }
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {LENGTH}\r\n\r\n").as_bytes());
        let block = vec![b'a'; 1 << 20];
        for _ in 0..LENGTH / block.len() {
            if stream.write_all(&block).is_err() {
                return; // The gateway has closed it.
            }
        }
    });
    let gateway = Gateway::configured(&[&upstream.url], "limits: {requests: 1, body_timeout: 1s}");
    let mut deaf = Connection::to(gateway.address);
    deaf.send(&request("GET", "/large", &[], ""));
    assert_eq!(deaf.read_head().status(), 200);
    let small = || call(gateway.address, "GET", "/small", &[], "").status();
    assert_eq!(small(), 429, "the answer is under way");
    eventually("its place is free", || small() == 200);
}

/// Each of them is small; but who asks often enough and reads nothing fills every buffer on the way.
#[test]
fn refusals_that_nobody_takes_hold_no_place() {
    let upstream = ScriptedUpstream::new(|head, stream: &mut TcpStream| {
        let answer = match field(head, "authorization") {
            Some(_) => OK.to_owned(),
            None => with_fields("401 Unauthorized", &[], &"a".repeat(8_000)),
        };
        let _ = stream.write_all(answer.as_bytes());
    });
    let gateway = Gateway::configured(&[&upstream.url], "limits: {requests: 1, body_timeout: none}");
    let stream = TcpStream::connect(gateway.address).expect("it listens");
    stream.set_nonblocking(true).expect("a socket's mode");
    let asked = request("GET", "/_search", &[], "").repeat(1000);
    // Until the gateway reads no more, since it cannot write.
    let mut last = upstream.requests();
    eventually("everything is full", || {
        while (&stream).write(&asked).is_ok() {}
        thread::sleep(Duration::from_millis(200));
        let now = upstream.requests();
        std::mem::replace(&mut last, now) == now && now > 0
    });
    let served = call(gateway.address, "GET", "/_search", &KNOWN, "");
    assert_eq!(served.status(), 200, "{}", served.text());
}

/// What is read of a refused body only keeps its connection. That is not worth much time.
#[test]
fn a_refusal_does_not_wait_for_a_body_that_stalls() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let gateway = Gateway::before(&[cluster.url()]);
    let asked = Instant::now();
    let mut refused = Connection::to(gateway.address);
    let head =
        format!("PUT {TARGET} HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n{{");
    refused.send(head.as_bytes());
    let answer = refused.read();
    assert_eq!((answer.status(), answer.values("connection")), (406, vec!["close"]));
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
}

/// A client that left has asked for nothing, though what came of its body be a job, and however early it left.
#[test]
fn a_body_that_ends_before_its_announced_end_creates_nothing() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let job = job::smallest();
    for text in ["{}", "limits: {requests: 8}"] {
        let gateway = Gateway::configured(&[cluster.url()], text);
        for missing in [1, 10, 60_000] {
            let length = job.len() + missing;
            let mut connection = begun(&gateway, &format!("PUT {TARGET}"), length, job.as_bytes());
            connection.stop_sending();
            if let Some(answer) = connection.answer(false) {
                assert_eq!(
                    answer.status(),
                    400,
                    "{text}, {missing} bytes missing: {}",
                    answer.text()
                );
            }
        }
    }
    assert_eq!(cluster.creates(), [""; 0]);
}
