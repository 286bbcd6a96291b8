//! What another set of policies would do to the jobs that there are.

use std::fmt;
use std::str::FromStr;

use super::Violation;

/// What was found so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Impact {
    /// How many jobs were looked at.
    pub jobs: usize,
    /// Those that would be refused, and are not by the set that holds.
    pub newly_refused: Vec<NewlyRefused>,
}

/// A job that would be refused.
#[derive(Debug, Clone, PartialEq)]
pub struct NewlyRefused {
    /// Its id.
    pub job_id: String,
    /// Why.
    pub violations: Vec<Violation>,
}

impl Impact {
    /// Adds a job, with what the set that holds would refuse it for, and the other one.
    pub fn add(&mut self, job_id: &str, before: &[Violation], after: Vec<Violation>) {
        self.jobs += 1;
        if before.is_empty() && !after.is_empty() {
            self.newly_refused.push(NewlyRefused {
                job_id: job_id.to_owned(),
                violations: after,
            });
        }
    }
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let jobs = if self.jobs == 1 { "job" } else { "jobs" };
        write!(
            f,
            "would newly refuse {} of {} stored {jobs}",
            self.newly_refused.len(),
            self.jobs
        )
    }
}

/// From how many jobs on a set of policies is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// More than so many.
    Jobs(usize),
    /// More than so many of a hundred.
    Percent(u8),
}

impl Threshold {
    /// Whether a set does more than it may.
    #[must_use]
    pub fn is_exceeded_by(self, impact: &Impact) -> bool {
        let refused = impact.newly_refused.len();
        match self {
            Self::Jobs(most) => refused > most,
            Self::Percent(most) => refused.saturating_mul(100) > impact.jobs.saturating_mul(most.into()),
        }
    }
}

/// A text that is no threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a threshold is a number such as `10`, or a share such as `2%`")]
pub struct ThresholdError;

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        let threshold = match text.strip_suffix('%') {
            Some(share) => share.parse().ok().filter(|share| *share <= 100).map(Self::Percent),
            None => text.parse().ok().map(Self::Jobs),
        };
        threshold.ok_or(ThresholdError)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jobs(most) => most.fmt(f),
            Self::Percent(most) => write!(f, "{most}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_threshold_exceeds_it() {
        let refused = |job_id: usize| NewlyRefused {
            job_id: job_id.to_string(),
            violations: Vec::new(),
        };
        let impact = Impact {
            jobs: 200,
            newly_refused: (0..3).map(refused).collect(),
        };
        for (threshold, exceeded) in [
            (Threshold::Jobs(2), true),
            (Threshold::Jobs(3), false),
            (Threshold::Percent(1), true),
            (Threshold::Percent(2), false),
            (Threshold::Percent(100), false),
        ] {
            assert_eq!(threshold.is_exceeded_by(&impact), exceeded, "{threshold}");
        }
        assert!(!Threshold::Percent(0).is_exceeded_by(&Impact::default()));
        assert_eq!(impact.to_string(), "would newly refuse 3 of 200 stored jobs");
    }
}
