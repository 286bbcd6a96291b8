//! What a client sends on one connection: requests one after the other, plain, odd and hostile, and where they are cut.

use super::answers;
use super::random::Random;

/// What one client sends, in these pieces.
pub(super) struct Case {
    pub(super) pieces: Vec<Vec<u8>>,
    /// What of the pieces can be printed.
    pub(super) shown: String,
}

const METHODS: &[&str] = &[
    "GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "PATCH",
];
const ODD_METHODS: &[&str] = &["TRACE", "FOO", "get", "CONNECT", "G\u{e9}T"];

const ODD_TARGETS: &[&str] = &[
    "/<a-{now/d}>/_search",
    "/a#b",
    "_search",
    "http://h:9200/x",
    "*",
    "/\u{e9}",
    "/a\"b",
    "/`",
    "//a//b/../c",
    "/%zz%2F",
    "/a b",
    "/_ml/anomaly_detectors/x",
    "/_ml/anomaly_detectors/x/",
    "/_ml/anomaly_detectors/_stats",
    "_ml/anomaly_detectors/y",
    "/_xpack/ml/anomaly_detectors/z",
    "/%5Fml/anomaly_detectors/x",
];

/// Lines that go through in the same way, whoever reads them.
const FIELDS: &[&str] = &[
    "X-Opaque-Id: 1\r\n",
    "accept: */*\r\n",
    "X-A: 1\r\n",
    "x-a: 2\r\n",
    "Authorization: Basic eDp5\r\n",
    "X-Latin: \u{e4}\u{ff}\r\n",
    "Connection: keep-alive\r\n",
    "TE: trailers\r\n",
    "Keep-Alive: timeout=5\r\n",
    "Content-Type: application/json\r\n",
    "Proxy-Authorization: x\r\n",
    "X-Blanks: a  b\tc\r\n",
    "!#$%&'*+-.^_`|~1: x\r\n",
    "Accept-Encoding: gzip\r\n",
];

/// Lines about which somebody may have another opinion.
const ODD_FIELDS: &[&str] = &[
    "Connection: close\r\n",
    "Connection: X-A\r\n",
    "Connection: keep-alive, X-Opaque-Id\r\n",
    "Connection: content-length\r\n",
    "Expect: 100-continue\r\n",
    "Expect: x\r\n",
    "Upgrade: h2c\r\nConnection: Upgrade\r\n",
    "Trailer: X\r\n",
    "X:a\r\n",
    "X:  a \r\n",
    "X:\r\n",
    "X: a\n",
    "X: a\r\n b\r\n",
    " X: a\r\n",
    "X : a\r\n",
    "X: a\0\r\n",
    "X: a\rb\r\n",
    "X\r\n",
    "Host: other\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 3\r\n",
    "Content-Length: +2\r\n",
    "Content-Length: 02\r\n",
    "Content-Length: 2, 2\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding: Chunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Proxy-Connection: close\r\n",
    "HTTP2-Settings: AAMAAABkAAQAAP__\r\n",
    "X-Forwarded-For: 10.0.0.1\r\n",
];

const ODD_LINES: &[&str] = &[
    "HTTP/1.0",
    "HTTP/1.1 ",
    "HTTP/2.0",
    "http/1.1",
    "HTTP/1.1\n",
    "HTTP/1.2",
];

impl Case {
    /// Some requests on one connection.
    pub(super) fn new(random: &mut Random) -> Self {
        let mut bytes = Vec::new();
        for _ in 0..=random.below(4) {
            let oddness = if random.percent(30) { 25 } else { 0 };
            request(random, oddness, &mut bytes);
        }
        if random.percent(8) {
            mutate(random, &mut bytes);
        }
        Self::of(random, bytes)
    }

    /// These bytes after a plain request, which has the connection in use.
    pub(super) fn after_a_plain_one(random: &mut Random, shape: &[u8]) -> Self {
        let mut bytes = Vec::new();
        if random.percent(50) {
            request(random, 0, &mut bytes);
        }
        bytes.extend_from_slice(shape);
        Self::of(random, bytes)
    }

    /// These bytes, cut here.
    pub(super) fn cut_at(bytes: &[u8], place: usize) -> Self {
        let (one, other) = bytes.split_at(place);
        Self::in_pieces(vec![one.to_vec(), other.to_vec()])
    }

    /// These bytes, and the last request of their connection, cut somewhere.
    fn of(random: &mut Random, mut bytes: Vec<u8>) -> Self {
        bytes.extend_from_slice(b"GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        let mut cuts: Vec<usize> = (0..random.below(4)).map(|_| random.below(bytes.len())).collect();
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        for cut in cuts.iter().rev() {
            pieces.push(bytes.split_off(*cut));
        }
        pieces.push(bytes);
        pieces.reverse();
        Self::in_pieces(pieces)
    }

    fn in_pieces(mut pieces: Vec<Vec<u8>>) -> Self {
        pieces.retain(|piece| !piece.is_empty());
        let show = |piece: &Vec<u8>| {
            let (start, end) = (
                piece.get(..700).unwrap_or(piece),
                piece.len().saturating_sub(300).max(700),
            );
            let end = piece.get(end..).unwrap_or_default();
            format!("\"{}\"…\"{}\"", start.escape_ascii(), end.escape_ascii())
        };
        let shown = pieces.iter().map(show).collect::<Vec<_>>().join(" | ");
        Self { pieces, shown }
    }
}

fn request(random: &mut Random, oddness: usize, bytes: &mut Vec<u8>) {
    let method = if random.percent(oddness / 3) {
        random.pick(ODD_METHODS)
    } else {
        random.pick(METHODS)
    };
    let kind = if random.percent(60) {
        0
    } else {
        random.below(answers::KINDS)
    };
    let target = if random.percent(oddness) {
        format!("{}?k={kind}", random.pick(ODD_TARGETS))
    } else {
        format!(
            "/i{}/_doc?k={kind}&q={}",
            random.below(1000),
            random.pick(&["a%20b", "{x}", "[1|2]^~", "a+b;c", "?"])
        )
    };
    let version = if random.percent(oddness / 4) {
        random.pick(ODD_LINES)
    } else {
        "HTTP/1.1"
    };
    let mut lines: Vec<String> = Vec::new();
    if !random.percent(oddness / 4) {
        lines.push("Host: h:9200\r\n".to_owned());
    }
    for _ in 0..random.below(7) {
        lines.push(random.pick(FIELDS).to_owned());
    }
    while random.percent(oddness) {
        let place = random.below(lines.len() + 1);
        lines.insert(place, random.pick(ODD_FIELDS).to_owned());
    }
    let body = body(random, &mut lines, method, oddness);
    let head = format!("{method} {target} {version}\r\n{}\r\n", lines.concat());
    // One character a byte: what is beyond ASCII is Latin-1, or in a target UTF-8 of it.
    bytes.extend(head.chars().map(|character| u8::try_from(character).expect("Latin-1")));
    bytes.extend_from_slice(&body);
}

/// A body, whose framing is put among the lines.
fn body(random: &mut Random, lines: &mut Vec<String>, method: &str, oddness: usize) -> Vec<u8> {
    let has_body = matches!(method, "POST" | "PUT" | "PATCH") || random.percent(15);
    if !has_body || random.percent(8) {
        return Vec::new();
    }
    let length = match random.below(20) {
        0 => 0,
        1 => 20_000 + random.below(100_000),
        _ => random.below(2000),
    };
    let content: Vec<u8> = (0..length)
        .map(|place| b"{\"a\":1}\r\n 0GET"[(place * 7 + length) % 14])
        .collect();
    let place = random.below(lines.len() + 1);
    if random.percent(60) {
        lines.insert(place, format!("Content-Length: {length}\r\n"));
        return content;
    }
    lines.insert(place, "Transfer-Encoding: chunked\r\n".to_owned());
    chunks(random, &content, oddness)
}

fn chunks(random: &mut Random, mut content: &[u8], oddness: usize) -> Vec<u8> {
    let odd_sizes = [
        "{};a=b",
        "{} \t",
        "000{}",
        "{};",
        "{} ; x=\"y z\"",
        "+{}",
        "0x{}",
        "{}\n",
        "{};\n",
        "{}x",
    ];
    let odd_ends = [
        "0\r\nX: y\r\n\r\n",
        "0;a\r\n\r\n",
        "000\r\n\r\n",
        "0\r\nX: y\n\r\n\r\n",
        "0\r\n",
        "0\n\n",
        "0\r\nbad\r\n\r\n",
    ];
    let mut body = Vec::new();
    while !content.is_empty() {
        let (chunk, rest) = content.split_at(1 + random.below(content.len()));
        content = rest;
        let size = match random.below(3) {
            0 => format!("{:X}", chunk.len()),
            _ => format!("{:x}", chunk.len()),
        };
        let line = if random.percent(oddness / 4) {
            random.pick(&odd_sizes).replace("{}", &size)
        } else {
            size
        };
        body.extend(format!("{line}\r\n").bytes());
        body.extend_from_slice(chunk);
        body.extend_from_slice(b"\r\n");
    }
    let end = if random.percent(oddness / 2) {
        random.pick(&odd_ends)
    } else {
        "0\r\n\r\n"
    };
    body.extend_from_slice(end.as_bytes());
    body
}

/// Exchanges, adds or takes away a byte.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    let words: [&[u8]; 14] = [
        b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b"0", b"\0", b"a", b"\x80", b";", b",", b"\x7f", b"-",
    ];
    let place = random.below(bytes.len());
    let word = random.pick(&words);
    match random.below(3) {
        0 => drop(bytes.splice(place..=place, word.iter().copied())),
        1 => drop(bytes.splice(place..place, word.iter().copied())),
        _ => drop(bytes.remove(place)),
    }
}
