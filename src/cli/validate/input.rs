//! Reads the jobs that are to be judged.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::cli::engine::Submission;
use crate::es::format::Format;
use crate::es::json::{Document, Node};
use crate::es::version::Version;
use crate::plugin::anomaly_job::BODY_LIMIT;

/// The path that stands for standard input.
pub(super) const STANDARD_INPUT: &str = "-";

/// Why a file cannot be judged.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    /// Usual cause: it is not there, or may not be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is longer than any body.
    #[error("is longer than the {BODY_LIMIT} bytes that a body may have")]
    TooLong,
    /// Of standard input nothing else tells the id.
    #[error("has no `job_id`; name it with --job-id")]
    NoId,
}

/// Reads a job.
pub(super) fn read(path: &Path, id: Option<&str>) -> Result<Submission, InputError> {
    let is_standard_input = path.as_os_str() == STANDARD_INPUT;
    let body = if is_standard_input {
        read_bounded(io::stdin().lock())?
    } else {
        read_bounded(File::open(path)?)?
    };
    let is_yaml = path
        .extension()
        .is_some_and(|ending| ending == "yml" || ending == "yaml");
    let format = if is_yaml { Format::Yaml } else { Format::Json };
    let in_body = |document: &Document<'_>| {
        let id = document
            .root()
            .and_then(|root| root.member("job_id"))
            .and_then(Node::as_text);
        id.map(std::borrow::Cow::into_owned)
    };
    let of_file = || (!is_standard_input).then(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    let id = id
        .map(str::to_owned)
        .or_else(|| in_body(&format.read(&body, Version::BASE)))
        .or_else(|| of_file().flatten())
        .ok_or(InputError::NoId)?;
    Ok(Submission {
        id,
        body,
        format: Some(format),
        ..Submission::default()
    })
}

fn read_bounded(reader: impl Read) -> Result<Vec<u8>, InputError> {
    let mut body = Vec::new();
    reader.take(BODY_LIMIT as u64 + 1).read_to_end(&mut body)?;
    if body.len() > BODY_LIMIT {
        return Err(InputError::TooLong);
    }
    Ok(body)
}
