//! From a document to a job: reads the values and, where Elasticsearch checks while it parses, applies the rules, so that
//! the first fault in the order of the document wins (create-job.md §1, §2).
//!
//! The schema judges the whole document first. Only what is complete before the byte at which its fault is detected is read
//! here: see [`first_fault_of`].

mod datafeed;
mod detectors;
mod script_fields;
pub(super) mod update;

use crate::admission::annotation::Reading;
use crate::admission::schema::Schema;
use crate::admission::schema_fault::{first_fault, in_field};
use crate::es::error::{Exception, Kind};
use crate::es::time_value::TimeValue;
use crate::xcontent::json::{Document, Member, Node, Token};

use super::job::{AnalysisConfig, AnalysisLimits, CustomSettings, Detector, Job, MinVersion, PerPartition};
use super::parts::{analyzer, blocked, data_description, model_plot_config};
use super::rulebook::Rulebook;
use super::rules;
use super::texts::Texts;
use super::values;

/// Why reading stopped.
enum Stop {
    /// A value is not complete before the byte at which the schema's fault is detected.
    BrokenOff,
    /// A rule refuses what was read: the refusal on its way out of the objects around it, and the byte that each of their
    /// wrappers names.
    Refused { at: usize, exception: Exception },
}

type Read<T> = Result<T, Stop>;

/// The job that a document describes, or the first fault of the document.
pub(super) fn read<'a>(document: &'a Document<'a>, schema: &Schema, rules: &'a Rulebook) -> Result<Job<'a>, Exception> {
    first_fault_of(document, schema, rules, Reader::job)
}

/// The detector that a document describes, or the first fault of the document.
pub(super) fn read_detector<'a>(
    document: &'a Document<'a>,
    schema: &Schema,
    rules: &'a Rulebook,
) -> Result<Detector<'a>, Exception> {
    first_fault_of(document, schema, rules, Reader::detector)
}

/// Reads a document, and merges the faults of its schema and those of the rules into the one that Elasticsearch reports.
///
/// Elasticsearch reads a body once and stops at its first fault, of either kind. Here the schema judges the whole document
/// before the rules are applied to what it describes. What puts the two in one order is the byte at which Elasticsearch
/// would have noticed each: `read` goes as far as the byte of the schema's fault, so that whatever a rule refuses on the
/// way comes first.
fn first_fault_of<'a, T>(
    document: &'a Document<'a>,
    schema: &Schema,
    rules: &'a Rulebook,
    read: impl FnOnce(&Reader<'a>, Node<'a>) -> Read<T>,
) -> Result<T, Exception> {
    let schema_fault = first_fault(schema, document);
    let reader = Reader {
        document,
        schema_fault_at: schema_fault.as_ref().map_or(usize::MAX, |fault| fault.detected_at),
        rules,
    };
    let read = document.root().map_or(Err(Stop::BrokenOff), |root| read(&reader, root));
    match read {
        Err(Stop::Refused { exception, .. }) => Err(exception),
        read => match schema_fault {
            Some(fault) => Err(fault.exception),
            None => read.map_err(|_| {
                let reason = "the document fits its schema but could not be read";
                Exception::new(Kind::Internal, reason)
            }),
        },
    }
}

struct Reader<'a> {
    document: &'a Document<'a>,
    /// The byte at which Elasticsearch would have noticed the schema's fault; beyond all bytes if there is none.
    schema_fault_at: usize,
    rules: &'a Rulebook,
}

fn refused(at: usize, exception: Exception) -> Stop {
    Stop::Refused { at, exception }
}

impl<'a> Reader<'a> {
    /// Goes on when a value is complete before the schema's fault, and gives where it ends.
    fn complete(&self, value: Node<'_>) -> Read<usize> {
        value
            .last_token()
            .filter(|end| *end < self.schema_fault_at)
            .ok_or(Stop::BrokenOff)
    }

    fn in_field<T>(&self, read: Read<T>, parser: &str, field: &str) -> Read<T> {
        read.map_err(|stop| match stop {
            Stop::BrokenOff => Stop::BrokenOff,
            Stop::Refused { at, exception } => refused(at, in_field(self.document, at, parser, field, exception)),
        })
    }

    fn job(&self, root: Node<'a>) -> Read<Job<'a>> {
        let mut job = Job::default();
        for Member { name, value, .. } in root.members() {
            match name.as_ref() {
                "analysis_config" => {
                    let read = self.analysis_config(value);
                    job.analysis_config = Some(self.in_field(read, "job_details", &name)?);
                }
                "analysis_limits" => {
                    job.analysis_limits = self.in_field(self.analysis_limits(value), "job_details", &name)?;
                }
                "datafeed_config" => {
                    let read = self.in_field(self.datafeed(value), "job_details", &name)?;
                    job.datafeed = Some(Box::new(read));
                }
                _ => {
                    self.complete(value)?;
                    self.job_field(&mut job, &name, value);
                }
            }
        }
        Ok(job)
    }

    /// A field whose value has no rules of its own.
    fn job_field(&self, job: &mut Job<'a>, name: &str, value: Node<'a>) {
        match name {
            "job_id" => job.job_id = value.as_text(),
            "job_type" => job.job_type = value.as_text(),
            "groups" => job.groups = Texts::of(value),
            "description" => job.description = value.as_text(),
            "create_time" => job.sent_by_client.create_time = true,
            "finished_time" => job.sent_by_client.finished_time = true,
            "model_snapshot_id" => job.sent_by_client.model_snapshot_id = value.token() != Token::Null,
            "data_description" => job.data_description = Some(data_description(value)),
            "model_plot_config" => job.model_plot_config = Some(model_plot_config(value)),
            "renormalization_window_days" => job.renormalization_window_days = self.long(value),
            "background_persist_interval" => job.background_persist_interval = self.time_value(name, value),
            "model_snapshot_retention_days" => job.model_snapshot_retention_days = self.long(value),
            "daily_model_snapshot_retention_after_days" => {
                job.daily_model_snapshot_retention_after_days = self.long(value);
            }
            "results_retention_days" => job.results_retention_days = self.long(value),
            "custom_settings" => job.custom_settings = Some(CustomSettings::InOrder(value)),
            "model_snapshot_min_version" => {
                let given = values::version(value, self.rules.api).ok().flatten();
                job.model_snapshot_min_version = Some(given.map_or(MinVersion::Server, MinVersion::Given));
            }
            "results_index_name" => job.results_index_name = value.as_text(),
            "deleting" => job.is_deleting = values::boolean(value),
            "allow_lazy_open" => job.allow_lazy_open = values::boolean(value),
            "blocked" => job.blocked = Some(blocked(value)),
            // `job_version` is read and overwritten with the server's own.
            _ => {}
        }
    }

    fn analysis_config(&self, object: Node<'a>) -> Read<AnalysisConfig<'a>> {
        let mut config = AnalysisConfig::default();
        for Member { name, value, .. } in object.members() {
            match name.as_ref() {
                "detectors" => {
                    config.detectors = self.in_field(self.detectors(value), "analysis_config", &name)?;
                    continue;
                }
                "per_partition_categorization" => {
                    let read = self.per_partition(value);
                    config.per_partition_categorization = Some(self.in_field(read, "analysis_config", &name)?);
                    continue;
                }
                _ => {}
            }
            self.complete(value)?;
            match name.as_ref() {
                "bucket_span" => config.bucket_span = self.time_value(&name, value),
                "latency" => config.latency = self.time_value(&name, value),
                "model_prune_window" => config.model_prune_window = self.time_value(&name, value),
                "categorization_field_name" => config.categorization_field_name = value.as_text(),
                "categorization_filters" => config.categorization_filters = Some(Texts::of(value)),
                "categorization_analyzer" => config.categorization_analyzer = Some(analyzer(value)),
                "summary_count_field_name" => config.summary_count_field_name = value.as_text(),
                "influencers" => config.influencers = Texts::of(value),
                "multivariate_by_fields" => config.multivariate_by_fields = Some(values::boolean(value)),
                _ => {}
            }
        }
        let end = self.complete(object)?;
        rules::analysis::check(&config, self.rules).map_err(|exception| refused(end, exception))?;
        Ok(config)
    }

    fn per_partition(&self, object: Node<'a>) -> Read<PerPartition> {
        let is_true = |name: &str| object.member(name).is_some_and(values::boolean);
        let per_partition = PerPartition {
            enabled: is_true("enabled"),
            stop_on_warn: is_true("stop_on_warn"),
        };
        let check = || rules::analysis::check_per_partition(per_partition, self.rules);
        self.built(
            object,
            "per_partition_categorization",
            ["enabled", "stop_on_warn"],
            check,
        )?;
        Ok(per_partition)
    }

    fn analysis_limits(&self, object: Node<'a>) -> Read<AnalysisLimits> {
        let mut limits = AnalysisLimits::default();
        // It is built as soon as it has both, whatever comes after them.
        let complete = object
            .members()
            .take_while(|member| self.complete(member.value).is_ok());
        for Member { name, value, .. } in complete {
            match name.as_ref() {
                "model_memory_limit" => {
                    limits.model_memory_limit = values::memory_limit(value, self.reading(&name)).ok();
                }
                "categorization_examples_limit" => limits.categorization_examples_limit = self.long(value),
                _ => {}
            }
        }
        let fields = ["model_memory_limit", "categorization_examples_limit"];
        self.built(object, "analysis_limits", fields, || {
            rules::limits::check(limits, self.rules)
        })?;
        Ok(limits)
    }

    /// The check of an object that is built when both of its fields, or its end, have been read (create-job.md §2.4).
    fn built(
        &self,
        object: Node<'_>,
        parser: &str,
        fields: [&str; 2],
        check: impl Fn() -> Result<(), Exception>,
    ) -> Read<()> {
        let mut missing = fields.to_vec();
        for Member { name, value, .. } in object.members() {
            let at = self.complete(value)?;
            missing.retain(|field| *field != name);
            if missing.is_empty() {
                let read = check().map_err(|exception| refused(at, failed_to_build(parser, exception)));
                return self.in_field(read, parser, &name);
            }
        }
        let end = self.complete(object)?;
        check().map_err(|exception| refused(end, failed_to_build(parser, exception)))
    }

    fn reading<'r>(&self, field: &'r str) -> Reading<'r> {
        Reading {
            field,
            api: self.rules.api,
        }
    }

    fn long(&self, value: Node<'_>) -> Option<i64> {
        values::long(value, self.reading("")).ok()
    }

    /// A time value. One that cannot be read is the schema's to report, which may be later than here.
    fn time_value(&self, name: &str, value: Node<'_>) -> Option<TimeValue> {
        values::time_value(value, self.reading(name)).ok().flatten()
    }
}

fn failed_to_build(parser: &str, cause: Exception) -> Exception {
    let reason = format!("Failed to build [{parser}] after last required field arrived");
    Exception::new(Kind::XContentParse, reason).caused_by(cause)
}
