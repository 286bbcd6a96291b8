//! The forms of values, as keywords of JSON Schema. No form is narrower than what is read but for digits and letters
//! beyond ASCII, and most are exact: an editor that knows the schema shows the words and underlines a slip.

use serde_json::{Value, json};

use super::scalar::ScalarKind;

/// What [`humantime`] reads: `0`, or numbers with units.
const TIME: &str = concat!(
    r"0|\s*(?:[0-9][0-9\s]*(?:\.[0-9\s]+)?",
    "(?:nanos|nsec|ns|usec|us|µs|millis|msec|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d",
    r"|weeks?|wks?|w|months?|M|years?|yrs?|y)\s*)+",
);

/// A decimal number with a unit.
const SIZE: &str = r"\s*\+?[0-9.][0-9.eE+-]*\s*(?:[kKmMgGtTpP]?[bB]|[kKmMgGtTpP])\s*";

/// An IPv4 address, an IPv6 address in brackets or `localhost`, and a port.
const LISTEN: &str = r"(?:[0-9.]+|\[[0-9A-Fa-f:.]+\]|[lL][oO][cC][aA][lL][hH][oO][sS][tT]):[0-9]+";

/// A text of the kinds that YAML may take it for.
pub(super) fn of_kinds(accepts: impl Fn(ScalarKind) -> bool) -> Value {
    let kinds = [
        (ScalarKind::Text, "string"),
        (ScalarKind::Number, "number"),
        (ScalarKind::Boolean, "boolean"),
    ];
    let names: Vec<_> = kinds
        .into_iter()
        .filter(|(kind, _)| accepts(*kind))
        .map(|(_, name)| name)
        .collect();
    json!({"type": names})
}

/// One of some words.
pub(super) fn words<T: ToString>(words: impl IntoIterator<Item = T>) -> Value {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    json!({"enum": words})
}

/// A text that a pattern describes as a whole.
pub(super) fn text(pattern: &str) -> Value {
    json!({"type": "string", "pattern": format!("^(?:{pattern})$")})
}

/// A length of time.
pub(super) fn time() -> Value {
    text(TIME)
}

/// A length of time, or this word.
pub(super) fn time_or(word: &str) -> Value {
    text(&format!("{word}|{TIME}"))
}

/// A number of bytes with a unit, or this word.
pub(super) fn size_or(word: &str) -> Value {
    text(&format!("{word}|{SIZE}"))
}

/// Where to listen.
pub(super) fn listen() -> Value {
    text(LISTEN)
}

/// Where to listen, or this word.
pub(super) fn listen_or(word: &str) -> Value {
    text(&format!("{word}|{LISTEN}"))
}

/// A number from this one on, as a number or as a text that the pattern describes.
pub(super) fn number(least: u64, pattern: &str) -> Value {
    json!({"type": ["number", "string"], "minimum": least, "pattern": format!("^(?:{pattern})$")})
}
