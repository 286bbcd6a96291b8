//! Request lines on their way to hyper: respelled once, the same however the stream is cut, everything else untouched.

use anomaly_gateway::http::request_line::respell;
use anomaly_gateway::http::request_stream::RequestStream;
use http::Uri;

pub(super) fn check(bytes: &[u8]) {
    let (cut, stream) = bytes.split_first().map_or((0, bytes), |(cut, stream)| (*cut, stream));
    let whole = followed([stream]);
    let pieces = stream.chunks(usize::from(cut) + 1);
    assert_eq!(followed(pieces), whole, "a stream in pieces reads otherwise");
    let (line, _) = super::first_line(stream);
    check_line(line);
    if !line.is_empty() && !line.contains(&b'\r') {
        check_what_follows(line);
    }
}

/// Behind a request the next one is spelled, and a body is left alone. Behind a line that hyper refuses nothing is read
/// any more, so that all of it is passed on as it came.
fn check_what_follows(line: &[u8]) {
    let request = [
        line,
        b"\r\nHost: x\r\nContent-Length: 2\r\n\r\n<>GET /<a> HTTP/1.1\r\n\r\n",
    ]
    .concat();
    let out = followed([request.as_slice()]);
    let starts_as_text = line.first().is_some_and(|byte| matches!(byte, b' '..=b'~'));
    let text = line.trim_ascii_end();
    if starts_as_text && (text.ends_with(b" HTTP/1.1") || text.ends_with(b" HTTP/1.0")) {
        assert!(
            out.ends_with(b"\r\n\r\n<>GET /%3Ca%3E HTTP/1.1\r\n\r\n"),
            "a body was touched, or a line behind it was not"
        );
    } else {
        assert_eq!(out, request, "what hyper refuses was touched");
    }
}

fn check_line(line: &[u8]) {
    let Some(respelled) = respell(line) else { return };
    assert_eq!(respell(&respelled), None, "spelled twice");
    assert_eq!(
        respelled.split(|byte| *byte == b' ').count(),
        line.split(|byte| *byte == b' ').count(),
        "more or fewer words"
    );
    let target = |line: &[u8]| line.split(|byte| *byte == b' ').nth(1).map(<[u8]>::to_vec);
    let (before, after) = (target(line).expect("a target"), target(&respelled).expect("a target"));
    // What hyper has read it writes out as it stands.
    if let (Ok(uri), Ok(_)) = (Uri::try_from(after.as_slice()), std::str::from_utf8(&before)) {
        let written = uri.to_string();
        assert!(!written.contains(['<', '>', '"', '`', '#']), "{written}");
    }
}

fn followed<'b>(pieces: impl IntoIterator<Item = &'b [u8]>) -> Vec<u8> {
    let mut stream = RequestStream::new(1 << 20);
    let mut out = Vec::new();
    for piece in pieces {
        // No head here is too long.
        let _ = stream.follow(piece, &mut out);
    }
    out
}
