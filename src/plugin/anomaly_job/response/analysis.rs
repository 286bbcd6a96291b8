//! The analysis of a job as answers show it: its detectors and their rules (create-job.md §2.7, §5.1).

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::super::description;
use super::super::job::{
    AnalysisConfig, DetectionRule, Detector, DetectorText, FilterRef, PerPartition, RuleCondition,
};
use super::super::texts::Text;
use super::Members;
use super::draft::Draft;
use crate::xcontent::answer::List;
use crate::xcontent::number::JavaDouble;

pub(super) struct AnalysisConfigDocument<'j>(pub(super) &'j AnalysisConfig<'j>, pub(super) &'j Draft);

impl Serialize for AnalysisConfigDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(config, draft) = self;
        let mut members = Members(serializer.serialize_map(None)?);
        members.add_some("bucket_span", config.bucket_span)?;
        members.add_some("categorization_field_name", config.categorization_field_name.as_ref())?;
        members.add_some("categorization_filters", config.categorization_filters.as_ref())?;
        members.add_some("categorization_analyzer", config.categorization_analyzer.as_ref())?;
        if config.categorization_field_name.is_some() {
            members.add_some(
                "per_partition_categorization",
                config.per_partition_categorization.as_ref(),
            )?;
        }
        members.add_some("latency", config.latency)?;
        members.add_some("summary_count_field_name", config.summary_count_field_name.as_ref())?;
        let detectors = config.detectors.iter().enumerate();
        members.add(
            "detectors",
            &List(detectors.map(|(index, detector)| DetectorDocument { detector, index, draft })),
        )?;
        members.add("influencers", &config.influencers)?;
        members.add_some("multivariate_by_fields", config.multivariate_by_fields)?;
        members.add_some("model_prune_window", config.model_prune_window)?;
        members.0.end()
    }
}

impl Serialize for PerPartition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members(serializer.serialize_map(None)?);
        members.add("enabled", &self.enabled)?;
        members.add_some("stop_on_warn", self.enabled.then_some(self.stop_on_warn))?;
        members.0.end()
    }
}

struct DetectorDocument<'j> {
    detector: &'j Detector<'j>,
    index: usize,
    draft: &'j Draft,
}

impl Serialize for DetectorDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { detector, index, draft } = self;
        let mut members = Members(serializer.serialize_map(None)?);
        members.add("detector_description", &description::of(detector))?;
        members.add_some("function", detector.function.map(|function| function.name.as_str()))?;
        members.add_some("field_name", detector.text(DetectorText::FieldName))?;
        members.add_some("by_field_name", detector.text(DetectorText::ByFieldName))?;
        members.add_some("over_field_name", detector.text(DetectorText::OverFieldName))?;
        members.add_some("partition_field_name", detector.text(DetectorText::PartitionFieldName))?;
        members.add_some("use_null", detector.use_null.then_some(true))?;
        members.add_some("exclude_frequent", detector.text(DetectorText::ExcludeFrequent))?;
        if !detector.custom_rules.is_empty() {
            members.add("custom_rules", &detector.custom_rules)?;
        }
        draft.index(|| members.add("detector_index", index))?;
        members.0.end()
    }
}

impl Serialize for DetectionRule<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let actions = [
            ("skip_result", self.skips_result),
            ("skip_model_update", self.skips_model_update),
            ("force_time_shift", self.forces_time_shift),
        ];
        let mut members = Members(serializer.serialize_map(None)?);
        let set = actions.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name);
        members.add("actions", &List(set))?;
        if !self.scope.is_empty() {
            members.add("scope", &Scope(&self.scope))?;
        }
        if !self.conditions.is_empty() {
            members.add("conditions", &self.conditions)?;
        }
        let shift = self.time_shift_amount.map(|amount| TimeShift {
            time_shift_amount: amount,
        });
        members.add_some(
            "params",
            shift.map(|shift| RuleParameters {
                force_time_shift: shift,
            }),
        )?;
        members.0.end()
    }
}

/// What the actions of a rule need besides their names.
#[derive(serde::Serialize)]
struct RuleParameters {
    force_time_shift: TimeShift,
}

#[derive(serde::Serialize)]
struct TimeShift {
    time_shift_amount: i64,
}

struct Scope<'j>(&'j [(Text<'j>, FilterRef<'j>)]);

impl Serialize for Scope<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(field, filter)| (field, filter)))
    }
}

impl Serialize for FilterRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members(serializer.serialize_map(None)?);
        members.add("filter_id", &self.filter_id)?;
        members.add("filter_type", &self.filter_type)?;
        members.0.end()
    }
}

impl Serialize for RuleCondition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members(serializer.serialize_map(None)?);
        members.add("applies_to", &self.applies_to)?;
        members.add("operator", &self.operator)?;
        members.add("value", &JavaDouble(self.value.0))?;
        members.0.end()
    }
}
