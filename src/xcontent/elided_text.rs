//! A text, and what is left of it without some parts. Both are there while one of them is held: a document and a slightly
//! shorter one, each several times as long as the request that it was made from, would be much to hold twice.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

/// A text of which parts are left out: one buffer for the document that is answered and the one that is stored. Copying it
/// copies no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElidedText(Arc<Parts>);

#[derive(Debug, PartialEq, Eq)]
struct Parts {
    whole: Arc<String>,
    /// In their order, none reaching into the next.
    left_out: Vec<Range<usize>>,
    /// How long what is left is.
    length: usize,
}

impl ElidedText {
    /// A text without these parts of it, which are in their order and do not overlap.
    #[must_use]
    pub fn new(whole: String, left_out: Vec<Range<usize>>) -> Self {
        Self::of(Arc::new(whole), left_out)
    }

    /// The same text without other parts of it. The text is not copied.
    #[must_use]
    pub fn without(&self, left_out: Vec<Range<usize>>) -> Self {
        Self::of(Arc::clone(&self.0.whole), left_out)
    }

    fn of(whole: Arc<String>, left_out: Vec<Range<usize>>) -> Self {
        let length = whole
            .len()
            .saturating_sub(left_out.iter().map(ExactSizeIterator::len).sum::<usize>());
        Self(Arc::new(Parts {
            whole,
            left_out,
            length,
        }))
    }

    /// The text with all its parts.
    #[must_use]
    pub fn whole(&self) -> &str {
        &self.0.whole
    }

    /// The text with all its parts, copied only if it is in use elsewhere.
    #[must_use]
    pub fn into_whole(self) -> String {
        let whole = Arc::try_unwrap(self.0).map_or_else(|shared| Arc::clone(&shared.whole), |parts| parts.whole);
        Arc::unwrap_or_clone(whole)
    }

    /// The text with all its parts, as bytes. It is not copied.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        Bytes::from_owner(Whole(Arc::clone(&self.0.whole)))
    }

    /// What is left of it.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let Parts { whole, left_out, .. } = &*self.0;
        if left_out.is_empty() {
            return Cow::Borrowed(whole.as_str());
        }
        let mut text = String::with_capacity(self.length());
        text.extend(
            (0..)
                .map_while(|place| self.kept(place))
                .filter_map(|kept| whole.get(kept)),
        );
        Cow::Owned(text)
    }

    /// The piece of the text before the part of this place that is left out, or after the last one.
    pub(crate) fn kept(&self, place: usize) -> Option<Range<usize>> {
        let Parts { whole, left_out, .. } = &*self.0;
        let start = match place.checked_sub(1) {
            None => 0,
            Some(before) => left_out.get(before)?.end,
        };
        let end = left_out.get(place).map_or(whole.len(), |part| part.start);
        Some(start..end)
    }

    /// The text with all its parts, and where those are that are left out.
    #[must_use]
    pub fn parts(&self) -> (&str, &[Range<usize>]) {
        (&self.0.whole, &self.0.left_out)
    }

    /// How long what is left is, in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.length
    }
}

/// A text that others have, too.
struct Whole(Arc<String>);

impl AsRef<[u8]> for Whole {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<String> for ElidedText {
    /// A text of which nothing is left out.
    fn from(whole: String) -> Self {
        Self::new(whole, Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_not_in_the_text() {
        for (whole, left_out, left) in [
            ("abcdef", vec![], "abcdef"),
            ("abcdef", vec![0..2, 3..4], "cef"),
            ("abcdef", vec![1..2, 2..3, 5..6], "ade"),
            ("abcdef", vec![0..3, 3..6], ""),
            ("", vec![], ""),
        ] {
            let text = ElidedText::new(whole.to_owned(), left_out);
            assert_eq!(text.text(), left);
            assert_eq!(text.length(), left.len());
            assert_eq!(text.into_whole(), whole);
        }
    }
}
