//! The forms that values of a job have: how Elasticsearch's converters read them (contract job.md §2, §2.2 to §2.5).
//!
//! The schema names these readers by `x-es-value`; the same functions give the request its typed values.

use crate::admission::schema::{ReadValue, Reading};
use crate::es::byte_size::ByteSize;
use crate::es::error::{Exception, Kind};
use crate::es::json::{Node, Token};
use crate::es::number::{self, NumberFault};
use crate::es::time_value::TimeValue;
use crate::es::version::Version;

use super::time_format;

/// The readers by the names that the schema uses.
pub(super) const READERS: &[(&str, ReadValue)] = &[
    ("long", |node, reading| long(node, reading).map(drop)),
    ("integer", |node, reading| integer(node, reading).map(drop)),
    ("double", |node, reading| double(node, reading).map(drop)),
    ("time_value", |node, reading| time_value(node, reading).map(drop)),
    ("memory_limit", |node, reading| memory_limit(node, reading).map(drop)),
    ("character", |node, _| character(node)),
    ("version", |node, _| version(node).map(drop)),
    ("time_format", |node, _| {
        time_format::check(&node.as_text().unwrap_or_default())
    }),
    ("task_id", |node, _| task_id(node)),
    ("settings", |node, _| settings(node)),
];

/// From this version on a number that is too large is a fault of its own kind; before, one of the JSON.
const COERCES: Version = Version::new(7, 1, 0);
/// From this version on that fault has a place of its own.
const POSITIONS: Version = Version::new(8, 0, 0);

fn number_exception(fault: &NumberFault, bad_text: Kind, api: Version) -> Exception {
    let kind = match fault {
        NumberFault::NotANumber(_) | NumberFault::Empty => bad_text,
        NumberFault::TextOutOfRange(..) => Kind::IllegalArgument,
        NumberFault::NumberOutOfRange(..) if api >= COERCES => Kind::InputCoercion,
        NumberFault::NumberOutOfRange(..) => Kind::JsonParse,
    };
    let exception = Exception::new(kind, fault.to_string());
    if kind == Kind::InputCoercion && api >= POSITIONS {
        return Exception::new(Kind::XContentParse, fault.to_string()).caused_by(exception);
    }
    exception
}

/// A `long`: a number or the text of one, without its fraction.
pub(super) fn long(node: Node<'_>, reading: Reading<'_>) -> Result<i64, Exception> {
    let read = match (node.as_number(), node.as_text()) {
        (Some(number), _) => number::long_from_number(number),
        (None, Some(text)) => number::long_from_text(&text),
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
    read.map_err(|fault| number_exception(&fault, Kind::NumberFormat, reading.api))
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

/// A `boolean`, or the text of one; the empty text is false.
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
    if node.token() != Token::String || text.encode_utf16().count() == 1 {
        return Ok(());
    }
    let reason = format!("[{text}] is not one character");
    Err(Exception::new(Kind::IllegalArgument, reason))
}

/// The settings of an analyzer's component: whatever is nested, a list holds nothing but plain values (contract job.md
/// §2.8).
fn settings(node: Node<'_>) -> Result<(), Exception> {
    if has_plain_lists_only(node) {
        return Ok(());
    }
    let reason = "a list in the settings of a component may only have texts, numbers and booleans";
    Err(Exception::new(Kind::Settings, reason))
}

fn has_plain_lists_only(node: Node<'_>) -> bool {
    let is_plain = |node: Node<'_>| matches!(node.token(), Token::String | Token::Number | Token::Boolean);
    match node.token() {
        Token::Object => node.members().all(|member| has_plain_lists_only(member.value)),
        Token::Array => node.elements().all(is_plain),
        _ => true,
    }
}

/// The id of a task: a node's name and a number.
fn task_id(node: Node<'_>) -> Result<(), Exception> {
    let text = node.as_text().unwrap_or_default();
    let malformed = || Exception::new(Kind::IllegalArgument, format!("malformed task id {text}"));
    match text.rsplit_once(':') {
        _ if text.is_empty() => Ok(()),
        Some((_, number)) if number.parse::<i64>().is_ok() => Ok(()),
        Some((_, number)) => {
            let reason = format!("For input string: \"{number}\"");
            Err(malformed().caused_by(Exception::new(Kind::NumberFormat, reason)))
        }
        None => Err(malformed()),
    }
}

/// A version as it is printed; none for the empty text and null, which mean the server's own.
pub(super) fn version(node: Node<'_>) -> Result<Option<String>, Exception> {
    let text = node.as_text().unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    let refuse = |reason: String| Exception::new(Kind::IllegalArgument, reason);
    let (numbers, is_snapshot) = text
        .strip_suffix("-SNAPSHOT")
        .map_or((text.as_ref(), false), |rest| (rest, true));
    let mut parts: Vec<&str> = numbers.split(['.', '-']).collect();
    while parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    let (major, minor, revision, build) = match parts.as_slice() {
        [major, minor, revision] => (*major, *minor, *revision, None),
        [major, minor, revision, build] => (*major, *minor, *revision, Some(*build)),
        _ => {
            let reason = format!("a version has a major, a minor and a revision, and perhaps a build: {text}");
            return Err(refuse(reason));
        }
    };
    let number = |part: &str| {
        part.parse::<i32>().map_err(|_| {
            let cause = Exception::new(Kind::NumberFormat, format!("For input string: \"{part}\""));
            refuse(format!("unable to parse version {text}")).caused_by(cause)
        })
    };
    let major = number(major)?;
    if major >= 5 && is_snapshot {
        return Err(refuse(format!("a version from 5 on cannot be a snapshot: {text}")));
    }
    let (minor, revision) = (number(minor)?, number(revision)?);
    let build = match build {
        None => String::new(),
        Some(build) => {
            let label = ["alpha", "beta", "rc"]
                .into_iter()
                .find(|label| build.starts_with(label));
            let label = label.ok_or_else(|| refuse(format!("unable to parse version {text}")))?;
            let rest = build.strip_prefix(label).unwrap_or_default();
            format!("-{label}{}", number(rest)?)
        }
    };
    Ok(Some(format!("{major}.{minor}.{revision}{build}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::es::json::Document;

    fn read<T>(text: &str, read: impl Fn(Node<'_>) -> T) -> T {
        read(Document::read(text.as_bytes()).root().expect("a value"))
    }

    /// Contract job.md §2.2, `job_version` and `model_snapshot_min_version`.
    #[test]
    fn reads_versions() {
        assert_eq!(read(r#""6.5.0""#, version), Ok(Some("6.5.0".to_owned())));
        assert_eq!(read(r#""6.05.0-alpha1""#, version), Ok(Some("6.5.0-alpha1".to_owned())));
        assert_eq!(read(r#""""#, version), Ok(None));
        for text in [r#""7""#, r#""x""#, r#""7.0.0-SNAPSHOT""#, r#""6.5.0.1""#, r#""a.b.c""#] {
            assert!(read(text, version).is_err(), "{text}");
        }
    }

    /// Contract job.md §2.5: one UTF-16 unit.
    #[test]
    fn counts_characters_in_utf16() {
        assert!(read(r#""é""#, character).is_ok());
        for text in [r#""""#, r#""ab""#, r#""😀""#] {
            assert!(read(text, character).is_err(), "{text}");
        }
    }
}
