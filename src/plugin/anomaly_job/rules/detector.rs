//! The rules of one detector (create-job.md §4.3).

use super::super::job::{DetectionRule, Detector, DetectorText};
use super::super::rulebook::{Demand, Row, Rule, Rulebook};
use super::names::check_field_name;
use crate::es::error::Exception;

/// Checks a detector that has been read, in Elasticsearch's order.
pub(in super::super) fn check(detector: &Detector<'_>, rules: &Rulebook) -> Result<(), Exception> {
    check_fields(detector, rules)?;
    for name in detector.names() {
        check_field_name(Some(name), rules)?;
    }
    for rule in &*detector.custom_rules {
        check_rule(detector, rule, rules)?;
    }
    check_distinct(detector, rules)?;
    let reserved = rules.row(Rule::DetectorReservedWord).map(|row| row.words.as_slice());
    for word in reserved.unwrap_or_default() {
        for (field, name) in [
            ("by_field_name", DetectorText::ByFieldName),
            ("over_field_name", DetectorText::OverFieldName),
        ] {
            if detector.text(name).is_some_and(|name| name == word) {
                rules.refuse(Rule::DetectorReservedWord, &[("field", &field), ("name", word)])?;
            }
        }
    }
    Ok(())
}

fn is_set(detector: &Detector<'_>, name: DetectorText) -> bool {
    detector.text(name).is_some_and(|name| !name.is_empty())
}

/// What the function demands of the fields.
fn check_fields(detector: &Detector<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let has_field = is_set(detector, DetectorText::FieldName);
    let has_by = is_set(detector, DetectorText::ByFieldName);
    let has_over = is_set(detector, DetectorText::OverFieldName);
    let is_alone = detector.function.is_some_and(|function| function.demands.alone);
    if !has_field && !has_by && !has_over && !is_alone {
        rules.refuse(Rule::DetectorNoField, &[])?;
    }
    let Some(function) = detector.function else {
        return if has_field {
            rules.refuse(Rule::DetectorNoFunction, &[])
        } else {
            Ok(())
        };
    };
    let demands = &function.demands;
    for (demand, has, needed, not_taken) in [
        (
            demands.field,
            has_field,
            Some(Rule::DetectorFieldNameNeeded),
            Some(Rule::DetectorFieldNameNotTaken),
        ),
        (demands.by, has_by, Some(Rule::DetectorByFieldNameNeeded), None),
        (
            demands.over,
            has_over,
            Some(Rule::DetectorOverFieldNameNeeded),
            Some(Rule::DetectorOverFieldNameNotTaken),
        ),
    ] {
        let broken = match demand {
            Demand::Required if !has => needed,
            Demand::Forbidden if has => not_taken,
            _ => None,
        };
        if let Some(rule) = broken {
            rules.refuse(rule, &[("function", &function.name)])?;
        }
    }
    Ok(())
}

/// A rule against the function and the fields of its detector.
fn check_rule(detector: &Detector<'_>, rule: &DetectionRule<'_>, rules: &Rulebook) -> Result<(), Exception> {
    // Only the first condition decides (create-job.md §7, 12). A function that is absent is a metric by now.
    let function = detector.function.or_else(|| rules.functions.of_absent());
    if let (Some(first), Some(function)) = (rule.conditions.first(), function)
        && !function.demands.has_value_conditions
        && rules
            .row(Rule::DetectorValueCondition)
            .is_some_and(|row| !row.has_word(&first.applies_to))
    {
        rules.refuse(Rule::DetectorValueCondition, &[("function", &function.name)])?;
    }
    for (name, _) in &rule.scope {
        if detector.analysis_fields().any(|field| field == name) {
            continue;
        }
        let fields: Vec<&str> = detector.analysis_fields().map(AsRef::as_ref).collect();
        if fields.is_empty() {
            rules.refuse(Rule::DetectorScopeWithoutFields, &[("name", name)])?;
            continue;
        }
        let fields = fields.join(", ");
        rules.refuse(Rule::DetectorScopeField, &[("name", name), ("fields", &fields)])?;
    }
    Ok(())
}

/// The by, over and partition field are three different ones.
fn check_distinct(detector: &Detector<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let by = ("by_field_name", detector.text(DetectorText::ByFieldName));
    let over = ("over_field_name", detector.text(DetectorText::OverFieldName));
    let partition = ("partition_field_name", detector.text(DetectorText::PartitionFieldName));
    for ((left, left_name), (right, right_name)) in [(partition, by), (partition, over), (by, over)] {
        if let Some(name) = left_name.filter(|name| !name.is_empty() && Some(*name) == right_name) {
            let parts: [(&str, &dyn std::fmt::Display); 3] = [("left", &left), ("right", &right), ("name", name)];
            rules.refuse(Rule::DetectorSameFieldTwice, &parts)?;
        }
    }
    Ok(())
}

/// Checks a rule that has been read.
pub(in super::super) fn check_custom_rule(rule: &DetectionRule<'_>, rules: &Rulebook) -> Result<(), Exception> {
    if rule.scope.is_empty() && rule.conditions.is_empty() {
        rules.refuse(Rule::CustomRuleEmpty, &[])?;
    }
    let broken = match (rule.forces_time_shift, rule.time_shift_amount) {
        (true, None) => Rule::CustomRuleShiftWithoutAmount,
        (false, Some(_)) => Rule::CustomRuleAmountWithoutShift,
        _ => return Ok(()),
    };
    let action = rules.row(broken).map_or("", Row::word);
    rules.refuse(broken, &[("action", &action)])
}

/// What Elasticsearch does when it builds the analysis from its detectors: one without a function is taken for a metric
/// and checked again (create-job.md §4.3, absent `function`).
pub(in super::super) fn rebuild<'a>(detector: &mut Detector<'a>, rules: &'a Rulebook) -> Result<(), Exception> {
    if detector.function.is_some() {
        return Ok(());
    }
    detector.function = rules.functions.of_absent();
    check(detector, rules)
}

#[cfg(test)]
mod tests {
    use super::super::super::job::Text;
    use super::super::super::rulebook::tests::rulebook;
    use super::*;
    use crate::es::version::Version;

    fn detector<'a>(
        rules: &'a Rulebook,
        function: &str,
        field: &'a str,
        by: &'a str,
        over: &'a str,
        partition: &'a str,
    ) -> Detector<'a> {
        let texts = [
            (DetectorText::FieldName, field),
            (DetectorText::ByFieldName, by),
            (DetectorText::OverFieldName, over),
            (DetectorText::PartitionFieldName, partition),
        ];
        let sent = texts.into_iter().filter(|(_, name)| *name != "-");
        let detector = Detector {
            function: rules.functions.find(function),
            ..Detector::default()
        };
        detector.with_texts(sent.map(|(kind, name)| (kind, Text::Borrowed(name))).collect())
    }

    /// create-job.md §4.3, the checks in their order.
    #[test]
    fn refuses_in_the_order_of_the_reference() {
        let rules = rulebook(Version::BASE);
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
            let error = check(&detector(rules, function, field, by, over, partition), rules).expect_err(words);
            assert!(error.reason.contains(words), "{} lacks {words}", error.reason);
        }
    }

    #[test]
    fn accepts_reserved_words_where_they_are_allowed() {
        let rules = rulebook(Version::BASE);
        let sum = detector(rules, "sum", "count", "-", "-", "over");
        assert_eq!(check(&sum, rules), Ok(()));
        assert_eq!(check(&detector(rules, "none", "-", "b", "-", "-"), rules), Ok(()));
    }
}
