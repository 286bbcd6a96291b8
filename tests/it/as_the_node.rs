//! The same bytes to a real node directly and through the gateway: the same answers come back, field by field and byte by
//! byte, and the connection is as good afterwards.

use std::io::Write;
use std::net::SocketAddr;

use crate::support::gateway::Gateway;
use crate::support::node;
use crate::support::wire::{Answer, Connection, address_of};

/// What comes back for some requests that are sent at once: so many answers.
fn exchange(address: SocketAddr, requests: &[u8], count: usize) -> (Connection, Vec<Option<Answer>>) {
    let mut connection = Connection::to(address);
    connection.send(requests);
    let is_head = requests.starts_with(b"HEAD");
    let answers = (0..count).map(|_| connection.answer(is_head)).collect();
    (connection, answers)
}

/// The same, and one more to a last request, which shows that the connection is good, or the connection's end.
fn exchange_and_go_on(address: SocketAddr, requests: &[u8], count: usize) -> Vec<Option<Answer>> {
    let (mut connection, mut answers) = exchange(address, requests, count);
    let last = b"GET /no-such-index-at-the-end HTTP/1.1\r\nHost: a\r\n\r\n";
    // Whoever has closed the connection reads no more.
    let sent = connection.write_all(last);
    answers.push(sent.ok().and_then(|()| connection.answer(false)));
    answers
}

/// A name, the bytes, and how many answers come.
type Exchange = (&'static str, Vec<u8>, usize);

fn assert_same(exchanges: &[Exchange]) {
    assert_same_by(exchange_and_go_on, exchanges);
}

/// Fails for each exchange that differs.
fn assert_same_by(exchange: impl Fn(SocketAddr, &[u8], usize) -> Vec<Option<Answer>>, exchanges: &[Exchange]) {
    let node = node::shared_url();
    let gateway = Gateway::before(&[node]);
    let mut differing = Vec::new();
    for (name, requests, count) in exchanges {
        let answers = |address| exchange(address, requests, *count);
        let (direct, through) = (answers(address_of(node)), answers(gateway.address));
        assert!(
            direct.first().is_some_and(Option::is_some),
            "{name}: the node says nothing"
        );
        if direct != through {
            differing.push(format!(
                "{name}: directly\n{direct:?}\nthrough the gateway\n{through:?}"
            ));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n\n"));
}

fn raw(name: &'static str, request: &[u8]) -> Exchange {
    (name, request.to_vec(), 1)
}

fn get(name: &'static str, target: &[u8]) -> Exchange {
    (name, [b"GET ", target, b" HTTP/1.1\r\nHost: a\r\n\r\n"].concat(), 1)
}

/// Checklist 21 to 24 (http.md §7): what the node says names what it has understood.
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
        get("an asterisk and no slash", b"*/_alias/no-such"),
    ]);
}

/// A known difference (docs/deviations.md): the gateway adds the slash.
#[test]
fn some_calls_of_the_node_are_others_without_their_slash() {
    let node = node::shared_url();
    let gateway = Gateway::before(&[node]);
    let status = |address, target: &[u8]| {
        let (_, request, count) = get("a list", target);
        let answers = exchange(address, &request, count).1;
        answers.into_iter().flatten().next().expect("an answer").status()
    };
    let direct = address_of(node);
    assert_eq!(status(direct, b"/_list/wlm_stats?v=true"), 200);
    assert_eq!(status(direct, b"_list/wlm_stats?v=true"), 400);
    assert_eq!(status(gateway.address, b"_list/wlm_stats?v=true"), 200);
}

/// Checklist 26 and 42. The node answers no more on such a connection, and keeps it; the gateway may go on.
#[test]
fn long_heads_are_refused_as_the_node_refuses_them() {
    let target = format!("/{}", "a".repeat(5_000));
    let field = format!("GET / HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n", "v".repeat(20_000));
    let fields: Vec<String> = (0..150).map(|number| format!("X-{number}: {number}\r\n")).collect();
    let fields = fields.concat();
    let refused = [
        get("a target of 5,000 bytes", target.as_bytes()),
        raw("20 KB of fields", field.as_bytes()),
    ];
    let first = |address, requests: &[u8], count| {
        let mut answers = exchange(address, requests, count).1;
        for answer in answers.iter_mut().flatten() {
            // The node has not read the version; each side names its own (RFC 9112 §2.3).
            answer.status_line = answer.status_line.replace("HTTP/1.0", "HTTP/1.1");
        }
        answers
    };
    assert_same_by(first, &refused);
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    assert_same(&[raw("150 fields", head.as_bytes())]);
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
        raw("no host", b"GET /no-such HTTP/1.1\r\n\r\n"),
        raw("names of odd case", b"GET /no-such HTTP/1.1\r\nhOST: a\r\nx-oPAQUE-iD: b\r\n\r\n"),
        raw("no such route", b"PUT /_no/such HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"),
        raw("a body of GET", b"GET /no-such/_search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"query\":[1}"),
        raw("chunks of GET", b"GET /no-such/_search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"que\r\n7\r\nry\":[1}\r\n0\r\n\r\n"),
        raw("no content type", b"POST /no-such/_search HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"),
        raw("an upgrade to h2c is a request like any other", b"GET /no-such HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
        raw("compression", b"GET /no-such HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n"),
        (
            "two at once",
            b"GET /no-such-1 HTTP/1.1\r\nHost: a\r\n\r\nGET /<no-such-2> HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
            2,
        ),
        raw("HTTP/1.0", b"GET /no-such HTTP/1.0\r\n\r\n"),
        ("an expectation that is met", b"POST /no-such/_search HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"query\":[1}".to_vec(), 2),
        raw("another expectation", b"GET /no-such HTTP/1.1\r\nHost: a\r\nExpect: foo\r\n\r\n"),
        raw("empty lines first", b"\r\n\r\nGET /no-such HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]);
}

/// As netcat does at the end of its input.
#[test]
fn a_client_that_only_stops_sending_is_answered() {
    let node = node::shared_url();
    let gateway = Gateway::before(&[node]);
    for target in ["/", "/no-such", "/_cat/health?h=cluster"] {
        let answer = |address| {
            let mut connection = Connection::to(address);
            connection.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
            connection.stop_sending();
            let answer = connection.answer(false);
            assert_eq!(connection.answer(false), None, "the connection ends");
            answer
        };
        let direct = answer(address_of(node));
        assert!(direct.is_some(), "{target}: the node says nothing");
        assert_eq!(answer(gateway.address), direct, "{target}");
    }
}
