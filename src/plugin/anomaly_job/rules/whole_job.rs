//! The rules that Elasticsearch applies once it has read the whole body (contract job.md §4.1, §3), in their order.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use crate::es::error::{Exception, Kind};
use crate::es::number::with_thousands;
use crate::es::version::Version;

use super::super::defaults::SNAPSHOT_RETENTION_DAYS;
use super::super::description;
use super::super::job::{AnalysisConfig, Detector, Job};
use super::analysis::check_whole_seconds;
use super::argument;
use super::names::{ID_FORM, MAX_JOB_ID, is_id};

/// From this version on the retention of snapshots is checked after the ids, together with the daily one.
const RETENTION_AFTER_IDS: Version = Version::new(7, 8, 0);
/// From this version on two detectors may not be alike.
const REFUSES_DUPLICATES: Version = Version::new(7, 2, 0);
/// The least seconds between two snapshots.
const LEAST_PERSIST_INTERVAL: i64 = 3600;

/// Checks a job whose id is `id`.
pub(in super::super) fn check(job: &Job<'_>, id: &str, api: Version) -> Result<(), Exception> {
    let Some(config) = &job.analysis_config else {
        return Err(argument(
            "[analysis_config] is missing; add it, with the [detectors] of the job",
        ));
    };
    let Some(description) = &job.data_description else {
        return Err(argument("[data_description] is missing; add it, even if it is empty"));
    };
    let time_field = description.time_field();
    if !time_field.is_empty() && uses_field(config, time_field) {
        let reason = format!(
            "[time_field] is [{time_field}], and the analysis uses that field as well: leave it out of the \
                              analysis, or take the time from another field"
        );
        return Err(argument(reason));
    }
    check_persist_interval(job)?;
    check_days("renormalization_window_days", job.renormalization_window_days)?;
    if api < RETENTION_AFTER_IDS {
        check_days("model_snapshot_retention_days", job.model_snapshot_retention_days)?;
    }
    check_days("results_retention_days", job.results_retention_days)?;
    check_ids(job, id)?;
    if api >= RETENTION_AFTER_IDS {
        check_retention(job)?;
    }
    if api >= REFUSES_DUPLICATES {
        check_duplicates(config)?;
    }
    check_sent_by_client(job)
}

/// Whether the analysis uses a field, for whatever.
fn uses_field(config: &AnalysisConfig<'_>, field: &str) -> bool {
    let of_config = [&config.summary_count_field_name, &config.categorization_field_name];
    let mut names = config.detectors.iter().flat_map(Detector::names);
    names.any(|name| name == field)
        || of_config.into_iter().flatten().any(|name| name == field)
        || config.influencers.iter().flatten().any(|name| name == field)
}

fn check_persist_interval(job: &Job<'_>) -> Result<(), Exception> {
    let Some(interval) = job.background_persist_interval else {
        return Ok(());
    };
    let field = "background_persist_interval";
    check_whole_seconds(field, interval)?;
    let seconds = interval.nanos() / 1_000_000_000;
    if seconds < LEAST_PERSIST_INTERVAL {
        let (least, value) = (with_thousands(LEAST_PERSIST_INTERVAL), with_thousands(seconds));
        return Err(argument(format!(
            "[{field}] is [{value}] seconds, less than [{least}]; use [1h] or more, or leave it out"
        )));
    }
    Ok(())
}

fn check_days(field: &str, days: Option<i64>) -> Result<(), Exception> {
    match days {
        Some(days) if days < 0 => Err(argument(format!(
            "[{field}] is [{}], less than [0]; use a number of days, or leave it out",
            with_thousands(days)
        ))),
        _ => Ok(()),
    }
}

fn check_ids(job: &Job<'_>, id: &str) -> Result<(), Exception> {
    if !is_id(id) {
        return Err(argument(format!("[job_id] is [{id}]; an id {ID_FORM}")));
    }
    if id.len() > MAX_JOB_ID {
        return Err(argument(format!(
            "[job_id] is longer than [{MAX_JOB_ID}] characters; use a shorter one"
        )));
    }
    for group in job.groups.iter() {
        let Some(group) = group else {
            return Err(argument(format!(
                "[groups] has bytes; use texts: the name of a group {ID_FORM}"
            )));
        };
        if !is_id(&group) {
            return Err(argument(format!(
                "[groups] has [{group}]; the name of a group {ID_FORM}"
            )));
        }
        if group == id {
            let reason = format!(
                "the job [{id}] is in a group [{group}] of its own name; jobs and groups share one space of names: \
                 use another name for one of them"
            );
            return Err(Exception::new(Kind::ResourceAlreadyExists, reason));
        }
    }
    match job.results_index_name.as_deref() {
        Some(name) if !name.is_empty() && !is_id(name) => Err(argument(format!(
            "[results_index_name] is [{name}]; the name {ID_FORM}"
        ))),
        _ => Ok(()),
    }
}

/// The two retentions of snapshots, from 7.8 on (contract job.md §2.2).
fn check_retention(job: &Job<'_>) -> Result<(), Exception> {
    let (whole, daily) = (
        job.model_snapshot_retention_days,
        job.daily_model_snapshot_retention_after_days,
    );
    check_days("model_snapshot_retention_days", whole)?;
    check_days("daily_model_snapshot_retention_after_days", daily)?;
    let whole = whole.unwrap_or(SNAPSHOT_RETENTION_DAYS);
    match daily {
        Some(daily) if daily > whole => Err(argument(format!(
            "[daily_model_snapshot_retention_after_days] is [{}], more than [model_snapshot_retention_days], which is \
             [{}]: lower the one or raise the other",
            with_thousands(daily),
            with_thousands(whole)
        ))),
        _ => Ok(()),
    }
}

/// Two detectors that are alike in everything but their place (contract job.md §4.3). Their descriptions count, those
/// that were filled in, too.
fn check_duplicates(config: &AnalysisConfig<'_>) -> Result<(), Exception> {
    if config.detectors.len() < 2 {
        return Ok(());
    }
    let mut seen = HashSet::with_capacity(config.detectors.len());
    // No number is like one that is none.
    let mut comparable = config.detectors.iter().filter(|detector| !has_nan(detector));
    match comparable.find(|detector| !seen.insert(Alike(detector))) {
        Some(detector) => Err(argument(format!(
            "two detectors are the same in everything: [{}]; leave one of them out",
            description::of(detector)
        ))),
        None => Ok(()),
    }
}

/// A detector that equals those which are like it.
struct Alike<'d>(&'d Detector<'d>);

impl<'d> Alike<'d> {
    fn parts(&self) -> impl Eq + Hash + use<'d> {
        let Self(detector) = *self;
        (
            detector.function,
            detector.use_null,
            detector.texts_but_description(),
            &detector.custom_rules,
            description::of(detector),
        )
    }
}

impl PartialEq for Alike<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Alike<'_> {}

impl Hash for Alike<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

fn has_nan(detector: &Detector<'_>) -> bool {
    let mut conditions = detector.custom_rules.iter().flat_map(|rule| &rule.conditions);
    conditions.any(|condition| condition.value.0.is_nan())
}

/// Fields that only the server sets (contract job.md §3).
fn check_sent_by_client(job: &Job<'_>) -> Result<(), Exception> {
    let sent = job.sent_by_client;
    let fields = [
        ("model_snapshot_id", sent.model_snapshot_id),
        ("finished_time", sent.finished_time),
        ("create_time", sent.create_time),
    ];
    let names: Vec<&str> = fields
        .into_iter()
        .filter(|(_, is_sent)| *is_sent)
        .map(|(name, _)| name)
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let names = names.join(",");
    Err(argument(format!(
        "the fields [{names}] are set by the server, not by whoever creates a job; leave them out"
    )))
}
