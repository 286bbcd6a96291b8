//! The rules of a job: what a schema cannot say (contract job.md §4), each in the order in which Elasticsearch checks.

pub(super) mod analysis;
pub(super) mod detector;
mod java_property;
pub(super) mod java_regex;
pub(super) mod limits;
pub(super) mod names;
pub(super) mod stored;
pub(super) mod whole_job;

use http::StatusCode;

use crate::es::error::{Exception, Kind};

/// A check of the machine-learning code: `status_exception` 400.
fn status(reason: impl Into<String>) -> Exception {
    Exception::new(Kind::Status(StatusCode::BAD_REQUEST), reason)
}

/// A value that is not acceptable: `illegal_argument_exception`.
fn argument(reason: impl Into<String>) -> Exception {
    Exception::new(Kind::IllegalArgument, reason)
}
