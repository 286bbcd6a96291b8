//! Java's strings in Rust's: a string of Java's is a list of UTF-16 units, in which half a character (a lone surrogate)
//! may stand, and JSON can name one (`\ud800`).
//!
//! Such a half is kept as a stand-in: one of the last 2048 code points, which are for private use. Where a text has one
//! of these itself, its two units are kept as stand-ins. So two texts are equal exactly when Java's strings are, and the
//! writer of answers gives back what was sent.

/// The stand-in of the first surrogate, U+D800.
const FIRST: u32 = 0x0010_F800;
const SURROGATES: std::ops::RangeInclusive<u32> = 0xD800..=0xDFFF;
const HIGH: std::ops::Range<u32> = 0xD800..0xDC00;
const LOW: std::ops::Range<u32> = 0xDC00..0xE000;

/// What stands for a lone surrogate.
#[must_use]
pub fn stand_in(surrogate: u32) -> char {
    char::from_u32(surrogate.wrapping_sub(*SURROGATES.start()).wrapping_add(FIRST))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The lone surrogate that a character stands for.
#[must_use]
pub fn surrogate(character: char) -> Option<u16> {
    let surrogate = u32::from(character).checked_sub(FIRST)? + SURROGATES.start();
    u16::try_from(surrogate).ok()
}

/// The units of a text, as Java has them.
pub fn units(text: &str) -> impl Iterator<Item = u16> {
    text.chars().flat_map(|character| {
        let mut units = [0; 2];
        let count = match surrogate(character) {
            Some(surrogate) => {
                units = [surrogate, 0];
                1
            }
            None => character.encode_utf16(&mut units).len(),
        };
        units.into_iter().take(count)
    })
}

/// Adds a character as it is kept: those that could be taken for stand-ins as their two units.
pub fn push(text: &mut String, character: char) {
    if surrogate(character).is_none() {
        text.push(character);
        return;
    }
    let mut units = [0; 2];
    text.extend(
        character
            .encode_utf16(&mut units)
            .iter()
            .map(|unit| stand_in(u32::from(*unit))),
    );
}

/// A text that is put together from code points or units.
#[derive(Debug)]
pub struct Text {
    text: String,
    /// A high surrogate that waits for its low one.
    high: Option<u32>,
}

impl Text {
    /// An empty text.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            high: None,
        }
    }

    /// Adds a code point, or a surrogate, which makes one character with the other half that stands beside it.
    pub fn push(&mut self, code: u32) {
        match self.high.take() {
            Some(high) if LOW.contains(&code) => {
                let character = char::from_u32(0x10000 + ((high - HIGH.start) << 10) + (code - LOW.start));
                self.text.pop();
                push(&mut self.text, character.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => match char::from_u32(code) {
                Some(character) => push(&mut self.text, character),
                None if SURROGATES.contains(&code) => {
                    self.text.push(stand_in(code));
                    self.high = HIGH.contains(&code).then_some(code);
                }
                None => self.text.push(char::REPLACEMENT_CHARACTER),
            },
        }
    }

    /// Adds a text that is kept already.
    pub fn push_str(&mut self, text: &str) {
        let mut rest = text.chars();
        if self.high.is_some()
            && let Some(low) = text.chars().next().and_then(surrogate)
        {
            self.push(u32::from(low));
            rest.next();
        }
        if let Some(last) = rest.as_str().chars().next_back() {
            self.text.push_str(rest.as_str());
            self.high = surrogate(last).map(u32::from).filter(|last| HIGH.contains(last));
        }
    }

    /// Adds a text as anyone writes it.
    pub fn push_characters(&mut self, text: &str) {
        if text.chars().any(|character| surrogate(character).is_some()) {
            text.chars().for_each(|character| self.push(u32::from(character)));
        } else {
            self.push_str(text);
        }
    }

    /// How many bytes it takes so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing was added so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(units: &[u16]) -> String {
        let mut text = Text::with_capacity(0);
        for unit in units {
            text.push(u32::from(*unit));
        }
        text.finish()
    }

    #[test]
    fn every_list_of_units_has_a_text_of_its_own() {
        for list in [
            &[0x61, 0xD83D, 0xDE00][..],
            &[0xD800],
            &[0xDE00, 0xD83D],
            &[0xD800, 0xD800, 0xDC00],
            // U+10F800, which is the stand-in of U+D800, and that itself.
            &[0xDBFE, 0xDC00],
            &[0xDBFE, 0xD800],
        ] {
            assert_eq!(units(&kept(list)).collect::<Vec<_>>(), list);
        }
        assert_ne!(kept(&[0xDBFE, 0xDC00]), kept(&[0xD800]));
        assert_eq!(kept(&[0xD83D, 0xDE00]), "😀");
        let mut halves = Text::with_capacity(0);
        halves.push_str(&kept(&[0x61, 0xD83D]));
        halves.push_str(&kept(&[0xDE00, 0x62]));
        assert_eq!(halves.finish(), "a😀b");
    }
}
