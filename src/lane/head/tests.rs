//! Which heads are plain.

use http::Uri;
use proptest::prelude::*;

use super::*;

const LONGEST: usize = 64 * 1024;

fn read(text: &[u8]) -> Option<RequestHead> {
    RequestHead::read(text, LONGEST)
}

/// A head with these lines after its first one and its host.
fn with(lines: &str) -> Vec<u8> {
    format!("POST /a/_bulk?x=y HTTP/1.1\r\nHost: h:9200\r\n{lines}\r\n").into_bytes()
}

#[test]
fn a_plain_head_is_read_for_what_it_is() {
    let text = b"GET /a/_search?q=/x?y HTTP/1.1\r\nhOST: h\r\nX-A: 1\r\nConnection: Keep-Alive\r\nTE: trailers\r\nx-a: 2  3\r\n\r\nmore";
    let head = read(text).expect("it is plain");
    assert_eq!(head.method(), Method::GET);
    assert_eq!(head.target(text), "/a/_search?q=/x?y");
    assert_eq!(head.path(text), "/a/_search");
    assert_eq!(head.length(), text.len() - b"more".len());
    assert_eq!((head.framing(), head.ends_connection()), (Framing::None, false));
    let hops: Vec<bool> = head.lines().map(|line| line.is_hop_by_hop).collect();
    assert_eq!(hops, [false, false, true, true, false]);
    let lines = head.lines().flat_map(|line| line.bytes(text));
    let whole: Vec<u8> = head.line(text).iter().chain(lines).copied().collect();
    assert_eq!([&*whole, b"\r\nmore"].concat(), text, "the lines are the head");
    let request = head.to_request(text).expect("hyper reads it, too");
    assert_eq!(request.uri(), "/a/_search?q=/x?y");
    assert_eq!(request.headers().get_all("x-a").iter().count(), 2);
}

#[test]
fn framings_and_ends_are_read() {
    for (lines, framing, is_last) in [
        ("", Framing::None, false),
        ("Content-Length: 0\r\n", Framing::Sized(0), false),
        ("CONTENT-length: 17\r\n", Framing::Sized(17), false),
        ("Transfer-Encoding: chunked\r\n", Framing::Chunked, false),
        ("Connection: close\r\nContent-Length: 3\r\n", Framing::Sized(3), true),
        ("connection: CLOSE\r\n", Framing::None, true),
        (
            "Keep-Alive: timeout=5\r\nProxy-Connection: close\r\n",
            Framing::None,
            false,
        ),
    ] {
        let text = with(lines);
        let head = read(&text).unwrap_or_else(|| panic!("{lines:?} is plain"));
        assert_eq!(
            (head.framing(), head.ends_connection()),
            (framing, is_last),
            "{lines:?}"
        );
    }
}

#[test]
fn what_some_read_otherwise_is_not_plain() {
    for lines in [
        "Content-Length: 2\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: Chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Content-Length: 010\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: 1, 1\r\n",
        "Content-Length:\r\n",
        "Content-Length:1\r\n",
        "Content-Length:  1\r\n",
        "Content-Length: 1 \r\n",
        "Content-Length: \t1\r\n",
        "Content-Length : 1\r\n",
        "Content-Length: 1\n",
        "X: a\n",
        "X: a\r\n b\r\n",
        " X: a\r\n",
        "X: a\rb\r\n",
        "X: a\0b\r\n",
        "X: a\x7fb\r\n",
        "X:a\r\n",
        "X: \r\n",
        "X:\r\n",
        "X\r\n",
        ": a\r\n",
        "X Y: a\r\n",
        "Expect: 100-continue\r\n",
        "Upgrade: h2c\r\n",
        "HTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        "Trailer: x\r\n",
        "Connection: keep-alive, X-Foo\r\n",
        "Connection: close\r\nConnection: close\r\n",
        "Connection: content-length\r\n",
        "Connection: upgrade\r\n",
        "Host: other\r\n",
    ] {
        assert!(read(&with(lines)).is_none(), "{lines:?}");
    }
    for text in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: h\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /  HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
        "GET /\tHTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n\n",
        "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "get / HTTP/1.1\r\nHost: h\r\n\r\n",
        "FOO / HTTP/1.1\r\nHost: h\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n",
        "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET _search HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /\u{e9} HTTP/1.1\r\nHost: h\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "",
    ] {
        assert!(read(text.as_bytes()).is_none(), "{text:?}");
    }
}

#[test]
fn a_head_is_read_whole_or_not_at_all() {
    let text = with("Content-Length: 2\r\nX-Opaque-Id: 1\r\n");
    for end in 0..text.len() {
        assert!(read(text.get(..end).unwrap_or_default()).is_none(), "{end} bytes");
    }
    assert!(RequestHead::read(&text, text.len()).is_some());
    assert!(RequestHead::read(&text, text.len() - 1).is_none());
    let fields = |count: usize| with(&"X: a\r\n".repeat(count - 1));
    assert!(read(&fields(MAX_FIELDS)).is_some());
    assert!(read(&fields(MAX_FIELDS + 1)).is_none());
}

/// A target of the lane is one that goes through hyper byte for byte, so that the same bytes are matched and sent on.
#[test]
fn every_byte_of_a_plain_target_means_the_same_to_hyper() {
    let mut plain = 0;
    for byte in 0..=u8::MAX {
        for (before, after) in [("/a", "b?c=d"), ("/a?b", "c"), ("/", "")] {
            let text = [before.as_bytes(), &[byte], after.as_bytes()].concat();
            let head = [b"GET ", &*text, b" HTTP/1.1\r\nHost: h\r\n\r\n"].concat();
            let Some(read) = read(&head) else { continue };
            plain += 1;
            let target = String::from_utf8(text).expect("ASCII");
            let uri: Uri = target.parse().unwrap_or_else(|error| panic!("{target}: {error}"));
            assert_eq!(uri.to_string(), target);
            assert_eq!(uri.path(), read.path(&head), "{target}");
            let line = format!("GET {target} HTTP/1.1\r\n");
            assert_eq!(crate::http::request_line::respell(line.as_bytes()), None, "{target}");
        }
    }
    assert!(plain > 3 * 80, "{plain}");
}

proptest! {
    /// Whatever one byte is exchanged for: a head that is plain all the same is, line for line, what it was read as.
    #[test]
    fn one_other_byte_hides_nothing(place in 0_usize..90, byte: u8) {
        let mut text = with("Content-Length: 2\r\nConnection: close\r\nX-Opaque-Id: 1\r\n");
        let place = place % text.len();
        if let Some(old) = text.get_mut(place) {
            *old = byte;
        }
        if let Some(head) = read(&text) {
            let lines = head.lines().flat_map(|line| line.bytes(&text));
            let whole: Vec<u8> = head.line(&text).iter().chain(lines).copied().chain(*b"\r\n").collect();
            prop_assert_eq!(whole.as_slice(), text.get(..head.length()).unwrap_or_default());
            let ends = |end: u8| memchr::memchr_iter(end, &whole).count();
            let lines = 2 + head.lines().count();
            prop_assert_eq!((ends(b'\r'), ends(b'\n')), (lines, lines));
            prop_assert!(head.to_request(&text).is_some());
        }
    }
}
