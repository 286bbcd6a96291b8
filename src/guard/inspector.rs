//! Looks through a body as it comes, a piece at a time and with bounded memory.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::IndexGuard;
use super::body::{self, BodyKind, Bulk};
use super::names::Search;
use super::reason::{Reason, Unjudged};
use crate::http::incremental_decoder::IncrementalDecoder;

/// The longest body that is judged as a whole, in bytes, decoded. The largest templates that vendors ship have a few
/// hundred thousand.
const MAX_WHOLE: usize = 1024 * 1024;

/// How many bytes are looked at in one go: a few hundred microseconds.
const PIECE: usize = 64 * 1024;

/// Looks through one body.
#[derive(Debug)]
pub struct Inspector {
    guard: IndexGuard,
    kind: BodyKind,
    /// Whether anything of the body has come.
    has_begun: bool,
    is_json: bool,
    decoder: Option<IncrementalDecoder>,
    /// What the decoder has given and nobody has looked at.
    decoded: Vec<u8>,
    read: Read,
}

/// How a body is read.
#[derive(Debug)]
enum Read {
    Lines(Bulk),
    Whole(Vec<u8>),
}

impl Inspector {
    /// An inspector of the body of a request with these header fields, which are those that go upstream.
    pub fn new(guard: IndexGuard, kind: BodyKind, headers: &HeaderMap) -> Result<Self, Reason> {
        let decoder = IncrementalDecoder::of(headers).map_err(|_| Unjudged::Coding)?;
        let read = match kind {
            BodyKind::Bulk => Read::Lines(Bulk::default()),
            _ => Read::Whole(Vec::new()),
        };
        Ok(Self {
            guard,
            kind,
            has_begun: false,
            is_json: is_json(headers),
            decoder,
            decoded: Vec::new(),
            read,
        })
    }

    /// Whether what was looked at may go on before the rest has come.
    #[must_use]
    pub const fn passes_as_it_comes(&self) -> bool {
        matches!(self.read, Read::Lines(_))
    }

    /// How many bytes of the body are kept until its end has come.
    #[must_use]
    pub fn kept(&self) -> usize {
        match &self.read {
            Read::Lines(_) => 0,
            Read::Whole(body) => body.len(),
        }
    }

    /// Looks at some of the next bytes, and says how many of them it has taken. What it has taken is looked at once all
    /// of a piece is taken and [`Self::settle`] is called.
    pub fn look(&mut self, bytes: &[u8]) -> Result<usize, Reason> {
        if !bytes.is_empty() && !std::mem::replace(&mut self.has_begun, true) && !self.is_json {
            return Err(Unjudged::Format.into());
        }
        let Some(decoder) = &mut self.decoder else {
            let piece = bytes.get(..PIECE.min(bytes.len())).unwrap_or_default();
            self.read.look(&self.guard, piece)?;
            return Ok(piece.len());
        };
        let taken = decoder
            .decode(bytes, PIECE, &mut self.decoded)
            .map_err(|_| Unjudged::Coding)?;
        self.look_at_decoded()?;
        Ok(taken)
    }

    /// Looks at what a decoder still holds of the bytes that it was given.
    pub fn settle(&mut self) -> Result<(), Reason> {
        if let Some(decoder) = &mut self.decoder {
            decoder.flush(&mut self.decoded).map_err(|_| Unjudged::Coding)?;
        }
        self.look_at_decoded()
    }

    /// Looks at what the end of the body ends. Nothing may follow.
    pub fn finish(&mut self) -> Result<(), Reason> {
        if let Some(decoder) = &mut self.decoder
            && self.has_begun
        {
            decoder.finish(&mut self.decoded).map_err(|_| Unjudged::Coding)?;
            self.look_at_decoded()?;
        }
        let mut search = Search::new(&self.guard.names);
        match &mut self.read {
            Read::Lines(bulk) => bulk.finish(&mut search),
            Read::Whole(collected) => body::judge(self.kind, &std::mem::take(collected), &mut search),
        }
    }

    fn look_at_decoded(&mut self) -> Result<(), Reason> {
        self.read.look(&self.guard, &self.decoded)?;
        self.decoded.clear();
        Ok(())
    }
}

impl Read {
    fn look(&mut self, guard: &IndexGuard, bytes: &[u8]) -> Result<(), Reason> {
        match self {
            // Each piece may cost as much as a whole body, which bounds the time, not the number of operations.
            Self::Lines(bulk) => bulk.look(bytes, &mut Search::new(&guard.names)),
            Self::Whole(collected) => {
                if collected.len() + bytes.len() > MAX_WHOLE {
                    return Err(Unjudged::TooLong(MAX_WHOLE).into());
                }
                collected.extend_from_slice(bytes);
                Ok(())
            }
        }
    }
}

/// Whether a body is read as JSON, or as lines of it, by every version that reads it at all.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else {
        return false;
    };
    let essence = only.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    let essence = essence.trim_ascii().to_ascii_lowercase();
    let Some(subtype) = essence.strip_prefix(b"application/") else {
        return false;
    };
    let vendors = [b"vnd.elasticsearch+".as_slice(), b"vnd.opensearch+"];
    let format = vendors
        .iter()
        .find_map(|vendor| subtype.strip_prefix(*vendor))
        .unwrap_or(subtype);
    matches!(format, b"json" | b"x-ndjson")
}
