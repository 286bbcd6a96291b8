//! What of a body Elasticsearch's reader of YAML gets to see: it reads blocks of 1024 units of UTF-16, and a block with
//! something in it that cannot be is not read at all.

use super::code::is_printable;
use crate::xcontent::format::MIDDLE_JACKSON;
use crate::xcontent::json::YamlPart;
use crate::xcontent::utf8::sequence_length;
use crate::xcontent::version::Version;

/// How many units of UTF-16 are read at a time.
const BLOCK: usize = 1024;

/// A body up to the first block that cannot be read.
pub(super) struct Blocks<'b> {
    text: &'b str,
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
            // All that precedes the end is read before it is noticed.
            None | Some(YamlPart::CutCharacter) => text.len(),
            Some(_) => start,
        };
        Self {
            text: text.get(..end).unwrap_or_default(),
            fault,
        }
    }

    /// What can be read.
    pub(super) fn text(&self) -> &'b str {
        self.text
    }

    /// What is wrong with the block after the last that can be read.
    pub(super) fn fault(&self) -> Option<YamlPart> {
        self.fault
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
            (blocks.text().len(), blocks.fault())
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
