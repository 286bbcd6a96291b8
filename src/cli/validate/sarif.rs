//! A report as SARIF 2.1.0, for systems that show findings beside code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::report::{Finding, Judged, Report, findings, word};

/// The report.
pub(super) fn written(report: &Report) -> String {
    let mut rules: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut results: Vec<Value> = Vec::new();
    let mut notifications: Vec<Value> = Vec::new();
    for Judged { name, outcome } in &report.judged {
        match outcome {
            Err(error) => notifications.push(json!({
                "level": "error",
                "message": {"text": format!("{name}: {error}")},
            })),
            Ok((_, outcome)) => {
                for finding in findings(outcome) {
                    results.push(result(name, &finding));
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

fn result(file: &str, finding: &Finding) -> Value {
    let level = match word(finding) {
        "audit" => "note",
        level => level,
    };
    json!({
        "ruleId": finding.rule,
        "level": level,
        "message": {"text": finding.text},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": file}},
            "logicalLocations": [{"fullyQualifiedName": finding.pointer}],
        }],
    })
}
