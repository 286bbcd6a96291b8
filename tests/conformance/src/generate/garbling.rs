//! Damage to a body's text.

use super::Generator;

/// Bytes that are put where they may not be.
const STRAY: &[u8] = b"{}[],:\"'\\/ax0-+.#\x00\x01\t\n\x7f\x80\xff";

impl Generator {
    /// The text with one damage, or an oddity that is none.
    pub(super) fn garbled(&mut self, text: String) -> Vec<u8> {
        match self.below(12) {
            0 | 1 => self.cut_off(text),
            2 | 3 => self.followed(&text),
            4..8 => self.with_stray_bytes(text),
            8 => self.in_another_encoding(&text),
            9 => self.with_a_comma_too_many(&text),
            10 => self.something_else(),
            _ => self.with_broken_string(text),
        }
    }

    fn cut_off(&mut self, text: String) -> Vec<u8> {
        self.kind("cut-off body");
        let mut bytes = text.into_bytes();
        bytes.truncate(self.below(bytes.len()));
        bytes
    }

    fn followed(&mut self, text: &str) -> Vec<u8> {
        self.kind("trailing text");
        let trailing = self.text_of(&[
            "x",
            "}",
            "{}",
            "\n",
            "  ",
            "/*",
            "\"",
            "[1,",
            "\u{0}",
            "é",
            " // end",
            "{\"job_id\":1}",
        ]);
        format!("{text}{trailing}").into_bytes()
    }

    fn with_stray_bytes(&mut self, text: String) -> Vec<u8> {
        self.kind("garbled text");
        let mut bytes = text.into_bytes();
        let place = self.below(bytes.len());
        let stray = self.one_of(STRAY).unwrap_or(b'x');
        match self.below(3) {
            0 => bytes.insert(place, stray),
            1 if !bytes.is_empty() => drop(bytes.remove(place)),
            _ => bytes.iter_mut().skip(place).take(1).for_each(|byte| *byte = stray),
        }
        bytes
    }

    fn in_another_encoding(&mut self, text: &str) -> Vec<u8> {
        self.kind("encoding");
        match self.below(4) {
            0 => format!("\u{feff}{text}").into_bytes(),
            1 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            2 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => format!("\u{feff}{text}")
                .encode_utf16()
                .flat_map(u16::to_be_bytes)
                .collect(),
        }
    }

    fn with_a_comma_too_many(&mut self, text: &str) -> Vec<u8> {
        self.kind("trailing comma");
        let ends: Vec<usize> = text.match_indices(['}', ']']).map(|(place, _)| place).collect();
        let place = self.one_of(&ends).unwrap_or_default();
        let (before, after) = text.split_at(place);
        format!("{before},{after}").into_bytes()
    }

    /// A body that is no job at all.
    fn something_else(&mut self) -> Vec<u8> {
        self.kind("no object");
        let bodies = [
            "", " ", "[]", "1", "null", "true", "\"x\"", "{}", "{", "}", "x", "nul", "[{}]", "/**/", "\n\n", "{}{}",
            "\u{feff}",
        ];
        self.text_of(&bodies).as_bytes().to_vec()
    }

    /// A string with what no string may hold, or an escape that is none.
    fn with_broken_string(&mut self, text: String) -> Vec<u8> {
        self.kind("broken string");
        let quotes: Vec<usize> = text.match_indices('"').map(|(place, _)| place).collect();
        let place = self.one_of(&quotes).unwrap_or_default() + 1;
        let broken: &[&[u8]] = &[
            b"\\x",
            b"\\u12",
            b"\\u00zz",
            b"\n",
            b"\x01",
            b"\\",
            b"\xc3",
            b"\xed\xa0\x80",
            b"\xf5",
            b"\xc0\x80",
            b"\xff",
            b"\xe2\x82",
            b"\\U0041",
            b"\\'",
        ];
        let broken = self.one_of(broken).unwrap_or_default();
        let mut bytes = text.into_bytes();
        let place = place.min(bytes.len());
        bytes.splice(place..place, broken.iter().copied());
        bytes
    }
}
