//! Follows a body of either framing to its end.

use super::chunked::{Chunked, Followed, MalformedChunks, Trailers};
use super::head::Framing;

/// What is still to come of a body.
#[derive(Debug)]
pub enum Body {
    /// So many bytes.
    Sized(u64),
    /// What its chunks say.
    Chunked(Chunked),
}

impl Body {
    /// A body of which nothing has come.
    #[must_use]
    pub const fn new(framing: Framing, trailers: Trailers) -> Self {
        match framing {
            Framing::None => Self::Sized(0),
            Framing::Sized(length) => Self::Sized(length),
            Framing::Chunked => Self::Chunked(Chunked::new(trailers)),
        }
    }

    /// Whether all of it has come.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        match self {
            Self::Sized(remaining) => *remaining == 0,
            Self::Chunked(chunks) => chunks.has_ended(),
        }
    }

    /// Takes the next bytes, as far as they belong to it, and moves those to the beginning that are to be sent on.
    pub fn follow(&mut self, bytes: &mut [u8]) -> Result<Followed, MalformedChunks> {
        match self {
            Self::Sized(remaining) => {
                let taken = usize::try_from(*remaining).unwrap_or(usize::MAX).min(bytes.len());
                *remaining -= taken as u64;
                Ok(Followed {
                    taken,
                    passed: taken,
                    content: taken,
                })
            }
            Self::Chunked(chunks) => chunks.follow(bytes),
        }
    }
}
