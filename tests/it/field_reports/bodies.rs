//! Requests: their heads and bodies on the way up.

use std::io::Write;
use std::time::{Duration, Instant};

use super::{OK, counting};
use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::wire::Connection;

const LENGTH: usize = 2 * 1024 * 1024;

/// One chunk of all bytes, and the last one.
fn chunked(body: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat()
}

/// elasticsearch#19834: a client that waits to be told to go on waits a second and no longer; it is told at once.
#[test]
fn two_megabytes_are_taken_in_every_framing_without_a_wait() {
    let upstream = counting();
    let gateway = Gateway::before(&[&upstream.url]);
    let body = vec![b'a'; LENGTH];
    let sized = format!("Content-Length: {LENGTH}\r\n");
    for (version, framing, expects, sent) in [
        ("HTTP/1.1", sized.as_str(), false, body.clone()),
        ("HTTP/1.1", sized.as_str(), true, body.clone()),
        ("HTTP/1.1", "Transfer-Encoding: chunked\r\n", false, chunked(&body)),
        ("HTTP/1.1", "Transfer-Encoding: chunked\r\n", true, chunked(&body)),
        ("HTTP/1.0", sized.as_str(), false, body.clone()),
    ] {
        let case = format!("{version} {framing} {expects}");
        let mut connection = Connection::to(gateway.address);
        let expectation = if expects { "Expect: 100-continue\r\n" } else { "" };
        let begun = Instant::now();
        connection.send(format!("POST /_bulk {version}\r\nHost: a\r\n{expectation}{framing}\r\n").as_bytes());
        if expects {
            assert_eq!(connection.read_head().status(), 100, "{case}");
            assert!(
                begun.elapsed() < Duration::from_secs(1),
                "{case}: {:?}",
                begun.elapsed()
            );
        }
        connection.send(&sent);
        let answer = connection.read();
        assert_eq!(answer.status(), 200, "{case}");
        let count: usize = answer.text().parse().expect("a number");
        assert!(
            count >= LENGTH && (framing.contains("chunked") || count == LENGTH),
            "{case}: {count}"
        );
    }
}

/// OpenSearch#3640, opensearch-py#176: a signature is about names, values, their order and the body, and none may change.
#[test]
fn a_signed_request_reaches_the_cluster_as_it_was_signed() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        let body = read_body(head, stream);
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
        let _ = stream.write_all(&body);
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let head = "POST /_bulk?refresh=false&x=%2F%20+ HTTP/1.1\r\nHost: search-x.eu-central-1.es.amazonaws.com\r\n\
                Accept-Encoding: identity\r\nx-amz-date: 20261130T040000Z\r\n\
                x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n\
                X-Amz-Security-Token: FwoGZXIvYXdzEBQaD//////////wEaDA==\r\n\
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261130/eu-central-1/es/aws4_request, \
                SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=5d672d79\r\n\
                Content-Type: application/x-ndjson\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    // Chunks of lengths that are written in digits only: who frames them anew may write letters in another case.
    let body = chunked(b"\x1f\x8b\x08\0not really compressed at all\0\xff");
    let mut connection = Connection::to(gateway.address);
    connection.send(head.as_bytes());
    connection.send(&body);
    assert_eq!(connection.read().body, body);
    assert_eq!(upstream.only_head(), head);
}

/// node-elasticsearch-client#97, statsd-elasticsearch-backend#5.
#[test]
fn a_body_of_no_length_stays_one() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    for method in ["POST", "PUT"] {
        for (framing, sent, expected) in [
            ("", "", ""),
            ("Content-Length: 0\r\n", "", "Content-Length: 0\r\n"),
            // An empty body in chunks is said to be empty: there is nothing to frame.
            (
                "Transfer-Encoding: chunked\r\n",
                "0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n",
            ),
        ] {
            connection.send(format!("{method} /a/_flush HTTP/1.1\r\nHost: a\r\n{framing}\r\n{sent}").as_bytes());
            assert_eq!(connection.read().status(), 200, "{method} {framing}");
            let head = upstream.heads().pop().expect("a head");
            assert_eq!(
                head,
                format!("{method} /a/_flush HTTP/1.1\r\nHost: a\r\n{expected}\r\n")
            );
        }
    }
}

/// elasticsearch-perl#24, aws-es-kibana#18.
#[test]
fn a_long_target_a_long_cookie_and_a_long_field_of_an_answer_pass() {
    let field = "b".repeat(300 * 1024);
    let answer = format!("HTTP/1.1 200 OK\r\nX-Long: {field}\r\ncontent-length: 2\r\n\r\nok");
    let upstream = ScriptedUpstream::new(move |_, stream| {
        let _ = stream.write_all(answer.as_bytes());
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let (query, cookie) = ("q".repeat(60 * 1024), "c".repeat(40 * 1024));
    let heads = [
        format!("GET /_search?{query} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("GET /_search HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n"),
    ];
    let mut connection = Connection::to(gateway.address);
    for head in &heads {
        connection.send(head.as_bytes());
        let answer = connection.read();
        assert_eq!(
            (answer.text().as_str(), answer.values("x-long")),
            ("ok", vec![field.as_str()])
        );
    }
    assert_eq!(upstream.heads(), heads);
}
