//! A request as one line: as text for people, or as JSON with the names of the Elastic Common Schema.

mod json;
#[cfg(test)]
mod tests;
mod text;

use std::fmt::Write as _;

use super::Format;
use super::entry::Entry;
use super::redaction::redacted;
use crate::telemetry::fields::is_unsafe;

/// The line of a request, with its end.
pub(super) fn line(entry: &Entry, format: Format, secrets: &[String]) -> String {
    let target = redacted(&entry.head.target, secrets);
    let mut line = match format {
        Format::Text => text::text(entry, &target),
        Format::Json => escaped(&json::json(entry, &target).to_string(), |line, character| {
            // In JSON such characters are in strings only.
            let _ = write!(line, "\\u{:04x}", u32::from(character));
        }),
    };
    line.push('\n');
    line
}

/// A text in which those characters are escaped that could end a line or change what a terminal shows.
fn escaped(text: &str, escape: impl Fn(&mut String, char)) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            escape(&mut safe, character);
        } else {
            safe.push(character);
        }
    }
    safe
}
