//! What has to be the same of two ways, and what may differ: hyper's way puts fields of one name together, frames bodies
//! anew, and leaves out what it does not keep (docs/deviations.md).

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::answers;
use super::upstream::Seen;

/// A request as either way sends it on: its line, and its fields by name in the order in which the names come.
fn request(seen: &Seen, node: &str) -> Request {
    // A request of HTTP/1.0 gets the host of the node, and each way has its own.
    let head = seen.head.replace(node, "node");
    let (line, rest) = head.split_once("\r\n").expect("a line");
    let fields = rest.split("\r\n").filter_map(|line| line.split_once(": "));
    (line.to_owned(), grouped(fields), shown(&seen.body))
}

/// A body as it can be printed.
pub(super) fn shown(body: &[u8]) -> String {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(body);
    let start = body.get(..200).unwrap_or(body).escape_ascii();
    format!("{start}… {} bytes, {hash:016x}", body.len())
}

/// A line, fields, and a body.
pub(super) type Request = (String, Vec<(String, String)>, String);

/// The requests of a client that this node has seen, each once: a GET or HEAD may be sent once more, if its connection was an old one.
pub(super) fn requests(seen: &[Seen], node: &str) -> Vec<Request> {
    let mut requests: Vec<_> = seen.iter().map(|seen| request(seen, node)).collect();
    if requests.iter().any(|(line, ..)| line.contains(answers::EARLY)) {
        requests.sort(); // The next one may have been read on another connection before the rest of one that was answered early.
    }
    requests.dedup_by(|one, other| one == other && (one.0.starts_with("GET ") || one.0.starts_with("HEAD ")));
    requests
}

fn grouped<'l>(fields: impl Iterator<Item = (&'l str, &'l str)>) -> Vec<(String, String)> {
    let mut groups: Vec<Vec<(String, String)>> = Vec::new();
    for (name, value) in fields {
        let field = (name.to_owned(), value.to_owned());
        match groups.iter_mut().find(|group| group[0].0.eq_ignore_ascii_case(name)) {
            Some(group) => group.push(field),
            None => groups.push(vec![field]),
        }
    }
    groups.into_iter().flatten().collect()
}

/// An answer as either way gives it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Given {
    status: String,
    fields: Vec<(String, String)>,
    closes: bool,
    body: Vec<u8>,
    is_whole: bool,
}

/// The last answers in what a client was sent; what is no answer is the body of one without a status.
pub(super) fn answers(mut bytes: &[u8]) -> Vec<Given> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            all.push(broken(bytes));
            break;
        };
        let head: String = bytes[..end].iter().copied().map(char::from).collect();
        bytes = &bytes[end + 4..];
        let (line, lines) = head.split_once("\r\n").unwrap_or((&head, ""));
        let Some(status) = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)) else {
            all.push(broken(head.as_bytes()));
            break;
        };
        if status.starts_with('1') {
            continue;
        }
        let fields: Vec<(&str, &str)> = lines
            .split("\r\n")
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name, value.trim_matches([' ', '\t'])))
            .collect();
        let value = |name: &str| {
            let named = fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
            named.map(|(_, value)| *value)
        };
        let has_body = value("x-head").is_none() && !matches!(status, "204" | "304");
        let (body, is_whole) = match (value("content-length"), value("transfer-encoding")) {
            _ if !has_body => (Vec::new(), true),
            (Some(length), None) => {
                let length: usize = length.parse().expect("a length");
                let here = length.min(bytes.len());
                let (body, rest) = bytes.split_at(here);
                bytes = rest;
                (body.to_vec(), here == length)
            }
            (None, Some(_)) => chunks(&mut bytes),
            _ => (std::mem::take(&mut bytes).to_vec(), false),
        };
        let left_out = |name: &str| {
            let of_bodies = ["content-length", "trailer"];
            let frames = !has_body && of_bodies.iter().any(|frame| name.eq_ignore_ascii_case(frame));
            frames || name.eq_ignore_ascii_case("transfer-encoding") || name.eq_ignore_ascii_case("connection")
        };
        all.push(Given {
            status: status.to_owned(),
            closes: value("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")),
            fields: grouped(fields.iter().copied().filter(|(name, _)| !left_out(name))),
            body,
            is_whole,
        });
    }
    all
}

fn broken(bytes: &[u8]) -> Given {
    Given {
        status: String::new(),
        fields: Vec::new(),
        closes: false,
        body: bytes.to_vec(),
        is_whole: false,
    }
}

/// The content of a body in chunks, as far as it has come; trailers are left out.
fn chunks(bytes: &mut &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") else {
            *bytes = &[];
            return (body, false);
        };
        let size = std::str::from_utf8(&bytes[..end]).ok();
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
            *bytes = &[];
            return (body, false);
        };
        *bytes = &bytes[end + 2..];
        if size == 0 {
            let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
            let is_bare = bytes.starts_with(b"\r\n");
            let trailers = if is_bare { Some(2) } else { end.map(|end| end + 4) };
            *bytes = trailers.map_or(&[], |end| &bytes[end..]);
            return (body, trailers.is_some());
        }
        let here = size.min(bytes.len());
        body.extend_from_slice(&bytes[..here]);
        if bytes.len() < size + 2 {
            *bytes = &[];
            return (body, false);
        }
        *bytes = &bytes[size + 2..];
    }
}

#[test]
fn the_reader_of_answers_knows_where_they_end() {
    let mut bytes = Vec::new();
    for kind in [0, 1, 3, 4, 5, 9, 10, 20] {
        for is_head in [false, true] {
            bytes.extend(answers::of(kind, is_head).pieces.concat());
        }
    }
    let given = answers(&bytes);
    assert_eq!(given.len(), 16);
    for given in given {
        assert!(
            given.is_whole && !given.status.is_empty(),
            "{} {:?}",
            given.status,
            given.fields
        );
    }
}
