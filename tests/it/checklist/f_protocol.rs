//! F. Connections, continued: versions, expectations, upgrades.

use super::{JOB, JSON, before};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::{ScriptedUpstream, field};
use crate::support::stand_in::StandIn;
use crate::support::wire::{Connection, request};

fn answering_in_chunks() -> ScriptedUpstream {
    ScriptedUpstream::answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
}

#[test]
fn line_89_clients_of_http_1_0_are_answered_in_it() {
    let sized = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let gateway = Gateway::before(&[&sized.url]);
    let mut once = Connection::to(gateway.address);
    once.send(b"GET /a HTTP/1.0\r\nX: y\r\n\r\n");
    let answer = once.read();
    assert_eq!(
        (answer.status_line.as_str(), answer.text().as_str()),
        ("HTTP/1.0 200 OK", "ok")
    );
    assert_eq!(once.read_some(&mut [0; 16]), 0, "closed after the answer");

    let mut kept = Connection::to(gateway.address);
    for _ in 0..2 {
        kept.send(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\nX: y\r\n\r\n");
        let answer = kept.read();
        assert_eq!(
            (answer.status_line.as_str(), answer.text().as_str()),
            ("HTTP/1.0 200 OK", "ok")
        );
        assert_eq!(answer.values("connection"), ["keep-alive"]);
    }
    // What is sent on is of HTTP/1.1, which has no request without a host.
    let host = sized.url.trim_start_matches("http://");
    let head = format!("GET /a HTTP/1.1\r\nhost: {host}\r\nX: y\r\n\r\n");
    assert_eq!(sized.heads(), vec![head; 3]);

    let chunked = answering_in_chunks();
    let gateway = Gateway::before(&[&chunked.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let answer = connection.read();
    assert_eq!(
        answer.values("transfer-encoding"),
        [""; 0],
        "which HTTP/1.0 does not know"
    );
    assert_eq!(
        (answer.status_line.as_str(), answer.text().as_str()),
        ("HTTP/1.0 200 OK", "ok")
    );
}

#[test]
fn the_last_answer_says_so() {
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("GET", "/", &[("Connection", "close")], ""));
    assert_eq!(connection.read().values("connection"), ["close"]);
    assert_eq!(connection.read_some(&mut [0; 16]), 0);
}

#[test]
fn line_89_an_old_client_creates_jobs_too() {
    let (cluster, gateway) = before("8.19.21");
    let body = job::smallest();
    let mut connection = Connection::to(gateway.address);
    let head = format!(
        "PUT {JOB} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.send(format!("{head}{body}").as_bytes());
    let answer = connection.read();
    assert_eq!(
        (answer.status_line.as_str(), &answer.json()["job_id"]),
        ("HTTP/1.0 200 OK", &"j".into())
    );
    assert_eq!(cluster.forwarded(), [""; 0]);
}

#[test]
fn line_91_a_client_that_waits_is_told_once_to_go_on() {
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    for framing in ["Content-Length: 12", "Transfer-Encoding: chunked"] {
        connection.send(format!("PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n{framing}\r\n\r\n").as_bytes());
        let told = connection.read_head();
        assert_eq!(
            (told.status_line.as_str(), told.fields.len()),
            ("HTTP/1.1 100 Continue", 0)
        );
        connection.send(b"2\r\n{}\r\n0\r\n\r\n");
        assert_eq!(connection.read().text(), "ok");
    }
    let heads = upstream.heads();
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| field(head, "expect").is_none()), "{heads:?}");
}

/// http.md §2.7.
#[test]
fn line_91_other_expectations_are_refused() {
    let (cluster, gateway) = before("8.19.21");
    for (method, target) in [("PUT", "/a"), ("GET", "/a"), ("PUT", JOB)] {
        let mut connection = Connection::to(gateway.address);
        connection.send(&request(method, target, &[("Expect", "foo"), JSON], "{}"));
        let answer = connection.read();
        assert_eq!(answer.status_line, "HTTP/1.1 417 Expectation Failed");
        assert_eq!(answer.values("content-length"), ["0"]);
        assert_eq!(
            connection.read_some(&mut [0; 16]),
            0,
            "the body that may come is not read"
        );
    }
    assert!(cluster.upstream.heads().is_empty());
}

#[test]
fn line_91_a_client_whose_body_is_not_wanted_is_not_told_to_go_on() {
    let (_cluster, gateway) = before("8.19.21");
    let mut connection = Connection::to(gateway.address);
    connection.send(
        format!("PUT {JOB} HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            .as_bytes(),
    );
    assert_eq!(connection.read().status(), 406);

    connection = Connection::to(gateway.address);
    let body = job::smallest();
    let head = format!("PUT {JOB} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n");
    connection.send(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    assert_eq!(connection.read_head().status(), 100);
    connection.send(body.as_bytes());
    assert_eq!(connection.read().status(), 200);
}

/// An OpenSearch that would switch to h2c, and then take every request unseen.
fn switching_if_asked() -> StandIn {
    StandIn::answering("8.19.21", |(_, head)| {
        let answer = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n";
        field(head, "upgrade").map(|_| answer.to_owned())
    })
}

#[test]
fn line_93_nobody_tunnels() {
    let cluster = switching_if_asked();
    let gateway = Gateway::before(&[cluster.url()]);
    let mut connection = Connection::to(gateway.address);
    let upgrade = [
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAMAAABkAAQAAP__"),
    ];
    connection.send(&request("GET", "/forwarded", &upgrade, ""));
    assert_eq!(connection.read().status(), 400, "the stand-in's");
    // The next request on the connection is a request like any other.
    connection.send(&request("PUT", JOB, &[JSON], &job::smallest()));
    assert_eq!(connection.read().status(), 200);
    assert_eq!(cluster.forwarded(), ["GET /forwarded HTTP/1.1"]);
    assert_eq!(cluster.creates().len(), 1);

    let mut knowing = Connection::to(gateway.address);
    knowing.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    let mut answer = [0; 64];
    let count = knowing.read_some(&mut answer);
    assert!(
        count == 0 || answer.starts_with(b"HTTP/1.1 400 "),
        "{:?}",
        &answer[..count]
    );
    assert_eq!(cluster.forwarded().len(), 1, "nothing more");
}
