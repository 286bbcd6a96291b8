//! The forms that values of a job have: how Elasticsearch's converters read them (create-job.md §2, §2.2 to §2.5).
//!
//! The schema names these readers by `x-es-value`; the same functions give the request its typed values.

use crate::admission::annotation::{BOOLEAN, ReadValue, Reading};
use crate::es::byte_size::ByteSize;
use crate::es::error::{Exception, Kind};
use crate::es::time_value::TimeValue;
use crate::es::version::Version;
use crate::xcontent::json::{Node, Token};
use crate::xcontent::number::{self, NumberFault};
use crate::xcontent::{java, utf16};

use super::rulebook::Rule;
use super::{config_version, server_version, time_format};

/// The readers by the names that the schema uses.
pub(super) const READERS: &[(&str, ReadValue)] = &[
    (BOOLEAN, |node, reading| by(Rule::ValueWord, of_boolean(node, reading))),
    ("long", |node, reading| by(Rule::ValueNumber, long(node, reading))),
    ("integer", |node, reading| by(Rule::ValueNumber, integer(node, reading))),
    ("double", |node, reading| by(Rule::ValueNumber, double(node, reading))),
    ("time_value", |node, reading| {
        by(Rule::ValueTime, time_value(node, reading))
    }),
    ("memory_limit", |node, reading| {
        let rule = match node.token() {
            Token::Number => Rule::ValueNumber,
            _ => Rule::ValueSize,
        };
        by(rule, memory_limit(node, reading))
    }),
    ("character", |node, _| by(Rule::ValueCharacter, character(node))),
    ("version", |node, reading| {
        by(Rule::ValueVersion, version(node, reading.api))
    }),
    ("time_format", |node, _| {
        by(
            Rule::ValueTimeFormat,
            time_format::check(&node.as_text().unwrap_or_default()),
        )
    }),
    ("task_id", |node, _| by(Rule::ValueTaskId, task_id(node))),
    ("timestamp", |node, reading| {
        by(Rule::ValueTimestamp, timestamp(node, reading))
    }),
    ("settings", |node, _| by(Rule::ValueSettings, settings(node))),
];

/// What was read, or the fault as one of that rule.
fn by<T>(rule: Rule, read: Result<T, Exception>) -> Result<(), Exception> {
    read.map(drop).map_err(|exception| exception.by(rule.id()))
}

/// From this version on a number that is too large is a fault of its own kind; before, one of the JSON.
const COERCES: Version = Version::new(7, 1, 0);
/// The versions in which readers of CBOR and SMILE still tell an integer of 64 bits that is no `int` as a fault of the
/// body: from the one on, before the other (seen of 7.8.1 to 7.17.28 and 8.15.0, not of 8.13.4 and 8.16.0).
const TELL_AS_MALFORMED: [(Version, Version); 2] = [
    (COERCES, Version::new(8, 0, 0)),
    (Version::new(8, 15, 0), Version::new(8, 16, 0)),
];
/// The versions to which, in other formats than JSON, a text of blanks is false, as an empty one is: from the one on, before
/// the other (seen of 8.17.10, 8.19.0 and 9.1.0, not of 8.17.0, 8.18.0 and 9.0.1).
const TAKE_BLANKS: [(Version, Version); 3] = [
    (Version::new(8, 17, 10), Version::new(8, 18, 0)),
    (Version::new(8, 19, 0), Version::new(9, 0, 0)),
    (Version::new(9, 1, 0), LATER),
];
/// The versions that bound the decimals of the text of a long (seen of 7.17.28 and 8.15.3, not of 7.17.21 and 8.15.0).
const BOUND_DECIMALS: [(Version, Version); 2] = [
    (Version::new(7, 17, 22), Version::new(8, 0, 0)),
    (Version::new(8, 15, 1), LATER),
];
/// Later than any version.
const LATER: Version = Version::new(u16::MAX, 0, 0);

/// From this version on that fault has a place of its own.
const POSITIONS: Version = Version::new(8, 0, 0);

fn is_within(spans: &[(Version, Version)], api: Version) -> bool {
    spans.iter().any(|(first, end)| (*first..*end).contains(&api))
}

fn number_exception(fault: &NumberFault, bad_text: Kind, api: Version) -> Exception {
    let out_of_range = if api >= COERCES {
        Kind::InputCoercion
    } else {
        Kind::JsonParse
    };
    fault_exception(fault, bad_text, out_of_range, api)
}

fn fault_exception(fault: &NumberFault, bad_text: Kind, out_of_range: Kind, api: Version) -> Exception {
    let (kind, is_positioned) = match fault {
        NumberFault::NotANumber(_) | NumberFault::Empty => (bad_text, false),
        NumberFault::TextOutOfRange(..) => (Kind::IllegalArgument, false),
        NumberFault::NumberOutOfRange(..) => (out_of_range, api >= POSITIONS),
    };
    let exception = Exception::new(kind, fault.to_string());
    if is_positioned {
        return Exception::new(Kind::XContentParse, fault.to_string()).caused_by(exception);
    }
    exception
}

/// A `long`: a number or the text of one, without its fraction.
pub(super) fn long(node: Node<'_>, reading: Reading<'_>) -> Result<i64, Exception> {
    let read = match (node.as_number(), node.as_text()) {
        (Some(_), _) if node.is_single() => {
            let double = node.as_double().unwrap_or(f64::NAN);
            number::long_from_number(&number::any_double_text(double))
        }
        (Some(number), _) => number::long_from_number(number),
        (None, Some(text)) => number::long_from_text(&text, is_within(&BOUND_DECIMALS, reading.api)),
        (None, None) => Ok(0),
    };
    read.map_err(|fault| number_exception(&fault, Kind::IllegalArgument, reading.api))
}

/// An `int`.
pub(super) fn integer(node: Node<'_>, reading: Reading<'_>) -> Result<i64, Exception> {
    let read = match (node.as_number(), node.as_text()) {
        (Some(number), _) => number::int_from_number(number),
        (None, Some(text)) => number::int_from_text(&text),
        (None, None) => Ok(0),
    };
    read.map_err(|fault| {
        let is_long = || node.as_number().is_some_and(|number| number.parse::<i64>().is_ok());
        if is_within(&TELL_AS_MALFORMED, reading.api) && node.is_in_binary() && is_long() {
            return fault_exception(&fault, Kind::NumberFormat, Kind::JsonParse, reading.api);
        }
        number_exception(&fault, Kind::NumberFormat, reading.api)
    })
}

/// A `double`.
pub(super) fn double(node: Node<'_>, reading: Reading<'_>) -> Result<f64, Exception> {
    let read = match (node.as_number(), node.as_text()) {
        (Some(_), _) => Ok(node.as_double().unwrap_or(f64::NAN)),
        (None, Some(text)) => number::double_from_text(&text),
        (None, None) => Ok(0.0),
    };
    // A whole number is an integer first, which has no negative zero.
    let read = read.map(|double| if node.as_number() == Some("-0") { 0.0 } else { double });
    read.map_err(|fault| number_exception(&fault, Kind::NumberFormat, reading.api))
}

/// A `boolean`, or the text of one. The empty text is false, and to some versions so is one of nothing but blanks.
fn of_boolean(node: Node<'_>, reading: Reading<'_>) -> Result<(), Exception> {
    let text = node.as_text();
    let takes_blanks = node.is_in_other_format() && is_within(&TAKE_BLANKS, reading.api);
    let is_blank = |text: &str| takes_blanks && text.chars().all(java::is_whitespace);
    let is_one = text
        .as_deref()
        .is_some_and(|text| matches!(text, "true" | "false" | "") || is_blank(text));
    if node.as_boolean().is_some() || is_one {
        return Ok(());
    }
    let reason = format!(
        "[{}] is not a value that [{}] can have; its values are [true], [false]",
        text.unwrap_or_default(),
        reading.field
    );
    Err(Exception::new(Kind::IllegalArgument, reason))
}

/// The value of a `boolean`.
pub(super) fn boolean(node: Node<'_>) -> bool {
    node.as_boolean()
        .unwrap_or_else(|| node.as_text().is_some_and(|text| text == "true"))
}

/// A time value; what is no text is left to the schema's `type`.
pub(super) fn time_value(node: Node<'_>, reading: Reading<'_>) -> Result<Option<TimeValue>, Exception> {
    let Some(text) = node.as_text() else {
        return Ok(None);
    };
    TimeValue::parse(&text, reading.field)
        .map(Some)
        .map_err(|fault| fault.to_exception())
}

/// `model_memory_limit` in MiB: a byte size, or a number of MiB.
pub(super) fn memory_limit(node: Node<'_>, reading: Reading<'_>) -> Result<i64, Exception> {
    match (node.token(), node.as_text()) {
        (Token::Number, _) => long(node, reading),
        (_, Some(text)) => {
            let size = ByteSize::parse(&text, reading.field, reading.api);
            size.map(ByteSize::mebibytes).map_err(|fault| fault.to_exception())
        }
        _ => Ok(0),
    }
}

/// A text of exactly one UTF-16 unit.
fn character(node: Node<'_>) -> Result<(), Exception> {
    let text = node.as_text().unwrap_or_default();
    if node.token() != Token::String || utf16::units(&text).count() == 1 {
        return Ok(());
    }
    let reason = format!("[{text}] is not one character; use a single one, such as [,]");
    Err(Exception::new(Kind::IllegalArgument, reason))
}

/// The settings of an analyzer's component: whatever is nested, a list holds nothing but plain values (create-job.md
/// §2.8).
fn settings(node: Node<'_>) -> Result<(), Exception> {
    if has_plain_lists_only(node) {
        return Ok(());
    }
    let reason = "a list in the settings of a component may only have texts, numbers and booleans";
    Err(Exception::new(Kind::Settings, reason))
}

fn has_plain_lists_only(node: Node<'_>) -> bool {
    let is_plain = |node: Node<'_>| {
        matches!(
            node.token(),
            Token::String | Token::Number | Token::Boolean | Token::Binary
        )
    };
    match node.token() {
        Token::Object => node.members().all(|member| has_plain_lists_only(member.value)),
        Token::Array => node.elements().all(is_plain),
        _ => true,
    }
}

/// The id of a task as it is printed: a node's name and a number, or that there is none.
pub(super) fn task_id(node: Node<'_>) -> Result<String, Exception> {
    let text = node.as_text().unwrap_or_default();
    let unset = || "unset".to_owned();
    if text.is_empty() || text == "unset" {
        return Ok(unset());
    }
    let malformed = || {
        Exception::new(
            Kind::IllegalArgument,
            format!("malformed task id {text}; leave it out: only the server sets it"),
        )
    };
    let (name, number) = text.split_once(':').ok_or_else(malformed)?;
    match java::ascii_digits(number).parse::<i64>() {
        Ok(-1) => Ok(unset()),
        Ok(number) => Ok(format!("{name}:{number}")),
        Err(_) => {
            let reason = format!("For input string: \"{number}\"");
            Err(malformed().caused_by(Exception::new(Kind::NumberFormat, reason)))
        }
    }
}

/// A time, which this call refuses to be given: of a number it matters that 64 bits hold it, of a text nothing.
fn timestamp(node: Node<'_>, reading: Reading<'_>) -> Result<(), Exception> {
    match node.token() {
        Token::Number => long(node, reading).map(drop),
        _ => Ok(()),
    }
}

/// A version as it is printed; none for null and, before 8.10, the empty text, which mean the server's own.
pub(super) fn version(node: Node<'_>, api: Version) -> Result<Option<String>, Exception> {
    let printed = match node.as_text() {
        None => return Ok(None),
        Some(text) if api >= config_version::SINCE => config_version::printed(&text, api),
        Some(text) if text.is_empty() => return Ok(None),
        Some(text) => server_version::printed(&text),
    };
    let advised = printed.map_err(|mut exception| {
        exception.reason.push_str("; leave it out: only the server sets it");
        exception
    });
    advised.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xcontent::json::Document;

    fn read<T>(text: &str, read: impl Fn(Node<'_>) -> T) -> T {
        read(Document::read(text.as_bytes()).root().expect("a value"))
    }

    /// create-job.md §2.2, `job_version` and `model_snapshot_min_version`.
    #[test]
    fn reads_versions() {
        let version = |node: Node<'_>| version(node, Version::BASE);
        assert_eq!(read(r#""6.5.0""#, version), Ok(Some("6.5.0".to_owned())));
        assert_eq!(read(r#""6.05.0-alpha1""#, version), Ok(Some("6.5.0-alpha1".to_owned())));
        assert_eq!(read(r#""""#, version), Ok(None));
        for text in [r#""7""#, r#""x""#, r#""7.0.0-SNAPSHOT""#, r#""6.5.0.1""#, r#""a.b.c""#] {
            assert!(read(text, version).is_err(), "{text}");
        }
    }

    /// create-job.md §2.5: one UTF-16 unit.
    #[test]
    fn counts_characters_in_utf16() {
        assert!(read(r#""é""#, character).is_ok());
        for text in [r#""""#, r#""ab""#, r#""😀""#] {
            assert!(read(text, character).is_err(), "{text}");
        }
    }
}
