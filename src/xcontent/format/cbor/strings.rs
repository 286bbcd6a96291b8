//! The strings of CBOR: whole or in chunks, and how closely their characters are looked at.

use super::read::{BREAK, Head, Reader, Step, place, unexpected};
use crate::xcontent::format::LATER_JACKSON;
use crate::xcontent::format::lenient_utf8::{self, NOT_UTF_8, Trust, Wrong};
use crate::xcontent::json::{Broken, FaultKind, Text};
use crate::xcontent::version::Version;

/// How many bytes behind a string there must be for its characters to be decoded in a hurry: a character that is cut
/// off may take so many.
const MARGIN: usize = 3;

/// The major type of texts.
const TEXT: u8 = 3;

/// From this version on bodies are read where they are.
const READS_IN_PLACE: Version = Version::new(8, 0, 0);

/// From this version on a character that is cut off by the end of a string is noticed at once (Jackson 2.15; seen of
/// 8.19.21, not of 7.17.28).
const FINDS_CUTS: Version = Version::new(8, 9, 0);

impl<'b> Reader<'b> {
    pub(super) fn text(&mut self, head: Head) -> Step<()> {
        let start = place(self.start);
        let mut joined = Vec::new();
        match self.characters(head, &mut joined, false) {
            Ok(text) => self.tape.string(&text, start),
            // Noticed only when the characters are asked for.
            Err(kind) => {
                self.tape.broken(Broken::String, start)?;
                Err(match kind {
                    FaultKind::Encoding => FaultKind::String(NOT_UTF_8),
                    kind => kind,
                })
            }
        }
    }

    /// The text of a name or a value.
    pub(super) fn characters<'s>(&mut self, head: Head, joined: &'s mut Vec<u8>, is_name: bool) -> Step<Text<'s>>
    where
        'b: 's,
    {
        let (bytes, is_whole) = self.string(head, joined, is_name)?;
        let behind = self.rest();
        let is_early = self.api < LATER_JACKSON;
        let finds_cuts = is_whole && self.api >= FINDS_CUTS;
        let in_a_hurry = is_whole && (is_name || is_early || finds_cuts || behind.len() >= MARGIN);
        let (behind, trust) = match (in_a_hurry, is_early) {
            (false, _) => (None, Trust::None),
            (true, true) => (Some(behind), Trust::InAll),
            (true, false) => (Some(behind).filter(|_| !is_name && !finds_cuts), Trust::InLong),
        };
        lenient_utf8::decode(bytes, behind, trust).map_err(|wrong| {
            let from = self.at.saturating_sub(bytes.len());
            match wrong {
                Wrong::Cut(_) if !is_whole => return FaultKind::EndOfText,
                Wrong::Cut(_) if finds_cuts => {}
                Wrong::Next(behind) => self.at = from + behind,
                Wrong::First(behind) | Wrong::Cut(behind) if !in_a_hurry => self.at = from + behind,
                Wrong::First(_) | Wrong::Cut(_) => {}
            }
            FaultKind::Encoding
        })
    }

    /// The bytes of a string, and whether they stand in one piece. Those of chunks are put together in `joined`.
    pub(super) fn string<'s>(&mut self, head: Head, joined: &'s mut Vec<u8>, is_name: bool) -> Step<(&'s [u8], bool)>
    where
        'b: 's,
    {
        if let Some(length) = self.length(head)? {
            return Ok((self.whole(head, size(length), is_name)?, true));
        }
        loop {
            let chunk = self.head()?;
            if chunk.byte == BREAK {
                return Ok((joined, false));
            }
            let length = if chunk.major == head.major {
                self.length(chunk)?
            } else {
                None
            };
            let length = length.ok_or_else(|| unexpected(chunk, "a chunk of the string"))?;
            let Some(bytes) = self.take(size(length)) else {
                let read = joined.len();
                joined.extend_from_slice(self.rest());
                return Err(self.cut_off(head, joined, read));
            };
            joined.extend_from_slice(bytes);
        }
    }

    /// The bytes of a string that has a length.
    fn whole(&mut self, head: Head, length: usize, is_name: bool) -> Step<&'b [u8]> {
        if let Some(bytes) = self.take(length) {
            return Ok(bytes);
        }
        // What fits into the reader's buffer is read at once. That is the body itself, in later versions.
        let is_too_long = self.api >= READS_IN_PLACE && head.argument >= 24 && length >= self.body.len();
        let is_read_at_once = is_name && !is_too_long || self.api < LATER_JACKSON;
        if head.major == TEXT && is_read_at_once {
            return Err(FaultKind::Truncated {
                needed: length,
                passed_over: 0,
            });
        }
        Err(self.cut_off(head, self.rest(), 0))
    }

    /// What is wrong with a string that the body ends in: it is read character by character. Of its bytes, so many were
    /// read before.
    fn cut_off(&mut self, head: Head, bytes: &[u8], read: usize) -> FaultKind {
        match lenient_utf8::decode(bytes, None, Trust::None) {
            Err(Wrong::First(behind) | Wrong::Next(behind)) if head.major == TEXT => {
                self.at += behind.saturating_sub(read);
                FaultKind::Encoding
            }
            _ => {
                self.at = self.body.len();
                FaultKind::EndOfText
            }
        }
    }

    fn rest(&self) -> &'b [u8] {
        self.body.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let end = self.at.saturating_add(length);
        let bytes = self.body.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }
}

fn size(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}
