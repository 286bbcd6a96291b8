//! Requests for a forbidden job: methods, header fields, and the ways in which a body can be written.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};

use super::MARK;

/// The methods of creates, and of updates.
pub(super) const METHODS: [[&str; 5]; 2] = [
    ["PUT", "PUT", "PUT", "POST", "put"],
    ["POST", "POST", "POST", "PUT", "post"],
];

/// Fields by which a client might choose how its request is read or routed. `TYPE` stands for the body's media type.
pub(super) const FIELDS: &[(&str, &[(&str, &str)])] = &[
    ("plain", &[("content-type", "TYPE")]),
    ("compatible-with", &[("content-type", "VENDOR7"), ("accept", "VENDOR7")]),
    (
        "compatible-with",
        &[("content-type", "VENDOR07"), ("accept", "VENDOR07")],
    ),
    (
        "compatible-with",
        &[("content-type", "VENDOR007"), ("accept", "VENDOR007")],
    ),
    ("compatible-with", &[("content-type", "VENDOR8"), ("accept", "VENDOR8")]),
    ("compatible-with", &[("content-type", "VENDOR9"), ("accept", "VENDOR9")]),
    (
        "compatible-with",
        &[
            ("content-type", "application/json;compatible-with=07"),
            ("accept", "application/json;compatible-with=07"),
        ],
    ),
    ("accept", &[("content-type", "TYPE"), ("accept", "VENDOR7")]),
    ("accept", &[("content-type", "TYPE"), ("accept", "text/html, */*")]),
    (
        "override",
        &[("content-type", "TYPE"), ("x-http-method-override", "GET")],
    ),
    (
        "override",
        &[("content-type", "TYPE"), ("x-original-url", "/_cat/indices")],
    ),
    (
        "connection",
        &[("content-type", "TYPE"), ("connection", "content-type, accept")],
    ),
    (
        "connection",
        &[
            ("content-type", "TYPE"),
            ("connection", "x-opaque-id"),
            ("x-opaque-id", "LONG"),
        ],
    ),
    (
        "upgrade",
        &[("content-type", "TYPE"), ("upgrade", "h2c"), ("connection", "upgrade")],
    ),
    ("duplicate", &[("content-type", "TYPE"), ("content-type", "text/plain")]),
    (
        "secondary",
        &[("content-type", "TYPE"), ("es-secondary-authorization", "Basic YTpi")],
    ),
];

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Chunked,
    Gzip,
    GzipChunked,
    Deflate,
    Utf16,
    Comment,
    Yaml,
    Memory,
}

pub(super) const CODINGS: [Coding; 9] = [
    Coding::Plain,
    Coding::Chunked,
    Coding::Gzip,
    Coding::GzipChunked,
    Coding::Deflate,
    Coding::Utf16,
    Coding::Comment,
    Coding::Yaml,
    Coding::Memory,
];

/// The whole request, of a create or an update.
pub(super) fn bytes(method: &str, target: &str, fields: &[(&str, &str)], coding: Coding, is_update: bool) -> Vec<u8> {
    let media_type = if coding == Coding::Yaml { "yaml" } else { "json" };
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: test\r\n");
    for (name, value) in fields {
        let value = match *value {
            "TYPE" => format!("application/{media_type}"),
            "LONG" => "x".repeat(17 * 1024),
            value => match value.strip_prefix("VENDOR") {
                Some(version) => format!("application/vnd.elasticsearch+{media_type};compatible-with={version}"),
                None => value.to_owned(),
            },
        };
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = body(coding, is_update);
    match coding {
        Coding::Gzip | Coding::GzipChunked => head.push_str("Content-Encoding: gzip\r\n"),
        Coding::Deflate => head.push_str("Content-Encoding: deflate\r\n"),
        _ => {}
    }
    let body = if matches!(coding, Coding::Chunked | Coding::GzipChunked) {
        head.push_str("Transfer-Encoding: chunked\r\n\r\n");
        [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat()
    } else {
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        body
    };
    [head.into_bytes(), body].concat()
}

fn body(coding: Coding, is_update: bool) -> Vec<u8> {
    let rest = if is_update {
        ""
    } else {
        r#","analysis_config":{"detectors":[{"function":"count"}]},"data_description":{}"#
    };
    let job = format!(r#"{{"description":"{MARK}"{rest}}}"#);
    match coding {
        Coding::Plain | Coding::Chunked => job.into_bytes(),
        Coding::Gzip | Coding::GzipChunked => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(job.as_bytes()).expect("memory takes it");
            encoder.finish().expect("memory takes it")
        }
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(job.as_bytes()).expect("memory takes it");
            encoder.finish().expect("memory takes it")
        }
        Coding::Utf16 => job.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Coding::Comment => format!("/* x */{job}").into_bytes(),
        Coding::Yaml if is_update => format!("description: {MARK}\n").into_bytes(),
        Coding::Yaml => format!(
            "description: {MARK}\nanalysis_config: {{detectors: [{{function: count}}]}}\ndata_description: {{}}\n"
        )
        .into_bytes(),
        // Forbidden by its memory, 513 MB; the mark is in a name that no policy looks at.
        Coding::Memory => job
            .replace(
                &format!(r#""description":"{MARK}""#),
                &format!(r#""custom_settings":{{"{MARK}":1}},"analysis_limits":{{"model_memory_limit":"525312kb"}}"#),
            )
            .into_bytes(),
    }
}

/// Whether a body, as it came, is that of a forbidden job, in whatever coding.
pub(super) fn is_marked(body: &[u8]) -> bool {
    let contains = |bytes: &[u8]| bytes.windows(MARK.len()).any(|part| part == MARK.as_bytes());
    let without_zeros: Vec<u8> = body.iter().copied().filter(|byte| *byte != 0).collect();
    // A chunked body is kept with its framing: what is compressed begins after the first line.
    let after_line = body.splitn(2, |byte| *byte == b'\n').nth(1).unwrap_or_default();
    let decoded = [body, after_line].into_iter().flat_map(|bytes| {
        let mut gunzipped = Vec::new();
        let _ = MultiGzDecoder::new(bytes).read_to_end(&mut gunzipped);
        let mut inflated = Vec::new();
        let _ = ZlibDecoder::new(bytes).read_to_end(&mut inflated);
        [gunzipped, inflated]
    });
    contains(&without_zeros) || decoded.into_iter().any(|bytes| contains(&bytes))
}

#[test]
fn every_coding_is_seen_through() {
    for coding in CODINGS {
        for is_update in [false, true] {
            let request = bytes("PUT", "/", &[], coding, is_update);
            let head = request.windows(4).position(|part| part == b"\r\n\r\n").expect("a head");
            assert!(is_marked(&request[head + 4..]), "{coding:?}");
        }
    }
    assert!(!is_marked(b"{\"description\":\"allowed\"}"));
}
