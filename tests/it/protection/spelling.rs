//! Spells a call in ways that a node reads as the usual one: more of a name encoded than has to be, slashes and parameters
//! that mean nothing, texts of JSON with escapes, bodies that are compressed or in chunks.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::calls::{Call, Payload};

/// A request as it goes over the wire.
pub struct Spelled {
    /// What was done to the target and to the body.
    pub how: String,
    pub method: String,
    pub target: String,
    pub content_type: Option<&'static str>,
    pub coding: Option<&'static str>,
    pub is_chunked: bool,
    pub body: Vec<u8>,
}

/// Chooses: a linear congruential generator, so that every run makes the same choices.
pub struct Turns(pub u64);

impl Turns {
    pub fn next(&mut self, choices: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % choices.max(1)
    }
}

/// Spells a call.
pub fn spell(call: &Call, turns: &mut Turns) -> Spelled {
    let (mut how, path) = path(call, turns);
    let mut target = path;
    let mut separator = '?';
    for (name, value) in &call.query {
        let _ = write!(
            target,
            "{separator}{}={}",
            hardly_encoded(name),
            overly_encoded(value, turns)
        );
        separator = '&';
    }
    match turns.next(6) {
        0 => {
            let _ = write!(target, "{separator}timeout=5s;pretty");
            how += ", other parameters";
        }
        1 => {
            let _ = write!(target, "{separator}human=%74rue");
            how += ", other parameters";
        }
        _ => {}
    }
    let (what, content_type, body) = body(&call.payload, turns);
    how += what;
    let (coding, body) = if body.is_empty() {
        (None, body)
    } else {
        compressed(body, turns)
    };
    if let Some(coding) = coding {
        let _ = write!(how, ", {coding}");
    }
    let is_chunked = !body.is_empty() && turns.next(4) == 0;
    if is_chunked {
        how += ", in chunks";
    }
    Spelled {
        how,
        method: call.method.clone(),
        target,
        content_type,
        coding,
        is_chunked,
        body,
    }
}

fn path(call: &Call, turns: &mut Turns) -> (String, String) {
    let way = turns.next(5);
    let mut path = String::new();
    for (segment, is_variable) in &call.segments {
        path.push('/');
        match (way, is_variable) {
            (_, false) => path += segment,
            (0, _) => path += &hardly_encoded(segment),
            (1, _) => path += &wholly_encoded(segment),
            _ => path += &overly_encoded(segment, turns),
        }
    }
    let mut how = [
        "as it is",
        "wholly encoded",
        "partly encoded",
        "partly encoded",
        "partly encoded",
    ][way]
        .to_owned();
    match turns.next(8) {
        0 => {
            path += "/";
            how += ", a slash at the end";
        }
        1 => {
            path += "///";
            how += ", slashes at the end";
        }
        2 if path.len() > 1 => {
            path.remove(0);
            how += ", no slash at the start";
        }
        _ => {}
    }
    (how, path)
}

/// Only what cannot stand in a segment is encoded.
fn hardly_encoded(text: &str) -> String {
    let must = |byte: u8| {
        matches!(
            byte,
            b'/' | b'?' | b'%' | b'#' | b' ' | b'<' | b'>' | b'"' | b'&' | b'+'
        ) || !byte.is_ascii()
    };
    let spelled = text.bytes().map(|byte| {
        if must(byte) {
            format!("%{byte:02X}")
        } else {
            char::from(byte).to_string()
        }
    });
    spelled.collect()
}

fn wholly_encoded(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |spelled, byte| format!("{spelled}%{byte:02x}"))
}

fn overly_encoded(text: &str, turns: &mut Turns) -> String {
    let spelled = text.bytes().map(|byte| match turns.next(4) {
        0 => format!("%{byte:02x}"),
        1 => format!("%{byte:02X}"),
        _ => hardly_encoded(&char::from(byte).to_string()),
    });
    spelled.collect()
}

fn body(payload: &Payload, turns: &mut Turns) -> (&'static str, Option<&'static str>, Vec<u8>) {
    let types = [
        "application/json",
        "application/json; charset=UTF-8",
        "Application/JSON",
    ];
    match payload {
        Payload::Nothing => ("", None, Vec::new()),
        Payload::Document(text) => {
            let content_type = Some(types[turns.next(types.len())]);
            match turns.next(6) {
                0 => (", escapes", content_type, escaped(text).into_bytes()),
                1 => (
                    ", a byte order mark",
                    content_type,
                    format!("\u{FEFF}{text}").into_bytes(),
                ),
                2 => (
                    ", comments",
                    content_type,
                    format!("/* x */\n{} \n", commented(text)).into_bytes(),
                ),
                3 => (
                    ", UTF-16",
                    content_type,
                    text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                ),
                _ => ("", content_type, text.clone().into_bytes()),
            }
        }
        Payload::Lines(text) => {
            let content_type = Some(["application/x-ndjson", "application/json"][turns.next(2)]);
            match turns.next(5) {
                0 => (", escapes", content_type, escaped(text).into_bytes()),
                1 => (", CR LF", content_type, text.replace('\n', "\r\n").into_bytes()),
                2 => (", empty lines before", content_type, format!("\n\n{text}").into_bytes()),
                3 => (", comments", content_type, commented(text).into_bytes()),
                _ => ("", content_type, text.clone().into_bytes()),
            }
        }
    }
}

/// The same JSON with the first letter of each text, names included, as an escape.
fn escaped(text: &str) -> String {
    let mut spelled = String::new();
    let (mut in_text, mut is_first, mut is_escape) = (false, false, false);
    for character in text.chars() {
        if in_text && is_first && (character.is_ascii_alphanumeric() || character == '_') {
            let _ = write!(spelled, "\\u{:04x}", u32::from(character));
            is_first = false;
            continue;
        }
        is_first = false;
        match character {
            '"' if !is_escape => {
                in_text = !in_text;
                is_first = in_text;
            }
            _ => {}
        }
        is_escape = character == '\\' && !is_escape;
        spelled.push(character);
    }
    spelled
}

/// The same JSON with a comment after each opening brace.
fn commented(text: &str) -> String {
    let mut spelled = String::new();
    let mut in_text = false;
    for character in text.chars() {
        in_text ^= character == '"';
        spelled.push(character);
        if character == '{' && !in_text {
            spelled += "/**/ ";
        }
    }
    spelled
}

fn compressed(body: Vec<u8>, turns: &mut Turns) -> (Option<&'static str>, Vec<u8>) {
    let written = "memory takes it";
    match turns.next(8) {
        0 => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&body).expect(written);
            (Some("gzip"), encoder.finish().expect(written))
        }
        1 => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&body).expect(written);
            (Some("deflate"), encoder.finish().expect(written))
        }
        2 => {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&body).expect(written);
            (Some("deflate"), encoder.finish().expect(written))
        }
        _ => (None, body),
    }
}
