//! The version of a job's configuration as a text, which `job_version` and `model_snapshot_min_version` are from 8.10 on,
//! until requests no longer have them (8.14). It was counted apart from the server's own version then, from 10.0.0 on, but
//! earlier servers' versions stay readable.
//!
//! Seen of 8.10.0, 8.10.4, 8.11.4, 8.13.0 and 8.13.4.

use crate::es::error::{Exception, Kind};
use crate::es::version::Version;

use super::server_version;

/// From this version on a job carries such a version.
pub(super) const SINCE: Version = Version::new(8, 10, 0);
/// From this version on the last servers that carried their own version stand for the first configuration.
const KNOWS_8_11: Version = Version::new(8, 11, 0);
/// From this version on (8.13 at the latest) every text of three numbers is read, with any label behind them.
const READS_LABELS: Version = Version::new(8, 13, 0);

/// What the versions of the servers 8.10 and 8.11.0 are printed as.
const FIRST: &str = "10.0.0";

/// The version that a job carries whose server is of this version.
pub(super) fn of_server(api: Version) -> String {
    match (api.major, api.minor) {
        (..8, _) | (8, ..10) => api.to_string(),
        (8, 10) => FIRST.to_owned(),
        (8, 11 | 12) => "11.0.0".to_owned(),
        _ => "12.0.0".to_owned(),
    }
}

/// A version, as it is printed after it was read.
pub(super) fn printed(text: &str, api: Version) -> Result<String, Exception> {
    let stands_for_first = if api >= KNOWS_8_11 {
        text.starts_with("8.10.") || text == "8.11.0"
    } else {
        text == "8.10.0" || text.is_empty() && api == SINCE
    };
    if stands_for_first {
        return Ok(FIRST.to_owned());
    }
    if api >= READS_LABELS {
        return read_with_label(text);
    }
    match text.strip_suffix(".0.0").filter(|major| is_number(major)) {
        Some(major) if number(major)? >= 10 => Ok(print([number(major)?, 0, 0])),
        _ => read_as_server(text, api),
    }
}

/// A version as a server of 8.x reads its own, as far as there was no other when this one was built.
fn read_as_server(text: &str, api: Version) -> Result<String, Exception> {
    let refuse = |reason: String| Exception::new(Kind::IllegalArgument, reason);
    let version = if text.is_empty() {
        server_version::Number::of(api)
    } else {
        server_version::without_qualifier(text)?
    };
    match version.cmp(&server_version::Number::of(SINCE)) {
        std::cmp::Ordering::Less => Ok(version.print()),
        std::cmp::Ordering::Equal => Ok(FIRST.to_owned()),
        std::cmp::Ordering::Greater => Err(refuse(format!(
            "[{}] is later than the versions that this one knows",
            version.print()
        ))),
    }
}

/// `major.minor.revision`, perhaps `-` and a word.
fn read_with_label(text: &str) -> Result<String, Exception> {
    let invalid = || {
        let reason = format!("[{text}] is no version of a job's configuration, such as [{FIRST}]");
        Exception::new(Kind::IllegalArgument, reason)
    };
    let is_word = |label: &str| {
        let mut bytes = label.bytes();
        !label.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let numbers = match text.split_once('-') {
        None => text,
        Some((numbers, label)) if is_word(label) => numbers,
        Some(_) => return Err(invalid()),
    };
    let parts: Vec<&str> = numbers.split('.').collect();
    let [major, minor, revision] = parts.as_slice() else {
        return Err(invalid());
    };
    if ![major, minor, revision].into_iter().all(|part| is_number(part)) {
        return Err(invalid());
    }
    let [major, minor, revision] = [number(major)?, number(minor)?, number(revision)?];
    if major >= 10 && (minor > 0 || revision > 0) {
        return Err(invalid());
    }
    Ok(print([major, minor, revision]))
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number that Java keeps in an `int`.
fn number(part: &str) -> Result<i32, Exception> {
    part.parse()
        .map_err(|_| Exception::new(Kind::NumberFormat, format!("For input string: \"{part}\"")))
}

/// The parts by way of the one number that they are kept in; from 10 on there are major versions only.
fn print([major, minor, revision]: [i32; 3]) -> String {
    let places = [(major, 1_000_000), (minor, 10_000), (revision, 100)];
    let id = places
        .into_iter()
        .fold(99_i32, |id, (part, place)| part.wrapping_mul(place).wrapping_add(id));
    match id / 1_000_000 {
        major @ 10.. => format!("{major}.0.0"),
        major => format!("{major}.{}.{}", id / 10_000 % 100, id / 100 % 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers of Elasticsearch 8.10.4, 8.11.4 and 8.13.4; `-` for a refusal.
    #[test]
    fn prints_what_elasticsearch_prints() {
        let versions = [Version::new(8, 10, 4), Version::new(8, 11, 4), Version::new(8, 13, 4)];
        for (text, expected) in [
            ("8.11.0", ["-", "10.0.0", "10.0.0"]),
            ("8.11.1", ["-", "-", "8.11.1"]),
            ("8.10.0", ["10.0.0", "10.0.0", "10.0.0"]),
            ("8.10.1", ["-", "10.0.0", "10.0.0"]),
            ("8.10.x", ["-", "10.0.0", "10.0.0"]),
            ("8.10.0-", ["10.0.0", "10.0.0", "10.0.0"]),
            ("8.9.99", ["8.9.99", "8.9.99", "8.9.99"]),
            ("9.0.0", ["-", "-", "9.0.0"]),
            ("12.0.0", ["12.0.0", "12.0.0", "12.0.0"]),
            ("12.0.1", ["-", "-", "-"]),
            ("10.0.00", ["-", "-", "10.0.0"]),
            ("010.0.0", ["10.0.0", "10.0.0", "10.0.0"]),
            ("99999.0.0", ["1214.0.0", "1214.0.0", "1214.0.0"]),
            ("2147483647.0.0", ["0.-99.-99", "0.-99.-99", "0.-99.-99"]),
            ("2147483647.1.1", ["0.-98.-98", "0.-98.-98", "-"]),
            ("2147483648.0.0", ["-", "-", "-"]),
            ("٧.1.٠", ["7.1.0", "7.1.0", "-"]),
            ("7.0.0-", ["7.0.0", "7.0.0", "-"]),
            ("7.0.0-SNAPSHOT", ["-", "-", "7.0.0"]),
            ("3.0.0-SNAPSHOT", ["3.0.0", "3.0.0", "3.0.0"]),
            ("1.0.0-rc1", ["-", "-", "1.0.0"]),
            ("7.1.300", ["-", "-", "7.4.0"]),
            ("300.1.1", ["-", "-", "-"]),
            ("8.9.0.0", ["-", "-", "-"]),
            ("", ["-", "-", "-"]),
        ] {
            for (api, expected) in versions.into_iter().zip(expected) {
                let printed = printed(text, api).unwrap_or_else(|_| "-".to_owned());
                assert_eq!(printed, expected, "{text:?} in {api}");
            }
        }
        assert_eq!(printed("", SINCE).as_deref(), Ok(FIRST));
    }
}
