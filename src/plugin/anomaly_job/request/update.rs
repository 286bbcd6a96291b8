//! From a document to an update (jobs-api.md §3.2 to §3.4). Its inner objects are those of a job.

use super::super::job_update::{DetectorUpdate, JobUpdate};
use super::super::parts::{model_plot_config, objects};
use super::super::rulebook::Rulebook;
use super::super::texts::Texts;
use super::super::values;
use super::{Read, Reader, failed_to_build, first_fault_of, refused};
use crate::admission::schema::Schema;
use crate::es::error::{Exception, Kind};
use crate::xcontent::json::{Document, Member, Node};

/// The parser of the whole, and that of one entry of `detectors`.
const UPDATE: &str = "job_update";
const DETECTOR: &str = "detector_update";

/// The update that a document describes, or the first fault of the document.
pub(in super::super) fn read<'a>(
    document: &'a Document<'a>,
    schema: &Schema,
    rules: &'a Rulebook,
) -> Result<JobUpdate<'a>, Exception> {
    first_fault_of(document, schema, rules, Reader::update)
}

impl<'a> Reader<'a> {
    fn update(&self, root: Node<'a>) -> Read<JobUpdate<'a>> {
        let mut update = JobUpdate::default();
        for Member { name, value, .. } in root.members() {
            match name.as_ref() {
                "analysis_limits" => {
                    let read = self.analysis_limits(value);
                    update.analysis_limits = Some(self.in_field(read, UPDATE, &name)?);
                }
                "detectors" => update.detectors = self.in_field(self.detector_updates(value), UPDATE, &name)?,
                "per_partition_categorization" => {
                    let read = self.per_partition(value);
                    update.per_partition_categorization = Some(self.in_field(read, UPDATE, &name)?);
                }
                _ => {
                    self.complete(value)?;
                    self.update_field(&mut update, &name, value);
                }
            }
        }
        Ok(update)
    }

    /// A field whose value has no rules of its own.
    fn update_field(&self, update: &mut JobUpdate<'a>, name: &str, value: Node<'a>) {
        match name {
            "groups" => update.groups = Some(Texts::of(value)),
            "description" => update.description = value.as_text(),
            "model_plot_config" => update.model_plot_config = Some(model_plot_config(value)),
            "renormalization_window_days" => update.renormalization_window_days = self.long(value),
            "background_persist_interval" => update.background_persist_interval = self.time_value(name, value),
            "results_retention_days" => update.results_retention_days = self.long(value),
            "model_snapshot_retention_days" => update.model_snapshot_retention_days = self.long(value),
            "daily_model_snapshot_retention_after_days" => {
                update.daily_model_snapshot_retention_after_days = self.long(value);
            }
            "categorization_filters" => update.categorization_filters = Some(Texts::of(value)),
            "custom_settings" => update.custom_settings = Some(value),
            "allow_lazy_open" => update.allow_lazy_open = Some(values::boolean(value)),
            "model_prune_window" => update.model_prune_window = self.time_value(name, value),
            // `job_id` is of no effect.
            _ => {}
        }
    }

    fn detector_updates(&self, value: Node<'a>) -> Read<Vec<DetectorUpdate<'a>>> {
        let mut updates = Vec::with_capacity(objects(value).count());
        for object in objects(value) {
            updates.push(self.detector_update(object)?);
        }
        self.complete(value)?;
        Ok(updates)
    }

    fn detector_update(&self, object: Node<'a>) -> Read<DetectorUpdate<'a>> {
        let mut update = DetectorUpdate::default();
        let mut index = None;
        for Member { name, value, .. } in object.members() {
            if name == "custom_rules" {
                update.custom_rules = Some(self.in_field(self.custom_rules(value), DETECTOR, &name)?);
                continue;
            }
            self.complete(value)?;
            match name.as_ref() {
                "detector_index" => index = values::integer(value, self.reading(&name)).ok(),
                _ => update.description = value.as_text(),
            }
        }
        let end = self.complete(object)?;
        update.detector_index = index.ok_or_else(|| {
            let absent = "[detector_index] is missing: it says which detector changes; add it";
            let cause = Exception::new(Kind::Library("null_pointer_exception"), absent);
            refused(end, failed_to_build(DETECTOR, cause))
        })?;
        Ok(update)
    }
}
