//! D. Bodies of forwarded calls and of their answers. Line 64 is in `large_bodies`, 66 and 67 also in `forward`.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::{ScriptedUpstream, field, read_body};
use crate::support::wire::{Answer, Connection, request};

/// An upstream that sends each request's body back, with its framing.
fn echoing() -> ScriptedUpstream {
    ScriptedUpstream::new(|head, stream| {
        let body = read_body(head, stream);
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(answer.as_bytes()).expect("the gateway reads");
        stream.write_all(&body).expect("the gateway reads");
    })
}

/// What a client sees of an answer.
fn relayed(method: &str, answer: &'static [u8]) -> Answer {
    let upstream = ScriptedUpstream::new(move |head, stream| {
        read_body(head, stream);
        let _ = stream.write_all(answer);
        // A connection that is closed without a word may be used again a moment before that is seen.
        if !head.starts_with("HEAD ") {
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(&request(method, "/", &[], ""));
    if method == "HEAD" {
        let head = connection.read_head();
        // Nothing but the next answer may follow it.
        connection.send(&request("HEAD", "/", &[], ""));
        assert_eq!(connection.read_head(), head);
        return head;
    }
    connection.read()
}

#[test]
fn line_63_bodies_of_get_and_delete_reach_the_cluster() {
    let upstream = echoing();
    let gateway = Gateway::before(&[&upstream.url]);
    for (method, target) in [("GET", "/_search"), ("DELETE", "/_search/scroll"), ("OPTIONS", "/x")] {
        assert_eq!(
            gateway.call(method, target, r#"{"a":1}"#).text(),
            r#"{"a":1}"#,
            "{method}"
        );
    }
    let mut connection = Connection::to(gateway.address);
    connection.send(b"DELETE /_search/scroll HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n");
    connection.send(b"7\r\n{\"a\":1}\r\n0\r\n\r\n");
    assert_eq!(connection.read().text(), "7\r\n{\"a\":1}\r\n0\r\n\r\n");
    let head = upstream.heads().pop().expect("a head");
    assert_eq!(
        head,
        "DELETE /_search/scroll HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
    );
}

#[test]
fn a_request_without_a_body_is_given_none() {
    let upstream = echoing();
    let gateway = Gateway::before(&[&upstream.url]);
    for head in [
        "POST /x HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nX: y\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: a\r\ncontent-length: 0\r\n\r\n",
    ] {
        let mut connection = Connection::to(gateway.address);
        connection.send(head.as_bytes());
        assert_eq!(connection.read().text(), "");
        assert_eq!(upstream.heads().pop().as_deref(), Some(head));
    }
}

#[test]
fn line_65_bytes_and_types_of_answers_stay_as_they_are() {
    for content_type in [
        "application/vnd.mapbox-vector-tile",
        "application/zip",
        "text/plain; charset=UTF-8",
    ] {
        let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let sent = all.clone();
        let upstream = ScriptedUpstream::new(move |_, stream| {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
                sent.len()
            );
            stream.write_all(head.as_bytes()).expect("the gateway reads");
            stream.write_all(&sent).expect("the gateway reads");
        });
        let answer = Gateway::before(&[&upstream.url]).call("GET", "/", "");
        assert_eq!(answer.values("content-type"), [content_type]);
        assert_eq!(answer.body, all);
    }
}

/// And the field that says so stays where it stands.
#[test]
fn line_66_an_answer_in_chunks_stays_one() {
    let answer = relayed(
        "GET",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n4\r\n{\"a\"\r\n3;x\r\n:1}\r\n0\r\n\r\n",
    );
    let fields: Vec<_> = answer
        .fields
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    assert_eq!(fields, ["Transfer-Encoding: chunked", "X: y"]);
    assert_eq!(answer.text(), r#"{"a":1}"#);
}

/// Reads to the end of a connection, however it ends.
fn rest_of(connection: &mut Connection) -> Vec<u8> {
    let mut rest = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match connection.read_some(&mut buffer) {
            0 => return rest,
            count => rest.extend_from_slice(&buffer[..count]),
        }
    }
}

#[test]
fn line_67_an_answer_that_is_cut_off_is_never_whole() {
    let cut: [(&'static [u8], &[u8]); 3] = [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", b"half"),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            b"4\r\nhalf\r\n",
        ),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n5\r\nand",
            b"4\r\nhalf\r\n",
        ),
    ];
    for (answer, begin) in cut {
        let upstream = ScriptedUpstream::new(move |_, stream| {
            let _ = stream.write_all(answer);
            let _ = stream.shutdown(Shutdown::Both);
        });
        let gateway = Gateway::before(&[&upstream.url]);
        let mut connection = Connection::to(gateway.address);
        connection.send(&request("GET", "/", &[], ""));
        assert_eq!(connection.read_head().status(), 200);
        let rest = rest_of(&mut connection);
        let text = String::from_utf8_lossy(&rest);
        assert!(rest.starts_with(begin), "{text:?}");
        assert!(
            rest.len() < 10 || !text.ends_with("0\r\n\r\n"),
            "the client takes it for whole: {text:?}"
        );
    }
}

/// An answer that only the connection's end ends comes in chunks, so that its end is seen.
#[test]
fn an_answer_without_a_length_ends() {
    for answer in [
        b"HTTP/1.1 200 OK\r\nX: y\r\n\r\nbody".as_slice(),
        b"HTTP/1.1 200 OK\r\nX: y\r\nConnection: close\r\n\r\nbody",
        b"HTTP/1.0 200 OK\r\nX: y\r\n\r\nbody",
    ] {
        let answer = relayed("GET", answer);
        assert_eq!(answer.status_line, "HTTP/1.1 200 OK");
        assert_eq!(answer.values("transfer-encoding"), ["chunked"]);
        assert_eq!((answer.values("x"), answer.text()), (vec!["y"], "body".to_owned()));
    }
}

#[test]
fn line_68_answers_to_head_keep_their_length() {
    for (answer, status, length) in [
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 55\r\nX: y\r\n\r\n".as_slice(),
            200,
            vec!["55"],
        ),
        (
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 367\r\nX: y\r\n\r\n",
            404,
            vec!["367"],
        ),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nX: y\r\n\r\n", 200, vec!["0"]),
        (b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n", 200, vec![]),
    ] {
        let head = relayed("HEAD", answer);
        assert_eq!((head.status(), head.values("content-length")), (status, length));
        assert_eq!(
            head.fields.last(),
            Some(&("X".to_owned(), "y".to_owned())),
            "nothing is added"
        );
    }
}

#[test]
fn line_69_answers_without_a_body_stay_so() {
    let created = relayed(
        "PUT",
        b"HTTP/1.1 201 Created\r\nLocation: /a/_doc/1\r\ncontent-length: 0\r\nX: y\r\n\r\n",
    );
    let fields: Vec<_> = created
        .fields
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    assert_eq!(created.status_line, "HTTP/1.1 201 Created");
    assert_eq!(
        fields,
        ["Location: /a/_doc/1", "content-length: 0", "X: y"],
        "in their order"
    );
    for (answer, line) in [
        (
            b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n".as_slice(),
            "HTTP/1.1 204 No Content",
        ),
        (
            b"HTTP/1.1 304 Not Modified\r\nX: y\r\n\r\n",
            "HTTP/1.1 304 Not Modified",
        ),
    ] {
        let answer = relayed("GET", answer);
        assert_eq!(
            (answer.status_line.as_str(), answer.fields.len(), answer.text().as_str()),
            (line, 1, "")
        );
    }
}

/// The upstream reads nothing of the body before it answers, and nothing or everything after.
fn early_413(upstream_reads: bool) -> ScriptedUpstream {
    ScriptedUpstream::new(move |head, stream: &mut TcpStream| {
        stream
            .write_all(b"HTTP/1.1 413 Request Entity Too Large\r\ncontent-length: 0\r\n\r\n")
            .expect("the gateway reads");
        if upstream_reads {
            let length = field(head, "content-length").map_or(0, |length| length.parse().expect("a length"));
            let _ = std::io::copy(&mut stream.take(length), &mut std::io::sink());
        } else {
            let _ = stream.shutdown(Shutdown::Both);
        }
    })
}

#[test]
fn line_70_an_early_refusal_is_relayed_at_once() {
    const LENGTH: usize = 8 * 1024 * 1024;
    for upstream_reads in [true, false] {
        let upstream = early_413(upstream_reads);
        let gateway = Gateway::before(&[&upstream.url]);
        for _ in 0..10 {
            // A client that waits for the answer before it sends the rest.
            let mut connection = Connection::to(gateway.address);
            connection.send(format!("POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Length: {LENGTH}\r\n\r\n").as_bytes());
            connection.send(&[b'a'; 1000]);
            let answer = connection.read();
            assert_eq!(answer.status_line, "HTTP/1.1 413 Request Entity Too Large");

            // One that looks for an answer only when it has sent everything.
            let mut connection = Connection::to(gateway.address);
            connection.send(format!("POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Length: {LENGTH}\r\n\r\n").as_bytes());
            connection.send(&vec![b'a'; LENGTH]);
            assert_eq!(connection.read().status(), 413, "the upstream reads: {upstream_reads}");
            if upstream_reads {
                connection.send(&request("GET", "/", &[], ""));
                assert_eq!(connection.read().status(), 413, "the connection is still good");
            }
        }
    }
}
