//! What hyper reads of a stream, in whatever pieces it comes.

use super::*;

const LONGEST_HEAD: usize = 1000;

/// What hyper reads of this stream, however it is cut into pieces.
fn followed(stream: &str) -> String {
    let whole = follow_in_pieces(stream, stream.len().max(1));
    for size in 1..stream.len().min(40) {
        assert_eq!(follow_in_pieces(stream, size), whole, "in pieces of {size}");
    }
    whole
}

fn follow_in_pieces(stream: &str, size: usize) -> String {
    let mut requests = RequestStream::new(LONGEST_HEAD);
    let mut out = Vec::new();
    for piece in stream.as_bytes().chunks(size) {
        requests.follow(piece, &mut out).expect("no long heads");
    }
    String::from_utf8(out).expect("it was text before")
}

#[test]
fn only_request_lines_are_respelled() {
    let stream = "GET /<a> HTTP/1.1\r\nX: <b>\r\nReferer: http://x/#y\r\n\r\nGET /<c> HTTP/1.1\r\n\r\n";
    let expected = "GET /%3Ca%3E HTTP/1.1\r\nX: <b>\r\nReferer: http://x/#y\r\n\r\nGET /%3Cc%3E HTTP/1.1\r\n\r\n";
    assert_eq!(followed(stream), expected);
}

#[test]
fn a_body_of_known_length_is_not_looked_at() {
    let body = "GET /<x> HTTP/1.1\r\n\r\n";
    let head = format!("POST /<a> HTTP/1.1\r\ncontent-LENGTH: {}\r\n\r\n", body.len());
    let stream = format!("{head}{body}GET /<b> HTTP/1.1\r\n\r\n");
    assert_eq!(
        followed(&stream),
        stream.replacen("<a>", "%3Ca%3E", 1).replacen("<b>", "%3Cb%3E", 1)
    );
}

#[test]
fn chunks_and_trailers_are_not_looked_at() {
    let stream = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
                  9;<e>\r\nGET /<x> \r\n0\r\nX: </a>\r\n\r\nGET /<b> HTTP/1.1\r\n\r\n";
    assert_eq!(followed(stream), stream.replacen("<b>", "%3Cb%3E", 1));
}

#[test]
fn only_the_line_end_that_hyper_knows_ends_trailers() {
    let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    let stream = format!("{head}X: a\n\nGET /<x> HTTP/1.1\r\n \r\n\r\nGET /<b> HTTP/1.1\r\n\r\n");
    assert_eq!(followed(&stream), stream.replacen("<b>", "%3Cb%3E", 1));
}

#[test]
fn what_hyper_will_refuse_is_left_alone_from_there_on() {
    for fields in [
        "Content-Length: 3, 3",
        "Content-Length: x",
        "Transfer-Encoding: gzip, chunked",
    ] {
        let stream = format!("POST /a HTTP/1.1\r\n{fields}\r\n\r\nGET /<b> HTTP/1.1\r\n\r\n");
        assert_eq!(followed(&stream), stream, "{fields}");
    }
}

#[test]
fn a_line_without_an_end_between_chunks_is_not_kept_for_ever() {
    let mut requests = RequestStream::new(LONGEST_HEAD);
    let mut out = Vec::new();
    let head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    requests.follow(head, &mut out).expect("a short head");
    out.clear();
    let piece = vec![b'1'; 64 * 1024];
    for _ in 0..32 {
        requests.follow(&piece, &mut out).expect("no head");
    }
    assert_eq!(out.len(), 32 * piece.len());
    assert!(requests.is_lost());
}

#[test]
fn a_head_is_held_back_until_its_empty_line() {
    let mut requests = RequestStream::new(LONGEST_HEAD);
    for (piece, unfinished, shown) in [
        ("", 0, ""),
        ("G", 1, ""),
        // Counted is what hyper reads.
        ("ET /<a> HTTP/1.1\r\nContent-Length", 37, ""),
        (": 2\r\n", 42, ""),
        ("\r\n", 0, "GET /%3Ca%3E HTTP/1.1\r\nContent-Length: 2\r\n\r\n"),
        ("{", 0, "{"),
        ("}G", 1, "}"),
        ("ET / HTTP/1.1\n\n", 0, "GET / HTTP/1.1\n\n"),
    ] {
        let mut out = Vec::new();
        requests.follow(piece.as_bytes(), &mut out).expect("a short head");
        assert_eq!(requests.unfinished_length(), unfinished, "after {piece:?}");
        assert_eq!(String::from_utf8(out).expect("text"), shown, "after {piece:?}");
    }
}

#[test]
fn a_head_has_so_many_bytes_and_not_one_more() {
    let head = |length: usize| {
        let frame = "GET / HTTP/1.1\r\nX: \r\n\r\n";
        frame.replace("X: ", &format!("X: {}", "a".repeat(length - frame.len())))
    };
    for size in [1, 7, 500, 2000] {
        for (sent, is_right) in [
            (head(LONGEST_HEAD), true),
            (head(LONGEST_HEAD + 1), false),
            (head(LONGEST_HEAD + 5).trim_end().to_owned(), false),
            ("a".repeat(LONGEST_HEAD + 1), false),
        ] {
            let mut requests = RequestStream::new(LONGEST_HEAD);
            let mut out = Vec::new();
            let mut pieces = sent.as_bytes().chunks(size);
            let followed = pieces.try_for_each(|piece| requests.follow(piece, &mut out));
            if is_right {
                assert_eq!(
                    (followed, out.as_slice()),
                    (Ok(()), sent.as_bytes()),
                    "in pieces of {size}"
                );
            } else {
                let too_long = Err(HeadTooLong(LONGEST_HEAD));
                assert_eq!(
                    (followed, out.as_slice()),
                    (too_long, b"".as_slice()),
                    "in pieces of {size}"
                );
                assert!(requests.is_lost());
            }
        }
    }
}

#[test]
fn what_is_no_http_is_shown_at_once() {
    for (sent, is_lost) in [
        (b"\x16\x03\x01\x02".as_slice(), true),
        (b"\r\n\r\n\x00\r\nQUIT\n", true),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", true),
        (b"PRI * HTTP/2.0\r\n", true),
        (b"GET /\r\n", true),
        (b"GET / HTTP/1.1\r\n", false),
        (b"GET / HTTP/1.0\n", false),
        (b"GET / HTTP/1.1", false),
    ] {
        let mut requests = RequestStream::new(LONGEST_HEAD);
        let mut out = Vec::new();
        requests.follow(sent, &mut out).expect("a short head");
        assert_eq!(requests.is_lost(), is_lost, "{}", sent.escape_ascii());
        assert_eq!(out == sent, is_lost, "{}", sent.escape_ascii());
    }
}

#[test]
fn empty_lines_before_a_request_are_no_request() {
    assert_eq!(
        followed("\r\n\r\nGET /<b> HTTP/1.1\r\n\r\n"),
        "\r\n\r\nGET /%3Cb%3E HTTP/1.1\r\n\r\n"
    );
}
