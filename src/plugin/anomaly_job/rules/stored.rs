//! What Elasticsearch notices only when it stores the job: its index of jobs, as ours, keeps the value of a rule's
//! condition as a `double`, and no index takes one that is not finite. The parser reads `"NaN"` and `"Infinity"`.

use super::super::job::{Detector, Job};
use super::super::rulebook::{Rule, Rulebook};
use crate::es::error::{Exception, Kind};
use crate::es::version::Version;

/// From this version on the fault of a document is of another type.
const PARSES_DOCUMENTS: Version = Version::new(8, 8, 0);

/// Refuses a job that no index would take.
pub(in super::super) fn check(job: &Job<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let mut detectors = job.analysis_config.iter().flat_map(|config| &config.detectors);
    match detectors.find_map(infinite_value) {
        None => Ok(()),
        Some(value) => refuse(value, rules),
    }
}

/// The first value of a detector's conditions that is no finite number.
fn infinite_value(detector: &Detector<'_>) -> Option<f64> {
    let conditions = detector.custom_rules.iter().flat_map(|rule| &rule.conditions);
    let mut values = conditions.map(|condition| condition.value.0);
    values.find(|value| !value.is_finite())
}

fn refuse(value: f64, rules: &Rulebook) -> Result<(), Exception> {
    let value = match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "Infinity",
        _ => "-Infinity",
    };
    let refused = rules.refuse(Rule::JobNotFinite, &[("value", &value)]);
    refused.map_err(|mut exception| {
        if rules.api >= PARSES_DOCUMENTS {
            exception.kind = Kind::DocumentParsing;
        }
        let reason = format!("[{value}] is not a finite number");
        exception.caused_by(Exception::new(Kind::IllegalArgument, reason))
    })
}
