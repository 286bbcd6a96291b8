//! A report as SARIF 2.1.0, for systems that show findings beside code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::input::Place;
use super::report::{Finding, Judged, Level, Report};

/// What the ids of rules begin with that are not policies.
const ELASTICSEARCH: &str = "elasticsearch";
const OWN: &str = "anomaly-gateway";

/// The report.
pub(super) fn written(report: &Report) -> String {
    let mut rules: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut results: Vec<Value> = Vec::new();
    let mut notifications: Vec<Value> = Vec::new();
    for judged in &report.judged {
        match &judged.outcome {
            Err(error) => notifications.push(json!({
                "level": "error",
                "message": {"text": format!("{}: {error}", judged.at())},
            })),
            Ok((_, outcome)) => {
                for finding in judged.findings(outcome) {
                    results.push(result(judged, &finding));
                    rules.entry(finding.rule).or_insert(finding.link);
                }
            }
        }
    }
    let rules = rules.into_iter().map(|(id, link)| rule(&id, link.as_deref()));
    let run = json!({
        "tool": {"driver": {
            "name": "anomaly-gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "rules": rules.collect::<Vec<_>>(),
        }},
        "invocations": [{
            "executionSuccessful": notifications.is_empty(),
            "toolExecutionNotifications": notifications,
        }],
        "results": results,
    });
    let sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    format!("{sarif:#}\n")
}

/// What is said of a rule: who has made it, and where to read on.
fn rule(id: &str, link: Option<&str>) -> Value {
    let (short, help) = if id == OWN {
        (
            "What the judgement does not cover.".to_owned(),
            "Ask a cluster with --against, or leave out what is named.",
        )
    } else if let Some(name) = id.strip_prefix(ELASTICSEARCH) {
        let name = name.trim_start_matches('/');
        let short = if name.is_empty() {
            "A rule of Elasticsearch.".to_owned()
        } else {
            format!("The rule `{name}` of Elasticsearch.")
        };
        (
            short,
            "Elasticsearch would refuse the job, or warn of it: change what the message names. docs/rules.md lists the rules.",
        )
    } else {
        (
            format!("The policy `{id}` of the operator."),
            "Change what the message names, or ask those who run the gateway for an exception.",
        )
    };
    let help = link.map_or_else(|| help.to_owned(), |link| format!("{help} {link}"));
    let mut rule = json!({"id": id, "shortDescription": {"text": short}, "help": {"text": help}});
    if let (Value::Object(rule), Some(link)) = (&mut rule, link) {
        rule.insert("helpUri".to_owned(), link.into());
    }
    rule
}

/// The place that a message of Elasticsearch's begins with, as in `[6:17] …`.
fn place_in(text: &str) -> Option<(u64, u64)> {
    let (place, _) = text.strip_prefix('[')?.split_once(']')?;
    let (line, column) = place.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

fn result(judged: &Judged, finding: &Finding) -> Value {
    let level = match finding.level {
        Level::Audit => Level::Note,
        level => level,
    };
    let file = json!({"uri": judged.file});
    let (physical, pointer) = match &judged.place {
        // What is shown beside code has a line: of a job that is the whole file its own, or else the first.
        None => {
            let (line, column) = place_in(&finding.text).unwrap_or((1, 1));
            let region = json!({"startLine": line, "startColumn": column});
            (
                json!({"artifactLocation": file, "region": region}),
                finding.pointer.clone(),
            )
        }
        Some(Place { position, pointer }) => {
            let region = json!({"startLine": position.line, "startColumn": position.column});
            let physical = json!({"artifactLocation": file, "region": region});
            (physical, format!("{pointer}{}", finding.pointer))
        }
    };
    json!({
        "ruleId": finding.rule,
        "level": level.name(),
        "message": {"text": finding.text},
        "locations": [{
            "physicalLocation": physical,
            "logicalLocations": [{"fullyQualifiedName": pointer}],
        }],
    })
}
