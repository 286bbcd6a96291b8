//! Splits a file of JSON into its values, which come one after the other, and what is between them.
//!
//! Elasticsearch reads the first value of a body and nothing of what follows it; whoever asks about a file means all of it.

use std::ops::Range;

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) bytes: Range<usize>,
    pub(super) kind: PieceKind,
}

/// What a part of a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// An object or a list, or what starts as one.
    Value,
    /// The line of a request as Kibana's console has it, with its method and its path.
    Request { method: String, path: String },
    /// Text that is no value.
    Text,
}

/// The byte order mark of UTF-8.
pub(super) const MARK: &[u8] = b"\xEF\xBB\xBF";

const METHODS: [&str; 6] = ["PUT", "POST", "GET", "DELETE", "HEAD", "PATCH"];

/// The parts of a file of JSON. One in UTF-16 or UTF-32 is a single part.
pub(super) fn of_json(file: &[u8]) -> Vec<Piece> {
    let is_wide = file.starts_with(&[0xFE, 0xFF])
        || file.starts_with(&[0xFF, 0xFE])
        || file.iter().take(4).any(|byte| *byte == 0);
    if is_wide {
        return vec![Piece {
            bytes: 0..file.len(),
            kind: PieceKind::Value,
        }];
    }
    let mut pieces = Vec::new();
    let mut at = if file.starts_with(MARK) { MARK.len() } else { 0 };
    while let Some(byte) = file.get(at) {
        let piece = match byte {
            // A record of a JSON text sequence starts with the last one (RFC 7464).
            b' ' | b'\t' | b'\n' | b'\r' | b',' | 0x1E => {
                at += 1;
                continue;
            }
            b'/' if comment_end(file, at).is_some() => {
                at = comment_end(file, at).unwrap_or(file.len());
                continue;
            }
            b'{' | b'[' => Piece {
                bytes: at..value_end(file, at),
                kind: PieceKind::Value,
            },
            _ => text(file, at),
        };
        at = piece.bytes.end;
        pieces.push(piece);
    }
    pieces
}

/// Whether a text that begins so is JSON, or a console's requests: YAML has other first characters.
pub(super) fn looks_like_json(file: &[u8]) -> bool {
    let start = file.strip_prefix(MARK).unwrap_or(file).trim_ascii_start();
    matches!(start.first(), None | Some(b'{' | b'[' | b'/' | 0 | 0xFE | 0xFF)) || request(start).is_some()
}

/// The end of the comment that starts here, if one does.
fn comment_end(file: &[u8], at: usize) -> Option<usize> {
    let rest = file.get(at..)?;
    let find = |what: &[u8]| {
        let place = rest.windows(what.len()).skip(2).position(|window| window == what);
        place.map_or(file.len(), |place| at + 2 + place + what.len())
    };
    match rest.get(1) {
        Some(b'/') => Some(find(b"\n")),
        Some(b'*') => Some(find(b"*/")),
        _ => None,
    }
}

/// The byte after the value that starts here: after the bracket that closes it, or else the end of the file.
fn value_end(file: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = file.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b'"' => at = string_end(file, at),
            b'/' => at = comment_end(file, at).map_or(at, |end| end - 1),
            _ => {}
        }
        at += 1;
    }
    file.len()
}

/// The place of the quote that ends the string that starts here.
pub(super) fn string_end(file: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = file.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    file.len()
}

/// Text that is no value: to the end of its line, or to the value that follows on it.
fn text(file: &[u8], start: usize) -> Piece {
    let rest = file.get(start..).unwrap_or_default();
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if let Some((method, path)) = request(line) {
        return Piece {
            bytes: start..start + line.len(),
            kind: PieceKind::Request { method, path },
        };
    }
    let length = line
        .iter()
        .position(|byte| matches!(byte, b'{' | b'['))
        .unwrap_or(line.len());
    Piece {
        // A bracket that closes nothing is text as well.
        bytes: start..start + length.max(1),
        kind: PieceKind::Text,
    }
}

/// The method and the path of a line such as `PUT _ml/anomaly_detectors/a`.
fn request(line: &[u8]) -> Option<(String, String)> {
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_whitespace();
    let method = words.next().filter(|word| METHODS.contains(word))?;
    let path = words.next()?;
    words.next().is_none().then(|| (method.to_owned(), path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(&str, &str)> {
        let shown = |piece: Piece| {
            let kind = match piece.kind {
                PieceKind::Value => "value",
                PieceKind::Request { .. } => "request",
                PieceKind::Text => "text",
            };
            (kind, text.get(piece.bytes).unwrap_or_default())
        };
        of_json(text.as_bytes()).into_iter().map(shown).collect()
    }

    #[test]
    fn values_come_one_after_the_other() {
        assert_eq!(
            pieces("{\"a\":\"}{\"}\n{\"b\":1}\n"),
            [("value", "{\"a\":\"}{\"}"), ("value", "{\"b\":1}")]
        );
        assert_eq!(
            pieces("\u{feff} [1,{}] , {}\u{1e}{}"),
            [("value", "[1,{}]"), ("value", "{}"), ("value", "{}")]
        );
        assert_eq!(
            pieces(r#"{"a":"\"}"}{}"#),
            [("value", r#"{"a":"\"}"}"#), ("value", "{}")]
        );
        assert_eq!(
            pieces("// {\n{/* } */} /* x */ {}"),
            [("value", "{/* } */}"), ("value", "{}")]
        );
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn what_is_no_value_is_text() {
        assert_eq!(pieces("{} xx\n{}"), [("value", "{}"), ("text", "xx"), ("value", "{}")]);
        assert_eq!(pieces("{}}"), [("value", "{}"), ("text", "}")]);
        assert_eq!(pieces("{}x{}"), [("value", "{}"), ("text", "x"), ("value", "{}")]);
        assert_eq!(pieces("{\"a\":"), [("value", "{\"a\":")]);
    }

    #[test]
    fn requests_of_a_console_are_known() {
        let text = "PUT _ml/anomaly_detectors/a\n{}\nGET _cat\n";
        assert_eq!(
            pieces(text),
            [
                ("request", "PUT _ml/anomaly_detectors/a"),
                ("value", "{}"),
                ("request", "GET _cat")
            ]
        );
        assert_eq!(pieces("PUT it here"), [("text", "PUT it here")]);
    }
}
