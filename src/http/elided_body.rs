//! The body of a message that is a text without some of its parts, put together piece by piece while it is sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::xcontent::elided_text::ElidedText;

/// How many bytes of it are put together at a time.
const CHUNK: usize = 64 * 1024;

/// The body of a message, of known length, that is what is left of a text.
#[derive(Debug)]
pub struct ElidedBody {
    text: ElidedText,
    /// Which piece the next chunk begins in, and how many bytes of it were taken.
    place: usize,
    taken: usize,
    unsent: usize,
}

impl From<ElidedText> for ElidedBody {
    fn from(text: ElidedText) -> Self {
        Self {
            unsent: text.length(),
            text,
            place: 0,
            taken: 0,
        }
    }
}

impl ElidedBody {
    fn chunk(&mut self) -> Vec<u8> {
        let whole = self.text.whole().as_bytes();
        let mut chunk = Vec::with_capacity(self.unsent.min(CHUNK));
        while chunk.len() < CHUNK
            && let Some(kept) = self.text.kept(self.place)
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

impl Body for ElidedBody {
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
    async fn sent(mut body: ElidedBody) -> Vec<Bytes> {
        let mut chunks = Vec::new();
        while let Some(frame) = body.frame().await {
            chunks.push(frame.expect("infallible").into_data().expect("data"));
        }
        assert!(body.is_end_stream());
        chunks
    }

    #[tokio::test]
    async fn what_is_left_out_is_not_in_the_body() {
        for (whole, left_out, left) in [
            ("abcdef", vec![], "abcdef"),
            ("abcdef", vec![0..2, 3..4], "cef"),
            ("abcdef", vec![1..2, 2..3, 5..6], "ade"),
            ("abcdef", vec![0..3, 3..6], ""),
            ("", vec![], ""),
        ] {
            let body = ElidedBody::from(ElidedText::new(whole.to_owned(), left_out));
            assert_eq!(body.size_hint().exact(), Some(left.len() as u64));
            assert_eq!(sent(body).await.concat(), left.as_bytes());
        }
    }

    #[tokio::test]
    async fn a_long_body_comes_in_chunks_of_one_size() {
        let whole: String = ('a'..='z').cycle().take(5 * CHUNK).collect();
        let parts = iter::successors(Some(7), |at| Some(at + 1000)).take_while(|at| at + 10 < whole.len());
        let text = ElidedText::new(whole.clone(), parts.map(|at| at..at + 10).collect());
        let left = text.text().into_owned();
        let chunks = sent(ElidedBody::from(text)).await;
        assert_eq!(chunks.concat(), left.as_bytes());
        let lengths: Vec<usize> = chunks.iter().map(Bytes::len).collect();
        assert_eq!(lengths[..4], [CHUNK; 4]);
        assert_eq!(lengths.len(), 5);
    }
}
