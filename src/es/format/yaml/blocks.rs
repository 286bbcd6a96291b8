//! What of a body Elasticsearch's reader of YAML gets to see: it reads blocks of 1024 units of UTF-16, and a block with
//! something in it that cannot be is not read at all.

use std::io::{self, BufRead, Read};

use super::code::is_printable;
use crate::es::format::MIDDLE_JACKSON;
use crate::es::json::YamlPart;
use crate::es::utf8::sequence_length;
use crate::es::version::Version;

/// How many units of UTF-16 are read at a time.
const BLOCK: usize = 1024;

/// Characters that go on with whatever they follow, as many as the library asks for before it looks at one.
const BEYOND: &[u8] = b"aaa";

/// A body up to the first block that cannot be read.
pub(super) struct Blocks<'b> {
    rest: &'b [u8],
    /// What the library may look at beyond it: it asks for more characters than it needs.
    beyond: &'static [u8],
    /// What is wrong with that block.
    fault: Option<YamlPart>,
}

impl<'b> Blocks<'b> {
    pub(super) fn of(body: &'b [u8], api: Version) -> Self {
        let (text, unreadable) = match std::str::from_utf8(body) {
            Ok(text) => (text, None),
            Err(error) => {
                let (valid, _) = body.split_at(error.valid_up_to());
                let rest = body.get(error.valid_up_to()..).unwrap_or_default();
                let needed = rest.first().and_then(|first| sequence_length(*first));
                let part = if needed.is_some_and(|needed| rest.len() < needed) {
                    YamlPart::CutCharacter
                } else {
                    YamlPart::Character
                };
                (std::str::from_utf8(valid).unwrap_or_default(), Some(part))
            }
        };
        // Where the block begins that is being looked at, and how many units there are before.
        let (mut start, mut block, mut units) = (0, 0, 0);
        let mut unprintable = None;
        for (offset, character) in text.char_indices() {
            if units / BLOCK > block {
                if unprintable.is_some() {
                    break;
                }
                (start, block) = (offset, units / BLOCK);
            }
            units += character.len_utf16();
            let is_readable = is_printable(character) && (api >= MIDDLE_JACKSON || character < '\u{10000}');
            if !is_readable {
                unprintable = Some(YamlPart::Reader);
            }
        }
        let is_at_end = units / BLOCK == block;
        if unprintable.is_none() && !is_at_end {
            start = text.len();
        }
        // Bytes are made characters before characters are looked at.
        let fault = unreadable
            .filter(|part| unprintable.is_none() || is_at_end && *part != YamlPart::CutCharacter)
            .or(unprintable);
        let end = match fault {
            None => body.len(),
            // All that precedes the end is read before it is noticed.
            Some(YamlPart::CutCharacter) => text.len(),
            Some(_) => start,
        };
        let rest = body.get(..end).unwrap_or_default();
        Self {
            rest,
            // At the beginning of a line it would end what stands before.
            beyond: if rest.ends_with(b"\n") { b"" } else { BEYOND },
            fault,
        }
    }

    /// What is wrong with the block after the last that can be read.
    pub(super) fn fault(&self) -> Option<YamlPart> {
        self.fault
    }
}

impl Read for Blocks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        let (read, _) = available.split_at(length);
        buffer.iter_mut().zip(read).for_each(|(to, from)| *to = *from);
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Blocks<'_> {
    /// All that is left. Of a body that breaks off a character at a time, or the break would come before what it does
    /// not concern.
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.fault.is_none() {
            return Ok(self.rest);
        }
        if self.rest.is_empty() && !self.beyond.is_empty() {
            return Ok(self.beyond);
        }
        if self.rest.is_empty() {
            return Err(io::Error::other("the rest cannot be read"));
        }
        let is_inside = |byte: &&u8| **byte & 0xC0 == 0x80;
        let length = 1 + self.rest.iter().skip(1).take_while(is_inside).count();
        Ok(self.rest.get(..length).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        if self.rest.is_empty() {
            self.beyond = self.beyond.get(amount..).unwrap_or_default();
        } else {
            self.rest = self.rest.get(amount..).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Elasticsearch 6.8.23 and 9.5.3 read them: what is told of what precedes shows where the block begins.
    #[test]
    fn a_block_that_cannot_be_read_is_left_out() {
        let api = Version::new(9, 5, 3);
        let seen = |body: &[u8], api| {
            let blocks = Blocks::of(body, api);
            (blocks.rest.len(), blocks.fault())
        };
        assert_eq!(seen("aé😀".as_bytes(), api), (7, None));
        assert_eq!(seen(b"a\xFF", api), (0, Some(YamlPart::Character)));
        assert_eq!(seen(b"a\xC3", api), (1, Some(YamlPart::CutCharacter)));
        assert_eq!(seen(b"a\x01b", api), (0, Some(YamlPart::Reader)));
        assert_eq!(seen(b"a\x01b\xFF", api), (0, Some(YamlPart::Character)));
        let early = Version::new(7, 0, 0);
        assert_eq!(seen("😀".as_bytes(), early), (0, Some(YamlPart::Reader)));
        let long = [&[b'a'; 1024][..], b"\xFF"].concat();
        assert_eq!(seen(&long, api), (1024, Some(YamlPart::Character)));
        let both = [b"\x01", &[b'a'; 1024][..], b"\xFF"].concat();
        assert_eq!(seen(&both, api), (0, Some(YamlPart::Reader)));
    }
}
