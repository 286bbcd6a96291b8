//! Which answers are plain.

use super::*;

fn read(text: &[u8], method: &Method) -> AnswerReading {
    AnswerHead::read(text, method)
}

fn plain(text: &[u8], method: &Method) -> AnswerHead {
    match read(text, method) {
        AnswerReading::Plain(head) => head,
        other => panic!("{other:?}: {}", String::from_utf8_lossy(text)),
    }
}

#[test]
fn an_answer_is_read_for_what_it_is() {
    let text = b"HTTP/1.1 200 Tr\xe8s bien\r\nX-elastic-product:Elasticsearch\r\ncontent-length: 2\r\nKeep-Alive: x\r\nA: \t b \r\n\r\n{}";
    let head = plain(text, &Method::GET);
    assert_eq!((head.status(), head.length()), (StatusCode::OK, text.len() - 2));
    assert_eq!((head.framing(), head.ends_connection()), (Framing::Sized(2), false));
    let hops: Vec<bool> = head.lines().map(|line| line.is_hop_by_hop).collect();
    assert_eq!(hops, [false, false, true, false]);
    let lines = head.lines().flat_map(|line| line.bytes(text));
    let whole: Vec<u8> = head.line(text).iter().chain(lines).copied().collect();
    assert_eq!([&*whole, b"\r\n{}"].concat(), text, "the lines are the head");
}

#[test]
fn where_an_answer_ends_depends_on_its_status_and_method() {
    let (get, head) = (&Method::GET, &Method::HEAD);
    for (text, method, framing) in [
        ("200 OK\r\nContent-Length: 5\r\n", get, Framing::Sized(5)),
        ("200 \r\nTransfer-Encoding: Chunked\r\n", get, Framing::Chunked),
        ("200 OK\r\nContent-Length: 5\r\n", head, Framing::None),
        ("200 OK\r\n", head, Framing::None),
        ("200 OK\r\nTransfer-Encoding: chunked\r\n", head, Framing::None),
        ("204 No Content\r\n", get, Framing::None),
        ("304 Not Modified\r\nContent-Length: 5\r\n", get, Framing::None),
        ("102 Processing\r\n", get, Framing::None),
        (
            "413 x\r\nConnection: close\r\nContent-Length: 0\r\n",
            get,
            Framing::Sized(0),
        ),
    ] {
        let text = format!("HTTP/1.1 {text}\r\n");
        assert_eq!(plain(text.as_bytes(), method).framing(), framing, "{text:?}");
    }
}

#[test]
fn what_is_doubtful_is_left_to_hyper() {
    for text in [
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 02\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n",
        "HTTP/1.1 100 Go on\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close, x\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 2\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "\x15\x03\x01\0\x02\x02\x50",
    ] {
        let reading = read(text.as_bytes(), &Method::GET);
        assert!(matches!(reading, AnswerReading::Odd), "{text:?}: {reading:?}");
    }
}

#[test]
fn a_part_of_a_head_is_waited_for() {
    let text = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: y\r\n\r\n";
    for end in 0..text.len() {
        let reading = read(text.get(..end).unwrap_or_default(), &Method::GET);
        assert!(matches!(reading, AnswerReading::Partial), "{end} bytes: {reading:?}");
    }
}
