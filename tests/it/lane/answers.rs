//! What a node answers, by the number that the target names: plain, odd, and broken.

/// How many kinds there are.
pub(super) const KINDS: usize = 28;

/// What the field of an answer without a body says that would have one, so that its reader knows.
pub(super) const HEAD: &str = "x-head: 1\r\n";

/// How a target names the one that comes before the request's body is read.
pub(super) const EARLY: &str = "k=23&";

/// An answer, and whether the connection ends behind it.
pub(super) struct Answer {
    /// In these pieces.
    pub(super) pieces: Vec<Vec<u8>>,
    pub(super) closes: bool,
    /// It comes before the request's body is read.
    pub(super) is_early: bool,
}

/// The number that a target names.
pub(super) fn kind(target: &str) -> usize {
    let number = target.split("k=").nth(1).unwrap_or_default();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|character| u8::try_from(character).expect("Latin-1"))
        .collect()
}

/// The answer of a kind.
pub(super) fn of(kind: usize, is_head: bool) -> Answer {
    let sized = |line: &str, fields: &str, body: &str| {
        format!(
            "HTTP/1.1 {line}\r\n{fields}content-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let json = "{\"took\":1}";
    let long = "0123456789abcdef".repeat(6000);
    let many = "X-Many: 1\r\nx-other: 2\r\n".repeat(60);
    let (text, closes) = match kind {
        1 => ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n3\r\n12}\r\n0\r\n\r\n".to_owned(), false),
        2 => ("HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\nTrailer: X\r\n\r\n5;x=y\r\n{\"a\":\r\n03 \r\n12}\r\n00\r\nX: y\r\n\r\n".to_owned(), false),
        3 => ("HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n".to_owned(), false),
        4 => ("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\nETag: \"x\"\r\n\r\n".to_owned(), false),
        5 => (format!("HTTP/1.1 102 Processing\r\nX-B: 1\r\n\r\n{}", sized("200 OK", "", json)), false),
        6 => (format!("HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n{json}"), true),
        7 => (format!("HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n{json}"), true),
        8 => (sized("200 OK", "Content-Length: 10\r\n", json), false),
        9 => (sized("200 OK", "X-A: 1\r\nX-B: 2\r\nx-a: 3\r\n", json), false),
        10 => (sized("200 Tr\u{e8}s bien", "", json), false),
        11 => (sized("200 OK", "X-A:1\r\nX-B: \t 2 \r\nX-C: a\u{ff}\r\n", json), false),
        12 => (sized("200 OK", "Content-Length: 3\r\n", json), true),
        13 => ("SSH-2.0-OpenSSH\r\n".to_owned(), true),
        14 => (String::new(), true),
        15 => (format!("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{json}"), true),
        16 => ("HTTP/1.1 200 OK\r\nContent-Le".to_owned(), true),
        17 => ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\nzz\r\n".to_owned(), true),
        18 => ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n".to_owned(), true),
        19 => (sized("500 Oh", "Connection: close\r\nKeep-Alive: timeout=1\r\n", json), true),
        20 => (sized("200 OK", "", &long), false),
        21 => (sized("200 OK", &many, json), false),
        22 => (format!("HTTP/1.1 200 OK\r\nContent-Length: 010\r\n\r\n{json}"), false),
        23 | 24 => (sized("413 Too Large", "", json), false),
        25 => (sized("200", "Warning: 299 a\r\nWarning: 299 b\r\n", ""), false),
        26 => (sized("401 Unauthorized", "WWW-Authenticate: Basic\r\nConnection: X-A\r\nX-A: 1\r\n", json), false),
        27 => (format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n{json}"), true),
        _ => (sized("200 OK", "X-elastic-product: Elasticsearch\r\nContent-Type: application/json\r\n", json), false),
    };
    let mut bytes = latin1(&text);
    let has_head = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    if let (true, Some(end)) = (is_head, has_head) {
        // After an interim answer, the head of the last one.
        let end = if kind == 5 {
            bytes
                .windows(4)
                .rposition(|window| window == b"\r\n\r\n")
                .unwrap_or(end)
        } else {
            end
        };
        bytes.truncate(end + 2);
        bytes.extend(HEAD.bytes());
        bytes.extend(b"\r\n");
    }
    let pieces = match kind {
        24 | 1 | 9 => bytes.chunks(7).map(<[u8]>::to_vec).collect(),
        _ => vec![bytes],
    };
    Answer {
        pieces,
        closes,
        is_early: kind == 23,
    }
}
