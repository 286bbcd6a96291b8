//! The ways to put a request on the wire.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use crate::{request::Request, spelling};

/// How requests are sent. A server answers each way alike, but for what is asked of it with the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Variation {
    /// As official clients do.
    Plain,
    /// With bodies in gzip, and answers wanted in it.
    Gzip,
    /// With bodies in chunks of odd sizes, with extensions.
    Chunked,
    /// With paths and queries that are spelled oddly and mean the same.
    OddPaths,
    /// All of these at once.
    Together,
}

impl Variation {
    /// The ways one by one.
    pub const EACH: [Self; 4] = [Self::Plain, Self::Gzip, Self::Chunked, Self::OddPaths];

    fn includes(self, way: Self) -> bool {
        self == way || self == Self::Together
    }

    /// The bytes of a request. `turn` chooses among what is odd, so that the same turn gives the same bytes.
    pub(crate) fn bytes(self, request: &Request, host: &str, turn: u64) -> anyhow::Result<Vec<u8>> {
        let target = if self.includes(Self::OddPaths) {
            spelling::odd(&request.target, turn)
        } else {
            request.target.usual()
        };
        let mut head = format!("{} {target} HTTP/1.1\r\nHost: {host}\r\n", request.method);
        let mut field = |name: &str, value: &str| head.extend([name, ": ", value, "\r\n"]);
        let is_given = |name: &str| request.fields.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
        for (name, value) in &request.fields {
            field(name, value);
        }
        if self.includes(Self::Gzip) && !is_given("accept-encoding") {
            field("Accept-Encoding", "gzip");
        }
        let Some(body) = &request.body else {
            return Ok(format!("{head}\r\n").into_bytes());
        };
        if !is_given("content-type") {
            field("Content-Type", body.media_type);
        }
        let coded = if self.includes(Self::Gzip) && !is_given("content-encoding") {
            field("Content-Encoding", "gzip");
            gzip(&body.bytes)?
        } else {
            body.bytes.clone()
        };
        let framed = if self.includes(Self::Chunked) {
            field("Transfer-Encoding", "chunked");
            chunks(&coded, turn)
        } else {
            field("Content-Length", &coded.len().to_string());
            coded
        };
        Ok([head.as_bytes(), b"\r\n", &framed].concat())
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Chunks of 1, 2, 3, 5, 8 … bytes; their sizes in capitals or not, some with zeros before them, some with an
/// extension (RFC 9112 §7.1).
fn chunks(body: &[u8], turn: u64) -> Vec<u8> {
    let (mut framed, mut rest) = (Vec::new(), body);
    let (mut size, mut next, mut turn) = (1, 2, turn);
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(size.min(rest.len()));
        let head = match turn % 4 {
            0 => format!("{:x}", chunk.len()),
            1 => format!("{:X};a", chunk.len()),
            2 => format!("00{:x}", chunk.len()),
            _ => format!("{:x};name=value", chunk.len()),
        };
        framed.extend([head.as_bytes(), b"\r\n", chunk, b"\r\n"].concat());
        (size, next, turn, rest) = (next, size + next, turn.wrapping_add(1), after);
    }
    framed.extend(b"0\r\n\r\n");
    framed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Body, Target};

    fn sent(variation: Variation) -> String {
        let request = Request {
            method: "POST".into(),
            target: Target::Written("/a".into()),
            fields: Vec::new(),
            body: Some(Body {
                bytes: b"{ }\n".to_vec(),
                media_type: "application/json",
            }),
        };
        String::from_utf8_lossy(&variation.bytes(&request, "h", 0).unwrap()).into_owned()
    }

    #[test]
    fn each_way_frames_the_body_as_it_says() {
        let head = "POST /a HTTP/1.1\r\nHost: h\r\n";
        assert_eq!(
            sent(Variation::Plain),
            format!("{head}Content-Type: application/json\r\nContent-Length: 4\r\n\r\n{{ }}\n")
        );
        assert_eq!(
            sent(Variation::Chunked),
            format!(
                "{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
                 1\r\n{{\r\n2;a\r\n }}\r\n001\r\n\n\r\n0\r\n\r\n"
            )
        );
        assert!(sent(Variation::Gzip).contains("Content-Encoding: gzip\r\nContent-Length: 24\r\n\r\n"));
        assert!(
            sent(Variation::Together).contains("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n")
        );
    }
}
