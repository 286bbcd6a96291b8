//! The detectors of a request and their rules (create-job.md §2.7).

use super::super::job::{DetectionRule, Detector, DetectorText, Double, RuleCondition};
use super::super::parts::{has_value, lower_case, objects, scope, trimmed_lower_case};
use super::super::rules;
use super::super::values;
use super::{Read, Reader, failed_to_build, refused};
use crate::xcontent::json::{Member, Node};

impl<'a> Reader<'a> {
    pub(super) fn detectors(&self, value: Node<'a>) -> Read<Vec<Detector<'a>>> {
        // Counted before, as there can be one for every few bytes of a body and a detector is large.
        let mut detectors = Vec::with_capacity(objects(value).count());
        for object in objects(value) {
            detectors.push(self.detector(object)?);
        }
        // The list is the last required field: the object is built when its end is read.
        let end = self.complete(value)?;
        for detector in &mut detectors {
            rules::detector::rebuild(detector, self.rules)
                .map_err(|exception| refused(end, failed_to_build("analysis_config", exception)))?;
        }
        Ok(detectors)
    }

    pub(super) fn detector(&self, object: Node<'a>) -> Read<Detector<'a>> {
        let mut detector = Detector::default();
        let mut texts = Vec::new();
        for Member { name, value, .. } in object.members() {
            if name == "custom_rules" {
                detector.custom_rules = self.in_field(self.custom_rules(value), "detector", &name)?;
                continue;
            }
            self.complete(value)?;
            match name.as_ref() {
                "function" => {
                    let name = value.as_text();
                    detector.function = name.and_then(|name| self.rules.functions.find(&name));
                }
                "use_null" => detector.use_null = values::boolean(value),
                "exclude_frequent" => texts.push((DetectorText::ExcludeFrequent, lower_case(value))),
                // `detector_index` is read and overwritten.
                name => texts.extend(DetectorText::named(name).zip(value.as_text())),
            }
        }
        let detector = detector.with_texts(texts);
        let end = self.complete(object)?;
        rules::detector::check(&detector, self.rules).map_err(|exception| refused(end, exception))?;
        Ok(detector)
    }

    pub(super) fn custom_rules(&self, value: Node<'a>) -> Read<Box<[DetectionRule<'a>]>> {
        let mut rules = Vec::with_capacity(objects(value).count());
        for object in objects(value) {
            rules.push(self.custom_rule(object)?);
        }
        self.complete(value)?;
        Ok(rules.into_boxed_slice())
    }

    fn custom_rule(&self, object: Node<'a>) -> Read<DetectionRule<'a>> {
        let mut rule = DetectionRule::default();
        for Member { name, value, .. } in object.members() {
            self.complete(value)?;
            match name.as_ref() {
                "actions" => {
                    rule.skips_result = has_value(value, "SKIP_RESULT");
                    rule.skips_model_update = has_value(value, "SKIP_MODEL_UPDATE");
                    rule.forces_time_shift = has_value(value, "FORCE_TIME_SHIFT");
                }
                "scope" => rule.scope = scope(value),
                "conditions" => {
                    rule.conditions.reserve_exact(objects(value).count());
                    rule.conditions
                        .extend(objects(value).map(|object| self.condition(object)));
                }
                "params" => {
                    let shift = value.member("force_time_shift");
                    let amount = shift.and_then(|shift| shift.member("time_shift_amount"));
                    rule.time_shift_amount = amount.and_then(|amount| self.long(amount));
                }
                _ => {}
            }
        }
        let end = self.complete(object)?;
        rules::detector::check_custom_rule(&rule, self.rules).map_err(|exception| refused(end, exception))?;
        Ok(rule)
    }

    fn condition(&self, object: Node<'a>) -> RuleCondition<'a> {
        let mut condition = RuleCondition::default();
        for Member { name, value, .. } in object.members() {
            match name.as_ref() {
                "applies_to" => condition.applies_to = lower_case(value),
                "operator" => condition.operator = trimmed_lower_case(value),
                "value" => condition.value = Double(values::double(value, self.reading(&name)).unwrap_or_default()),
                _ => {}
            }
        }
        condition
    }
}
