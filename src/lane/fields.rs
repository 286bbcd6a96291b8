//! The field lines of a head, as the ranges of bytes that they are.
//!
//! httparse reads a head; what it has read is then laid over the bytes, line by line. Where one does not cover the other
//! exactly, the head is none for the lane: so nothing in it was skipped, folded or ended in a way that others read otherwise.

use httparse::Header;
use memchr::memchr;

/// How many field lines a head of the lane has at most. Elasticsearch's clients send about ten.
pub(super) const MAX_FIELDS: usize = 64;

/// One line: where it begins, where its name ends, and where the next line begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Line {
    start: u32,
    colon: u32,
    end: u32,
    /// It concerns one connection only.
    pub(super) is_hop_by_hop: bool,
}

impl Line {
    /// The whole line, its end included.
    pub(super) fn bytes<'b>(&self, head: &'b [u8]) -> &'b [u8] {
        range(head, self.start, self.end)
    }

    /// The field's name.
    pub(super) fn name<'b>(&self, head: &'b [u8]) -> &'b [u8] {
        range(head, self.start, self.colon)
    }

    /// The field's value, without the blanks around it.
    pub(super) fn value<'b>(&self, head: &'b [u8]) -> &'b [u8] {
        range(head, self.colon.saturating_add(1), self.end).trim_ascii()
    }

    /// Whether the field has this name, in whatever case.
    pub(super) fn is_named(&self, head: &[u8], name: &str) -> bool {
        self.name(head).eq_ignore_ascii_case(name.as_bytes())
    }
}

fn range(bytes: &[u8], start: u32, end: u32) -> &[u8] {
    let (start, end) = (usize::try_from(start), usize::try_from(end));
    let range = start.ok().zip(end.ok());
    range.and_then(|(start, end)| bytes.get(start..end)).unwrap_or_default()
}

/// The lines of a head, in their order.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    lines: [Line; MAX_FIELDS],
    count: usize,
}

/// Which blanks may be around a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// One space before it, and none after it: everybody reads that, and what is sent on says the same in the same bytes.
    One,
    /// Any that HTTP allows.
    Any,
}

impl Lines {
    /// The lines from `at` on to the end of the head, which is `length` bytes long, if they are these fields and nothing else.
    pub(super) fn covering(
        head: &[u8],
        mut at: usize,
        length: usize,
        fields: &[Header<'_>],
        blanks: Blanks,
    ) -> Option<Self> {
        let mut lines = Self {
            lines: [Line::default(); MAX_FIELDS],
            count: 0,
        };
        for field in fields {
            let rest = head.get(at..length)?;
            let end = memchr(b'\r', rest)?;
            let line = rest.get(..end)?;
            if rest.get(end..end + 2)? != b"\r\n" {
                return None;
            }
            let value = line.strip_prefix(field.name.as_bytes())?.strip_prefix(b":")?;
            let is_covered = match blanks {
                Blanks::One => value.strip_prefix(b" ") == Some(field.value) && !field.value.is_empty(),
                Blanks::Any => value.trim_ascii() == field.value,
            };
            if !is_covered {
                return None;
            }
            *lines.lines.get_mut(lines.count)? = Line {
                start: u32::try_from(at).ok()?,
                colon: u32::try_from(at + field.name.len()).ok()?,
                end: u32::try_from(at + end + 2).ok()?,
                is_hop_by_hop: false,
            };
            lines.count += 1;
            at += end + 2;
        }
        (head.get(at..length)? == b"\r\n").then_some(lines)
    }

    /// Each line.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().take(self.count)
    }

    /// Each line, to note something of it.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.lines.iter_mut().take(self.count)
    }
}

/// A length written in the one way that everybody reads: digits, no zero before them, and no more than any body has.
pub(super) fn plain_length(value: &[u8]) -> Option<u64> {
    const MAX_DIGITS: usize = 18;
    let is_plain = matches!(value, [b'0'] | [b'1'..=b'9', ..])
        && value.len() <= MAX_DIGITS
        && value.iter().all(u8::is_ascii_digit);
    let digits = std::str::from_utf8(value).ok().filter(|_| is_plain)?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_one_spelling() {
        for (spelled, length) in [
            ("0", Some(0)),
            ("7", Some(7)),
            ("1024", Some(1024)),
            ("999999999999999999", Some(999_999_999_999_999_999)),
            ("1000000000000000000", None),
            ("00", None),
            ("010", None),
            ("+1", None),
            ("-1", None),
            ("0x1", None),
            ("1 ", None),
            ("1,1", None),
            ("", None),
            ("1_0", None),
        ] {
            assert_eq!(plain_length(spelled.as_bytes()), length, "{spelled:?}");
        }
    }
}
