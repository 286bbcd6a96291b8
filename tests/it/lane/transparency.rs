//! What passes is byte for byte what came, but for fields for one hop.

use std::io::Write;

use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::wire::Connection;

#[test]
fn a_plain_request_comes_to_the_node_as_it_was_sent() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        let body = read_body(head, stream);
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        let _ = stream.write_all(&[answer.as_bytes(), &body].concat());
    });
    let gateway = Gateway::with_a_lane(&[&upstream.url]);
    let kept = "pOsT-x: 1\r\nHOST: h\r\nX-A: 1\r\nX-B: \u{e4}\r\nx-a: 2  3\r\nTransfer-Encoding: chunked\r\nX-A: 4\r\n";
    let line = "POST /a/_bulk?x={y}&[z] HTTP/1.1\r\n";
    let chunks = "5\r\n{\"a\":\r\n03\r\n12}\r\n0\r\n\r\n";
    let mut connection = Connection::to(gateway.address);
    let mut connections = Vec::new();
    for _ in 0..2 {
        let sent = format!("{line}Connection: keep-alive\r\n{kept}TE: trailers\r\n\r\n{chunks}");
        let latin1: Vec<u8> = sent
            .chars()
            .map(|character| u8::try_from(character).expect("Latin-1"))
            .collect();
        connection.send(&latin1);
        let answer = connection.read();
        assert_eq!(answer.text(), chunks, "the chunks of the client");
        connections.push(upstream.connections());
    }
    let expected = format!("{line}{kept}\r\n");
    assert_eq!(upstream.heads(), [expected.clone(), expected]);
    assert_eq!(connections[0], connections[1], "its connection is used again");
}

#[test]
fn a_plain_answer_comes_to_the_client_as_the_node_gave_it() {
    const INTERIM: &str = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    const KEPT: &str =
        "HTTP/1.1 200 Tr\u{e8}s bien\r\nX-A: 1\r\nTRAILER: X\r\nX-b:2\r\nx-a: \t 3 \r\nTransfer-Encoding: Chunked\r\n";
    const BODY: &str = "\r\n5\r\n{\"a\":\r\n03\r\n12}\r\n0\r\nX: y\r\n\r\n";
    let upstream = ScriptedUpstream::new(|_, stream| {
        let answer = format!("{INTERIM}{KEPT}Keep-Alive: timeout=5\r\n{BODY}");
        let latin1: Vec<u8> = answer
            .chars()
            .map(|character| u8::try_from(character).expect("Latin-1"))
            .collect();
        let _ = stream.write_all(&latin1);
    });
    let gateway = Gateway::with_a_lane(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    let expected = format!("{INTERIM}{KEPT}{BODY}");
    let expected: Vec<u8> = expected
        .chars()
        .map(|character| u8::try_from(character).expect("Latin-1"))
        .collect();
    let mut given = Vec::new();
    while given.len() < expected.len() {
        let mut buffer = [0; 4096];
        let count = connection.read_some(&mut buffer);
        assert!(count > 0, "{}", given.escape_ascii());
        given.extend_from_slice(&buffer[..count]);
    }
    assert_eq!(given.escape_ascii().to_string(), expected.escape_ascii().to_string());
}
