//! What is not claimed goes to the cluster and back as if the gateway were not there.

use std::io::{Read, Write};

use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::{self, ScriptedUpstream, read_body};
use crate::support::wire::{Connection, request};

const EMPTY_ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[test]
fn a_request_head_loses_its_hop_by_hop_fields_and_nothing_else() {
    let upstream = ScriptedUpstream::answering(EMPTY_ANSWER);
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(
        b"GET /_search HTTP/1.1\r\nHost: orig:9200\r\nX-MiXeD-Case: a\xe9b\r\nConnection: keep-alive, X-Hop\r\n\
          X-Hop: 1\r\nTE: trailers\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\
          Authorization: Basic eA==\r\nEmpty:\r\nUser-Agent: test\r\n\r\n",
    );
    assert_eq!(connection.read().status(), 200);
    assert_eq!(
        upstream.only_head(),
        "GET /_search HTTP/1.1\r\nHost: orig:9200\r\nX-MiXeD-Case: a\u{e9}b\r\nAuthorization: Basic eA==\r\n\
         Empty:\r\nUser-Agent: test\r\n\r\n"
    );
}

/// Checks of load balancers and monitors are such requests. nginx answers 400 to one of HTTP/1.1 without a host.
#[test]
fn a_request_of_http_1_0_without_a_host_is_sent_on_with_the_nodes() {
    let nodes = [(); 2].map(|()| ScriptedUpstream::answering(EMPTY_ANSWER));
    let gateway = Gateway::before(&[&nodes[0].url, &nodes[1].url]);
    let mut connection = Connection::to(gateway.address);
    for (line, host) in [
        ("GET /a HTTP/1.0", None),
        ("OPTIONS / HTTP/1.0", None),
        ("GET /b HTTP/1.0", Some("sent.example.org")),
        ("GET /c HTTP/1.0", None),
        ("GET /d HTTP/1.1", Some("sent.example.org")),
        // Whose it is to refuse: that is the node's to say.
        ("GET /e HTTP/1.1", None),
    ] {
        let field = host.map_or(String::new(), |host| format!("Host: {host}\r\n"));
        connection.send(format!("{line}\r\nConnection: keep-alive\r\n{field}\r\n").as_bytes());
        assert_eq!(connection.read().status(), 200, "{line}");
        let line = line.replace("HTTP/1.0", "HTTP/1.1");
        for node in &nodes {
            let Some(head) = node.heads().into_iter().find(|head| head.starts_with(&line)) else {
                continue;
            };
            let own = node.url.trim_start_matches("http://").to_owned();
            let expected = match host {
                Some(sent) => Some(sent.to_owned()),
                None if line.contains("/e ") => None,
                None => Some(own),
            };
            assert_eq!(scripted_upstream::field(&head, "host"), expected, "{head}");
        }
    }
    assert!(
        nodes.iter().all(|node| node.requests() == 3),
        "each was asked in its turn"
    );
}

#[test]
fn an_answer_head_comes_back_as_the_upstream_wrote_it() {
    let upstream = ScriptedUpstream::answering(
        "HTTP/1.1 201 Made It\r\nX-elastic-product: Elasticsearch\r\nWarning: 299 a \"1\"\r\nWarning: 299 b \"2\"\r\n\
         Location: /a/_doc/1\r\ncontent-type: application/json\r\ncontent-length: 2\r\nConnection: close, X-Hop\r\n\
         X-Hop: 1\r\n\r\n{}",
    );
    let gateway = Gateway::before(&[&upstream.url]);
    let answer = gateway.call("PUT", "/a/_doc/1", "{}");
    assert_eq!(answer.status_line, "HTTP/1.1 201 Made It");
    let expected = [
        ("X-elastic-product", "Elasticsearch"),
        ("Warning", "299 a \"1\""),
        ("Warning", "299 b \"2\""),
        ("Location", "/a/_doc/1"),
        ("content-type", "application/json"),
        ("content-length", "2"),
    ];
    let fields: Vec<_> = answer
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(fields, expected, "no Date, Server or Via, names and order kept");
    assert_eq!(answer.text(), "{}");
}

#[test]
fn bodies_on_get_pass_with_a_length_and_in_chunks() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        let body = read_body(head, stream);
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(answer.as_bytes()).expect("the gateway reads");
        stream.write_all(&body).expect("the gateway reads");
    });
    let gateway = Gateway::before(&[&upstream.url]);
    assert_eq!(
        gateway.call("GET", "/_search", r#"{"query":{}}"#).text(),
        r#"{"query":{}}"#
    );

    let mut connection = Connection::to(gateway.address);
    connection.send(b"GET /_search HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.send(b"3;ext=1\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n");
    let echoed = connection.read().text();
    assert!(echoed.ends_with("0\r\n\r\n"), "still chunked on its way up: {echoed:?}");
    let payload: String = echoed.split("\r\n").skip(1).step_by(2).collect();
    assert_eq!(payload, r#"{"a":1}"#);
}

#[test]
fn line_66_an_answer_is_streamed_while_it_is_still_being_made() {
    let upstream = ScriptedUpstream::new(|_, stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            .expect("it is read");
        // The second half is made only once the test has seen the first one and sent a byte to say so.
        let mut seen = [0];
        stream.read_exact(&mut seen).expect("the test goes on");
        stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n").expect("it is read");
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(b"POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
    assert_eq!(connection.read_head().status(), 200);
    let mut seen = [0; 64];
    let mut text = String::new();
    while !text.contains("first") {
        let count = connection.read_some(&mut seen);
        text.push_str(&String::from_utf8_lossy(&seen[..count]));
    }
    assert!(!text.contains("second"));
    connection.send(b"!");
    while !text.contains("0\r\n\r\n") {
        let count = connection.read_some(&mut seen);
        text.push_str(&String::from_utf8_lossy(&seen[..count]));
    }
    assert!(text.contains("second"));
}

#[test]
fn one_connection_serves_many_requests_on_both_sides() {
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let gateway = Gateway::configured(&[&upstream.url], "upstream: {probe: off}");
    let mut connection = Connection::to(gateway.address);
    for _ in 0..20 {
        connection.send(&request("GET", "/", &[], ""));
        assert_eq!(connection.read().text(), "ok");
    }
    assert_eq!(upstream.heads().len(), 20);
    assert_eq!(upstream.connections(), 1);
}

#[test]
fn line_87_a_put_whose_answer_is_lost_is_sent_once_and_not_called_retryable() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        read_body(head, stream);
        let _ = stream.shutdown(std::net::Shutdown::Both);
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let answer = gateway.call("PUT", "/a/_doc/1", "{}");
    assert_eq!(answer.status(), 500, "clients repeat 502, 503 and 504");
    assert_eq!(answer.json()["error"]["type"], "outcome_unknown_exception");
    assert_eq!(upstream.heads().len(), 1);

    assert_eq!(gateway.call("GET", "/a/_doc/1", "").status(), 502);
}

#[test]
fn line_67_a_cut_off_answer_is_seen_as_cut_off() {
    let upstream = ScriptedUpstream::new(|_, stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            .expect("the gateway reads");
        let _ = stream.shutdown(std::net::Shutdown::Both);
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("GET", "/", &[], ""));
    assert_eq!(connection.read_head().values("content-length"), ["10"]);
    let mut rest = Vec::new();
    let mut buffer = [0; 64];
    loop {
        match connection.read_some(&mut buffer) {
            0 => break,
            count => rest.extend_from_slice(&buffer[..count]),
        }
    }
    assert_eq!(rest, b"half", "four of ten bytes, then the end of the connection");
}

#[test]
fn an_answer_that_comes_with_its_cut_in_one_piece_is_passed_on_to_its_cut() {
    let upstream = ScriptedUpstream::new(|_, stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            .expect("the gateway reads");
        let _ = stream.shutdown(std::net::Shutdown::Both);
    });
    let gateway = Gateway::before(&[&upstream.url]);
    for _ in 0..200 {
        let mut connection = Connection::to(gateway.address);
        connection.send(&request("PUT", "/a/_doc/1", &[], "{}"));
        assert_eq!(connection.read_head().status(), 200);
        let mut half = [0; 4];
        connection.read_exact(&mut half);
        assert_eq!(&half, b"half");
        assert_eq!(connection.read_some(&mut [0]), 0);
    }
}

#[test]
fn an_unknown_transfer_coding_is_refused() {
    let upstream = ScriptedUpstream::answering(EMPTY_ANSWER);
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(b"POST /_bulk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    let answer = connection.read();
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json()["error"]["type"], "illegal_argument_exception");
    assert!(upstream.heads().is_empty());
}
