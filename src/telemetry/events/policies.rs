//! What policies have found, and which of them are in use.

use std::fmt::Display;

use super::super::event::events;
use super::super::families::{
    COMPLETED, FAILED, NOT_AUDITED, POLICY_RELOADS, PROBLEMS, REFUSED, SCANS, SHADOW_DECISIONS, USED, VIOLATIONS,
};
use super::super::outcome::Agreement;

impl Agreement {
    /// Counts that the shadow set has judged a request.
    pub(crate) fn count(self) {
        SHADOW_DECISIONS.add(&[self.name()], 1);
    }
}

events! {
    /// Policies were read again and are in use. `changes` names those that were added, changed and removed, `impact` what
    /// they would refuse of what is stored, if that was asked for.
    INFO "anomaly_gateway::server" "policies are in use"
    PoliciesInUse<'a> {
        %revision: &'a dyn Display,
        %changes: &'a dyn Display,
        impact: &'a str,
        shadow: &'a str,
        cause: &'a str,
    }
    counted by POLICY_RELOADS;

    /// Policies were read again and are not in use. `error` says why, with the place if a file is to be corrected. If
    /// `is_tried_again`, they are right as far as is known, and the cluster could not be asked what they would do to stored
    /// jobs: they are tried until it can, and there is no other line as long as the reason is the same.
    ERROR "anomaly_gateway::server" "policies could not be reloaded; the previous ones stay in use"
    PoliciesRefused<'a> { %revision: &'a dyn Display, cause: &'a str, error: &'a str, is_tried_again: bool }
    counted by POLICY_RELOADS;

    /// A policy could not be evaluated. `problem` says why; its `on_error` says what came of it.
    WARN "anomaly_gateway::proxy" "a policy was not evaluated"
    NotEvaluated<'a> { plugin: Option<&'a str>, id: &'a str, %revision: &'a dyn Display, %problem: &'a dyn Display }
    counted by PROBLEMS;

    /// Policies that audit have found violations.
    INFO "anomaly_gateway::proxy" "audited"
    Audited<'a> by asked { id: &'a str, %revision: &'a dyn Display, violations: &'a str } counted by VIOLATIONS;

    /// Neither the policies that audit nor the shadow set judge a job: it is too large, or too many wait; `reason` says
    /// which.
    WARN "anomaly_gateway::proxy" "a job is not audited"
    NotAudited<'a> { id: &'a str, reason: &'a str } counted by NOT_AUDITED;

    /// An audit failed because of a fault of the gateway. Report it with the line.
    ERROR "anomaly_gateway::proxy" "an audit panicked"
    AuditPanicked<'a> { id: &'a str };

    /// The shadow set decides otherwise than the active one. At most one line a second: `unsaid` is how many more there were
    /// since the last one.
    INFO "anomaly_gateway::proxy" "the shadow set disagrees"
    ShadowDisagrees<'a> by asked {
        id: &'a str,
        %revision: &'a dyn Display,
        %shadow: &'a dyn Display,
        disagreement: &'a str,
        violations: &'a str,
        shadow_violations: &'a str,
        unsaid: u64,
    }
    counted by SHADOW_DECISIONS;

    /// All stored jobs were judged by the policies (`jobs.scan`), and what was found is something else than before.
    /// `violating` has for each policy that jobs violate how many do, and how many of them are new; `GET /policies/report` of
    /// `admin.listen` names them.
    INFO "anomaly_gateway::server" "stored jobs were judged by the policies"
    Scanned<'a> { documents: usize, violating: &'a str, %revision: &'a dyn Display }
    counted by SCANS;

    /// The stored jobs could not be judged (`jobs.scan`), and what was found before still is what is shown. They are tried
    /// again at the next turn, and there is no other line as long as the reason is the same.
    WARN "anomaly_gateway::server" "stored jobs could not be judged by the policies"
    ScanFailed<'a> { error: &'a str }
    counted by SCANS;
}

impl Scanned<'_> {
    /// Counts it, and logs what is news.
    pub(crate) fn emit(&self, is_news: bool) {
        SCANS.add(&[COMPLETED], 1);
        if is_news {
            self.log();
        }
    }
}

impl ScanFailed<'_> {
    /// Counts it, and logs what is news.
    pub(crate) fn emit(&self, is_news: bool) {
        SCANS.add(&[FAILED], 1);
        if is_news {
            self.log();
        }
    }
}

impl PoliciesInUse<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self) {
        POLICY_RELOADS.add(&[USED], 1);
        self.log();
    }
}

impl PoliciesRefused<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self) {
        POLICY_RELOADS.add(&[REFUSED], 1);
        self.log();
    }
}

impl NotEvaluated<'_> {
    /// Counts and logs it for this policy.
    pub(crate) fn emit(&self, policy: &str) {
        PROBLEMS.add(&[policy], 1);
        self.log();
    }
}

impl NotAudited<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self) {
        NOT_AUDITED.add(&[], 1);
        self.log();
    }
}

/// Counts violations of a policy, which the line of the decision or the audit names.
pub(crate) fn violated(policy: &str, enforcement: &str, dry_run: &str, places: u64) {
    VIOLATIONS.add(&[policy, enforcement, dry_run], places);
}

/// Violations and problems of these policies are counted from now on, so that their first one can be seen.
pub(crate) fn counting<'p>(policies: impl Iterator<Item = (&'p str, &'p str)>) {
    for (policy, enforcement) in policies {
        for dry_run in ["false", "true"] {
            VIOLATIONS.add(&[policy, enforcement, dry_run], 0);
        }
        PROBLEMS.add(&[policy], 0);
    }
}
