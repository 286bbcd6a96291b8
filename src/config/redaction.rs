//! Keeps passwords out of what people are shown: user and password in front of a host become `***`.
//!
//! A configuration that puts credentials into a URL is refused, and the refusal quotes the line. When in doubt too
//! much is hidden: everything from the scheme to the last `@` of the line, because a raw password can hold anything.

use std::ops::Range;

/// What stands in for what is hidden. Its length says nothing of the length of a password.
const MASK: &str = "***";

/// A text with credentials hidden, which still knows where each byte of the original went.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Redacted {
    text: String,
    /// The hidden bytes of the original, in order.
    hidden: Vec<Range<usize>>,
}

impl Redacted {
    /// Hides what could be credentials in the text.
    pub(super) fn of(original: &str) -> Self {
        let mut hidden = Vec::new();
        let mut line_start = 0;
        for line in original.split_inclusive('\n') {
            hidden.extend(credentials(line).map(|found| line_start + found.start..line_start + found.end));
            line_start += line.len();
        }
        let mut text = String::with_capacity(original.len());
        let mut shown_to = 0;
        for range in &hidden {
            text.push_str(original.get(shown_to..range.start).unwrap_or_default());
            text.push_str(MASK);
            shown_to = range.end;
        }
        text.push_str(original.get(shown_to..).unwrap_or_default());
        Self { text, hidden }
    }

    /// The text to show.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where bytes of the original are in the shown text.
    pub(super) fn span(&self, original: &Range<usize>) -> Range<usize> {
        self.offset(original.start, true)..self.offset(original.end, false)
    }

    /// Where one byte of the original is in the shown text. One that is hidden moves to its mask's start or end.
    fn offset(&self, original: usize, to_mask_start: bool) -> usize {
        let mut shown = original;
        for range in self.hidden.iter().take_while(|range| range.start < original) {
            let hidden_before = range.end.min(original) - range.start;
            let partly = original < range.end;
            let mask_before = if partly && to_mask_start { 0 } else { MASK.len() };
            shown = shown - hidden_before + mask_before;
        }
        shown
    }
}

/// The text with credentials hidden.
pub(super) fn redact(text: &str) -> String {
    Redacted::of(text).text
}

/// Which bytes of a line could be credentials.
fn credentials(line: &str) -> Option<Range<usize>> {
    let end = line.rfind('@')?;
    let before = line.get(..end)?;
    if let Some(scheme) = before.find("://") {
        return Some(scheme + "://".len()..end);
    }
    // Without a scheme only `user:password@` is taken for credentials, so that `jobs@home` stays readable.
    let mut start = before.rfind(char::is_whitespace).map_or(0, |space| space + 1);
    if let Some((name, _value)) = before.get(start..)?.split_once('=')
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    {
        start += name.len() + 1;
    }
    before.get(start..)?.contains(':').then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_user_and_password() {
        for (text, shown) in [
            ("http://elastic:secret@node:9200", "http://***@node:9200"),
            ("http://token@node", "http://***@node"),
            ("http://u:p@ss/w#o?r,d@node", "http://***@node"),
            ("http://u:two words@node", "http://***@node"),
            ("http://a:1,http://u:p@b", "http://***@b"),
            ("u:p@node:9200", "***@node:9200"),
            ("nodes: u:p@node", "nodes: ***@node"),
            (
                "ANOMALY_GATEWAY_UPSTREAM=u:p=q@node",
                "ANOMALY_GATEWAY_UPSTREAM=***@node",
            ),
        ] {
            assert_eq!(redact(text), shown);
        }
    }

    #[test]
    fn shows_everything_else() {
        for text in [
            "",
            "index: jobs@home",
            "http://node:9200/x",
            "a: b # c",
            "http://node\n# me@example.org",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn spans_follow_their_text() {
        let original = "a: http://u:secret@node\nb: x:y@z\nc: here";
        let redacted = Redacted::of(original);
        assert_eq!(redacted.text(), "a: http://***@node\nb: ***@z\nc: here");
        let shown = |part: &str| {
            let start = original.find(part).unwrap();
            redacted.text()[redacted.span(&(start..start + part.len()))].to_owned()
        };
        assert_eq!(shown("a:"), "a:");
        assert_eq!(shown("http://u:secret@node"), "http://***@node");
        assert_eq!(shown("secret"), "***");
        assert_eq!(shown("node"), "node");
        assert_eq!(shown("x:y@z"), "***@z");
        assert_eq!(shown("here"), "here");
    }
}
