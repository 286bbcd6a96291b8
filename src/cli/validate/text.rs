//! A report for people.

use super::Print;
use super::report::{Counts, Judged, Report, effective, findings, word};
use crate::es::answer;

/// The report: files of which there is something to say, then what came of all.
pub(super) fn written(report: &Report) -> String {
    let mut text: String = report.judged.iter().map(|judged| of_file(judged, report.print)).collect();
    let Counts {
        admitted,
        refused,
        warned,
        unusable,
    } = report.counts();
    text.push_str(&format!("{admitted} admitted, {refused} refused"));
    if warned > 0 {
        text.push_str(&format!(", {warned} with warnings"));
    }
    if unusable > 0 {
        text.push_str(&format!(", {unusable} not judged"));
    }
    text.push('\n');
    text
}

fn of_file(Judged { name, outcome }: &Judged, print: Option<Print>) -> String {
    let (id, outcome) = match outcome {
        Ok(judged) => judged,
        Err(error) => return format!("{name}: {error}\n"),
    };
    let findings = findings(outcome);
    if findings.is_empty() && print.is_none() {
        return String::new();
    }
    let mut text = format!("{name}: job [{id}] is {}\n", outcome.verdict().name());
    for finding in &findings {
        text.push_str(&format!("  {}: {}\n", word(finding), finding.text));
    }
    match print {
        Some(Print::Effective) => {
            if let Some(document) = effective(outcome) {
                let laid_out = answer::write(document.to_owned(), true);
                text.push_str(&String::from_utf8_lossy(&laid_out));
            }
        }
        Some(Print::Changes) => {
            for change in &outcome.changes {
                let operation = answer::one_line(&change.operation).unwrap_or_default();
                text.push_str(&format!("  {operation} by {}\n", change.origin));
            }
        }
        None => {}
    }
    text
}
