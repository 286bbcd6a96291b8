//! Reads the jobs that are to be judged: all of a file, each with its place.

mod candidates;
mod reader;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::paths::Listed;
use super::values;
use crate::cli::engine::Submission;
use crate::cli::places::{Lines, Position};
use crate::plugin::anomaly_job::BODY_LIMIT;
use crate::xcontent::json::wide_text;
use reader::Reader;

/// The path that stands for standard input.
pub(super) const STANDARD_INPUT: &str = "-";

/// Why a file, or a part of it, cannot be judged.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    /// Usual cause: it is not there, or may not be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is longer than any body.
    #[error("is longer than the {BODY_LIMIT} bytes that a body may have")]
    TooLong,
    /// Nothing says the id: neither the job, nor what is around it, nor the name of a file of this job alone.
    #[error("has no `job_id`; name it with --job-id, or in the job")]
    NoId,
    /// Usual cause: a file of something else.
    #[error("holds no job in a form that is known: a body, a list, an export, a dump, a module or a plan")]
    NoJob,
    /// Usual cause: a file that was cut off.
    #[error("is malformed at {line}:{column}: {reason}", line = .position.line, column = .position.column)]
    Malformed {
        /// Where.
        position: Position,
        /// What is wrong.
        reason: String,
    },
    /// Usual cause: a line of something else between jobs.
    #[error("is not a job: [{0}]; leave it out")]
    Text(String),
    /// Where one job is asked for.
    #[error("holds {0} jobs; say with --job-id which one is meant")]
    Several(usize),
}

/// Where in a file a job is, if it is not all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) position: Position,
    /// A JSON Pointer into the value; empty for all of it.
    pub(super) pointer: String,
}

/// A job of a file.
#[derive(Debug)]
pub(super) struct Read<T> {
    /// Where it is; none for the only job of a file.
    pub(super) place: Option<Place>,
    /// The members that were left out, as only a server sets them.
    pub(super) left_out: Vec<String>,
    /// What follows it in the file and is no value: Elasticsearch does not read it.
    pub(super) trailing: Option<String>,
    /// It is one that the cluster has already.
    pub(super) exists: bool,
    /// Its id, and what came of it.
    pub(super) outcome: Result<(String, T), InputError>,
}

impl<T> Read<T> {
    fn failed(place: Option<Place>, error: InputError) -> Self {
        Self {
            place,
            left_out: Vec::new(),
            trailing: None,
            exists: false,
            outcome: Err(error),
        }
    }
}

/// Reads all jobs of a file and does something with each. The id is that of the file's only job. A file in a folder that
/// holds no job is left out.
pub(super) fn read<T: Send>(listed: &Listed, id: Option<&str>, each: impl Fn(Submission) -> T + Sync) -> Vec<Read<T>> {
    let path = &listed.path;
    let is_standard_input = path.as_os_str() == STANDARD_INPUT;
    let file = if is_standard_input {
        read_bounded(io::stdin().lock())
    } else {
        File::open(path).map_err(InputError::from).and_then(read_bounded)
    };
    let bytes = match file {
        Ok(bytes) => bytes,
        Err(error) => return vec![Read::failed(None, error)],
    };
    // What follows the first value is looked for byte by byte.
    let bytes = wide_text(&bytes).map_or(bytes, String::into_bytes);
    let stem = (!is_standard_input).then(|| path.file_stem()).flatten();
    let reader = Reader {
        lines: Lines::of(&bytes),
        bytes: &bytes,
        id,
        stem: stem.map(|stem| stem.to_string_lossy().into_owned()),
        in_folder: listed.in_folder,
        each,
    };
    if is_yaml(path, &bytes) {
        reader.read_yaml()
    } else {
        reader.read_json()
    }
}

/// Reads the one job of a file, or the one of several that has this id.
pub(super) fn read_one(listed: &Listed, id: Option<&str>) -> Result<Submission, InputError> {
    let mut jobs = read(listed, id, |submission| submission);
    let count = jobs.len();
    if count > 1 {
        jobs.retain(|read| matches!(&read.outcome, Ok((of_job, _)) if Some(of_job.as_str()) == id));
    }
    match (jobs.pop(), jobs.len()) {
        (Some(only), 0) => only.outcome.map(|(_, submission)| submission),
        _ => Err(InputError::Several(count)),
    }
}

fn read_bounded(reader: impl io::Read) -> Result<Vec<u8>, InputError> {
    let mut body = Vec::new();
    reader.take(BODY_LIMIT as u64 + 1).read_to_end(&mut body)?;
    if body.len() > BODY_LIMIT {
        return Err(InputError::TooLong);
    }
    Ok(body)
}

/// The ending says it, or the first character where there is none that does.
fn is_yaml(path: &Path, bytes: &[u8]) -> bool {
    match path
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase())
        .as_deref()
    {
        Some("yml" | "yaml") => true,
        Some("json" | "ndjson" | "jsonl") => false,
        _ => !values::looks_like_json(bytes),
    }
}
