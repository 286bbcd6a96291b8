//! A document as the gateway writes it, JSON on one line without a blank, read from its text alone: nothing is kept of
//! what has been read, so that the longest document takes no memory besides its text.

use std::borrow::Cow;
use std::ops::Range;

use super::text;

/// What such a document is made of. Commas and colons are between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lexeme<'t> {
    /// `{`
    BeginObject,
    /// `}`
    EndObject,
    /// `[`
    BeginList,
    /// `]`
    EndList,
    /// A member's name, as it is written between its quotes.
    Name(&'t str),
    /// A string, as it is written between its quotes.
    String(&'t str),
    /// A number, `true`, `false` or `null`.
    Scalar(&'t str),
}

/// The lexemes of a document in their order.
#[derive(Debug, Clone)]
pub struct Lexemes<'t> {
    text: &'t str,
    /// Parts of the text that are passed over: elements and members, each with a comma.
    left_out: &'t [Range<usize>],
    start: usize,
    at: usize,
}

impl<'t> Lexemes<'t> {
    /// Those of a document.
    #[must_use]
    pub const fn of(text: &'t str) -> Self {
        Self::after(text, 0)
    }

    /// Those of a document that come after this byte, to which others have been read.
    #[must_use]
    pub const fn after(text: &'t str, at: usize) -> Self {
        Self {
            text,
            left_out: &[],
            start: at,
            at,
        }
    }

    /// Those of a document without these parts of it, which are members or elements with a comma, in their order.
    #[must_use]
    pub const fn without(text: &'t str, left_out: &'t [Range<usize>]) -> Self {
        Self {
            text,
            left_out,
            start: 0,
            at: 0,
        }
    }

    /// The byte to which it has been read.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The text of the last lexeme, as it is written.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text.get(self.start..self.at).unwrap_or_default()
    }

    /// What a name or string means that is written so between its quotes.
    #[must_use]
    pub fn decode(written: &str) -> Cow<'_, str> {
        if written.contains('\\') {
            Cow::Owned(text::decode(written))
        } else {
            Cow::Borrowed(written)
        }
    }

    /// Passes over the value that comes next, with all that is in it, and gives its text.
    pub fn skip_value(&mut self) -> &'t str {
        let first = self.next();
        let range = first.map_or(self.at..self.at, |first| self.skip_from(first));
        self.text.get(range).unwrap_or_default()
    }

    /// Passes over what is left of the value that the last lexeme begins, and gives the whole value's place.
    pub fn skip_from(&mut self, first: Lexeme<'t>) -> Range<usize> {
        let start = self.start;
        if matches!(first, Lexeme::BeginObject | Lexeme::BeginList) {
            self.skip_rest();
        }
        start..self.at
    }

    /// Passes over what is left of the object or list that was begun.
    pub fn skip_rest(&mut self) {
        let mut depth = 1_usize;
        while depth > 0
            && let Some(lexeme) = self.next()
        {
            match lexeme {
                Lexeme::BeginObject | Lexeme::BeginList => depth += 1,
                Lexeme::EndObject | Lexeme::EndList => depth -= 1,
                _ => {}
            }
        }
    }

    /// The string whose opening quote is at `start`.
    fn string(&mut self, start: usize) -> Lexeme<'t> {
        let inside = start + 1;
        let end = inside + string_length(self.text.as_bytes().get(inside..).unwrap_or_default());
        let raw = self.text.get(inside..end).unwrap_or_default();
        self.at = (end + 1).min(self.text.len());
        if self.text.as_bytes().get(self.at) == Some(&b':') {
            Lexeme::Name(raw)
        } else {
            Lexeme::String(raw)
        }
    }
}

impl<'t> Iterator for Lexemes<'t> {
    type Item = Lexeme<'t>;

    fn next(&mut self) -> Option<Lexeme<'t>> {
        let bytes = self.text.as_bytes();
        loop {
            if let Some((part, others)) = self.left_out.split_first()
                && part.start <= self.at
            {
                self.at = self.at.max(part.end);
                self.left_out = others;
            } else if matches!(bytes.get(self.at), Some(b',' | b':')) {
                self.at += 1;
            } else {
                break;
            }
        }
        self.start = self.at;
        let lexeme = match bytes.get(self.at)? {
            b'"' => return Some(self.string(self.at)),
            b'{' => Lexeme::BeginObject,
            b'}' => Lexeme::EndObject,
            b'[' => Lexeme::BeginList,
            b']' => Lexeme::EndList,
            _ => {
                let rest = bytes.get(self.at..).unwrap_or_default();
                let length = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']'));
                self.at += length.unwrap_or(rest.len());
                return Some(Lexeme::Scalar(self.text.get(self.start..self.at).unwrap_or_default()));
            }
        };
        self.at += 1;
        Some(lexeme)
    }
}

/// How many bytes a string has from its opening quote to its closing one.
fn string_length(inside: &[u8]) -> usize {
    let mut at = 0;
    while let Some(ahead) = memchr::memchr2(b'"', b'\\', inside.get(at..).unwrap_or_default()) {
        at += ahead;
        if inside.get(at) == Some(&b'"') {
            return at;
        }
        // Nothing that is escaped by one character is longer than that.
        at += 2;
    }
    inside.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_lexeme_by_lexeme() {
        use Lexeme::{BeginList, BeginObject, EndList, EndObject, Name, Scalar, String};
        let text = r#"{"a:\"":[1.0E10,"x,]\\",{}],"":null}"#;
        let expected = [
            BeginObject,
            Name("a:\\\""),
            BeginList,
            Scalar("1.0E10"),
            String("x,]\\\\"),
            BeginObject,
            EndObject,
            EndList,
            Name(""),
            Scalar("null"),
            EndObject,
        ];
        assert_eq!(Lexemes::of(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_value_is_passed_over_whole() {
        let mut lexemes = Lexemes::of(r#"{"a":[1,{"b":"]"}],"c":2}"#);
        assert_eq!(lexemes.next(), Some(Lexeme::BeginObject));
        assert_eq!(lexemes.next(), Some(Lexeme::Name("a")));
        assert_eq!(lexemes.skip_value(), r#"[1,{"b":"]"}]"#);
        assert_eq!(lexemes.next(), Some(Lexeme::Name("c")));
        assert_eq!(lexemes.skip_value(), "2");
        assert_eq!(lexemes.next(), Some(Lexeme::EndObject));
        assert_eq!(lexemes.text(), "}");
        assert_eq!(lexemes.next(), None);
    }

    #[test]
    fn what_is_left_out_is_passed_over() {
        let text = r#"{"a":1,"b":[{"c":1,"d":2}],"e":3}"#;
        let left_out = [text.find(r#","d":2"#), text.find(r#","e":3"#)].map(|at| at.expect("it is there"));
        let left_out = left_out.map(|at| at..at + 6);
        let kept: Vec<_> = Lexemes::without(text, &left_out).collect();
        let expected: Vec<_> = Lexemes::of(r#"{"a":1,"b":[{"c":1}]}"#).collect();
        assert_eq!(kept, expected);
    }

    /// What breaks off is not the gateway's, but it is no reason to panic or to go on for ever.
    #[test]
    fn what_breaks_off_ends() {
        for text in ["", "{", "[1,", r#"{"a"#, r#"{"a\"#, r#"{"a":"#, "[,:", "é"] {
            assert!(Lexemes::of(text).count() <= 2, "{text}");
            assert!(Lexemes::of(text).skip_value().len() <= text.len());
        }
    }
}
