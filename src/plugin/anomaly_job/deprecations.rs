//! What in a job is deprecated and so earns the answer a `Warning`, though the job is accepted.

use crate::es::version::Version;
use crate::xcontent::java;
use crate::xcontent::json::Node;

use super::job::Job;

const SECONDS_OF_A_DAY: i64 = 24 * 60 * 60;

/// From this version on delimited data is not known any more, and was deprecated before (create-job.md §2.5).
const DROPS_DELIMITED: Version = Version::new(8, 0, 0);
/// From this version on bucket spans are to fit a day (create-job.md §2.3).
const WANTS_FITTING_SPANS: Version = Version::new(8, 1, 0);
/// From this version on fractional byte sizes are no longer deprecated; up to 8.19.21 they are.
const KEEPS_FRACTIONS: Version = Version::new(9, 0, 0);

/// The texts of the warnings, for a job with its defaults and the document that it was read from.
pub(super) fn warnings(job: &Job<'_>, document: Option<Node<'_>>, api: Version) -> Vec<String> {
    let memory = document.and_then(|root| root.member("analysis_limits")?.member("model_memory_limit")?.as_text());
    let fraction = memory
        .filter(|text| api < KEEPS_FRACTIONS && is_fractional(text))
        .map(|text| {
            format!(
                "Fractional bytes values are deprecated. Use non-fractional bytes values instead: \
             [{text}] found for setting [model_memory_limit]"
            )
        });
    let is_delimited = job
        .data_description
        .as_ref()
        .is_some_and(|description| description.is_delimited);
    let delimited = (is_delimited && api < DROPS_DELIMITED)
        .then(|| "[data_description.format] is [delimited], which is deprecated; leave it out".to_owned());
    let bucket_span = job.analysis_config.as_ref().and_then(|config| config.bucket_span);
    let odd_span = bucket_span
        .filter(|span| api >= WANTS_FITTING_SPANS && !fits_a_day(span.seconds()))
        .map(|span| {
            format!("[bucket_span] is [{span}], which neither divides a day nor is whole days; this is deprecated")
        });
    fraction.into_iter().chain(odd_span).chain(delimited).collect()
}

/// Whether the number before the unit is more than digits: `1.5gb`, `1e3mb`.
fn is_fractional(size: &str) -> bool {
    let number = java::trim(java::trim(size).trim_end_matches(char::is_alphabetic));
    !number.trim_start_matches(['+', '-']).chars().all(char::is_numeric)
}

const fn fits_a_day(seconds: i64) -> bool {
    if seconds > SECONDS_OF_A_DAY {
        seconds % SECONDS_OF_A_DAY == 0
    } else {
        seconds > 0 && SECONDS_OF_A_DAY % seconds == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_numbers_with_more_than_digits() {
        for (size, is) in [
            ("1gb", false),
            (" +2 GB ", false),
            ("1.5gb", true),
            ("1e3mb", true),
            ("0", false),
        ] {
            assert_eq!(is_fractional(size), is, "{size}");
        }
    }

    #[test]
    fn spans_fit_a_day_when_they_divide_it_or_are_days() {
        for (seconds, fits) in [
            (300, true),
            (86_400, true),
            (172_800, true),
            (420, false),
            (90_000, false),
        ] {
            assert_eq!(fits_a_day(seconds), fits, "{seconds}");
        }
    }
}
