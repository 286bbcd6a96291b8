//! The product knows every field that a parser of Elasticsearch declares, in every published version, and no other.

use std::collections::BTreeSet;

use anomaly_gateway::plugin::anomaly_job::AnomalyJob;
use conformance::{Parsers, Release, declared_parsers, tabled_parsers};
use serde_json::Value;

/// Fields of 6.8, which stands for 7.0, that 7.0 does not have, or the reverse (contract job.md §7.2).
const CHANGED_IN_7: [&str; 3] = [
    "established_model_memory",
    "last_data_time",
    "model_snapshot_min_version",
];

/// The objects of the product's schema that Elasticsearch has a parser for, by the parser's name.
fn collect(schema: &Value, parsers: &mut Parsers) {
    match schema {
        Value::Object(members) => {
            if let (Some(Value::String(name)), Some(Value::Object(properties))) =
                (members.get("x-es-name"), members.get("properties"))
            {
                let mut fields: Vec<String> = properties.keys().cloned().collect();
                fields.sort();
                parsers.insert(name.clone(), fields);
            }
            members.values().for_each(|member| collect(member, parsers));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, parsers)),
        _ => {}
    }
}

/// The definitions that the version's job leads to: the others are of other versions.
fn of_product(release: Release) -> Parsers {
    let api = release.profile();
    let schema = AnomalyJob::new(api)
        .and_then(|call| call.schema(api))
        .expect("a schema");
    let definitions = &schema.effective["$defs"];
    let mut waiting = vec!["job_details".to_owned()];
    let mut seen = BTreeSet::new();
    let mut parsers = Parsers::new();
    while let Some(name) = waiting.pop() {
        if seen.insert(name.clone()) {
            collect(&definitions[&name], &mut parsers);
            references(&definitions[&name], &mut waiting);
        }
    }
    parsers
}

fn references(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            names.extend(
                reference
                    .and_then(|reference| reference.strip_prefix("#/$defs/"))
                    .map(str::to_owned),
            );
            members.values().for_each(|member| references(member, names));
        }
        Value::Array(elements) => elements.iter().for_each(|element| references(element, names)),
        _ => {}
    }
}

/// What one side has and the other has not.
fn differences(release: Release, theirs: &Parsers, ours: &Parsers) -> Vec<String> {
    let names: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    let mut differences = Vec::new();
    for name in names {
        let fields = |parsers: &Parsers| -> BTreeSet<String> {
            let fields = parsers.get(name).into_iter().flatten();
            let is_compared =
                |field: &&String| !release.stands_for_another() || !CHANGED_IN_7.contains(&field.as_str());
            fields.filter(is_compared).cloned().collect()
        };
        let (theirs, ours) = (fields(theirs), fields(ours));
        for field in theirs.symmetric_difference(&ours) {
            let side = if theirs.contains(field) {
                "lacks"
            } else {
                "has of its own"
            };
            differences.push(format!("{release}: the product {side} [{field}] of [{name}]"));
        }
        if theirs.is_empty() {
            differences.push(format!("{release}: no parser is called [{name}]"));
        }
    }
    differences
}

#[test]
fn every_field_of_every_parser_of_every_version_is_known() {
    let mut faults = Vec::new();
    let mut compared = 0;
    for release in Release::all() {
        let theirs = tabled_parsers(release);
        assert!(theirs.len() >= 9, "{release}: {theirs:?}");
        compared += theirs.values().map(Vec::len).sum::<usize>();
        let mut theirs = theirs;
        // Parsed where it is known, and refused where it is asked for.
        if !of_product(release).contains_key("blocked") {
            theirs.remove("blocked");
        }
        faults.extend(differences(release, &theirs, &of_product(release)));
    }
    assert!(compared > 3_000, "only {compared} fields were compared");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A field that the product does not have is noticed.
#[test]
fn a_missing_field_is_noticed() {
    let release: Release = "9.5.3".parse().expect("a version");
    let theirs = tabled_parsers(release);
    let mut ours = of_product(release);
    ours.get_mut("detection_rule")
        .expect("a parser")
        .retain(|field| field != "params");
    ours.remove("params");
    let differences = differences(release, &theirs, &ours);
    assert!(
        differences
            .iter()
            .any(|text| text.contains("lacks [params] of [detection_rule]")),
        "{differences:?}"
    );
    assert!(
        differences
            .iter()
            .any(|text| text.contains("lacks [force_time_shift] of [params]")),
        "{differences:?}"
    );
}

#[test]
fn the_table_is_what_the_classes_say() {
    for release in Release::pinned() {
        assert_eq!(
            tabled_parsers(release),
            declared_parsers(release).expect("parsers"),
            "{release}"
        );
    }
}
