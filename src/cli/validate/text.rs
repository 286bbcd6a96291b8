//! A report for people.

use super::Print;
use super::report::{Counts, Judged, Report, effective, findings, word};
use crate::es::answer;

/// The report: files of which there is something to say, then what came of all.
pub(super) fn written(report: &Report) -> String {
    let files = report.judged.iter().map(|judged| of_file(judged, report.print));
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
    files.chain([told.join(", "), "\n".to_owned()]).collect()
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
    let lines = findings
        .iter()
        .map(|finding| format!("  {}: {}\n", word(finding), finding.text));
    text.extend(lines);
    match print {
        Some(Print::Effective) => {
            if let Some(document) = effective(outcome) {
                let laid_out = answer::write(document.into_owned(), true);
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
