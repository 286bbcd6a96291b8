//! Answers of the cluster that are not as they should be, or that hyper does not hand on as they are: each has one meaning
//! for the client. What of them is on the deviations page is shown here.

use std::io::{Read, Write};
use std::net::Shutdown;

use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::{ScriptedUpstream, field, read_body};
use crate::support::wire::{Connection, eventually, request};

/// 1xx of the cluster are for the gateway, which has sent the body already.
#[test]
fn answers_before_the_last_one_are_left_out() {
    let upstream = ScriptedUpstream::answering(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n\
         HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    );
    let gateway = Gateway::by_hyper(&[&upstream.url]);
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

/// http.md §6.3. What cannot be read is an error, and whether a PUT was done is not known.
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
        let gateway = Gateway::by_hyper(&[&upstream.url]);
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

/// RFC 9112 §6.3: one length that is stated twice is one length. After HEAD nobody has compared them, and no answer came.
#[test]
fn lengths_that_are_equal_are_one_and_others_are_an_error() {
    for (lengths, one) in [
        (&["2", "2"][..], Some("2")),
        (&["2, 2"], Some("2")),
        (&["2", "2, 2"], Some("2")),
        (&["0", "0"], Some("0")),
        (&["2", "3"], None),
        (&["2, 3"], None),
        (&["+2"], None),
        (&["two"], None),
    ] {
        let fields: Vec<String> = lengths
            .iter()
            .map(|length| format!("Content-Length: {length}\r\n"))
            .collect();
        let fields = fields.concat();
        let upstream = ScriptedUpstream::new(move |head, stream| {
            let body = if head.starts_with("HEAD") || fields.contains('0') {
                ""
            } else {
                "ok"
            };
            let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\nX: y\r\n{fields}\r\n{body}").as_bytes());
        });
        let gateway = Gateway::before(&[&upstream.url]);
        for method in ["HEAD", "GET"] {
            let mut connection = Connection::to(gateway.address);
            for _ in 0..2 {
                connection.send(&request(method, "/a", &[], ""));
                let answer = connection.answer(method == "HEAD").expect("an answer");
                let status = if one.is_some() { 200 } else { 502 };
                assert_eq!(answer.status(), status, "{method} {lengths:?}");
                if let Some(one) = one {
                    assert_eq!(answer.values("content-length"), [one], "{method} {lengths:?}");
                }
            }
        }
    }
}

/// So many fields with warnings as a search in hundreds of old indices earns.
fn many_fields(count: usize) -> String {
    let fields = (0..count).map(|number| format!("Warning: 299 OpenSearch-3 \"f{number}\"\r\n"));
    fields.collect::<Vec<_>>().concat()
}

#[test]
fn an_answer_with_thousands_of_fields_passes_as_it_is() {
    for (count, framing, body) in [
        (99, "Content-Length: 2", "ok"),
        (100, "Content-Length: 2", "ok"),
        (101, "Content-Length: 2", "ok"),
        (1030, "Content-Length: 2", "ok"),
        (1030, "Transfer-Encoding: chunked", "2\r\nok\r\n0\r\n\r\n"),
        (10_000, "Content-Length: 2", "ok"),
    ] {
        let fields = many_fields(count);
        let upstream = ScriptedUpstream::new(move |head, stream| {
            read_body(head, stream);
            let body = if head.starts_with("HEAD") { "" } else { body };
            let answer = format!("HTTP/1.1 200 OK\r\nX-First: 1\r\n{fields}{framing}\r\n\r\n{body}");
            // In two pieces, the first of which has more fields than are read at once.
            let (first, second) = answer.split_at(answer.len() - 50);
            let _ = stream.write_all(first.as_bytes());
            let _ = stream.write_all(second.as_bytes());
        });
        let gateway = Gateway::before(&[&upstream.url]);
        let mut connection = Connection::to(gateway.address);
        for (method, sent) in [("GET", ""), ("POST", "{}"), ("PUT", "{}"), ("HEAD", ""), ("GET", "")] {
            let case = format!("{count} {framing} {method}");
            connection.send(&request(method, "/a", &[], sent));
            let answer = connection.answer(method == "HEAD").expect("an answer");
            assert_eq!(answer.status(), 200, "{case}");
            assert_eq!(
                answer.fields.first(),
                Some(&("X-First".to_owned(), "1".to_owned())),
                "{case}"
            );
            let warnings = answer.values("warning");
            assert_eq!(warnings.len(), count, "{case}");
            assert_eq!(
                warnings.last().copied(),
                Some(format!("299 OpenSearch-3 \"f{}\"", count - 1).as_str())
            );
            if method != "HEAD" {
                assert_eq!(answer.text(), "ok", "{case}");
            }
        }
        assert_eq!(upstream.requests(), 5, "each was sent once");
    }
}

/// Their names, too, are kept as the node has written them, and a body is streamed after them.
#[test]
fn a_body_after_thousands_of_fields_is_streamed() {
    let fields: Vec<String> = (0..2000).map(|number| format!("X-Fi{number}: {number}\r\n")).collect();
    let fields = fields.concat();
    let upstream = ScriptedUpstream::new(move |_, stream| {
        let head = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 10\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(b"first");
        // The second half is made only once the test has seen the first one and sent a byte to say so.
        let mut seen = [0];
        if stream.read_exact(&mut seen).is_ok() {
            let _ = stream.write_all(b"later");
        }
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("GET", "/a", &[], ""));
    let head = connection.read_head();
    assert_eq!(head.fields.len(), 2001);
    assert_eq!(head.fields.get(1999), Some(&("X-Fi1999".to_owned(), "1999".to_owned())));
    let mut half = [0; 5];
    connection.read_exact(&mut half);
    assert_eq!(&half, b"first");
    drop(connection);
    eventually("the end of the node's connection", || upstream.open_connections() == 0);
}

/// What cannot be read is told as what it is: the node has not closed its connection.
#[test]
fn an_answer_with_a_head_beyond_all_measure_is_an_error_that_says_so() {
    // The buffer is a part longer than it should be where it happens to grow to that.
    for fields in [many_fields(20_000), format!("X: {}\r\n", "a".repeat(3_000_000))] {
        let upstream = ScriptedUpstream::new(move |head, stream| {
            read_body(head, stream);
            let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 0\r\n\r\n").as_bytes());
        });
        let gateway = Gateway::before(&[&upstream.url]);
        assert_eq!(gateway.call("GET", "/a", "").status(), 502);
        assert_eq!(gateway.call("POST", "/a", "{}").status(), 500);
        eventually("a line in the log", || {
            gateway.log().contains("its head has more than 16384 fields")
        });
        assert!(!gateway.log().contains("closed the connection"), "{}", gateway.log());
        assert_eq!(upstream.requests(), 2, "each was sent once");
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
    let gateway = Gateway::by_hyper(&[&upstream.url]);
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

/// Elasticsearch reads none (http.md §6.4).
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
        assert_eq!(
            Gateway::by_hyper(&[&upstream.url]).call("GET", "/", "").status_line,
            seen
        );
    }
}
