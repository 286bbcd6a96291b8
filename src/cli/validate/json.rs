//! A report as one JSON document.

use serde_json::{Map, Value, json};

use super::Print;
use super::report::{Counts, Judged, Report, effective, findings, word};

/// The report.
pub(super) fn written(report: &Report) -> String {
    let Counts {
        admitted,
        refused,
        warned,
        unusable,
    } = report.counts();
    let files: Vec<Value> = report
        .judged
        .iter()
        .map(|judged| of_file(judged, report.print))
        .collect();
    let summary = json!({"admitted": admitted, "refused": refused, "with_warnings": warned, "not_judged": unusable});
    format!("{:#}\n", json!({"jobs": files, "summary": summary}))
}

fn of_file(Judged { name, outcome }: &Judged, print: Option<Print>) -> Value {
    let (id, outcome) = match outcome {
        Ok(judged) => judged,
        Err(error) => return json!({"file": name, "error": error.to_string()}),
    };
    let findings = findings(outcome).into_iter().map(|finding| {
        json!({
            "level": word(&finding),
            "rule": finding.rule,
            "pointer": finding.pointer,
            "text": finding.text,
            "link": finding.link,
        })
    });
    let mut file = Map::new();
    file.insert("file".to_owned(), name.as_str().into());
    file.insert("job_id".to_owned(), id.as_str().into());
    file.insert("verdict".to_owned(), outcome.verdict().name().into());
    file.insert("findings".to_owned(), findings.collect());
    match print {
        Some(Print::Effective) => {
            let document = effective(outcome).and_then(|document| serde_json::from_str(&document).ok());
            file.insert("effective".to_owned(), document.unwrap_or_default());
        }
        Some(Print::Changes) => {
            file.insert("changes".to_owned(), json!(outcome.changes));
        }
        None => {}
    }
    Value::Object(file)
}
