//! What Elasticsearch notices only when it stores the job: its index of jobs, as ours, keeps the value of a rule's
//! condition as a `double`, and no index takes one that is not finite. The parser reads `"NaN"` and `"Infinity"`.

use crate::es::error::{Exception, Kind};
use crate::es::version::Version;

use super::super::job::{Detector, Job};
use super::argument;

/// From this version on the fault of a document is of another type.
const PARSES_DOCUMENTS: Version = Version::new(8, 8, 0);

/// Refuses a job that no index would take.
pub(in super::super) fn check(job: &Job<'_>, api: Version) -> Result<(), Exception> {
    let mut detectors = job.analysis_config.iter().flat_map(|config| &config.detectors);
    match detectors.find_map(infinite_value) {
        None => Ok(()),
        Some(value) => Err(not_finite(value, api)),
    }
}

/// The first value of a detector's conditions that is no finite number.
fn infinite_value(detector: &Detector<'_>) -> Option<f64> {
    let conditions = detector.custom_rules.iter().flat_map(|rule| &rule.conditions);
    let mut values = conditions.map(|condition| condition.value.0);
    values.find(|value| !value.is_finite())
}

fn not_finite(value: f64, api: Version) -> Exception {
    let kind = if api >= PARSES_DOCUMENTS {
        Kind::DocumentParsing
    } else {
        Kind::MapperParsing
    };
    let value = match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "Infinity",
        _ => "-Infinity",
    };
    let reason = format!(
        "[analysis_config.detectors.custom_rules.conditions.value] is [{value}]; the index of jobs takes finite \
         numbers only: use the largest or smallest value that your data can have"
    );
    Exception::new(kind, reason).caused_by(argument(format!("[{value}] is not a finite number")))
}
