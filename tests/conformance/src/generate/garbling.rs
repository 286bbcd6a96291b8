//! Damage to a body's text.

use super::Generator;

/// Bytes that are put where they may not be.
const STRAY: &[u8] = b"{}[],:\"'\\/ax0-+.#\x00\x01\t\n\x7f\x80\xff";

/// What words are made of that no parser knows: beginnings of those that it knows, what belongs to words and what ends
/// them, and characters that are whole, broken, cut off, or longer than they need be.
const PIECES: &[&[u8]] = &[
    b"a",
    b"t",
    b"tru",
    b"true",
    b"false",
    b"nul",
    b"null",
    b"N",
    b"NaN",
    b"I",
    b"Inf",
    b"Infinity",
    b"+",
    b"-",
    b"+I",
    b"-I",
    b"-IN",
    b"-INF",
    b"+INF",
    b"-Infinity",
    b"0",
    b"1",
    b"1.",
    b"1e",
    b".",
    b"_",
    b"$",
    b"#",
    b"'",
    b"\"",
    b"\\",
    b"\\u00",
    b"\\\xc3\xa9",
    b"/",
    b"//",
    b"/*",
    b"*/",
    b",",
    b":",
    b"[",
    b"]",
    b"{",
    b"}",
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"\x00",
    b"\x01",
    b"\x0e",
    b"\x1f",
    b"\x7f",
    b"\xff",
    b"\xff",
    b"\x80",
    b"\xbf",
    b"\xc3",
    b"\xd7",
    b"\xe2",
    b"\xe2\x82",
    b"\xf0",
    b"\xf0\x9d",
    b"\xf0\x9d\x92",
    b"\xf8",
    b"\xc3\xa9",
    b"\xc3\x97",
    b"\xc2\xa0",
    b"\xc2\x85",
    b"\xe2\x82\xac",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    b"\xf0\x9d\x92\xb3",
    b"\xf0\x9f\x98\x80",
    b"\xed\xa0\x80",
    b"\xed\xb0\x80",
    b"\xc0\x80",
    b"\xc0\xac",
    b"\xe0\x80\xa2",
    b"\xf4\x8f\xa0\x80",
];

impl Generator {
    /// The text with one damage, or an oddity that is none.
    pub(super) fn garbled(&mut self, text: String) -> Vec<u8> {
        match self.below(14) {
            0 | 1 => self.cut_off(text),
            2 | 3 => self.followed(&text),
            4..8 => self.with_stray_bytes(text),
            8 => self.in_another_encoding(&text),
            9 => self.with_a_comma_too_many(&text),
            10 => self.something_else(),
            11 => self.with_broken_string(text),
            12 => self.with_stray_words(&text),
            _ => {
                let text = self.with_stray_words(&text);
                self.in_another_encoding(&String::from_utf8_lossy(&text))
            }
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

    /// Words of odd pieces where a token begins, or anywhere; now and then the text ends behind them.
    fn with_stray_words(&mut self, text: &str) -> Vec<u8> {
        self.kind("stray words");
        let is_behind_token = |byte: &u8| b"{}[],:".contains(byte);
        let starts: Vec<usize> = (0..text.len())
            .filter(|place| text.as_bytes().get(*place).is_some_and(is_behind_token))
            .map(|place| place + 1)
            .collect();
        let anywhere = self.below(text.len());
        let place = match self.one_of(&starts) {
            Some(start) if self.chance(80) => start,
            _ => anywhere,
        };
        let (before, after) = text.as_bytes().split_at(place);
        let mut bytes = before.to_vec();
        for _ in 0..=self.below(4) {
            bytes.extend_from_slice(self.one_of(PIECES).unwrap_or_default());
        }
        if self.chance(2) {
            let length = 250 + self.below(12);
            bytes.extend(std::iter::repeat_n(b'a', length));
        }
        match self.below(4) {
            0 => {}
            1 => bytes.extend(after.iter().skip(1)),
            _ => bytes.extend_from_slice(after),
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
