//! A report for people.

use super::Print;
use super::report::{Counts, Judged, Level, Report, effective};
use crate::xcontent::answer;

/// The report: jobs of which there is something to say, then what came of all, and what that does not cover.
pub(super) fn written(report: &Report) -> String {
    let files = report.judged.iter().map(|judged| of_job(judged, report.print));
    let Counts {
        admitted,
        refused,
        warned,
        unusable,
    } = report.counts();
    let counted = [
        (true, admitted, "admitted"),
        (true, refused, "refused"),
        (warned > 0, warned, "with warnings"),
        (unusable > 0, unusable, "not judged"),
    ];
    let told = counted.iter().filter(|(is_told, ..)| *is_told);
    let told: Vec<_> = told.map(|(_, count, what)| format!("{count} {what}")).collect();
    let notes = report.notes().into_iter().map(|note| format!("note: {note}\n"));
    files.chain([told.join(", "), "\n".to_owned()]).chain(notes).collect()
}

fn of_job(judged: &Judged, print: Option<Print>) -> String {
    let at = judged.at();
    let (id, outcome) = match &judged.outcome {
        Ok(judged) => judged,
        Err(error) => return format!("{at}: {error}\n"),
    };
    let mut findings = judged.findings(outcome);
    findings.retain(|finding| finding.level != Level::Note);
    if findings.is_empty() && print.is_none() {
        return String::new();
    }
    let mut text = format!("{at}: job [{id}] is {}\n", outcome.decision.verdict.name());
    let lines = findings
        .iter()
        .map(|finding| format!("  {}: {}\n", finding.level.name(), finding.text));
    text.extend(lines);
    match print {
        Some(Print::Effective) => {
            if let Some(document) = effective(outcome) {
                let laid_out = answer::write(document, true);
                text.push_str(&String::from_utf8_lossy(&laid_out));
            }
        }
        Some(Print::Changes) => {
            text.extend(outcome.changes.iter().map(|change| {
                let operation = answer::one_line(&change.operation).unwrap_or_default();
                format!("  {operation} by {}\n", change.origin)
            }));
        }
        None => {}
    }
    text
}
