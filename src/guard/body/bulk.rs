//! The operations of a bulk request, looked at as they stream by.
//!
//! A line that says what to do is judged before the line break after it goes on; without that nobody does it. The lines
//! between, with documents, are passed over.

use memchr::memchr;

use crate::guard::names::Search;
use crate::guard::reason::{Reason, Unjudged};
use crate::xcontent::json::Document;

/// How long the line of an operation may be, in bytes. Ids have 512 at most, names 255.
pub(in crate::guard) const MAX_LINE: usize = 64 * 1024;

/// What the next line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Line {
    /// An operation, or nothing.
    #[default]
    Operation,
    /// The document of the operation before.
    Document,
}

/// A bulk request that streams by.
#[derive(Debug, Default)]
pub(in crate::guard) struct Bulk {
    line: Line,
    /// The start of an operation whose end has not come.
    begun: Vec<u8>,
}

impl Bulk {
    /// Looks at the next bytes.
    pub(in crate::guard) fn look(&mut self, mut bytes: &[u8], search: &mut Search<'_>) -> Result<(), Reason> {
        while !bytes.is_empty() {
            let end = memchr(b'\n', bytes);
            let (here, rest) = match end.and_then(|end| bytes.split_at_checked(end)) {
                Some((here, rest)) => (here, rest.get(1..).unwrap_or_default()),
                None => (bytes, [].as_slice()),
            };
            if self.line == Line::Document {
                if end.is_some() {
                    self.line = Line::Operation;
                }
            } else if self.begun.len() + here.len() > MAX_LINE {
                return Err(Unjudged::TooLong(MAX_LINE).into());
            } else if end.is_none() {
                self.begun.extend_from_slice(here);
            } else if self.begun.is_empty() {
                self.line = judge(here, search)?;
            } else {
                self.begun.extend_from_slice(here);
                self.line = judge(&self.begun, search)?;
                self.begun.clear();
            }
            bytes = rest;
        }
        Ok(())
    }

    /// Looks at a line that the end of the body ends.
    pub(in crate::guard) fn finish(&mut self, search: &mut Search<'_>) -> Result<(), Reason> {
        judge(&self.begun, search).map(|_| ())
    }
}

/// Judges an operation, and says what the line after it is. Each version reads only as far as it has to, and some take
/// what others refuse: what is not plainly one operation cannot be judged.
fn judge(line: &[u8], search: &mut Search<'_>) -> Result<Line, Reason> {
    // A line of UTF-16 would be cut in the middle of its line break.
    if line.contains(&0) {
        return Err(Unjudged::Syntax.into());
    }
    let document = Document::read(line);
    if document.fault().is_some() {
        return Err(Unjudged::Syntax.into());
    }
    let Some(root) = document.root() else {
        return Ok(Line::Operation); // Blanks, which are passed over.
    };
    let mut members = root.members();
    let (Some(operation), None) = (members.next(), members.next()) else {
        return Err(Unjudged::Ambiguous.into());
    };
    let next = match operation.name.as_ref() {
        "index" | "create" | "update" => Line::Document,
        "delete" => Line::Operation,
        _ => return Err(Unjudged::Ambiguous.into()),
    };
    if operation.value.token() != crate::xcontent::json::Token::Object {
        return Err(Unjudged::Ambiguous.into());
    }
    for member in operation.value.members() {
        if matches!(member.name.as_ref(), "_index" | "index") {
            super::names_in(member.value, search)?;
        }
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::guard::names::Names;
    use crate::guard::reason::Place;

    fn names() -> Names {
        Names::known("jobs", ["detectors".to_owned()], Instant::now())
    }

    /// The verdict on a body that comes in pieces of so many bytes.
    fn look(body: &[u8], size: usize) -> Result<(), Reason> {
        let names = names();
        let mut search = Search::new(&names);
        let mut bulk = Bulk::default();
        for piece in body.chunks(size) {
            bulk.look(piece, &mut search)?;
        }
        bulk.finish(&mut search)
    }

    fn in_any_pieces(body: &str) -> Result<(), Reason> {
        let whole = look(body.as_bytes(), body.len().max(1));
        for size in 1..body.len() {
            assert_eq!(look(body.as_bytes(), size), whole, "{body} in pieces of {size}");
        }
        whole
    }

    #[test]
    fn operations_at_other_indices_pass() {
        for body in [
            "",
            "\n\n",
            "{\"index\":{\"_index\":\"other\"}}\n{\"_index\":\"jobs\"}\n",
            "{\"index\":{}}\n{\"delete\":{\"_index\":\"jobs\"}}\n",
            "{\"delete\":{\"_index\":\"other\",\"_id\":\"jobs\"}}\n\n{\"create\":{\"_index\":\"x\"}}\r\n{}\r\n",
            "/* nothing */\n{\"update\":{\"_id\":\"1\",\"_index\":null}}\nnot even JSON\n",
            "{\"index\":{\"_index\":\"other\"}}\n\n{\"index\":{\"_index\":\"other\"}}\n{}\n",
        ] {
            assert_eq!(in_any_pieces(body), Ok(()), "{body}");
        }
    }

    #[test]
    fn operations_at_the_index_do_not() {
        for body in [
            "{\"index\":{\"_index\":\"jobs\"}}\n{}\n",
            "{\"delete\":{\"_index\":\"detectors\"}}\n",
            "{\"delete\":{\"_index\":\"x\"}}\n{\"delete\":{\"\\u005findex\":\"jo\\u0062s\"}}\n",
            "\u{FEFF}{\"create\":/**/{\"_index\":\"<j{now}s>\"}}\n{}\n",
            "\n{\"update\":{\"_index\":\"jobs\"}}\n{}\n",
            "{\"index\":{}}\n{}\n{\"index\":{\"_index\":\"jobs\"}}",
        ] {
            assert!(
                matches!(
                    in_any_pieces(body),
                    Err(Reason::Named { place: Place::Body, .. } | Reason::Unjudged(_))
                ),
                "{body}"
            );
        }
    }

    #[test]
    fn what_versions_read_differently_cannot_be_judged() {
        for (line, why) in [
            ("{\"index\":{},\"delete\":{\"_index\":\"jobs\"}}", Unjudged::Ambiguous),
            ("{\"upsert\":{\"_index\":\"x\"}}", Unjudged::Ambiguous),
            ("{\"delete\":\"x\"}", Unjudged::Ambiguous),
            ("{}", Unjudged::Ambiguous),
            ("[]", Unjudged::Ambiguous),
            ("{\"delete\":{\"_index\":\"a\",\"_index\":\"jobs\"}}", Unjudged::Syntax),
            ("{\"delete\":{\"_index\":\"a\"}", Unjudged::Syntax),
            ("{\0\"\0", Unjudged::Syntax),
        ] {
            assert_eq!(in_any_pieces(&format!("{line}\n")), Err(why.into()), "{line}");
        }
    }

    #[test]
    fn long_documents_pass_and_long_operations_do_not() {
        let document = format!("{{\"index\":{{}}}}\n{{\"x\":\"{}\"}}\n", "y".repeat(MAX_LINE * 2));
        assert_eq!(look(document.as_bytes(), 1000), Ok(()));
        let operation = format!("{{\"index\":{{\"_id\":\"{}\"}}}}\n", "y".repeat(MAX_LINE));
        for size in [1000, operation.len()] {
            assert_eq!(
                look(operation.as_bytes(), size),
                Err(Unjudged::TooLong(MAX_LINE).into())
            );
        }
    }
}
