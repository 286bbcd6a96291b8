//! SMILE: with and without references to names and strings.

use super::{Generator, Json, Word};

/// What a body has in its header, and what can be referred back to in it.
struct Smile {
    out: Vec<u8>,
    names: Option<Vec<String>>,
    strings: Option<Vec<String>>,
}

impl Generator {
    pub(super) fn smile(&mut self, job: &Json) -> Vec<u8> {
        let (shares_names, shares_strings) = (self.chance(70), self.chance(40));
        let flags = u8::from(shares_names) | u8::from(shares_strings) << 1 | 4;
        let mut smile = Smile {
            out: [b":)\n", [flags].as_slice()].concat(),
            names: shares_names.then(Vec::new),
            strings: shares_strings.then(Vec::new),
        };
        self.smile_value(job, &mut smile);
        smile.out
    }

    fn smile_value(&mut self, value: &Json, smile: &mut Smile) {
        match value {
            Json::Token(token) => self.smile_word(token, smile),
            Json::Text(text) => smile.string(text),
            Json::List(items) => {
                smile.out.push(0xF8);
                for item in items {
                    self.smile_value(item, smile);
                }
                smile.out.push(0xF9);
            }
            Json::Object(members) => {
                smile.out.push(0xFA);
                for (name, member) in members {
                    smile.name(name);
                    self.smile_value(member, smile);
                }
                smile.out.push(0xFB);
            }
        }
    }

    fn smile_word(&mut self, token: &str, smile: &mut Smile) {
        match Word::of(token) {
            Word::Null => smile.out.push(0x21),
            Word::Boolean(value) => smile.out.push(if value { 0x23 } else { 0x22 }),
            Word::Integer(number) => smile.integer(number),
            #[allow(clippy::cast_possible_truncation, reason = "any number of single precision will do")]
            Word::Double(number) if self.chance(30) => {
                self.kind("single precision");
                smile.out.push(0x28);
                smile.sevens(u64::from((number as f32).to_bits()), 5);
            }
            Word::Double(number) => {
                smile.out.push(0x29);
                smile.sevens(number.to_bits(), 10);
            }
            Word::Other => {
                self.kind("bytes");
                smile.out.push(0xFD);
                smile.variable(token.len() as u64);
                smile.out.extend_from_slice(token.as_bytes());
            }
        }
    }
}

impl Smile {
    fn name(&mut self, name: &str) {
        let length = name.len();
        if let Some(place) = place(self.names.as_ref(), name) {
            match u8::try_from(place) {
                Ok(low) if low < 64 => self.out.push(0x40 | low),
                _ => self.out.extend([0x30 | byte(place >> 8), byte(place)]),
            }
            return;
        }
        let head = match (name.is_ascii(), length) {
            (_, 0) => 0x20,
            (true, 1..=64) => byte(0x7F + length),
            (false, 2..=57) => byte(0xBE + length),
            _ => 0x34,
        };
        self.text(head, name, head == 0x34);
        if head >= 0x80
            && let Some(names) = &mut self.names
        {
            names.push(name.to_owned());
        }
    }

    fn string(&mut self, text: &str) {
        let length = text.len();
        match place(self.strings.as_ref(), text) {
            Some(place @ 0..31) => return self.out.push(byte(place + 1)),
            Some(place) if place & 0xFF < 0xFE => return self.out.extend([0xEC | byte(place >> 8), byte(place)]),
            _ => {}
        }
        let head = match (text.is_ascii(), length) {
            (_, 0) => 0x20,
            (true, 1..=64) => byte(0x3F + length),
            (false, 2..=65) => byte(0x7E + length),
            (true, _) => 0xE0,
            _ => 0xE4,
        };
        self.text(head, text, head >= 0xE0);
        if (0x40..0xC0).contains(&head)
            && let Some(strings) = &mut self.strings
        {
            strings.push(text.to_owned());
        }
    }

    fn text(&mut self, head: u8, text: &str, has_end_mark: bool) {
        self.out.push(head);
        self.out.extend_from_slice(text.as_bytes());
        if has_end_mark {
            self.out.push(0xFC);
        }
    }

    fn integer(&mut self, number: i64) {
        let zigzag = (number << 1 ^ number >> 63).cast_unsigned();
        if zigzag < 32 {
            return self.out.push(0xC0 | zigzag.to_le_bytes()[0]);
        }
        self.out.push(if i32::try_from(number).is_ok() { 0x24 } else { 0x25 });
        self.variable(zigzag);
    }

    fn variable(&mut self, number: u64) {
        let mut rest = number >> 6;
        let mut bytes = vec![0x80 | number.to_le_bytes()[0] & 0x3F];
        while rest > 0 {
            bytes.push(rest.to_le_bytes()[0] & 0x7F);
            rest >>= 7;
        }
        self.out.extend(bytes.into_iter().rev());
    }

    fn sevens(&mut self, bits: u64, count: u32) {
        let sevens = (0..count)
            .rev()
            .map(|group| (bits >> (7 * group)).to_le_bytes()[0] & 0x7F);
        self.out.extend(sevens);
    }
}

fn place(seen: Option<&Vec<String>>, text: &str) -> Option<usize> {
    let place = seen?.iter().position(|seen| seen == text)?;
    (place & 0xFF < 0xFE).then_some(place)
}

fn byte(number: usize) -> u8 {
    number.to_le_bytes()[0]
}
