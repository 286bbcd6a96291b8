//! A report as one JSON document.

use serde_json::{Map, Value, json};

use super::Print;
use super::report::{Counts, Judged, Report, effective};

/// The report.
pub(super) fn written(report: &Report) -> String {
    let Counts {
        admitted,
        refused,
        warned,
        unusable,
    } = report.counts();
    let jobs: Vec<Value> = report
        .judged
        .iter()
        .map(|judged| of_job(judged, report.print))
        .collect();
    let summary = json!({
        "admitted": admitted,
        "refused": refused,
        "with_warnings": warned,
        "not_judged": unusable,
        "files_without_jobs": report.passed_over,
    });
    format!("{:#}\n", json!({"jobs": jobs, "summary": summary}))
}

fn of_job(judged: &Judged, print: Option<Print>) -> Value {
    let mut job = Map::new();
    job.insert("file".to_owned(), judged.file.as_str().into());
    if let Some(place) = &judged.place {
        job.insert("line".to_owned(), place.position.line.into());
        job.insert("column".to_owned(), place.position.column.into());
        job.insert("pointer".to_owned(), place.pointer.as_str().into());
    }
    let (id, outcome) = match &judged.outcome {
        Ok(judged) => judged,
        Err(error) => {
            job.insert("error".to_owned(), error.to_string().into());
            return Value::Object(job);
        }
    };
    let findings = judged.findings(outcome).into_iter().map(|finding| {
        json!({
            "level": finding.level.name(),
            "rule": finding.rule,
            "pointer": finding.pointer,
            "text": finding.text,
            "link": finding.link,
        })
    });
    job.insert("job_id".to_owned(), id.as_str().into());
    job.insert("verdict".to_owned(), outcome.decision.verdict.name().into());
    job.insert("findings".to_owned(), findings.collect());
    match print {
        Some(Print::Effective) => {
            let document = effective(outcome).and_then(|document| serde_json::from_str(&document).ok());
            job.insert("effective".to_owned(), document.unwrap_or_default());
        }
        Some(Print::Changes) => {
            job.insert("changes".to_owned(), json!(outcome.changes));
        }
        None => {}
    }
    Value::Object(job)
}
