//! The rules of one detector (contract job.md §4.3).

use crate::es::error::Exception;
use crate::es::version::Version;

use super::super::functions::{self, Demand};
use super::super::job::{DetectionRule, Detector, DetectorText};
use super::names::check_field_name;
use super::status;

/// Names that a by or over field cannot have, in the order of the checks.
const RESERVED: [&str; 3] = ["count", "by", "over"];

/// Checks a detector that has been read, in Elasticsearch's order.
pub(in super::super) fn check(detector: &Detector<'_>, api: Version) -> Result<(), Exception> {
    check_fields(detector, api)?;
    for name in detector.names() {
        check_field_name(Some(name))?;
    }
    for rule in &*detector.custom_rules {
        check_rule(detector, rule)?;
    }
    check_distinct(detector)?;
    for reserved in RESERVED {
        for (field, name) in [
            ("by_field_name", DetectorText::ByFieldName),
            ("over_field_name", DetectorText::OverFieldName),
        ] {
            if detector.text(name).is_some_and(|name| name == reserved) {
                return Err(status(format!(
                    "[{field}] is [{reserved}], a word that means something else there; use a field of another name, such as an \
                     alias of it"
                )));
            }
        }
    }
    Ok(())
}

fn is_set(detector: &Detector<'_>, name: DetectorText) -> bool {
    detector.text(name).is_some_and(|name| !name.is_empty())
}

/// What the function demands of the fields.
fn check_fields(detector: &Detector<'_>, api: Version) -> Result<(), Exception> {
    let has_field = is_set(detector, DetectorText::FieldName);
    let has_by = is_set(detector, DetectorText::ByFieldName);
    let has_over = is_set(detector, DetectorText::OverFieldName);
    let stands_alone = detector.function.is_some_and(|function| function.stands_alone);
    if !has_field && !has_by && !has_over && !stands_alone {
        return Err(status(
            "the detector has none of [field_name], [by_field_name] and [over_field_name]; add one of them, or use a \
             function that needs none, such as [count]",
        ));
    }
    let Some(function) = detector.function else {
        return if has_field {
            Err(status(
                "[field_name] is given without [function]; add one, such as [mean]",
            ))
        } else {
            Ok(())
        };
    };
    let name = function.name;
    if function.field == Demand::Required && !has_field {
        return Err(status(format!(
            "the function [{name}] needs a [field_name]; add the field that it is to look at"
        )));
    }
    if function.field.forbids(api) && has_field {
        return Err(status(format!(
            "the function [{name}] takes no [field_name]; leave it out"
        )));
    }
    if function.by == Demand::Required && !has_by {
        return Err(status(format!(
            "the function [{name}] needs a [by_field_name]; add the field whose values are to be told apart"
        )));
    }
    if function.over == Demand::Required && !has_over {
        return Err(status(format!(
            "the function [{name}] needs an [over_field_name]; add the field whose values are to be compared with each other"
        )));
    }
    if function.over.forbids(api) && has_over {
        return Err(status(format!(
            "the function [{name}] takes no [over_field_name]; leave it out"
        )));
    }
    Ok(())
}

/// A rule against the function and the fields of its detector.
fn check_rule(detector: &Detector<'_>, rule: &DetectionRule<'_>) -> Result<(), Exception> {
    // Only the first condition decides (contract job.md §7, 12). A function that is absent is a metric by now.
    let function = detector.function.or_else(|| functions::find(functions::METRIC));
    if let (Some(first), Some(function)) = (rule.conditions.first(), function)
        && first.applies_to != "time"
        && !function.has_value_conditions
    {
        let name = function.name;
        return Err(status(format!(
            "[custom_rules] has a condition on a value, and the function [{name}] takes conditions on [time] only; let [applies_to] be [time], or use another function"
        )));
    }
    for (name, _) in &rule.scope {
        if detector.analysis_fields().any(|field| field == name) {
            continue;
        }
        let fields: Vec<&str> = detector.analysis_fields().map(AsRef::as_ref).collect();
        if fields.is_empty() {
            let reason = "the detector has no by, over or partition field to scope by; add one, or leave out the scope";
            return Err(status(format!("[custom_rules] has the scope field [{name}]; {reason}")));
        }
        let fields = fields.join(", ");
        return Err(status(format!(
            "[custom_rules] has the scope field [{name}], which is none of this detector's [{fields}]; use one of \
             these"
        )));
    }
    Ok(())
}

/// The by, over and partition field are three different ones.
fn check_distinct(detector: &Detector<'_>) -> Result<(), Exception> {
    let by = ("by_field_name", detector.text(DetectorText::ByFieldName));
    let over = ("over_field_name", detector.text(DetectorText::OverFieldName));
    let partition = ("partition_field_name", detector.text(DetectorText::PartitionFieldName));
    for ((left, left_name), (right, right_name)) in [(partition, by), (partition, over), (by, over)] {
        if let Some(name) = left_name.filter(|name| !name.is_empty() && Some(*name) == right_name) {
            return Err(status(format!(
                "[{left}] and [{right}] are both [{name}]; leave one of them out, or use another field"
            )));
        }
    }
    Ok(())
}

/// Checks a rule that has been read.
pub(in super::super) fn check_custom_rule(rule: &DetectionRule<'_>) -> Result<(), Exception> {
    if rule.scope.is_empty() && rule.conditions.is_empty() {
        return Err(status(
            "[custom_rules] has a rule with neither a scope nor a condition; add [scope] or [conditions] to say when it applies",
        ));
    }
    match (rule.forces_time_shift, rule.time_shift_amount) {
        (true, None) => Err(status(
            "[custom_rules] has a rule with the action [force_time_shift] but without \
             [params.force_time_shift.time_shift_amount], the seconds by which to shift; add it",
        )),
        (false, Some(_)) => Err(status(
            "[custom_rules] has a rule with [params.force_time_shift] but without the action [force_time_shift]; add it \
             to [actions] or leave out the parameters",
        )),
        _ => Ok(()),
    }
}

/// What Elasticsearch does when it builds the analysis from its detectors: one without a function is taken for a metric
/// and checked again (contract job.md §4.3, absent `function`).
pub(in super::super) fn rebuild(detector: &mut Detector<'_>, api: Version) -> Result<(), Exception> {
    if detector.function.is_some() {
        return Ok(());
    }
    detector.function = functions::find(functions::METRIC);
    check(detector, api)
}

#[cfg(test)]
mod tests {
    use super::super::super::job::Text;
    use super::*;

    fn detector<'a>(function: &str, field: &'a str, by: &'a str, over: &'a str, partition: &'a str) -> Detector<'a> {
        let texts = [
            (DetectorText::FieldName, field),
            (DetectorText::ByFieldName, by),
            (DetectorText::OverFieldName, over),
            (DetectorText::PartitionFieldName, partition),
        ];
        let sent = texts.into_iter().filter(|(_, name)| *name != "-");
        let detector = Detector {
            function: functions::find(function),
            ..Detector::default()
        };
        detector.with_texts(sent.map(|(kind, name)| (kind, Text::Borrowed(name))).collect())
    }

    /// Contract job.md §4.3, the checks in their order.
    #[test]
    fn refuses_in_the_order_of_the_contract() {
        for (function, field, by, over, partition, words) in [
            ("none", "-", "-", "-", "-", "the detector has none of [field_name]"),
            ("rare", "-", "-", "-", "p", "the detector has none of [field_name]"),
            ("sum", "", "", "", "p", "the detector has none of [field_name]"),
            ("sum", "-", "b", "-", "-", "the function [sum] needs a [field_name]"),
            (
                "count",
                "f",
                "-",
                "-",
                "-",
                "the function [count] takes no [field_name]",
            ),
            ("none", "f", "-", "-", "-", "[field_name] is given without"),
            (
                "rare",
                "-",
                "-",
                "o",
                "-",
                "the function [rare] needs a [by_field_name]",
            ),
            (
                "freq_rare",
                "-",
                "b",
                "-",
                "-",
                "the function [freq_rare] needs an [over_field_name]",
            ),
            (
                "nzc",
                "-",
                "-",
                "o",
                "-",
                "the function [non_zero_count] takes no [over_field_name]",
            ),
            ("sum", "a\"", "-", "-", "-", "the field name [a\"]"),
            (
                "count",
                "-",
                "a",
                "-",
                "a",
                "[partition_field_name] and [by_field_name] are both [a]",
            ),
            (
                "count",
                "-",
                "-",
                "a",
                "a",
                "[partition_field_name] and [over_field_name]",
            ),
            ("count", "-", "a", "a", "-", "[by_field_name] and [over_field_name]"),
            ("count", "-", "count", "-", "-", "[by_field_name] is [count]"),
            ("count", "-", "over", "by", "-", "[over_field_name] is [by]"),
        ] {
            let error = check(&detector(function, field, by, over, partition), Version::BASE).expect_err(words);
            assert!(error.reason.contains(words), "{} lacks {words}", error.reason);
        }
    }

    #[test]
    fn accepts_reserved_words_where_they_are_allowed() {
        assert_eq!(
            check(&detector("sum", "count", "-", "-", "over"), Version::BASE),
            Ok(())
        );
        assert_eq!(check(&detector("none", "-", "b", "-", "-"), Version::BASE), Ok(()));
    }
}
