//! The same bytes to a real node directly and through the gateway: the same bytes come back, to the end of the connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::support::gateway::Gateway;
use crate::support::node;
use crate::support::wire::{PATIENCE, address_of};

/// Sends everything at once, a last request behind it, and gives all that comes back, one character a byte.
fn exchange(address: SocketAddr, requests: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("something listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a socket takes a timeout");
    let last = b"GET /no-such-index-at-the-end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    // Who has been refused may not read to the end.
    let _ = stream.write_all(&[requests, last].concat());
    let mut answers = Vec::new();
    let ended = stream.read_to_end(&mut answers);
    let text: String = answers.into_iter().map(char::from).collect();
    if let Err(error) = ended {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{text}");
    }
    text
}

/// Fails for each exchange that differs.
fn assert_same(exchanges: &[(&str, Vec<u8>)]) {
    let node = node::shared_url();
    let gateway = Gateway::before(&[node]);
    let mut differing = Vec::new();
    for (name, requests) in exchanges {
        let (direct, through) = (
            exchange(address_of(node), requests),
            exchange(gateway.address, requests),
        );
        assert!(!direct.is_empty(), "{name}: the node says nothing");
        if direct != through {
            differing.push(format!("{name}: directly\n{direct}\nthrough the gateway\n{through}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n\n"));
}

fn raw(name: &'static str, request: &[u8]) -> (&'static str, Vec<u8>) {
    (name, request.to_vec())
}

fn get(name: &'static str, target: &[u8]) -> (&'static str, Vec<u8>) {
    (name, [b"GET ", target, b" HTTP/1.1\r\nHost: a\r\n\r\n"].concat())
}

/// Checklist 21 to 24 (contract http.md §7): what the node says names what it has understood.
#[test]
fn odd_targets_are_understood_as_the_node_understands_them() {
    assert_same(&[
        get("date math, as it is", b"/<no-such-{now/d}>/_search"),
        get("date math, encoded", b"/%3Cno-such-%7Bnow%2Fd%7D%3E/_search"),
        get("quotes in a query", b"/_cat/aliases?h=\"alias\",`index`&v"),
        get("a number sign in a path", b"/no-such#x/_mapping"),
        get("a number sign in a query", b"/no-such/_mapping?pretty#x"),
        get("UTF-8", "/no-such-\u{e4}\u{20ac}/_mapping".as_bytes()),
        get("Latin-1", b"/no-such-\xe4\xff/_mapping"),
        get("Latin-1 in a query", b"/_cat/aliases?h=\xe4"),
        get("UTF-8, encoded", b"/no-such-%C3%A4/_mapping"),
        get("no slash", b"no-such/_mapping"),
        get("braces and pipes", b"/no-such-{a}|^[b]/_mapping?x|y={z}"),
        get("dots", b"/x/../no-such/_mapping"),
        get("doubled slashes", b"//no-such//_mapping"),
        get("a broken escape", b"/no-such-%zz/_mapping"),
        get("a broken escape in a query", b"/no-such/_mapping?a=%zz"),
        get("two question marks", b"/no-such/_mapping??pretty"),
        get("a semicolon", b"/no-such;a=b/_mapping?pretty;x"),
        get("an asterisk", b"*/_mapping/no-such"),
    ]);
}

/// Checklist 26 and 42.
#[test]
fn long_heads_are_refused_as_the_node_refuses_them() {
    let target = format!("/{}", "a".repeat(5_000));
    let field = format!("GET / HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n", "v".repeat(20_000));
    let fields: String = (0..150).map(|number| format!("X-{number}: {number}\r\n")).collect();
    assert_same(&[
        get("a target of 5,000 bytes", target.as_bytes()),
        raw("20 KB of fields", field.as_bytes()),
        raw(
            "150 fields",
            format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n").as_bytes(),
        ),
    ]);
}

/// Checklist 19, 63, 68, 71, 89 to 91, 94.
#[test]
fn the_protocol_is_spoken_as_the_node_speaks_it() {
    assert_same(&[
        get("the cluster's page", b"/"),
        raw("HEAD", b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("HEAD of nothing", b"HEAD /no-such HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("OPTIONS", b"OPTIONS /no-such HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("a method that is not allowed", b"POST /_cat/health HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("a method in small letters", b"get /no-such HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("no host", b"GET /no-such HTTP/1.1\r\n\r\n"),
        raw("names of odd case", b"GET /no-such HTTP/1.1\r\nhOST: a\r\nx-oPAQUE-iD: b\r\n\r\n"),
        raw("no such route", b"PUT /_no/such HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"),
        raw("a body of GET", b"GET /no-such/_search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"query\":[1}"),
        raw("chunks of GET", b"GET /no-such/_search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"que\r\n7\r\nry\":[1}\r\n0\r\n\r\n"),
        raw("no content type", b"POST /no-such/_search HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"),
        raw("an upgrade to h2c is a request like any other", b"GET /no-such HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
        raw("compression", b"GET /no-such HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n"),
        raw("two at once", b"GET /no-such-1 HTTP/1.1\r\nHost: a\r\n\r\nGET /<no-such-2> HTTP/1.1\r\nHost: a\r\n\r\n"),
        raw("the last one", b"GET /no-such HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        raw("HTTP/1.0", b"GET /no-such HTTP/1.0\r\n\r\n"),
        raw("HTTP/1.0, kept alive", b"GET /no-such HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
        raw("an expectation", b"POST /no-such/_search HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"query\":[1}"),
        raw("another expectation", b"GET /no-such HTTP/1.1\r\nHost: a\r\nExpect: foo\r\n\r\n"),
        raw("line feeds", b"GET /no-such HTTP/1.1\nHost: a\n\n"),
        raw("empty lines first", b"\r\n\r\nGET /no-such HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]);
}

#[test]
fn tmp_half_close() {
    let node = node::shared_url();
    let gateway = Gateway::before(&[node]);
    for (name, address) in [("direct", address_of(node)), ("through", gateway.address)] {
        for target in ["/", "/no-such", "/_cat/health", "/_search", "/_cluster/health?wait_for_nodes=5&timeout=2s"] {
            let mut answered = 0;
            for _ in 0..10 {
                let mut stream = TcpStream::connect(address).expect("something listens");
                stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
                stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).expect("sent");
                stream.shutdown(std::net::Shutdown::Write).expect("shut");
                let mut all = Vec::new();
                let _ = stream.read_to_end(&mut all);
                answered += usize::from(!all.is_empty());
            }
            eprintln!("HALF {name} {target}: {answered} of 10 answered");
        }
    }
}
