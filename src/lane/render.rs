//! Writes heads on: their own bytes, less what concerns one connection, and with what the operator wants otherwise.

use http::header::HeaderName;

use super::answer_head::AnswerHead;
use super::head::RequestHead;

/// What of a request's head a node is to see otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub struct Changes<'c> {
    /// Fields that no node is to see.
    pub stripped: &'c [HeaderName],
    /// The host, if it is not the client's that stays.
    pub host: Option<&'c [u8]>,
    /// The field that says from which address the request comes, and its value.
    pub forwarded: Option<(&'c str, &'c [u8])>,
}

impl RequestHead {
    /// Writes the head, which was read from these bytes, for a node.
    pub fn write(&self, bytes: &[u8], changes: &Changes<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(self.line(bytes));
        let mut forwarded = changes.forwarded;
        for line in self.lines() {
            let name = line.name(bytes);
            let replace = |value: &[u8], out: &mut Vec<u8>| {
                for part in [name, b": ", value, b"\r\n"] {
                    out.extend_from_slice(part);
                }
            };
            let is_forwarded = changes.forwarded.is_some_and(|(field, _)| line.is_named(bytes, field));
            let is_stripped = |stripped: &HeaderName| line.is_named(bytes, stripped.as_str());
            if line.is_hop_by_hop || changes.stripped.iter().any(is_stripped) {
                continue;
            }
            if is_forwarded {
                // The first one has the whole list.
                if let Some((_, value)) = forwarded.take() {
                    replace(value, out);
                }
            } else if let Some(host) = changes.host.filter(|_| line.is_named(bytes, "host")) {
                replace(host, out);
            } else {
                out.extend_from_slice(line.bytes(bytes));
            }
        }
        if let Some((name, value)) = forwarded
            && !changes.stripped.iter().any(|stripped| stripped == name)
        {
            for part in [name.as_bytes(), b": ", value, b"\r\n"] {
                out.extend_from_slice(part);
            }
        }
        out.extend_from_slice(b"\r\n");
    }
}

impl RequestHead {
    /// Writes the head, which was read from these bytes, as that of a request without a body.
    pub fn write_alone(&self, bytes: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(self.line(bytes));
        let frames = ["content-length", "transfer-encoding"];
        for line in self.lines() {
            if !frames.iter().any(|name| line.is_named(bytes, name)) {
                out.extend_from_slice(line.bytes(bytes));
            }
        }
        out.extend_from_slice(b"\r\n");
    }
}

impl AnswerHead {
    /// Writes the head, which was read from these bytes, for a client. The last one of a connection says so.
    pub fn write(&self, bytes: &[u8], is_last: bool, out: &mut Vec<u8>) {
        out.extend_from_slice(self.line(bytes));
        for line in self.lines().filter(|line| !line.is_hop_by_hop) {
            out.extend_from_slice(line.bytes(bytes));
        }
        if is_last {
            out.extend_from_slice(b"connection: close\r\n");
        }
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::super::answer_head::AnswerReading;
    use super::*;

    fn written(lines: &str, changes: &Changes<'_>) -> String {
        let text = format!("GET /a?b HTTP/1.1\r\n{lines}\r\nbody");
        let head = RequestHead::read(text.as_bytes(), 4096).expect("it is plain");
        let mut out = Vec::new();
        head.write(text.as_bytes(), changes, &mut out);
        let out = String::from_utf8(out).expect("text");
        let lines = out.strip_prefix("GET /a?b HTTP/1.1\r\n");
        let lines = lines.and_then(|rest| rest.strip_suffix("\r\n"));
        lines.expect("a line and an end").to_owned()
    }

    #[test]
    fn only_fields_for_one_hop_are_left_out() {
        let kept = "X-b: 1\r\nHOST: h\r\nx-B: 2\r\nAccept: a\r\n";
        assert_eq!(written(kept, &Changes::default()), kept);
        let hops =
            "Connection: keep-alive\r\nHost: h\r\nTE: trailers\r\nKeep-Alive: 5\r\nX: y\r\nProxy-Authorization: a\r\n";
        assert_eq!(written(hops, &Changes::default()), "Host: h\r\nX: y\r\n");
    }

    #[test]
    fn what_the_operator_wants_otherwise_is() {
        let lines = "X-User: ada\r\nHost: h\r\nx-forwarded-FOR: 1\r\nA: b\r\nX-Forwarded-For: 2\r\n";
        let stripped = [HeaderName::from_static("x-user")];
        let changes = Changes {
            stripped: &stripped,
            host: Some(b"node:9200"),
            forwarded: Some(("x-forwarded-for", b"1, 2, 3")),
        };
        let expected = "Host: node:9200\r\nx-forwarded-FOR: 1, 2, 3\r\nA: b\r\n";
        assert_eq!(written(lines, &changes), expected);
        let expected = "Host: node:9200\r\nx-forwarded-for: 1, 2, 3\r\n";
        assert_eq!(written("Host: h\r\n", &changes), expected);
    }

    #[test]
    fn the_last_answer_of_a_connection_says_so() {
        let text =
            b"HTTP/1.1 200 \xe9\r\nKeep-Alive: 5\r\nX:  y \r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n";
        let AnswerReading::Plain(head) = AnswerHead::read(text, &Method::GET) else {
            panic!("it is plain");
        };
        let written = |is_last| {
            let mut out = Vec::new();
            head.write(text, is_last, &mut out);
            out
        };
        let plain = b"HTTP/1.1 200 \xe9\r\nX:  y \r\nContent-Length: 0\r\n".as_slice();
        assert_eq!(written(false), [plain, b"\r\n"].concat());
        assert_eq!(written(true), [plain, b"connection: close\r\n\r\n"].concat());
    }
}
