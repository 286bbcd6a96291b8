//! A request that has ended, as it is counted and logged.

use http::StatusCode;

use super::clock::Times;
use crate::telemetry::outcome::{MethodClass, Outcome, Verdict};

/// What is known of a claimed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimNote {
    /// The plugin that claims it.
    pub plugin: &'static str,
    /// What was decided on it.
    pub verdict: Verdict,
    /// It was only tried out.
    pub is_dry_run: bool,
}

/// A request that has ended, as it is counted.
#[derive(Debug)]
pub(in crate::telemetry) struct Finished {
    pub(in crate::telemetry) outcome: Outcome,
    pub(in crate::telemetry) status: Option<StatusCode>,
    pub(in crate::telemetry) method: MethodClass,
    pub(in crate::telemetry) times: Times,
    pub(in crate::telemetry) received: u64,
    pub(in crate::telemetry) sent: u64,
    pub(in crate::telemetry) retries: u32,
    pub(in crate::telemetry) claim: Option<ClaimNote>,
}
