//! F. Connections: kept, reused, given up. Line 90 is in `smuggling`.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{JOB, JSON, before, put};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::wire::{Connection, PATIENCE, request};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn line_83_an_idle_connection_is_kept() {
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("GET", "/", &[], ""));
    assert_eq!(connection.read().text(), "ok");
    connection.assert_silent_for(Duration::from_secs(120));
    connection.send(&request("GET", "/", &[], ""));
    assert_eq!(connection.read().text(), "ok");
}

#[test]
fn line_84_a_connection_survives_an_answer_before_the_body() {
    let (_cluster, gateway) = before("8.19.21");
    let mut connection = Connection::to(gateway.address);
    for _ in 0..3 {
        let body = "a".repeat(1024 * 1024);
        connection.send(&request("PUT", JOB, &[("content-type", "text/plain")], &body));
        assert_eq!(connection.read().status(), 406);
        connection.send(&request("PUT", JOB, &[JSON], &job::smallest()));
        assert_eq!(connection.read().status(), 200);
    }
}

#[test]
fn line_85_pipelined_requests_are_answered_in_order() {
    let (cluster, gateway) = before("8.19.21");
    let mut connection = Connection::to(gateway.address);
    let mut all = Vec::new();
    for number in 0..5 {
        all.extend(request("GET", &format!("/forwarded-{number}"), &[], ""));
        all.extend(request("PUT", &format!("{JOB}{number}"), &[JSON], &job::smallest()));
        all.extend(request("POST", &format!("/<forwarded>-{number}"), &[JSON], "{}"));
        all.extend(request("PUT", &format!("{JOB}{number}"), &[JSON], "{"));
    }
    connection.send(&all);
    for number in 0..5 {
        let text = |answer: crate::support::wire::Answer| answer.text();
        assert!(text(connection.read()).contains(&format!("[/forwarded-{number}] and method [GET]")));
        assert_eq!(connection.read().json()["job_id"], format!("j{number}"));
        assert!(text(connection.read()).contains(&format!("[/%3Cforwarded%3E-{number}] and method [POST]")));
        assert_eq!(connection.read().status(), 400);
    }
    assert_eq!(cluster.forwarded().len(), 10);
}

/// The upstream closes each connection after its first answer, without a word before.
#[test]
fn line_86_a_connection_that_the_cluster_has_closed_is_not_used_again() {
    let (closed, is_closed) = mpsc::channel();
    let closed = Mutex::new(closed);
    let upstream = ScriptedUpstream::new(move |head, stream| {
        read_body(head, stream);
        stream.write_all(OK).expect("the gateway reads");
        let _ = stream.shutdown(Shutdown::Both);
        let _ = closed.lock().expect("no thread panicked").send(());
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    for number in 0..50 {
        connection.send(&request("PUT", "/a/_doc/1", &[JSON], "{}"));
        assert_eq!(connection.read().text(), "ok", "call {number}");
        is_closed.recv_timeout(PATIENCE).expect("the upstream closes");
    }
    assert_eq!(upstream.heads().len(), 50);
}

/// The second request on a connection is read and never answered: it may have been done, so it is not sent again.
#[test]
fn line_87_a_request_on_a_connection_that_breaks_is_sent_once() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        read_body(head, stream);
        if head.starts_with("GET") {
            stream.write_all(OK).expect("the gateway reads");
        } else {
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
    let gateway = Gateway::before(&[&upstream.url]);
    for (count, method) in ["PUT", "POST", "DELETE", "PATCH"].into_iter().enumerate() {
        let mut connection = Connection::to(gateway.address);
        connection.send(&request("GET", "/", &[], ""));
        assert_eq!(connection.read().text(), "ok");
        connection.send(&request(method, "/a/_doc/1", &[JSON], "{}"));
        let answer = connection.read();
        assert_eq!(answer.status(), 500, "{method}");
        assert_eq!(answer.json()["error"]["type"], "outcome_unknown_exception");
        assert_eq!(upstream.heads().len(), 2 * (count + 1), "{method}");
    }
}

#[test]
fn line_88_a_client_that_leaves_ends_its_request() {
    let (told, events) = mpsc::channel();
    let told = Mutex::new(told);
    let upstream = ScriptedUpstream::new(move |head, stream| {
        read_body(head, stream);
        let told = told.lock().expect("no thread panicked").clone();
        if head.starts_with("GET /streamed") {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n");
        }
        told.send("has it").expect("the test listens");
        let ended = stream.read(&mut [0]).unwrap_or(0) == 0;
        told.send(if ended { "ended" } else { "goes on" })
            .expect("the test listens");
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let next = || events.recv_timeout(PATIENCE).expect("the upstream sees something");
    for (method, target, body) in [
        ("GET", "/_search", ""),
        ("POST", "/_search", "{}"),
        ("GET", "/streamed", ""),
    ] {
        let mut connection = Connection::to(gateway.address);
        connection.send(&request(method, target, &[], body));
        assert_eq!(next(), "has it");
        if target == "/streamed" {
            assert_eq!(connection.read_head().status(), 200);
        }
        let left = Instant::now();
        drop(connection);
        assert_eq!(next(), "ended", "{method} {target}");
        assert!(left.elapsed() < Duration::from_secs(10), "{:?}", left.elapsed());
    }
}

#[test]
fn line_92_a_slow_head_is_given_up_and_an_idle_connection_is_not() {
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gateway.yml");
    std::fs::write(&file, "limits:\n  head_timeout: 1s\n").expect("a file");
    let gateway = Gateway::with(&[&upstream.url], &["--config", file.to_str().expect("text")]);
    let mut idle = Connection::to(gateway.address);
    let mut slow = Connection::to(gateway.address);
    let started = Instant::now();
    slow.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    assert_eq!(slow.read_some(&mut [0; 16]), 0, "given up");
    assert!(started.elapsed() >= Duration::from_secs(1));
    let mut again = Connection::to(gateway.address);
    again.send(&put_in_pieces());
    assert_eq!(again.read().text(), "ok", "a slow body is no slow head");
    idle.send(&request("GET", "/", &[], ""));
    assert_eq!(idle.read().text(), "ok");
    assert_eq!(put(&gateway, "/a/_doc/1", &[JSON], "{}").text(), "ok");
}

fn put_in_pieces() -> Vec<u8> {
    b"PUT /a/_doc/1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n".to_vec()
}
