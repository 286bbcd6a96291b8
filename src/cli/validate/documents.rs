//! Splits a file of YAML into its documents, and finds what follows the value of one.

use std::ops::Range;

use super::values::{MARK, string_end};

/// The documents of a file of YAML, without those that have nothing in them. Each begins after its marker, which can
/// be nowhere else at the beginning of a line.
pub(super) fn of_yaml(file: &[u8]) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let is_marker = |marker: &[u8]| {
            let rest = line.strip_prefix(marker);
            rest.is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
        };
        if is_marker(b"---") || is_marker(b"...") {
            documents.push(start..at);
            start = at + 3;
        }
        at += line.len();
    }
    documents.push(start..file.len());
    documents.retain(|document| has_content(file.get(document.clone()).unwrap_or_default()));
    documents
}

/// Whether lines of YAML have anything but blanks, comments and directives.
fn has_content(document: &[u8]) -> bool {
    let lines = document.split(|byte| *byte == b'\n');
    let mut contents = lines.map(|line| line.strip_prefix(MARK).unwrap_or(line).trim_ascii());
    contents.any(|line| !line.is_empty() && !line.starts_with(b"#") && !line.starts_with(b"%"))
}

/// What follows the value of a document of YAML that is in braces or brackets, if anything does. A value in lines has no
/// other end than the document's.
pub(super) fn after_flow(document: &[u8]) -> Option<&[u8]> {
    let start = blank_end(document, if document.starts_with(MARK) { MARK.len() } else { 0 });
    if !matches!(document.get(start), Some(b'{' | b'[')) {
        return None;
    }
    let end = flow_end(document, start)?;
    let rest = document.get(blank_end(document, end)..).unwrap_or_default();
    // It may also be the name of a member.
    (!rest.is_empty() && !rest.starts_with(b":")).then_some(rest)
}

/// The byte after blanks and comments.
fn blank_end(document: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = document.get(at) {
        match byte {
            b'#' => at = line_end(document, at),
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => break,
        }
    }
    at
}

fn line_end(document: &[u8], at: usize) -> usize {
    let rest = document.get(at..).unwrap_or_default();
    rest.iter()
        .position(|byte| *byte == b'\n')
        .map_or(document.len(), |end| at + end)
}

/// The byte after the bracket that closes the one that is here; none if none does.
fn flow_end(document: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    // Whether a value may begin here: inside of one, quotes are characters like others.
    let mut begins = true;
    while let Some(byte) = document.get(at) {
        let was_blank = at
            .checked_sub(1)
            .and_then(|before| document.get(before))
            .is_some_and(u8::is_ascii_whitespace);
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' if begins => at = string_end(document, at),
            // A doubled quote ends one text and begins another, which comes to the same.
            b'\'' if begins => at += 1 + document.get(at + 1..)?.iter().position(|byte| *byte == b'\'')?,
            b'#' if was_blank => at = line_end(document, at),
            _ => {}
        }
        begins = match byte {
            b'{' | b'[' | b',' | b':' | b'\'' => true,
            byte => begins && byte.is_ascii_whitespace(),
        };
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_value_in_braces_is_found() {
        for (document, expected) in [
            ("{a: 1} xx\n", Some("xx\n")),
            (" # {\n{a: 'it''s }', b: \"}\", c: it's} # end\n", None),
            ("{a: 'x'} b", Some("b")),
            ("[1, {b: # }\n 2}]\n]", Some("]")),
            ("{a: 1}: b\n", None),
            ("a: {b: 1} xx\n", None),
            ("{a: 1", None),
        ] {
            let found = after_flow(document.as_bytes());
            assert_eq!(found, expected.map(str::as_bytes), "{document:?}");
        }
    }

    #[test]
    fn documents_of_yaml_are_between_their_markers() {
        let documents = |text: &str| -> Vec<String> {
            let documents = of_yaml(text.as_bytes()).into_iter();
            documents
                .map(|document| text.get(document).unwrap_or_default().to_owned())
                .collect()
        };
        assert_eq!(documents("a: 1\n---\nb: 2\n...\n"), ["a: 1\n", "\nb: 2\n"]);
        assert_eq!(documents("# comment\n--- {a: 1}\n---\n\n"), [" {a: 1}\n"]);
        assert_eq!(documents("a: |\n  ---\n  x\n"), ["a: |\n  ---\n  x\n"]);
        assert_eq!(documents("----\n"), ["----\n"]);
    }
}
