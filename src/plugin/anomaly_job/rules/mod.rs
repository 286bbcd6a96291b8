//! The rules of a job (create-job.md §4), each in the order in which Elasticsearch checks. What they know, such as the
//! functions, bounds and words, and what they tell, is in [`super::rulebook`].

pub(super) mod analysis;
pub(super) mod datafeed;
pub(super) mod detector;
mod java_property;
pub(super) mod java_regex;
pub(super) mod limits;
pub(super) mod names;
pub(super) mod stored;
pub(super) mod whole_job;
