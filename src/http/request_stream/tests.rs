//! What hyper reads of a stream, in whatever pieces it comes.

use super::*;

/// What hyper reads of this stream, however it is cut into pieces.
fn followed(stream: &str) -> String {
    let whole = follow_in_pieces(stream, stream.len().max(1));
    for size in 1..stream.len().min(40) {
        assert_eq!(follow_in_pieces(stream, size), whole, "in pieces of {size}");
    }
    whole
}

fn follow_in_pieces(stream: &str, size: usize) -> String {
    let mut requests = RequestStream::default();
    let mut out = Vec::new();
    for piece in stream.as_bytes().chunks(size) {
        requests.follow(piece, &mut out);
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
fn a_line_without_an_end_is_not_kept_for_ever() {
    let mut requests = RequestStream::default();
    let mut out = Vec::new();
    let piece = vec![b'a'; 64 * 1024];
    for _ in 0..32 {
        requests.follow(&piece, &mut out);
    }
    assert_eq!(out.len(), 32 * piece.len());
    assert_eq!(requests.unwatched(), u64::MAX);
}

#[test]
fn a_head_is_from_its_first_byte_to_its_empty_line() {
    let mut requests = RequestStream::default();
    for (piece, is_inside) in [
        ("", false),
        ("G", true),
        ("ET / HTTP/1.1\r\nContent-Length", true),
        (": 2\r\n", true),
        ("\r\n", false),
        ("{", false),
        ("}", false),
        ("G", true),
    ] {
        requests.follow(piece.as_bytes(), &mut Vec::new());
        assert_eq!(requests.is_inside_head(), is_inside, "after {piece:?}");
    }
}

#[test]
fn empty_lines_before_a_request_are_no_request() {
    assert_eq!(
        followed("\r\n\r\nGET /<b> HTTP/1.1\r\n\r\n"),
        "\r\n\r\nGET /%3Cb%3E HTTP/1.1\r\n\r\n"
    );
}
