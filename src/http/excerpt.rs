//! A text, and what is left of it without some parts. Both are there while one of them is held: a document and a slightly
//! shorter one, each several times as long as the request that it was made from, would be much to hold twice.

use std::borrow::Cow;
use std::convert::Infallible;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// How many bytes of an excerpt are put together at a time.
const CHUNK: usize = 64 * 1024;

/// A text of which parts are left out. Copying it copies no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt(Arc<Parts>);

#[derive(Debug, PartialEq, Eq)]
struct Parts {
    whole: Arc<String>,
    /// In their order, none reaching into the next.
    left_out: Vec<Range<usize>>,
    /// How long what is left is.
    length: usize,
}

impl Excerpt {
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
    fn kept(&self, place: usize) -> Option<Range<usize>> {
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

    /// What is left as the body of a message of known length.
    #[must_use]
    pub fn into_body(self) -> ExcerptBody {
        ExcerptBody {
            unsent: self.length(),
            excerpt: self,
            place: 0,
            taken: 0,
        }
    }
}

/// A text that others have, too.
struct Whole(Arc<String>);

impl AsRef<[u8]> for Whole {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<String> for Excerpt {
    /// A text of which nothing is left out.
    fn from(whole: String) -> Self {
        Self::new(whole, Vec::new())
    }
}

/// The body of a message that is an [`Excerpt`].
#[derive(Debug)]
pub struct ExcerptBody {
    excerpt: Excerpt,
    /// Which piece the next chunk begins in, and how many bytes of it were taken.
    place: usize,
    taken: usize,
    unsent: usize,
}

impl ExcerptBody {
    fn chunk(&mut self) -> Vec<u8> {
        let whole = self.excerpt.whole().as_bytes();
        let mut chunk = Vec::with_capacity(self.unsent.min(CHUNK));
        while chunk.len() < CHUNK
            && let Some(kept) = self.excerpt.kept(self.place)
        {
            let start = kept.start + self.taken;
            let end = kept.end.min(start + CHUNK - chunk.len());
            chunk.extend_from_slice(whole.get(start..end).unwrap_or_default());
            (self.place, self.taken) = if end == kept.end {
                (self.place + 1, 0)
            } else {
                (self.place, self.taken + (end - start))
            };
        }
        chunk
    }
}

impl Body for ExcerptBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let chunk = self.chunk();
        self.unsent = self.unsent.saturating_sub(chunk.len());
        Poll::Ready((!chunk.is_empty()).then(|| Ok(Frame::data(chunk.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.unsent == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.unsent as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::iter;

    use http_body_util::BodyExt;

    use super::*;

    /// What a body sends, after each chunk being as long as it had said.
    async fn sent(mut body: ExcerptBody) -> Vec<Bytes> {
        let mut chunks = Vec::new();
        while let Some(frame) = body.frame().await {
            chunks.push(frame.expect("infallible").into_data().expect("data"));
        }
        assert!(body.is_end_stream());
        chunks
    }

    #[tokio::test]
    async fn what_is_left_out_is_neither_in_the_text_nor_in_the_body() {
        for (whole, left_out, left) in [
            ("abcdef", vec![], "abcdef"),
            ("abcdef", vec![0..2, 3..4], "cef"),
            ("abcdef", vec![1..2, 2..3, 5..6], "ade"),
            ("abcdef", vec![0..3, 3..6], ""),
            ("", vec![], ""),
        ] {
            let excerpt = Excerpt::new(whole.to_owned(), left_out);
            assert_eq!(excerpt.text(), left);
            assert_eq!(excerpt.length(), left.len());
            let body = excerpt.clone().into_body();
            assert_eq!(body.size_hint().exact(), Some(left.len() as u64));
            assert_eq!(sent(body).await.concat(), left.as_bytes());
            assert_eq!(excerpt.into_whole(), whole);
        }
    }

    #[tokio::test]
    async fn a_long_body_comes_in_chunks_of_one_size() {
        let whole: String = ('a'..='z').cycle().take(5 * CHUNK).collect();
        let parts = iter::successors(Some(7), |at| Some(at + 1000)).take_while(|at| at + 10 < whole.len());
        let excerpt = Excerpt::new(whole.clone(), parts.map(|at| at..at + 10).collect());
        let left = excerpt.text().into_owned();
        let chunks = sent(excerpt.into_body()).await;
        assert_eq!(chunks.concat(), left.as_bytes());
        let lengths: Vec<usize> = chunks.iter().map(Bytes::len).collect();
        assert_eq!(lengths[..4], [CHUNK; 4]);
        assert_eq!(lengths.len(), 5);
    }
}
