//! What the product is known to answer otherwise than Elasticsearch, and what a published version does otherwise than
//! the version it stands for.

use anomaly_gateway::es::version::Version;
use anyhow::Context;

use crate::{answer::Answer, case::Case, comparison::Aspect, pattern, release::Release};

const DEVIATIONS: &str = include_str!("../data/deviations.txt");

/// The fields by which 6.8 and 7.0 differ (create-job.md §7.2): what 7.0 does with them has tests of its own.
const FIELDS_CHANGED_IN_7: [&str; 3] = [
    "model_snapshot_min_version",
    "established_model_memory",
    "last_data_time",
];

/// A line of the list of known deviations.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Deviation {
    versions: Option<(Version, Version)>,
    aspect: String,
    pattern: String,
}

impl Deviation {
    /// The list.
    pub(crate) fn all() -> anyhow::Result<Vec<Self>> {
        let lines = DEVIATIONS
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty());
        lines
            .map(|line| Self::read(line).with_context(|| format!("data/deviations.txt: {line}")))
            .collect()
    }

    fn read(line: &str) -> anyhow::Result<Self> {
        let mut columns = line.split('\t');
        let mut column = |name: &'static str| columns.next().with_context(|| format!("no {name}"));
        let versions = match column("versions")? {
            "*" => None,
            range => {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                Some((first.parse()?, last.parse()?))
            }
        };
        let deviation = Self {
            versions,
            aspect: column("aspect")?.to_owned(),
            pattern: column("pattern")?.to_owned(),
        };
        // For whoever reads the list; a line without it is not taken.
        column("reason why")?;
        Ok(deviation)
    }

    /// Whether it explains a difference.
    #[must_use]
    pub(crate) fn explains(&self, release: Release, aspect: Aspect, theirs: &Answer, ours: &Answer) -> bool {
        let version = release.version();
        let is_of_the_version = self
            .versions
            .is_none_or(|(first, last)| first <= version && version <= last);
        let (pattern, answer) = match self.pattern.strip_prefix("product:") {
            Some(pattern) => (pattern, ours),
            None => (self.pattern.as_str(), theirs),
        };
        is_of_the_version && self.aspect == aspect.to_string() && pattern::fits(pattern, &answer.body)
    }
}

/// Whether a case can be judged by this oracle. Not where the oracle broke down, which up to 7.17 it does when nesting
/// overflows its stack, and not what 7.0 is known to do otherwise than the 6.8 that stands for it.
#[must_use]
pub(crate) fn is_comparable(release: Release, case: &Case, theirs: &Answer) -> bool {
    if !theirs.is_there() || is_read_from_a_cache(case, theirs) {
        return false;
    }
    if !release.stands_for_another() {
        return true;
    }
    // In UTF-16 and UTF-32 a name has zeros between its characters, also where it is escaped.
    let body = unescaped(&String::from_utf8_lossy(&case.body).replace('\0', ""));
    let mut changed = FIELDS_CHANGED_IN_7.iter();
    // In CBOR a string may come in two chunks, with the second one's length in between.
    let in_chunks = |field: &str| {
        let (first, second) = field.split_at(field.len() / 2);
        let length = u8::try_from(second.len()).unwrap_or_default();
        format!("{first}{}{second}", char::from(0x60 | length))
    };
    let names_a_changed_field =
        changed.any(|field| body.contains(field) || body.contains(&in_chunks(field)) || theirs.body.contains(field));
    let is_ndjson = case
        .content_type
        .as_deref()
        .is_some_and(|value| value.contains("ndjson"));
    let has_negative_size = body.contains("model_memory_limit") && body.contains("\"-")
        || theirs.body.contains("must be at least 1 MiB. Value = -")
        || !is_json(case) && body.split("model_memory_limit").skip(1).any(begins_negative);
    let has_qualified_version = body.contains("7.0.0-alpha");
    !(names_a_changed_field || is_ndjson || has_negative_size || has_qualified_version)
}

/// Whether a byte that is none of UTF-8 was taken for nothing. Elasticsearch's reader keeps the names that it has read,
/// four bytes to a number, and fills up the last number with 0xFF; so a name with such a byte in the right place passes
/// for one that this process has read before. What it says then depends on what it was asked earlier.
fn is_read_from_a_cache(case: &Case, theirs: &Answer) -> bool {
    let is_noticed = theirs.body.contains("Invalid UTF-8") || theirs.body.contains("Unrecognized token");
    is_json(case)
        && case.body.contains(&0xFF)
        && !case.body.starts_with(&[0xFF])
        && !case.body.contains(&0)
        && !is_noticed
}

fn is_json(case: &Case) -> bool {
    case.content_type
        .as_deref()
        .is_some_and(|value| value.to_ascii_lowercase().contains("json"))
}

/// Whether a value is a negative number with or without a unit, as far as that can be told of one without quotes, and with
/// its length before it: what stands between it and its name is a few bytes.
fn begins_negative(value: &str) -> bool {
    let start: Vec<char> = value.chars().take(8).collect();
    start
        .windows(2)
        .any(|pair| matches!(pair, ['-', digit] if digit.is_ascii_digit()))
}

/// A JSON text whose `\u` escapes are the ASCII characters they stand for: a field's name may be written so.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u00");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.extend(digits.map(char::from));
        plain.push_str(part.get(2..).unwrap_or_default());
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_whole_and_names_only_aspects_there_are() {
        for deviation in Deviation::all().unwrap() {
            assert!(
                Aspect::ALL.iter().any(|aspect| aspect.to_string() == deviation.aspect),
                "{deviation:?}"
            );
        }
    }

    #[test]
    fn a_line_explains_its_versions_aspect_and_pattern_only() {
        let deviation = Deviation::read("8.0-8.18\treasons\t*depth*\tthe depth is ours").unwrap();
        let theirs = Answer::none("the depth of it");
        let other = Answer::none("other");
        let explains = |version: &str, aspect| deviation.explains(version.parse().unwrap(), aspect, &theirs, &other);
        assert!(explains("8.10.0", Aspect::Reasons));
        assert!(!explains("8.19.0", Aspect::Reasons));
        assert!(!explains("8.10.0", Aspect::Status));
        assert!(!deviation.explains("8.10.0".parse().unwrap(), Aspect::Reasons, &other, &other));
    }

    /// What Elasticsearch says of such a name depends on the names that it has read before.
    #[test]
    fn names_from_the_readers_cache_are_not_judged() {
        let case = |body: &[u8]| Case {
            body: body.to_vec(),
            ..Case::new("a", "")
        };
        let release = "9.5.3".parse().unwrap();
        let says = |body: &str| Answer {
            status: 400,
            ..Answer::none(body)
        };
        let name = case(b"{\"descript\xFFion\":1}");
        assert!(!is_comparable(release, &name, &says("An analysis_config must be set")));
        assert!(is_comparable(release, &name, &says("Invalid UTF-8 start byte 0xff")));
        assert!(is_comparable(
            release,
            &case(b"{}"),
            &says("An analysis_config must be set")
        ));
    }

    #[test]
    fn what_changed_in_7_0_is_not_judged_by_6_8() {
        let theirs = Answer {
            status: 200,
            ..Answer::none("")
        };
        let case = Case::new("a", r#"{"last_data_\u0074ime":1}"#);
        assert!(!is_comparable("6.8.23".parse().unwrap(), &case, &theirs));
        assert!(is_comparable("7.8.1".parse().unwrap(), &case, &theirs));
        assert!(!is_comparable(
            "7.8.1".parse().unwrap(),
            &case,
            &Answer::none("StackOverflowError")
        ));
    }
}
