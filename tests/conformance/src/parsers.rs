//! The fields that each of Elasticsearch's parsers declares, by reflection over a version's own classes, and the table of
//! all versions (`data/parsers.txt`): a field that the product lacks cannot go unnoticed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use cluster::jdk::Jdk;

use crate::classes;
use crate::release::{OLDEST_JDK, Release};

const MAIN_CLASS: &str = "conformance.Fields";

const TABLE: &str = include_str!("../data/parsers.txt");

/// Parsers beside those of a job's and its datafeed's parts, of which no body of this call is read.
const OTHERS: [&str; 8] = [
    "datafeed_timing_stats",
    "datafeed_update",
    "detector_update",
    "job_update",
    "ml_filter",
    "type",
    "xpack/ml/datafeed",
    "xpack/ml/job",
];

/// The parsers of a version by name, each with its fields in alphabetical order.
pub type Parsers = BTreeMap<String, Vec<String>>;

/// The parsers of a version, as its classes say.
pub fn declared(release: Release) -> anyhow::Result<Parsers> {
    let jdk = Jdk::find(OLDEST_JDK)?;
    let class_path = classes::joined(&classes::class_path(release, &jdk)?)?;
    let output = Command::new(jdk.java())
        .args(release.jvm_flags(jdk.release))
        .arg("-cp")
        .arg(class_path)
        .arg(MAIN_CLASS)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} cannot be started", jdk.java().display()))?;
    if !output.status.success() {
        bail!(
            "the parsers of {release} cannot be listed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let lines = String::from_utf8(output.stdout).context("the list of parsers is no text")?;
    Ok(lines.lines().filter_map(parser).collect())
}

/// The parsers of a version, as the table says.
#[must_use]
pub fn tabled(release: Release) -> Parsers {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    let of_release = rows.filter_map(|row| {
        let (versions, rest) = row.split_once('\t')?;
        let (first, last) = versions.split_once(" to ").unwrap_or((versions, versions));
        let bounds = (first.parse::<Release>().ok()?, last.parse::<Release>().ok()?);
        (bounds.0 <= release && release <= bounds.1).then(|| parser(rest))?
    });
    of_release.collect()
}

/// The table's rows for these versions, which have to be in order.
pub fn table(releases: &[Release]) -> anyhow::Result<String> {
    let mut rows: BTreeMap<String, Vec<(Release, Release, Vec<String>)>> = BTreeMap::new();
    let mut before = None;
    for release in releases {
        for (name, fields) in declared(*release)? {
            let versions = rows.entry(name).or_default();
            match versions.last_mut() {
                Some((_, last, known)) if *known == fields && before == Some(*last) => *last = *release,
                _ => versions.push((*release, *release, fields)),
            }
        }
        before = Some(*release);
    }
    let mut text = String::new();
    for (name, versions) in rows {
        for (first, last, fields) in versions {
            writeln!(text, "{first} to {last}\t{name}\t{}", fields.join(" "))?;
        }
    }
    Ok(text)
}

fn parser(row: &str) -> Option<(String, Vec<String>)> {
    let (name, fields) = row.split_once('\t')?;
    let is_of_a_job = !OTHERS.contains(&name);
    is_of_a_job.then(|| (name.to_owned(), fields.split_whitespace().map(str::to_owned).collect()))
}
