//! Values that are no objects: names, ids, texts, numbers, times and sizes, usually fine, now and then odd.

use super::{Generator, json::Json};

const NAMES: [&str; 22] = [
    "airline",
    "responsetime",
    "status",
    "host",
    "user.name",
    "clientip",
    "bytes",
    "region",
    "@timestamp",
    "a",
    "a.b",
    "a-b",
    "über",
    "日本語",
    "two words",
    "𝒳",
    "geo.src",
    "URL",
    "x_1",
    "count_of",
    "price€",
    "tab.le.x",
];

const ODD_NAMES: [&str; 16] = [
    "",
    ".",
    "count",
    "by",
    "over",
    "time",
    "mlcategory",
    "a\"b",
    "a\\b",
    "a\u{7f}b",
    "a\u{85}",
    "a\nb",
    "a\u{0}",
    "..",
    " ",
    "COUNT",
];

const IDS: [&str; 12] = [
    "a",
    "job-1",
    "my_job",
    "farequote",
    "0",
    "a.b.c",
    "a-b_c.9",
    "total-requests",
    "x1",
    "low_request_rate",
    "abcdefghijklmnopqrstuvwxyz-0123456789-abcdefghijklmnopqrstuvwxyz",
    "shared",
];

const ODD_IDS: [&str; 14] = [
    "A",
    "a b",
    "-a",
    "a-",
    "_all",
    "ü",
    "a/b",
    ".a",
    "a.",
    "日本",
    "a\u{1f600}",
    "a+b",
    "_",
    "abcdefghijklmnopqrstuvwxyz-0123456789-abcdefghijklmnopqrstuvwxyzz",
];

const TIMES: [&str; 19] = [
    "5m",
    "10m",
    "15m",
    "1h",
    "1d",
    "300s",
    "45s",
    "7m",
    "2d",
    "7d",
    "25h",
    "3600000ms",
    "1H",
    "60S",
    "1D",
    "05m",
    "+5m",
    " 1h",
    "90 s",
];

const ODD_TIMES: [&str; 30] = [
    "",
    "0",
    "-1",
    "5",
    "10M",
    "10m ",
    "1w",
    "1.5h",
    "1500ms",
    "99999999999d",
    "5 minutes",
    "-5s",
    "-1s",
    "-1h",
    "0s",
    "00",
    "1500micros",
    "1000000000nanos",
    "999nanos",
    "5mm",
    "m",
    "0x5m",
    "９s",
    "1_0s",
    "9223372036854775807s",
    "9223372036854775808s",
    "+0",
    "1e3s",
    "10s ",
    "\t5m",
];

const SIZES: [&str; 14] = [
    "1024mb", "1gb", "2GB", " 1 gb ", "1500kb", "3000g", "10m", "1048576", "20t", "1p", "1048576b", "5 MB", "+5mb",
    "1e3mb",
];

const ODD_SIZES: [&str; 26] = [
    "",
    "0",
    "-1",
    "512kb",
    "2048",
    "1,5gb",
    "1.5gb",
    "1.5mb",
    "1.25gb",
    "1.234gb",
    "-2b",
    "-1mb",
    "-5gb",
    "9999999999tb",
    "8191pb",
    "8192pb",
    "mb",
    "1 0mb",
    "1mib",
    "１gb",
    "0x1gb",
    "1b",
    "NaNgb",
    "1.gb",
    ".5gb",
    "1dmb",
];

const WHOLE_NUMBERS: [&str; 10] = ["0", "1", "7", "10", "30", "1000", "1234567", "5.0", "\"12\"", "\"1e3\""];

const ODD_NUMBERS: [&str; 54] = [
    "-1",
    "4.7",
    "-0.5",
    "1e2",
    "1E+2",
    "1e-2",
    "1.0e1",
    "-0",
    "-0.0",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "1e18",
    "1e19",
    "1e400",
    "-1e400",
    "1e-400",
    "123456789012345678901234567890",
    "0.1",
    "1.10",
    "1.7976931348623157e308",
    "4.9e-324",
    "3.141592653589793238462643383279",
    "2147483648",
    "1e0",
    "100.000",
    "\"\"",
    "\" 3\"",
    "\"3 \"",
    "\"x\"",
    "\"1.9\"",
    "\"-5\"",
    "\"+5\"",
    "\"0x10\"",
    "\"1d\"",
    "\"1f\"",
    "\"NaN\"",
    "\"Infinity\"",
    "\"-Infinity\"",
    "\"0x1p3\"",
    "\"9223372036854775807\"",
    "\"9223372036854775808\"",
    "\"1e19\"",
    "\"1e400\"",
    "\"٣\"",
    "\"1_000\"",
    "\"1,5\"",
    "9007199254740993",
    "0.30000000000000004",
    "1e22",
    "1e21",
    "123456.789e3",
    "\"0012\"",
];

/// What not every version's JSON reader takes, or none does.
const NO_NUMBERS: [&str; 14] = [
    "01",
    "-01",
    "+1",
    ".5",
    "1.",
    "1e",
    "-",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "1e+",
    "--1",
    "1.e3",
];

const TEXTS: [&str; 14] = [
    "",
    "a description",
    "naïve café",
    "日本語のテキスト",
    "\u{1f600} and 𝒳",
    "quote \" and \\ back",
    "tab\tand\nline",
    "\u{1}\u{1f}",
    "a/b",
    "\u{7f}\u{80}\u{2028}\u{2029}",
    "\u{feff}bom",
    "null",
    "</script>",
    "e\u{301}\u{200d}",
];

/// Strings that no Rust string can be: half a pair, pairs turned round.
const ODD_STRINGS: [&str; 7] = [
    r#""\ud800""#,
    r#""\udc00""#,
    r#""a\ud83d""#,
    r#""\ud83d\ude00""#,
    r#""\ude00\ud83d""#,
    r#""\u0000""#,
    r#""\ud800\u0041""#,
];

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
