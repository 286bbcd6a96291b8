//! B. Header fields, continued: those of forwarded calls and of their answers.

use std::io::Write;

use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::{ScriptedUpstream, field, read_body};
use crate::support::wire::{self, Connection, request};

const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// What a gateway makes of a head: what the upstream sees of it.
fn head_upstream(head: &[u8]) -> String {
    let upstream = ScriptedUpstream::answering(EMPTY);
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(head);
    assert_eq!(connection.read().status(), 200);
    upstream.only_head()
}

/// What a gateway makes of an answer: the head as the client sees it, one character a byte.
fn head_downstream(answer: &'static [u8]) -> String {
    let upstream = ScriptedUpstream::new(move |head, stream| {
        read_body(head, stream);
        stream.write_all(answer).expect("the gateway reads");
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("GET", "/", &[], ""));
    let head = connection.read_head();
    let fields = head.fields.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    format!("{}\r\n{}\r\n", head.status_line, fields.collect::<String>())
}

#[test]
fn line_33_names_keep_their_case_both_ways() {
    let head = "GET / HTTP/1.1\r\nhOST: a\r\nX-MiXeD: 1\r\nx-lower: 2\r\nX-UPPER: 3\r\nuser_agent.x: 4\r\n\r\n";
    assert_eq!(head_upstream(head.as_bytes()), head);
    let answer =
        b"HTTP/1.1 200 OK\r\nX-MiXeD: 1\r\nx-lower: 2\r\nX-UPPER: 3\r\nuser_agent.x: 4\r\nConTent-Length: 0\r\n\r\n";
    assert_eq!(head_downstream(answer).as_bytes(), answer);
}

#[test]
fn line_34_two_warnings_stay_two_in_their_order() {
    let answer =
        b"HTTP/1.1 200 OK\r\nWarning: 299 x \"b\"\r\nwarning: 299 x \"a, c\"\r\ncontent-length: 0\r\nX-Last: 1\r\n\r\n";
    assert_eq!(head_downstream(answer).as_bytes(), answer);
}

#[test]
fn line_35_bytes_beyond_ascii_in_values_pass_both_ways() {
    let head = b"GET / HTTP/1.1\r\nHost: a\r\nX: \xe4\xff\x80 \xc3\xa4\r\nTab: a\tb\r\nEmpty:\r\n\r\n";
    let expected: String = head.iter().copied().map(char::from).collect();
    assert_eq!(head_upstream(head), expected);

    let answer = b"HTTP/1.1 200 OK\r\nX: \xe4\xff\x80 \xc3\xa4\r\nTab: a\tb\r\nEmpty: \r\ncontent-length: 0\r\n\r\n";
    let expected: String = answer.iter().copied().map(char::from).collect();
    assert_eq!(head_downstream(answer), expected);
}

#[test]
fn line_36_the_host_stays_the_clients() {
    let head = "GET / HTTP/1.1\r\nHost: orig:9200\r\n\r\n";
    assert_eq!(head_upstream(head.as_bytes()), head);
    let without = "GET / HTTP/1.1\r\nX: y\r\n\r\n";
    assert_eq!(head_upstream(without.as_bytes()), without, "nor is one added");
    let two = "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";
    assert_eq!(head_upstream(two.as_bytes()), two);
}

/// http.md §2.7: Elasticsearch compares `Origin`, less its scheme, with `Host`.
#[test]
fn line_37_what_is_of_one_origin_stays_so() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        let origin = field(head, "origin").expect("an origin");
        let is_same = origin.split_once("//").map(|(_, host)| host.to_owned()) == field(head, "host");
        let status = if is_same { "200 OK" } else { "403 Forbidden" };
        let _ = stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes());
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let status = |origin: &str| {
        let mut connection = Connection::to(gateway.address);
        connection.send(format!("GET / HTTP/1.1\r\nHost: es.example:9200\r\nOrigin: {origin}\r\n\r\n").as_bytes());
        connection.read().status()
    };
    assert_eq!(status("http://es.example:9200"), 200);
    assert_eq!(status("http://other.example"), 403);
}

#[test]
fn line_38_fields_of_security_and_tracing_pass() {
    let head = "GET /_search HTTP/1.1\r\nHost: a\r\nAuthorization: Basic eDp5\r\nes-security-runas-user: u\r\n\
                es-secondary-authorization: ApiKey eA==\r\nX-elastic-product-origin: kibana\r\n\
                X-Elastic-Client-Meta: es=8.19.0,py=3.12\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\
                User-Agent: elasticsearch-py/8.19.0\r\nX-Opaque-Id: abc\r\nX-Forwarded-For: 10.0.0.1\r\nVia: 1.1 front\r\n\r\n";
    assert_eq!(head_upstream(head.as_bytes()), head);
}

#[test]
fn line_39_what_connection_names_is_for_one_hop() {
    let head = head_upstream(
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Foo\r\nX-Foo: 1\r\nX-Bar: 2\r\nconnection: x-baz\r\nX-Baz: 3\r\n\r\n",
    );
    assert_eq!(head, "GET / HTTP/1.1\r\nHost: a\r\nX-Bar: 2\r\n\r\n");
    let answer = b"HTTP/1.1 200 OK\r\nConnection: X-Foo\r\nX-Foo: 1\r\nX-Bar: 2\r\ncontent-length: 0\r\n\r\n";
    let expected = "HTTP/1.1 200 OK\r\nX-Bar: 2\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(head_downstream(answer), expected);
}

#[test]
fn line_40_fields_for_one_hop_are_not_sent_on_and_nobody_switches_protocols() {
    let head = head_upstream(
        b"GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTrailer: X\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n\
          Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nProxy-Authorization: Basic eDp5\r\nX: y\r\n\r\n",
    );
    assert_eq!(head, "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n");

    let switching = ScriptedUpstream::answering(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nPRI * HTTP/2.0\r\n\r\n",
    );
    let gateway = Gateway::before(&[&switching.url]);
    let upgrade = [
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAMAAABk"),
    ];
    for (method, status) in [("GET", 502), ("PUT", 500)] {
        let answer = wire::call(gateway.address, method, "/a/_doc/1", &upgrade, "");
        assert_eq!(answer.status(), status, "{method}");
    }
    assert!(switching.heads().iter().all(|head| field(head, "upgrade").is_none()));
}

#[test]
fn line_41_a_hundred_and_fifty_fields_pass_in_their_order() {
    let fields: Vec<String> = (0..150)
        .map(|number| format!("X-Field-{number}: value {number}\r\n"))
        .collect();
    let fields = fields.concat();
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    assert!(head.len() < 8 * 1024);
    assert_eq!(head_upstream(head.as_bytes()), head);
}

/// That a real node refuses them through the gateway as it does directly is a test of its own.
#[test]
fn line_42_twenty_kilobytes_of_fields_are_the_clusters_to_refuse() {
    let head = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\nX: y\r\n\r\n",
        "v".repeat(20_000)
    );
    assert_eq!(head_upstream(head.as_bytes()), head);
}
