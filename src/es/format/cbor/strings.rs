//! The strings of CBOR: whole or in chunks, and how closely their characters are looked at.

use super::read::{BREAK, Head, INDEFINITE, Reader, Step, place, unexpected};
use crate::es::format::LATER_JACKSON;
use crate::es::format::lenient_utf8::{self, Trust, Wrong};
use crate::es::json::{Broken, FaultKind, Text};
use crate::es::version::Version;

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
                Err(kind)
            }
        }
    }

    /// The text of a name or a value.
    pub(super) fn characters<'s>(&mut self, head: Head, joined: &'s mut Vec<u8>, is_name: bool) -> Step<Text<'s>>
    where
        'b: 's,
    {
        let bytes = self.string(head, joined, is_name)?;
        let behind = self.body.get(self.at..).unwrap_or_default();
        let is_whole = head.argument != INDEFINITE;
        let is_early = self.api < LATER_JACKSON;
        let finds_cuts = is_whole && self.api >= FINDS_CUTS;
        let in_a_hurry = is_whole && (is_name || is_early || behind.len() >= MARGIN);
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

    /// The bytes of a string. Those of chunks are put together in `joined`.
    pub(super) fn string<'s>(&mut self, head: Head, joined: &'s mut Vec<u8>, is_name: bool) -> Step<&'s [u8]>
    where
        'b: 's,
    {
        if head.argument != INDEFINITE {
            return self.whole(head, is_name);
        }
        loop {
            let chunk = self.head()?;
            if chunk.byte == BREAK {
                return Ok(joined);
            }
            if chunk.major != head.major || chunk.argument == INDEFINITE {
                return Err(unexpected(chunk, "a chunk of the string"));
            }
            let length = self.size(chunk)?;
            let bytes = self.take(length).ok_or_else(|| self.cut())?;
            joined.extend_from_slice(bytes);
        }
    }

    /// The bytes of a string that has a length.
    fn whole(&mut self, head: Head, is_name: bool) -> Step<&'b [u8]> {
        let length = self.size(head)?;
        if let Some(bytes) = self.take(length) {
            return Ok(bytes);
        }
        // What fits into the reader's buffer is read at once. That is the body itself, in later versions.
        let is_too_long = self.api >= READS_IN_PLACE && head.argument >= 24 && length >= self.body.len();
        let is_read_at_once = is_name && !is_too_long || self.api < LATER_JACKSON;
        if head.major == TEXT && is_read_at_once {
            return Err(FaultKind::Truncated(length));
        }
        // Else it is read character by character.
        let rest = self.body.get(self.at..).unwrap_or_default();
        match lenient_utf8::decode(rest, None, Trust::None) {
            Err(Wrong::First(behind) | Wrong::Next(behind)) if head.major == TEXT => {
                self.at += behind;
                Err(FaultKind::Encoding)
            }
            _ => Err(self.cut()),
        }
    }

    fn size(&mut self, head: Head) -> Step<usize> {
        Ok(usize::try_from(self.length(head)?).unwrap_or(usize::MAX))
    }

    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let end = self.at.saturating_add(length);
        let bytes = self.body.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    /// The end of the body within a string.
    fn cut(&mut self) -> FaultKind {
        self.at = self.body.len();
        FaultKind::EndOfText
    }
}
