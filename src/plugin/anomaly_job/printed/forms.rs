//! The forms of values as standard keywords: what the readers of [`super::super::values`] take, as far as a regular
//! expression and bounds say it. Each says no less than its reader takes.

use serde_json::{Map, Value, json};

use super::numbers::{
    BLANKS, HEXADECIMAL, OTHER_SCRIPT, at_least, at_most, at_most_digits_of, double, long, long_from_zero,
    whole_seconds_in_parts,
};
use crate::admission::annotation::BOOLEAN;
use crate::es::byte_size::ByteSize;
use crate::es::time_value::TimeValue;
use crate::es::version::Version;
use crate::plugin::anomaly_job::config_version;

#[cfg(test)]
mod tests;

/// From this version on fractions of byte sizes have two digits at most.
const LIMITS_FRACTIONS: Version = Version::new(9, 0, 0);

/// The keywords of the form that a reader knows, beside the kinds of value that it takes.
pub(super) fn keywords(form: &str, api: Version) -> Map<String, Value> {
    let keywords = match form {
        BOOLEAN => json!({"enum": [true, false, "true", "false", ""]}),
        "long" => json!({"minimum": i64::MIN, "maximum": 1_u64 << 63, "pattern": long()}),
        "integer" => json!({"minimum": i32::MIN, "maximum": i32::MAX, "pattern": double()}),
        "double" => json!({"pattern": double()}),
        "time_value" => json!({"pattern": time(&Span::ANY)}),
        "memory_limit" => json!({"pattern": size(0, api), "maximum": 1_u64 << 63}),
        "character" => json!({"pattern": r"^[\u0000-\uffff]$", "minLength": 1, "maxLength": 1}),
        "version" if api < config_version::SINCE => version(),
        "time_format" => json!({"minLength": 1}),
        "task_id" => json!({"pattern": r"^(?:|unset|[^:]*:[+-]?[0-9\u0080-\uffff]+)$"}),
        "settings" => json!({"$ref": "#/$defs/analyzer_settings"}),
        _ => json!({}),
    };
    match keywords {
        Value::Object(keywords) => keywords,
        _ => Map::new(),
    }
}

/// The form of a whole number, also as a text, that is no less than this; a fraction is cut off.
pub(super) fn long_from(least: i64) -> Value {
    if least == 0 {
        json!({"exclusiveMinimum": -1, "maximum": 1_u64 << 63, "pattern": long_from_zero()})
    } else {
        json!({"minimum": least, "maximum": 1_u64 << 63, "pattern": long()})
    }
}

/// A number of MiB, or a byte size of at least so many.
pub(super) fn memory_from(mebibytes: i64, api: Version) -> Value {
    let most = json!({"pattern": size_at_most(api)});
    json!({
        "minimum": mebibytes,
        "maximum": 1_u64 << 63,
        "pattern": size(mebibytes.unsigned_abs(), api),
        "allOf": [most],
    })
}

/// Which spans are taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// The least seconds.
    pub(super) least: Option<u64>,
    /// Whether only whole seconds are, of which 64 bits hold the nanoseconds.
    pub(super) whole: bool,
}

impl Span {
    const ANY: Self = Self {
        least: None,
        whole: false,
    };
}

/// Time values of a span.
pub(super) fn span(span: &Span) -> Value {
    if span.whole {
        json!({"pattern": time(span), "allOf": [{"pattern": time_at_most()}]})
    } else {
        json!({"pattern": time(span)})
    }
}

/// The suffix of a time value: of any case but for `m`, which is told from `M` at the very end of the text.
fn time_suffix(unit: &str) -> String {
    if unit == "m" { unit.to_owned() } else { suffix(unit) }
}

/// A suffix of any case.
fn suffix(suffix: &str) -> String {
    let any_case = |letter: char| match letter.to_ascii_uppercase() {
        // The sign for kelvin is a large k, and its small letter is a k.
        'K' => r"[kK\u212a]".to_owned(),
        upper => format!("[{letter}{upper}]"),
    };
    suffix.chars().map(any_case).collect::<String>() + BLANKS
}

/// The nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

fn time(span: &Span) -> String {
    let least = span.least;
    let of_unit = |(unit, nanos): (&str, i64)| {
        let number = match least {
            None => "[+-]?[0-9]+".to_owned(),
            Some(least) => {
                let positive = if nanos >= SECOND {
                    at_least(least.div_ceil((nanos / SECOND).unsigned_abs()))
                } else if span.whole {
                    whole_seconds_in_parts(least, (SECOND / nanos).ilog10())
                } else {
                    at_least(least.saturating_mul((SECOND / nanos).unsigned_abs()))
                };
                let negative_zero = if least == 0 { "|-0+" } else { "" };
                format!(r"(?:\+?{positive}{negative_zero})")
            }
        };
        format!("{number}{BLANKS}{}", time_suffix(unit))
    };
    let mut forms: Vec<String> = TimeValue::units().map(of_unit).collect();
    match least {
        None => forms.push(format!("(?:0+|-0*1){BLANKS}")),
        Some(0) => forms.push(format!("0+{BLANKS}")),
        Some(_) => {}
    }
    forms.push(format!("{OTHER_SCRIPT}{BLANKS}[a-zA-Z]+{BLANKS}"));
    format!("^{BLANKS}(?:{})$", forms.join("|"))
}

/// Time values of which 64 bits hold the nanoseconds: longer ones are cut, and then no whole seconds.
fn time_at_most() -> String {
    let of_unit = |(unit, nanos): (&str, i64)| {
        let most = (i64::MAX / nanos).unsigned_abs();
        // The exact end of the small units would fill a page, and is more than two centuries away.
        let most = if nanos >= SECOND {
            at_most(most)
        } else {
            at_most_digits_of(most)
        };
        format!("[+-]?{most}{BLANKS}{}", time_suffix(unit))
    };
    let mut forms: Vec<String> = TimeValue::units().map(of_unit).collect();
    forms.push(format!("-?[0-9]+{BLANKS}"));
    forms.push(format!("{OTHER_SCRIPT}{BLANKS}[a-zA-Z]+{BLANKS}"));
    format!("^{BLANKS}(?:{})$", forms.join("|"))
}

/// The units of byte sizes: a pattern for each, and its bytes. The `b` after a letter may be left out.
fn units_of_size() -> impl Iterator<Item = (String, u64)> {
    ByteSize::units().filter_map(|(unit, bytes)| match unit {
        "b" => Some((suffix(unit), bytes)),
        unit if unit.ends_with('b') => None,
        unit => Some((suffix(unit).replace(BLANKS, "") + "[bB]?" + BLANKS, bytes)),
    })
}

/// Byte sizes of at least so many MiB.
fn size(least: u64, api: Version) -> String {
    const MEBIBYTE: u64 = 1 << 20;
    let of_unit = |(unit, bytes): (String, u64)| {
        let whole = at_least((least * MEBIBYTE).div_ceil(bytes));
        let mut numbers = vec![whole.clone()];
        if bytes > 1 {
            numbers.extend(fractions(&whole, bytes > MEBIBYTE || least == 0, api));
        }
        format!(r"\+?(?:{}){BLANKS}{unit}", numbers.join("|"))
    };
    let mut forms: Vec<String> = units_of_size().map(of_unit).collect();
    if least == 0 {
        forms.push(format!("(?:0|-1){BLANKS}"));
        forms.push(format!("-[0-9]+{BLANKS}[a-zA-Z]+{BLANKS}"));
    }
    forms.push(format!(r"{OTHER_SCRIPT}{BLANKS}[a-zA-Z\u212a]+{BLANKS}"));
    format!("^{BLANKS}(?:{})$", forms.join("|"))
}

/// Numbers with a fraction or an exponent whose whole part is as `whole` says, or anything where a part of the unit is
/// enough.
fn fractions(whole: &str, is_part_enough: bool, api: Version) -> Vec<String> {
    if api >= LIMITS_FRACTIONS {
        let digits = if is_part_enough { "[0-9]*" } else { whole };
        return vec![
            format!(r"{digits}\.[0-9]{{0,2}}"),
            r"[0-9]*\.?[0-9]*[eE][+-]?[0-9]+".to_owned(),
        ];
    }
    let mut forms = vec![
        format!(r"{whole}(?:\.[0-9]*)?[dDfF]?"),
        r"[0-9]*\.?[0-9]*[eE][+-]?[0-9]+[dDfF]?".to_owned(),
        HEXADECIMAL.to_owned(),
    ];
    forms.push(if is_part_enough {
        r"[0-9]*\.[0-9]*[dDfF]?".to_owned()
    } else {
        // A double has fewer digits, and is rounded up.
        r"[0-9]*\.[0-9]{15,}[dDfF]?".to_owned()
    });
    forms
}

/// Byte sizes that 64 bits hold, as far as they are whole numbers.
fn size_at_most(api: Version) -> String {
    let of_unit = |(unit, bytes): (String, u64)| {
        let most = at_most(i64::MAX.unsigned_abs() / bytes);
        format!(r"\+?{most}{BLANKS}{unit}")
    };
    let forms: Vec<String> = units_of_size().map(of_unit).collect();
    let other = if api >= LIMITS_FRACTIONS {
        r"[.eE\u0080-\uffff]"
    } else {
        r"[.eExXdDfF\u0080-\uffff]"
    };
    format!("^{BLANKS}(?:{})$|{other}", forms.join("|"))
}

/// Versions of three numbers, and before 7.0 perhaps a qualifier.
fn version() -> Value {
    let number = r"\+?[0-9\u0080-\uffff]+";
    let numbers = format!("{number}[.-]{number}[.-]{number}");
    let old = r"^0*(?:[7-9]|[1-9][0-9]+)[.-][0-9]+[.-][0-9]+[.-]+[A-Za-z]";
    json!({
        "pattern": format!("^(?:|{numbers}(?:[.-][^.-]*)?[.-]*(?:-SNAPSHOT)?)$"),
        "not": {"type": "string", "pattern": old},
    })
}
