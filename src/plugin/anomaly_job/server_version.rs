//! The version of a server as a text: how Elasticsearch up to 7.x reads and prints one (`job_version`,
//! `model_snapshot_min_version`), and how 8.x does where those still may be one.
//!
//! It keeps a version as one number of two digits a part, without looking whether a part fits: `7.1.300` is `7.4.0`.
//! Seen of 7.8.1 and 7.17.28.

use crate::es::error::{Exception, Kind};
use crate::es::version::Version;
use crate::xcontent::java;

/// From this major version on a version is no snapshot and has alphas.
const HAS_ALPHAS: i32 = 5;
/// From this major version on a version has no qualifier.
const WITHOUT_QUALIFIERS: i32 = 7;
/// Until before this major version qualifiers are printed in capitals.
const SMALL_QUALIFIERS: i32 = 2;
/// What stands for the absence of a qualifier; betas start at 25 and release candidates at 50.
const RELEASE: i32 = 99;

/// A version as the one number that it is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number(i32);

impl Number {
    /// The number of a release.
    pub(super) fn of(Version { major, minor, patch }: Version) -> Self {
        let [major, minor, patch] = [major, minor, patch].map(i32::from);
        Self(major * 1_000_000 + minor * 10_000 + patch * 100 + RELEASE)
    }

    /// The version without a qualifier.
    pub(super) fn print(self) -> String {
        let part = |place: i32| self.0 / place % 100;
        format!("{}.{}.{}", part(1_000_000), part(10_000), part(100))
    }
}

/// A version, as it is printed after it was read.
pub(super) fn printed(text: &str) -> Result<String, Exception> {
    read(text).map(print)
}

/// A version as 8.x reads one: no longer with a qualifier, and with a minor and a revision of two digits at most.
pub(super) fn without_qualifier(text: &str) -> Result<Number, Exception> {
    let numbers = text.strip_suffix("-SNAPSHOT").unwrap_or(text);
    let mut parts: Vec<&str> = numbers.split(['.', '-']).collect();
    while parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    let is_short = |part: &str| part.chars().count() <= 2;
    if matches!(parts.as_slice(), [_, minor, revision] if is_short(minor) && is_short(revision)) {
        return read(text).map(Number);
    }
    let reason =
        format!("a version has a major, a minor and a revision, of which the last two have two digits at most: {text}");
    Err(Exception::new(Kind::IllegalArgument, reason))
}

fn read(text: &str) -> Result<i32, Exception> {
    let refuse = |reason: String| Exception::new(Kind::IllegalArgument, reason);
    let (numbers, is_snapshot) = text
        .strip_suffix("-SNAPSHOT")
        .map_or((text, false), |rest| (rest, true));
    let mut parts: Vec<&str> = numbers.split(['.', '-']).collect();
    while parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    let (major, minor, revision, qualifier) = match parts.as_slice() {
        [major, minor, revision] => (*major, *minor, *revision, None),
        [major, minor, revision, qualifier] => (*major, *minor, *revision, Some(*qualifier)),
        _ => {
            let reason = format!("a version has a major, a minor and a revision, and perhaps a build: {text}");
            return Err(refuse(reason));
        }
    };
    let number = |part: &str| {
        java::ascii_digits(part).parse::<i32>().map_err(|_| {
            let cause = Exception::new(Kind::NumberFormat, format!("For input string: \"{part}\""));
            refuse(format!("unable to parse version {text}")).caused_by(cause)
        })
    };
    let major = number(major)?;
    if is_snapshot && major >= HAS_ALPHAS {
        return Err(refuse(format!("a version from 5 on cannot be a snapshot: {text}")));
    }
    if qualifier.is_some() && major >= WITHOUT_QUALIFIERS {
        return Err(refuse(format!("a version from 7 on cannot have a qualifier: {text}")));
    }
    let (minor, revision) = (number(minor)?, number(revision)?);
    let build = match qualifier {
        None => RELEASE,
        Some(qualifier) => {
            let betas = if major < HAS_ALPHAS { 0 } else { 25 };
            let (label, first) = [("alpha", 0), ("beta", betas), ("rc", 50)]
                .into_iter()
                .find(|(label, _)| qualifier.starts_with(label))
                .ok_or_else(|| refuse(format!("unable to parse version {text}")))?;
            number(qualifier.strip_prefix(label).unwrap_or_default())?.wrapping_add(first)
        }
    };
    let digits = [(major, 1_000_000), (minor, 10_000), (revision, 100), (build, 1)];
    Ok(digits
        .iter()
        .fold(0, |id, (part, place)| part.wrapping_mul(*place).wrapping_add(id)))
}

fn print(id: i32) -> String {
    let part = |place: i32| id / place % 100;
    let (major, minor, revision, build) = (part(1_000_000), part(10_000), part(100), part(1));
    let (beta, candidate) = if major < SMALL_QUALIFIERS {
        (".Beta", ".RC")
    } else {
        ("-beta", "-rc")
    };
    let qualifier = match build {
        ..25 if major >= HAS_ALPHAS => format!("-alpha{build}"),
        ..50 if major >= HAS_ALPHAS => format!("{beta}{}", build - 25),
        ..50 => format!("{beta}{build}"),
        50 | RELEASE.. => String::new(),
        _ => format!("{candidate}{}", build - 50),
    };
    format!("{major}.{minor}.{revision}{qualifier}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers of Elasticsearch 7.8.1 and 7.17.28.
    #[test]
    fn prints_what_elasticsearch_prints() {
        for (text, expected) in [
            ("6.0.0-alpha1", "6.0.0-alpha1"),
            ("4.0.0-SNAPSHOT", "4.0.0"),
            ("7.0.0-", "7.0.0"),
            ("٧.٠.٠", "7.0.0"),
            ("+7.0.0", "7.0.0"),
            ("300.1.1", "0.1.1"),
            ("7.1.300", "7.4.0"),
            ("2147483647.0.0", "0.-99.-99.Beta-1"),
            ("6.0.0-alpha99", "6.0.0"),
            ("1.0.0-rc1", "1.0.0.RC1"),
        ] {
            assert_eq!(printed(text).expect(text), expected);
        }
        for text in [
            "7.0.0-alpha1",
            "7.0.0.1",
            "5.0.0-SNAPSHOT",
            "7.0",
            "6.0.0-foo",
            "-1.0.0",
            "7.0.0-alpha1-SNAPSHOT",
        ] {
            assert!(printed(text).is_err(), "{text}");
        }
    }
}
