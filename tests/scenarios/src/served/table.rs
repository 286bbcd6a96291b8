//! What is known of the vendors' tests of jobs: which calls are served, and which tests expect something that is not.
//!
//! A test is known by the end of its name (file and title) and by how many calls it makes, as it reads otherwise in
//! other versions; a call in it by its number, from 1.

/// The descriptions of the calls that are served, as the vendors write them; of these none is published.
pub(super) const APIS: &str = include_str!("apis.json");

/// The names of those calls.
pub(super) const SERVED: [&str; 6] = [
    "ml.delete_job",
    "ml.get_jobs",
    "ml.put_job",
    "ml.update_job",
    "ml.validate",
    "ml.validate_detector",
];

/// Calls that are not served, and why.
const NOT_SERVED: [(&[&str], &str); 5] = [
    (
        &[
            "ml.open_job",
            "ml.close_job",
            "ml.flush_job",
            "ml.post_data",
            "ml.forecast",
            "ml.delete_forecast",
            "ml.reset_job",
        ],
        "no job runs",
    ),
    (
        &["ml.get_job_stats", "cat.ml_jobs"],
        "there are no statistics of jobs that do not run",
    ),
    (
        &[
            "ml.get_buckets",
            "ml.get_overall_buckets",
            "ml.get_records",
            "ml.get_influencers",
            "ml.get_categories",
        ],
        "there are no results of jobs that do not run",
    ),
    (
        &[
            "ml.get_model_snapshots",
            "ml.update_model_snapshot",
            "ml.revert_model_snapshot",
            "ml.delete_model_snapshot",
            "ml.upgrade_job_snapshot",
        ],
        "there are no models of jobs that do not run",
    ),
    (
        &[
            "ml.put_datafeed",
            "ml.get_datafeeds",
            "ml.update_datafeed",
            "ml.delete_datafeed",
            "ml.start_datafeed",
            "ml.stop_datafeed",
            "ml.preview_datafeed",
            "ml.get_datafeed_stats",
            "cat.ml_datafeeds",
        ],
        "datafeeds are served as parts of jobs only",
    ),
];

/// Why a call is not made, if it is not.
pub(super) fn reason_not_served(api: &str) -> Option<&'static str> {
    let is_of_machine_learning = api.starts_with("ml.") || api.starts_with("cat.ml_");
    if !is_of_machine_learning || SERVED.contains(&api) {
        return None;
    }
    let known = NOT_SERVED.iter().find(|(apis, _)| apis.contains(&api));
    Some(known.map_or("it is not about jobs", |(_, reason)| *reason))
}

/// A test as it reads in some versions.
#[derive(Clone, Copy)]
struct Reading {
    name: &'static str,
    calls: usize,
}

const fn reading(name: &'static str, calls: usize) -> Reading {
    Reading { name, calls }
}

impl Reading {
    fn is_of(&self, name: &str, calls: usize) -> bool {
        self.calls == calls && name.ends_with(self.name)
    }
}

/// Tests that no version is right for.
const NO_VERSION: [(Reading, &str); 1] = [(
    reading("jobs_crud/Test update job", 16),
    "it sets system_annotations_retention_days, which no release has known",
)];

/// Why a test is not run as any version, if it is not.
pub(super) fn reason_not_run(name: &str, calls: usize) -> Option<&'static str> {
    let known = NO_VERSION.iter().find(|(reading, _)| reading.is_of(name, calls));
    known.map(|(_, reason)| *reason)
}

/// Tests of what newer versions do otherwise: the version that they are run as, and why.
const OLDER: [(Reading, &str, &str); 6] = [
    (
        reading(
            "jobs_crud/Test get jobs with expression that does not match and allow_no_match",
            2,
        ),
        "7.17",
        "the last that takes allow_no_jobs",
    ),
    (
        reading(
            "jobs_crud/Test get jobs with expression that does not match and not allow_no_match",
            2,
        ),
        "7.17",
        "the last that takes allow_no_jobs",
    ),
    (
        reading("jobs_crud/Test cannot create job with model snapshot id set", 1),
        "8.13",
        "the last whose parser knows model_snapshot_id",
    ),
    (
        reading("validate/Test job config is invalid because model snapshot id set", 2),
        "8.13",
        "the last whose parser knows model_snapshot_id",
    ),
    (
        reading("jobs_crud/Test put job with datafeed with indices options in params", 2),
        "7.15",
        "the last that does not warn of ignore_throttled",
    ),
    (
        reading("jobs_crud/Test update job", 12),
        "7.15",
        "the last whose analyzer takes the first line that is not blank",
    ),
];

/// The version that a test is to be run as, and why it is not the newest.
pub(super) fn older_version(name: &str, calls: usize) -> Option<(&'static str, &'static str)> {
    let known = OLDER.iter().find(|(reading, _, _)| reading.is_of(name, calls));
    known.map(|(_, version, why)| (*version, *why))
}

/// Calls that are served, but are to be answered as a call that is left out would have had it.
const DEPENDENT: [(Reading, usize, &str); 9] = [
    (reading("jobs_crud/Test update job", 12), 4, "it expects an open job"),
    (
        reading("jobs_crud/Test delete job that is referred by a datafeed", 3),
        3,
        "it expects a datafeed put by itself",
    ),
    (
        reading("jobs_crud/Test delete job that is opened", 3),
        3,
        "it expects an open job",
    ),
    (
        reading("jobs_crud/Test get job with datafeed", 4),
        3,
        "it expects a datafeed put by itself",
    ),
    (
        reading("jobs_crud/Test get job with datafeed", 3),
        3,
        "it expects a datafeed put by itself",
    ),
    (
        reading("jobs_crud/Test reopen job resets the finished time", 7),
        5,
        "it expects a job that has run",
    ),
    (reading("jobs_crud/Test max model memory limit", 5), 1, NO_SETTING),
    (reading("jobs_crud/Test max model memory limit", 5), 3, NO_SETTING),
    (reading("jobs_crud/Test max model memory limit", 5), 4, NO_SETTING),
];

const NO_SETTING: &str = "OpenSearch has no setting of the largest memory limit";

/// Why a call is left out although it is served, if it is.
pub(super) fn reason_to_leave_out(name: &str, calls: usize, call: usize) -> Option<&'static str> {
    let known = DEPENDENT
        .iter()
        .find(|(reading, number, _)| *number == call && reading.is_of(name, calls));
    known.map(|(_, _, reason)| *reason)
}

/// A refusal by what is fixed in it: the types of the first and of the last exception of its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
}

/// Of the whole job, which is checked after it was read (create-job.md §4.1, §4.5).
const ARGUMENT: Refusal = plain("illegal_argument_exception");
const TAKEN: Refusal = plain("resource_already_exists_exception");
/// Of the analysis, which is checked while the body is read (create-job.md §4.2).
const ANALYSIS: Refusal = Refusal {
    status: 400,
    first: "x_content_parse_exception",
    last: "status_exception",
};

const fn plain(kind: &'static str) -> Refusal {
    Refusal {
        status: 400,
        first: kind,
        last: kind,
    }
}

/// Calls whose answer the tests look for a sentence in. The gateway has its own; these are held to the rest of the answer.
const OWN_WORDS: [(Reading, usize, Refusal); 17] = [
    (
        reading("jobs_crud/Test put job with model_prune_window", 3),
        2,
        ANALYSIS,
    ),
    (
        reading("jobs_crud/Test put job with model_prune_window", 3),
        3,
        ANALYSIS,
    ),
    (
        reading("jobs_crud/Test put job with inconsistent model snapshot settings", 2),
        1,
        ARGUMENT,
    ),
    (
        reading("jobs_crud/Test put job with inconsistent model snapshot settings", 2),
        2,
        ARGUMENT,
    ),
    (
        reading("jobs_crud/Test put job with inconsistent body/param ids", 2),
        2,
        ARGUMENT,
    ),
    (
        reading("jobs_crud/Test put job with id that is already taken", 3),
        3,
        TAKEN,
    ),
    (reading("jobs_crud/Test update job", 12), 8, ARGUMENT),
    (reading("jobs_crud/Test update job", 12), 9, ARGUMENT),
    (reading("jobs_crud/Test update job", 12), 12, TAKEN),
    (
        reading("jobs_crud/Test put job with time field in analysis_config", 2),
        2,
        ARGUMENT,
    ),
    (
        reading("jobs_crud/Test put job with duplicate detector configurations", 2),
        1,
        ARGUMENT,
    ),
    (
        reading("jobs_crud/Test put job with duplicate detector configurations", 2),
        2,
        ARGUMENT,
    ),
    (
        reading(
            "jobs_crud/Test job with categorization_analyzer and categorization_filters",
            1,
        ),
        1,
        ANALYSIS,
    ),
    (
        reading("validate/Test job config that is invalid only because of the job ID", 1),
        1,
        ARGUMENT,
    ),
    (
        reading("validate/Test job config is invalid because model snapshot id set", 2),
        2,
        ARGUMENT,
    ),
    (
        reading("validate/Test job config with duplicate detector configurations", 2),
        1,
        ARGUMENT,
    ),
    (
        reading("validate/Test job config with duplicate detector configurations", 2),
        2,
        ARGUMENT,
    ),
];

/// What a refusal has to be where its sentence is the gateway's own.
pub(super) fn refusal(name: &str, calls: usize, call: usize) -> Option<Refusal> {
    let known = OWN_WORDS
        .iter()
        .find(|(reading, number, _)| *number == call && reading.is_of(name, calls));
    known.map(|(_, _, refusal)| *refusal)
}
