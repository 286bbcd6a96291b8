//! F. Connections, continued: versions, expectations, upgrades, and answers that come before the last one.

use std::io::Write;
use std::net::Shutdown;

use super::{JOB, JSON, before};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::{ScriptedUpstream, field, read_body};
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
    assert_eq!(sized.heads(), ["GET /a HTTP/1.1\r\nX: y\r\n\r\n"; 3]);

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

/// Contract http.md §2.7.
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

/// 1xx of the cluster are for the gateway, which has sent the body already.
#[test]
fn answers_before_the_last_one_are_left_out() {
    let upstream = ScriptedUpstream::answering(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n\
         HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    );
    let gateway = Gateway::before(&[&upstream.url]);
    for (method, body) in [("GET", ""), ("PUT", "{}")] {
        let answer = gateway.call(method, "/", body);
        assert_eq!((answer.status(), answer.text().as_str()), (200, "ok"));
        assert_eq!(answer.values("link"), [""; 0]);
    }
}

/// What was sent unasked is nobody's answer.
#[test]
fn a_second_answer_to_one_request_reaches_nobody() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        read_body(head, stream);
        let answer = |text: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len());
        let _ = stream.write_all(format!("{}{}", answer("right"), answer("wrong")).as_bytes());
    });
    let gateway = Gateway::before(&[&upstream.url]);
    for number in 0..20 {
        let answer = gateway.call("GET", "/", "");
        assert_eq!(answer.text(), "right", "call {number}");
    }
}

/// Contract http.md §6.3. What cannot be read is an error, and whether a PUT was done is not known.
#[test]
fn answers_that_are_no_http_are_errors() {
    for answer in [
        "HTTP/1.1 200 OK\r\nX: y\r\n z\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: y\0z\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\ncontent-length: +3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "nonsense\r\n\r\n",
    ] {
        let upstream = ScriptedUpstream::new(move |head, stream| {
            read_body(head, stream);
            let _ = stream.write_all(answer.as_bytes());
            let _ = stream.shutdown(Shutdown::Both);
        });
        let gateway = Gateway::before(&[&upstream.url]);
        assert_eq!(gateway.call("GET", "/", "").status(), 502, "{answer:?}");
        assert_eq!(gateway.call("PUT", "/a", "{}").status(), 500, "{answer:?}");
        assert_eq!(upstream.heads().len(), 2, "{answer:?}");
    }
}

#[test]
fn what_would_frame_a_body_that_is_not_there_is_left_out() {
    for (method, answer) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nX: y\r\ntransfer-encoding: chunked\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nX: y\r\ncontent-length: 55\r\n\r\n"),
    ] {
        let upstream = ScriptedUpstream::answering(answer);
        let gateway = Gateway::before(&[&upstream.url]);
        let mut connection = Connection::to(gateway.address);
        for _ in 0..2 {
            connection.send(&request(method, "/", &[], ""));
            assert_eq!(
                connection.read_head().fields,
                [("X".to_owned(), "y".to_owned())],
                "{method}"
            );
        }
    }
}

/// RFC 9112 §6.3: chunks win, and a client must not see the length.
#[test]
fn an_answer_with_two_framings_has_one() {
    let upstream = ScriptedUpstream::answering(
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    );
    let answer = Gateway::before(&[&upstream.url]).call("GET", "/", "");
    assert_eq!(answer.values("content-length"), [""; 0]);
    assert_eq!(answer.text(), "ok");
}

/// An upstream that speaks HTTP/1.0 gets every request whole, on a connection of its own.
#[test]
fn an_upstream_of_http_1_0_gets_whole_requests() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        let body = read_body(head, stream);
        let answer = format!(
            "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(answer.as_bytes());
        let _ = stream.write_all(&body);
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    for _ in 0..3 {
        connection.send(b"POST /_bulk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
        let answer = connection.read();
        assert_eq!(
            (answer.status_line.as_str(), answer.text().as_str()),
            ("HTTP/1.1 200 OK", "2\r\n{}\r\n0\r\n\r\n")
        );
    }
}

#[test]
fn trailers_of_an_answer_come_to_who_asks_for_them() {
    let upstream = ScriptedUpstream::answering(
        "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n",
    );
    let gateway = Gateway::before(&[&upstream.url]);
    let whole = |fields: &str| {
        let mut connection = Connection::to(gateway.address);
        connection.send(format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n").as_bytes());
        let head = connection.read_head();
        assert_eq!(head.values("trailer"), ["X-Sum"]);
        let (mut text, mut buffer) = (String::new(), [0; 64]);
        loop {
            match connection.read_some(&mut buffer) {
                0 => return text,
                count => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
            }
        }
    };
    assert_eq!(whole("TE: trailers\r\n"), "2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n");
    assert_eq!(whole(""), "2\r\nok\r\n0\r\n\r\n");
}

/// Elasticsearch reads none (contract http.md §6.4).
#[test]
fn trailers_of_a_request_end_at_the_gateway() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        let body = read_body(head, stream);
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
        let _ = stream.write_all(&body);
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(
        b"POST / HTTP/1.1\r\nHost: a\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n",
    );
    assert_eq!(connection.read().text(), "2\r\n{}\r\n0\r\n\r\n");
    assert_eq!(field(&upstream.only_head(), "trailer"), None);
}

#[test]
fn repeated_fields_that_stand_apart_come_together() {
    let upstream =
        ScriptedUpstream::answering("HTTP/1.1 200 OK\r\nWarning: 1\r\nX: y\r\nWarning: 2\r\ncontent-length: 0\r\n\r\n");
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(b"GET / HTTP/1.1\r\nX-A: 1\r\nX-B: 2\r\nx-a: 3\r\n\r\n");
    let answer = connection.read();
    let names: Vec<&str> = answer.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Warning", "Warning", "X", "content-length"]);
    assert_eq!(answer.values("warning"), ["1", "2"]);
    assert_eq!(
        upstream.only_head(),
        "GET / HTTP/1.1\r\nX-A: 1\r\nx-a: 3\r\nX-B: 2\r\n\r\n"
    );
}

#[test]
fn reason_phrases_pass_if_they_are_ascii() {
    for (sent, seen) in [
        ("HTTP/1.1 200 Made It", "HTTP/1.1 200 Made It"),
        ("HTTP/1.1 200 ", "HTTP/1.1 200 "),
        ("HTTP/1.1 299 Odd\tOne", "HTTP/1.1 299 Odd\tOne"),
        ("HTTP/1.1 200 na\u{ef}ve", "HTTP/1.1 200 "),
    ] {
        let upstream = ScriptedUpstream::new(move |_, stream| {
            let head = format!("{sent}\r\ncontent-length: 0\r\n\r\n");
            let bytes: Vec<u8> = head
                .chars()
                .map(|character| u8::try_from(character).expect("Latin-1"))
                .collect();
            let _ = stream.write_all(&bytes);
        });
        assert_eq!(Gateway::before(&[&upstream.url]).call("GET", "/", "").status_line, seen);
    }
}
