//! Values that are no objects: names, ids, texts, numbers, times and sizes, usually fine, now and then odd.

use super::{
    Generator,
    json::Json,
    vocabulary::{
        IDS, NAMES, NO_NUMBERS, ODD_IDS, ODD_NAMES, ODD_NUMBERS, ODD_SIZES, ODD_STRINGS, ODD_TIMES, SIZES, TEXTS,
        TIMES, WHOLE_NUMBERS,
    },
};

impl Generator {
    /// A field's name, seldom one that is refused.
    pub(super) fn name(&mut self) -> String {
        if self.is_odd() {
            self.kind("odd name");
            return self.text_of(&ODD_NAMES).to_owned();
        }
        self.text_of(&NAMES).to_owned()
    }

    /// An id of a job or a group, or what has the same pattern.
    pub(super) fn id(&mut self) -> String {
        if self.is_odd() {
            self.kind("odd id");
            return self.text_of(&ODD_IDS).to_owned();
        }
        self.text_of(&IDS).to_owned()
    }

    pub(super) fn description(&mut self) -> Json {
        if self.is_odd() {
            self.kind("odd text");
            return Json::token(self.text_of(&ODD_STRINGS));
        }
        Json::text(self.text_of(&TEXTS))
    }

    /// A time of whole seconds.
    pub(super) fn time(&mut self) -> Json {
        if self.is_odd() {
            self.kind("odd time");
            return Json::text(self.text_of(&ODD_TIMES));
        }
        Json::text(self.text_of(&TIMES))
    }

    pub(super) fn size(&mut self) -> Json {
        if self.chance(20) {
            return self.whole_number();
        }
        if self.chance(10) {
            self.kind("odd size");
            return Json::text(self.text_of(&ODD_SIZES));
        }
        Json::text(self.text_of(&SIZES))
    }

    pub(super) fn whole_number(&mut self) -> Json {
        if self.is_odd() {
            return self.odd_number();
        }
        Json::token(self.text_of(&WHOLE_NUMBERS))
    }

    /// A number in an unusual spelling, of an unusual size, or in quotes.
    pub(super) fn odd_number(&mut self) -> Json {
        self.kind("odd number");
        if self.chance(5) {
            return Json::token(self.text_of(&NO_NUMBERS));
        }
        match self.below(10) {
            0 => {
                let digits = self.random.f64() * 10f64.powi(self.random.i32(-30..30));
                Json::token(digits.to_string())
            }
            1 => Json::token(self.random.i64(..).to_string()),
            2 => Json::token(f64::from_bits(self.random.u64(0..0x7ff0_0000_0000_0000)).to_string()),
            _ => Json::token(self.text_of(&ODD_NUMBERS)),
        }
    }

    pub(super) fn boolean(&mut self) -> Json {
        if self.is_odd() {
            self.kind("odd boolean");
            return Json::token(self.text_of(&[
                "\"\"",
                "\" \"",
                "\"\\t\\u2003\"",
                "\"\\u00a0\"",
                "\"yes\"",
                "1",
                "0",
                "null",
                "\"True\"",
                "\"false\"",
                "\"true\"",
                "\" true\"",
            ]));
        }
        Json::token(self.text_of(&["true", "false", "true", "false", "\"true\"", "\"false\""]))
    }

    /// Any value, as an object that is not looked at may hold.
    pub(super) fn anything(&mut self, depth: usize) -> Json {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => Json::token(self.text_of(&["true", "false", "null"])),
            1 => Json::token(self.random.i32(..).to_string()),
            2 | 3 => self.odd_number(),
            4 | 5 => self.description(),
            6 => {
                let length = self.below(4);
                Json::List((0..length).map(|_| self.anything(depth - 1)).collect())
            }
            _ => {
                let length = self.below(4);
                let mut members: Vec<(String, Json)> = Vec::new();
                for _ in 0..length {
                    let name = self.text_of(&["a", "b", "created_by", "job.url", "é", "", "𝒳", "1", "nested", "zz"]);
                    if members.iter().all(|(known, _)| known != name) {
                        members.push((name.to_owned(), self.anything(depth - 1)));
                    }
                }
                Json::Object(members)
            }
        }
    }

    /// How often a value is odd: seldom enough for most jobs to be fine.
    fn is_odd(&mut self) -> bool {
        self.chance(2)
    }
}
