//! The effective document: the job as Elasticsearch answers it and, without the indices of its detectors, stores it
//! (create-job.md §5.1, §5.2).

mod analysis;
mod draft;
mod keys;
mod parts;

use std::borrow::Cow;
use std::io;
use std::ops::Range;
use std::time::{Duration, UNIX_EPOCH};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::admission::Companion;
use crate::es::error::{Exception, Kind};
use crate::es::version::Version;
use crate::xcontent::answer;
use crate::xcontent::elided_text::ElidedText;
use crate::xcontent::number;

use super::config_version;
use super::datafeed::companion;
use super::datafeed::document::DatafeedDocument;
use super::defaults::BLOCKS;
use super::job::{Job, MinVersion};
use analysis::AnalysisConfigDocument;
use draft::{Draft, Marks};
use parts::DataDescriptionDocument;

/// The type of a job whose client has named none.
const USUAL_TYPE: &str = "anomaly_detector";
/// From this version on `allow_lazy_open` is always written.
const OPENS_LAZILY: Version = Version::new(7, 5, 0);

/// What the server adds to a job.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp<'s> {
    /// The job's id.
    pub(super) id: &'s str,
    /// What the server has noted of the job itself.
    pub(super) kept: &'s Kept<'s>,
    /// The version to answer as.
    pub(super) api: Version,
    /// Whether times are wanted as people read them, too.
    pub(super) for_humans: bool,
}

/// What the server notes of a job by itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept<'k> {
    /// The version that has made it.
    pub(super) job_version: Option<Cow<'k, str>>,
    /// When it was created, in milliseconds since the epoch.
    pub(super) create_time: Option<i64>,
    /// When it was last closed, in milliseconds since the epoch.
    pub(super) finished_time: Option<i64>,
    /// The snapshot of its models that is in use.
    pub(super) model_snapshot_id: Option<Cow<'k, str>>,
}

impl Kept<'_> {
    /// What is noted of a job that is created now, in milliseconds since the epoch.
    pub(super) fn of_new(now_millis: i64, api: Version) -> Self {
        Self {
            job_version: Some(config_version::of_server(api).into()),
            create_time: Some(now_millis),
            ..Self::default()
        }
    }
}

/// How many bytes are filled in in most jobs, at most.
const USUALLY_FILLED_IN: usize = 1024;
/// The longest body whose document is written without being counted first.
const MAX_UNCOUNTED: usize = 64 * 1024;

/// The documents of a job.
pub(super) struct Documents {
    /// The one that is answered and, of it, the one that is stored.
    pub(super) of_job: ElidedText,
    /// Where the answered one has what only the server sets.
    pub(super) set_by_server: Vec<Range<usize>>,
    /// The one of its datafeed, which is stored beside it.
    pub(super) companion: Option<Companion>,
}

/// Writes the documents of a job that is filled in, which a body of `length` bytes has described.
pub(super) fn documents(job: &Job<'_>, stamp: Stamp<'_>, length: usize) -> Result<Documents, Exception> {
    let detectors = job.analysis_config.as_ref().map_or(0, |config| config.detectors.len());
    let others = usize::from(stamp.for_humans) + usize::from(job.datafeed.is_some());
    written(job, stamp, length, Draft::with_room(detectors + others))
}

/// The same for a job that was stored before: Elasticsearch then stores what it answers (jobs-api.md §3.7).
pub(super) fn documents_of_stored(job: &Job<'_>, stamp: Stamp<'_>, length: usize) -> Result<ElidedText, Exception> {
    written(job, stamp, length, Draft::storing_indices()).map(|documents| documents.of_job)
}

fn written(job: &Job<'_>, stamp: Stamp<'_>, length: usize, draft: Draft) -> Result<Documents, Exception> {
    let document = JobDocument {
        job,
        stamp,
        draft: &draft,
    };
    // Nothing in a job cannot be written as JSON; should that change, it is a fault of the gateway.
    let room = if length <= MAX_UNCOUNTED {
        2 * length + USUALLY_FILLED_IN
    } else {
        answer::write_one_line(&document, draft.writer(io::sink())).map_err(|error| internal(&error))?;
        draft.length()
    };
    let mut text = Vec::with_capacity(room);
    answer::write_one_line(&document, draft.writer(&mut text)).map_err(|error| internal(&error))?;
    let text = String::from_utf8(text).map_err(|error| internal(&error))?;
    let Marks {
        only_answered,
        set_by_server,
        companion,
    } = draft.finish();
    let datafeed = job.datafeed.as_deref().zip(companion);
    let companion = datafeed.map(|(datafeed, place)| {
        // Only a new job comes with one, and that says when it is created.
        let created = stamp.kept.create_time.unwrap_or_default();
        companion::companion(datafeed, stamp.id, &text, place, created)
    });
    Ok(Documents {
        of_job: ElidedText::new(text, only_answered),
        set_by_server,
        companion,
    })
}

fn internal(error: &impl std::error::Error) -> Exception {
    Exception::new(Kind::Internal, error.to_string())
}

/// A document of a job that is filled in, written straight from the job: no copy of it is built first.
#[derive(Debug, Clone, Copy)]
struct JobDocument<'j> {
    job: &'j Job<'j>,
    stamp: Stamp<'j>,
    draft: &'j Draft,
}

impl Serialize for JobDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members(serializer.serialize_map(None)?);
        for key in keys::of_version(self.stamp.api) {
            self.member(key, &mut members)?;
        }
        members.0.end()
    }
}

impl JobDocument<'_> {
    fn member<M: SerializeMap>(&self, key: &'static str, members: &mut Members<M>) -> Result<(), M::Error> {
        let Self { job, stamp, draft } = self;
        match key {
            "job_id" => members.add(key, stamp.id),
            // Later versions do not know it in a request.
            "job_type" if job.job_type.as_deref() == Some(USUAL_TYPE) => {
                draft.set_by_server(|| members.add(key, USUAL_TYPE))
            }
            "job_type" => members.add_some(key, job.job_type.as_ref()),
            "job_version" => draft.set_by_server(|| members.add_some(key, stamp.kept.job_version.as_ref())),
            "groups" if !job.groups.is_empty() => members.add(key, &job.groups),
            "description" => members.add_some(key, job.description.as_ref()),
            "create_time" => {
                self.time_for_humans("create_time_string", stamp.kept.create_time, members)?;
                draft.set_by_server(|| members.add_some(key, stamp.kept.create_time))
            }
            "finished_time" => {
                self.time_for_humans("finished_time_string", stamp.kept.finished_time, members)?;
                members.add_some(key, stamp.kept.finished_time)
            }
            "model_snapshot_id" => members.add_some(key, stamp.kept.model_snapshot_id.as_ref()),
            "analysis_config" => {
                let config = job.analysis_config.as_ref();
                members.add_some(key, config.map(|config| AnalysisConfigDocument(config, draft)))
            }
            "analysis_limits" => members.add(key, &job.analysis_limits),
            "data_description" => {
                let description = job.data_description.as_ref();
                members.add_some(
                    key,
                    description.map(|description| DataDescriptionDocument(description, stamp.api)),
                )
            }
            "model_plot_config" => members.add_some(key, job.model_plot_config.as_ref()),
            "renormalization_window_days" => members.add_some(key, job.renormalization_window_days),
            "background_persist_interval" => members.add_some(key, job.background_persist_interval),
            "model_snapshot_retention_days" => members.add_some(key, job.model_snapshot_retention_days),
            "daily_model_snapshot_retention_after_days" => {
                members.add_some(key, job.daily_model_snapshot_retention_after_days)
            }
            "results_retention_days" => members.add_some(key, job.results_retention_days),
            "custom_settings" => members.add_some(key, job.custom_settings),
            companion::MEMBER => match &job.datafeed {
                None => Ok(()),
                Some(datafeed) => draft.companion(|| {
                    let document = DatafeedDocument {
                        datafeed,
                        job_id: stamp.id,
                        api: stamp.api,
                        after_ids: &|| draft.ids_end(),
                    };
                    members.add(key, &document)
                }),
            },
            "model_snapshot_min_version" => match job.model_snapshot_min_version.as_ref() {
                None => Ok(()),
                Some(MinVersion::Server) => members.add(key, &config_version::of_server(stamp.api)),
                Some(MinVersion::Given(version)) => members.add(key, version),
            },
            "results_index_name" => members.add_some(key, job.results_index_name.as_ref()),
            "deleting" if job.is_deleting => members.add(key, &true),
            "allow_lazy_open" if stamp.api >= OPENS_LAZILY => members.add(key, &job.allow_lazy_open),
            "blocked" if stamp.api >= BLOCKS => {
                members.add_some(key, job.blocked.as_ref().filter(|blocked| blocked.reason != "none"))
            }
            _ => Ok(()),
        }
    }

    /// A time in milliseconds since the epoch as people read it, where they are to.
    fn time_for_humans<M: SerializeMap>(
        &self,
        key: &'static str,
        millis: Option<i64>,
        members: &mut Members<M>,
    ) -> Result<(), M::Error> {
        match millis.filter(|_| self.stamp.for_humans) {
            None => Ok(()),
            Some(millis) => self.draft.only_answered(|| members.add(key, &human_time(millis))),
        }
    }
}

/// A time as ISO 8601 has it, in UTC and with milliseconds.
fn human_time(millis: i64) -> String {
    let since_epoch = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
    humantime::format_rfc3339_millis(UNIX_EPOCH + since_epoch).to_string()
}

/// An object that is written member by member, leaving out what is not there.
struct Members<M>(M);

impl<M: SerializeMap> Members<M> {
    fn add(&mut self, key: &'static str, value: &(impl Serialize + ?Sized)) -> Result<(), M::Error> {
        self.0.serialize_entry(key, value)
    }

    fn add_some(&mut self, key: &'static str, value: Option<impl Serialize>) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.add(key, &value))
    }
}

/// A number of a component's settings as text.
pub(super) fn number_text(number: &str) -> String {
    match number::round_trip(number) {
        Value::String(text) => text,
        value => value.to_string(),
    }
}
