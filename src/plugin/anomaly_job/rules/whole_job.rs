//! The rules that Elasticsearch applies once it has read the whole body (create-job.md §4.1, §3), in their order.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use crate::es::error::Exception;
use crate::es::version::Version;
use crate::xcontent::number::with_thousands;

use super::super::defaults::SNAPSHOT_RETENTION_DAYS;
use super::super::description;
use super::super::job::{AnalysisConfig, Detector, Job, SentByClient};
use super::super::rulebook::{Rule, Rulebook};
use super::analysis::check_whole_seconds;

/// From this version on the retention of snapshots is checked after the ids, together with the daily one.
const RETENTION_AFTER_IDS: Version = Version::new(7, 8, 0);

/// Checks a job that is created with the id `id`.
pub(in super::super) fn check(job: &Job<'_>, id: &str, rules: &Rulebook) -> Result<(), Exception> {
    check_fields(job, rules)?;
    check_id(id, rules)?;
    check_groups(job, id, rules)?;
    check_results_index(job, rules)?;
    check_retention_after_ids(job, rules)?;
    if let Some(config) = &job.analysis_config {
        check_duplicates(config, rules)?;
    }
    check_sent_by_client(job.sent_by_client, rules)
}

/// Checks a job that is to be validated, which may say nothing that only the server sets: that comes first then
/// (jobs-api.md §4.1).
pub(in super::super) fn check_validated(job: &Job<'_>, id: &str, rules: &Rulebook) -> Result<(), Exception> {
    check_sent_by_client(job.sent_by_client, rules)?;
    check(job, id, rules)
}

/// Checks a job that was created before, as it is or with an update (jobs-api.md §3.6).
pub(in super::super) fn check_updated(job: &Job<'_>, id: &str, rules: &Rulebook) -> Result<(), Exception> {
    check_fields(job, rules)?;
    check_id(id, rules)?;
    check_results_index(job, rules)?;
    check_retention_after_ids(job, rules)?;
    check_groups(job, id, rules)
}

/// The rules of the fields that have nothing to do with names.
fn check_fields(job: &Job<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let api = rules.api;
    let Some(config) = &job.analysis_config else {
        return rules.refuse(Rule::JobAnalysisConfigMissing, &[]);
    };
    let Some(description) = &job.data_description else {
        return rules.refuse(Rule::JobDataDescriptionMissing, &[]);
    };
    let time_field = description.time_field();
    if !time_field.is_empty() && uses_field(config, time_field) {
        rules.refuse(Rule::JobTimeFieldUsed, &[("name", &time_field)])?;
    }
    check_persist_interval(job, rules)?;
    check_days("renormalization_window_days", job.renormalization_window_days, rules)?;
    if api < RETENTION_AFTER_IDS {
        check_days(
            "model_snapshot_retention_days",
            job.model_snapshot_retention_days,
            rules,
        )?;
    }
    check_days("results_retention_days", job.results_retention_days, rules)
}

/// Whether the analysis uses a field, for whatever.
fn uses_field(config: &AnalysisConfig<'_>, field: &str) -> bool {
    let of_config = [&config.summary_count_field_name, &config.categorization_field_name];
    let mut names = config.detectors.iter().flat_map(Detector::names);
    names.any(|name| name == field)
        || of_config.into_iter().flatten().any(|name| name == field)
        || config.influencers.iter().flatten().any(|name| name == field)
}

fn check_persist_interval(job: &Job<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let Some(interval) = job.background_persist_interval else {
        return Ok(());
    };
    check_whole_seconds(Rule::BackgroundPersistIntervalWholeSeconds, interval, rules)?;
    let seconds = interval.nanos() / 1_000_000_000;
    let rule = Rule::BackgroundPersistIntervalMinimum;
    match rules.row(rule) {
        Some(row) if seconds < row.minimum => {
            let (least, value) = (with_thousands(row.minimum), with_thousands(seconds));
            rules.refuse(rule, &[("value", &value), ("minimum", &least)])
        }
        _ => Ok(()),
    }
}

fn check_days(field: &str, days: Option<i64>, rules: &Rulebook) -> Result<(), Exception> {
    let rule = Rule::JobDays;
    match days.zip(rules.row(rule)) {
        Some((days, row)) if days < row.minimum && row.fields.iter().any(|one| one == field) => {
            let parts: [(&str, &dyn std::fmt::Display); 3] = [
                ("field", &field),
                ("value", &with_thousands(days)),
                ("minimum", &row.minimum),
            ];
            rules.refuse(rule, &parts)
        }
        _ => Ok(()),
    }
}

fn check_id(id: &str, rules: &Rulebook) -> Result<(), Exception> {
    if rules.row(Rule::JobId).is_some_and(|row| !row.has_form(id)) {
        rules.refuse(Rule::JobId, &[("id", &id)])?;
    }
    match rules.row(Rule::JobIdLength) {
        Some(row) if id.len() > row.max_length => rules.refuse(Rule::JobIdLength, &[("maximum", &row.max_length)]),
        _ => Ok(()),
    }
}

fn check_groups(job: &Job<'_>, id: &str, rules: &Rulebook) -> Result<(), Exception> {
    let form_of_groups = rules.row(Rule::JobGroup);
    for group in job.groups.iter() {
        let Some(group) = group else {
            rules.refuse(Rule::JobGroupBytes, &[])?;
            continue;
        };
        if form_of_groups.is_some_and(|row| !row.has_form(&group)) {
            rules.refuse(Rule::JobGroup, &[("group", &group)])?;
        }
        if group == id {
            rules.refuse(Rule::JobGroupNamedLikeJob, &[("id", &id)])?;
        }
    }
    Ok(())
}

fn check_results_index(job: &Job<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let index = job.results_index_name.as_deref().filter(|name| !name.is_empty());
    match (index, rules.row(Rule::JobResultsIndexName)) {
        (Some(name), Some(row)) if !row.has_form(name) => rules.refuse(Rule::JobResultsIndexName, &[("name", &name)]),
        _ => Ok(()),
    }
}

/// The two retentions of snapshots, from 7.8 on (create-job.md §2.2).
fn check_retention_after_ids(job: &Job<'_>, rules: &Rulebook) -> Result<(), Exception> {
    if rules.api < RETENTION_AFTER_IDS {
        return Ok(());
    }
    let (whole, daily) = (
        job.model_snapshot_retention_days,
        job.daily_model_snapshot_retention_after_days,
    );
    check_days("model_snapshot_retention_days", whole, rules)?;
    check_days("daily_model_snapshot_retention_after_days", daily, rules)?;
    let whole = whole.unwrap_or(SNAPSHOT_RETENTION_DAYS);
    match daily {
        Some(daily) if daily > whole => {
            let (daily, whole) = (with_thousands(daily), with_thousands(whole));
            rules.refuse(Rule::JobDailyRetention, &[("daily", &daily), ("whole", &whole)])
        }
        _ => Ok(()),
    }
}

/// Two detectors that are alike in everything but their place (create-job.md §4.3). Their descriptions count, those
/// that were filled in, too.
fn check_duplicates(config: &AnalysisConfig<'_>, rules: &Rulebook) -> Result<(), Exception> {
    if config.detectors.len() < 2 || rules.row(Rule::JobSameDetectors).is_none() {
        return Ok(());
    }
    let mut seen = HashSet::with_capacity(config.detectors.len());
    // No number is like one that is none.
    let mut comparable = config.detectors.iter().filter(|detector| !has_nan(detector));
    match comparable.find(|detector| !seen.insert(Alike(detector))) {
        Some(detector) => {
            let description = description::of(detector);
            rules.refuse(Rule::JobSameDetectors, &[("description", &description)])
        }
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

/// Fields that only the server sets (create-job.md §3), in the order of their rule.
fn check_sent_by_client(sent: SentByClient, rules: &Rulebook) -> Result<(), Exception> {
    let Some(row) = rules.row(Rule::JobSetByServer) else {
        return Ok(());
    };
    if sent.is_empty() {
        return Ok(());
    }
    let names = row.fields.iter().map(String::as_str).filter(|name| sent.has(name));
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return Ok(());
    }
    rules.refuse(Rule::JobSetByServer, &[("names", &names.join(","))])
}
