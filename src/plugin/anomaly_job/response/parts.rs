//! The parts of a job that have no room of their own, as answers show them (create-job.md §5.1).

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::super::job::{AnalysisLimits, Blocked, CustomSettings, DataDescription, ModelPlotConfig};
use super::Members;
use crate::admission::hash_order::{self, InOrder};
use crate::es::version::Version;

impl Serialize for CustomSettings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::InOrder(settings) => InOrder(settings).serialize(serializer),
            Self::Hashed(settings) => hash_order::to_value(settings).serialize(serializer),
        }
    }
}

impl Serialize for AnalysisLimits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members(serializer.serialize_map(None)?);
        let memory = self.model_memory_limit.map(|memory| format!("{memory}mb"));
        members.add_some("model_memory_limit", memory)?;
        members.add_some("categorization_examples_limit", self.categorization_examples_limit)?;
        members.0.end()
    }
}

/// The description of data as a version has it.
pub(super) struct DataDescriptionDocument<'j>(pub(super) &'j DataDescription<'j>, pub(super) Version);

impl Serialize for DataDescriptionDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(description, api) = self;
        let reads_delimited = *api < Version::new(8, 0, 0);
        let mut members = Members(serializer.serialize_map(None)?);
        members.add_some(
            "format",
            (description.is_delimited && reads_delimited).then_some("delimited"),
        )?;
        members.add_some("time_field", description.time_field.as_ref())?;
        members.add_some("time_format", description.time_format.as_ref())?;
        members.add_some(
            "field_delimiter",
            description.field_delimiter.as_ref().filter(|_| reads_delimited),
        )?;
        members.add_some(
            "quote_character",
            description.quote_character.as_ref().filter(|_| reads_delimited),
        )?;
        members.0.end()
    }
}

impl Serialize for ModelPlotConfig<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members(serializer.serialize_map(None)?);
        members.add("enabled", &self.enabled)?;
        members.add_some("terms", self.terms.as_ref())?;
        members.add_some("annotations_enabled", self.annotations_enabled)?;
        members.0.end()
    }
}

impl Serialize for Blocked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members(serializer.serialize_map(None)?);
        members.add("reason", &self.reason)?;
        members.add_some("task_id", self.task_id.as_ref())?;
        members.0.end()
    }
}
