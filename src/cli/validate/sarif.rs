//! A report as SARIF 2.1.0, for systems that show findings beside code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::input::Place;
use super::report::{Finding, Judged, Level, Report};

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
    let rules = rules.into_iter().map(|(id, link)| match link {
        Some(link) => json!({"id": id, "helpUri": link}),
        None => json!({"id": id}),
    });
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

fn result(judged: &Judged, finding: &Finding) -> Value {
    let level = match finding.level {
        Level::Audit => Level::Note,
        level => level,
    };
    let file = json!({"uri": judged.file});
    let (physical, pointer) = match &judged.place {
        None => (json!({"artifactLocation": file}), finding.pointer.clone()),
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
