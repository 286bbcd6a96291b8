//! Heads that are long or do not end: what they may cost, and how their clients are told.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::{Connection, eventually, request};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A head of so many bytes without its end: it may go on with the line that is its last.
fn unfinished(length: usize) -> Vec<u8> {
    let mut head = b"GET /a HTTP/1.1\r\nHost: a\r\nX-Long: ".to_vec();
    head.resize(length, b'a');
    head
}

fn assert_too_long(connection: &mut Connection) {
    let answer = connection.read();
    assert_eq!(answer.status(), 431, "{answer:?}");
    assert_eq!(answer.json()["error"]["type"], "too_long_http_header_exception");
    assert!(answer.text().contains("limits.head"), "{}", answer.text());
    assert_eq!(answer.values("connection"), ["close"]);
    assert_eq!(connection.read_some(&mut [0]), 0, "the connection ends");
}

fn is_served(gateway: &Gateway) -> bool {
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("GET", "/a", &[], ""));
    connection.read().status() == 200
}

#[test]
fn a_head_that_is_too_long_is_told_so_before_it_ends() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&upstream.url], "limits: {head: 2kb}");
    for sent in [
        unfinished(2049),
        unfinished(100_000),
        [unfinished(2048).as_slice(), b"\r\n\r\n"].concat(),
        vec![b'G'; 2049],
        "GET /a HTTP/1.1\r\nHost: a\r\n".to_owned().into_bytes(),
    ] {
        let mut connection = Connection::to(gateway.address);
        connection.send(&sent);
        if sent.len() < 2000 {
            // Many short fields are as long as a long one.
            connection.send(&b"X: y\r\n".repeat(400));
        }
        assert_too_long(&mut connection);
    }
    assert_eq!(upstream.requests(), 0);
    let mut connection = Connection::to(gateway.address);
    connection.send(&unfinished(2044));
    connection.send(b"\r\n\r\n");
    assert_eq!(connection.read().status(), 200, "2048 bytes are not too many");
}

#[test]
fn what_was_asked_before_a_head_that_is_too_long_is_answered_first() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&upstream.url], "limits: {head: 2kb}");
    let mut connection = Connection::to(gateway.address);
    let asked = [
        request("GET", "/a", &[], ""),
        request("POST", "/b", &[], "{}"),
        unfinished(5000),
    ];
    connection.send(&asked.concat());
    assert_eq!(connection.read().text(), "ok");
    assert_eq!(connection.read().text(), "ok");
    assert_too_long(&mut connection);
    assert_eq!(upstream.requests(), 2);
}

/// Proxies before Elasticsearch are seen with URLs of 60 KB and with cookies of 40 KB.
#[test]
fn long_heads_that_people_send_pass() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    let url = format!("/_search?source={}", "a".repeat(60_000));
    connection.send(&request("GET", &url, &[("Cookie", &"c".repeat(4_000))], ""));
    assert_eq!(connection.read().status(), 200);
    connection.send(&request("GET", "/", &[("Cookie", &"c".repeat(40_000))], ""));
    assert_eq!(connection.read().status(), 200);
    let lengths: Vec<_> = upstream.heads().iter().map(String::len).collect();
    assert!(lengths.contains(&(url.len() + 4_000 + "GET  HTTP/1.1\r\nHost: test\r\nCookie: \r\n\r\n".len())));
}

/// Sends as much of a head as the gateway takes, and says what it was answered if that was refused.
fn send_in_part(stream: &mut TcpStream, head: &[u8]) {
    match stream.write_all(head) {
        Err(error) if !matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
            panic!("{error}")
        }
        _ => {}
    }
}

fn connections(gateway: &Gateway, count: u32, head: &[u8]) -> Vec<TcpStream> {
    let connect = |_| {
        let mut stream = TcpStream::connect(gateway.address).expect("it listens");
        send_in_part(&mut stream, head);
        stream
    };
    (0..count).map(connect).collect()
}

/// Memory beside what the gateway has without them, once all of it has come.
fn memory_for(head: &[u8], count: u32, yaml: &str) -> u64 {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&upstream.url], yaml);
    assert!(is_served(&gateway));
    let before = gateway.memory("VmRSS");
    let streams = connections(&gateway, count, head);
    let mut last = 0;
    eventually("all is read", || {
        assert!(is_served(&gateway));
        std::mem::replace(&mut last, gateway.memory("VmHWM")) == gateway.memory("VmHWM")
    });
    let peak = gateway.memory("VmHWM").saturating_sub(before);
    eprintln!("{count} heads of {} bytes ({yaml}): {} KiB", head.len(), peak / 1024);
    drop(streams);
    peak
}

/// What the connections themselves take depends on how the gateway was built; what is held of their heads does not.
#[test]
fn three_hundred_heads_without_an_end_take_little() {
    const COUNT: u32 = 300;
    let connections = memory_for(&unfinished(40), COUNT, "");
    let beside = |head: &[u8], yaml: &str| memory_for(head, COUNT, yaml).saturating_sub(connections);
    let refused = beside(&unfinished(390_000), "");
    assert!(refused < 8 << 20, "{} KiB for what is refused", refused / 1024);
    let held = beside(&unfinished(65_000), "");
    let each = held / u64::from(COUNT);
    assert!(each < 130 << 10, "{} KiB each", each / 1024);
    let bounded = beside(&unfinished(65_000), "limits: {heads: 4mb}");
    assert!(bounded < 12 << 20, "{} KiB all together", bounded / 1024);
}

#[test]
fn the_oldest_unfinished_heads_make_room() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(
        &[&upstream.url],
        "{limits: {heads: 1mb}, admin: {listen: '127.0.0.1:0'}}",
    );
    let mut honest = Connection::to(gateway.address);
    honest.send(&request("GET", "/a", &[], ""));
    assert_eq!(honest.read().status(), 200);

    let mut oldest = connections(&gateway, 1, &unfinished(50_000)).remove(0);
    let streams = connections(&gateway, 50, &unfinished(50_000));
    let mut told = String::new();
    oldest
        .read_to_string(&mut told)
        .expect("it is told, and the connection ends");
    assert!(told.starts_with("HTTP/1.1 503 "), "{told}");
    for said in ["connection: close", "retry-after: 1", "too_many_connections_exception"] {
        assert!(told.contains(said), "{said} in {told}");
    }
    // One that is on its way once all the others have come.
    let head = request("GET", "/a", &[("X-Long", &"a".repeat(50_000))], "");
    let (first, rest) = head.split_at(40_000);
    eventually("a head that ends is served", || {
        let mut honest = Connection::to(gateway.address);
        honest.send(first);
        assert!(is_served(&gateway));
        honest.write_all(rest).is_ok() && honest.answer(false).is_some_and(|answer| answer.status() == 200)
    });
    // And one that began before all of them is none of theirs.
    honest.send(&request("GET", "/a", &[], ""));
    assert_eq!(honest.read().status(), 200);
    drop(streams);
    let metrics = gateway.ask_admin("GET", "/metrics").text();
    let label = "anomaly_gateway_turned_away_total{reason=\"heads\"} ";
    let count = metrics.lines().find_map(|line| line.strip_prefix(label));
    assert!(count.is_some_and(|count| count != "0"), "{metrics}");
}

/// Who speaks another protocol waits for an answer and sends nothing more.
#[test]
fn what_is_no_http_is_refused_at_once() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::before(&[&upstream.url]);
    for sent in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(),
        b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        b"EHLO example.org\r\n",
    ] {
        let mut connection = Connection::to(gateway.address);
        connection.send(sent);
        assert_eq!(connection.read().status(), 400, "{}", sent.escape_ascii());
        assert_eq!(connection.read_some(&mut [0]), 0, "the connection ends");
    }
    assert_eq!(upstream.requests(), 0);
}
