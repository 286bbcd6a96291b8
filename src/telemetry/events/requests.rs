//! What became of requests: done, not done, recorded.

use std::fmt::Display;

use super::super::event::events;
use super::super::families::{DECISIONS, LOST_RECORDS, PROTECTED_INDEX_REFUSALS, UNJUDGED_CHANGES};
use super::super::outcome::Verdict;

events! {
    /// A request failed because of a fault of the gateway. Report it with the line.
    ERROR "anomaly_gateway::proxy" "a request failed"
    RequestFailed<'a> { error: &'a str } counted by REQUESTS;

    /// The cluster refused a call that the gateway made with its own account. Check the credentials in
    /// `access.authorization` and their privileges.
    ERROR "anomaly_gateway::proxy" "the cluster refused the gateway's own account"
    AccountRefused<'a> { status: u16, target: &'a str } counted by REQUESTS;

    /// The index cannot be used because of a pipeline or an alias. `error` says what to change.
    ERROR "anomaly_gateway::proxy" "nothing can be stored"
    NothingStored<'a> { error: &'a str } counted by REQUESTS;

    /// A node, or a proxy before it, did not answer as it should. `error` says which of 500, 502, 503 or 504 the client got,
    /// and why.
    WARN "anomaly_gateway::proxy" "the cluster did not serve a request"
    NotServed<'a> { error: &'a str } counted by REQUESTS;

    /// A request was refused, and its client was told why.
    DEBUG "anomaly_gateway::proxy" "a request was refused"
    RequestRefused<'a> { error: &'a str } counted by REQUESTS;

    /// A request was refused because it could write to the protected index; `reason` says what could. At most one line a
    /// second: `unsaid` is how many more there were since the last one.
    INFO "anomaly_gateway::proxy" "a request that could write to a protected index was refused"
    ProtectedIndexRefusal<'a> { request: &'a str, %reason: &'a dyn Display, unsaid: u64 }
    counted by PROTECTED_INDEX_REFUSALS;

    /// A claimed request was decided on, and a policy had a part in it.
    INFO "anomaly_gateway::proxy" "decided"
    DecidedByPolicies<'a> {
        plugin: &'a str,
        id: &'a str,
        verdict: &'a str,
        rule: Option<&'a str>,
        %revision: &'a dyn Display,
        violations: &'a str,
        filled: &'a str,
    }
    counted by DECISIONS, VIOLATIONS;

    /// A claimed request was decided on, and no policy had a part in it.
    DEBUG "anomaly_gateway::proxy" "decided"
    DecidedByRules<'a> { plugin: &'a str, id: &'a str, verdict: &'a str, rule: Option<&'a str>, %revision: &'a dyn Display }
    counted by DECISIONS;

    /// What was admitted is stored.
    INFO "anomaly_gateway::proxy" "committed"
    Committed<'a> { plugin: &'a str, id: &'a str, %revision: &'a dyn Display };

    /// What was admitted was sent to the cluster, which answered with `status`.
    INFO "anomaly_gateway::proxy" "handed over"
    HandedOver<'a> { plugin: &'a str, id: &'a str, %revision: &'a dyn Display, status: u16 };

    /// A document is not what was judged when it was changed, and policies that enforce forbid what it is: somebody else has
    /// changed it at the same moment, past this gateway. Change it again, and let all changes go through one gateway.
    ERROR "anomaly_gateway::proxy" "a document was changed otherwise than was judged"
    ChangedOtherwise<'a> { plugin: &'a str, id: &'a str, violations: &'a str } counted by UNJUDGED_CHANGES;

    /// The cluster has changed a document, and it could not be looked at whether it is what was judged. `error` says why.
    WARN "anomaly_gateway::proxy" "it is not known whether a document is what was judged"
    NotConfirmed<'a> { plugin: &'a str, id: &'a str, error: &'a str };

    /// What the cluster has created was recorded in the index.
    INFO "anomaly_gateway::proxy" "recorded"
    Recorded<'a> { id: &'a str };

    /// The cluster has created a job, and no record of it could be kept. Create the record by hand, or give the caller
    /// privileges on the index; `id` names the job, `lost` is how many there are since the start.
    ERROR "anomaly_gateway::proxy" "the cluster has created a job that is not recorded here"
    RecordLost<'a> { id: &'a str, error: &'a str, lost: u64 } counted by LOST_RECORDS;
}

/// A claimed request was decided on.
pub(crate) struct Decision<'a> {
    pub(crate) plugin: &'static str,
    pub(crate) id: &'a str,
    pub(crate) is_admitted: bool,
    /// The rule of the API by which it is refused. Policies have their names among the violations.
    pub(crate) rule: Option<&'a str>,
    pub(crate) revision: &'a dyn Display,
    pub(crate) violations: &'a str,
    /// What policies have filled in.
    pub(crate) filled: &'a str,
}

impl Decision<'_> {
    /// Counts and logs it. What policies have to do with is for the operator; what Elasticsearch alone would refuse is not.
    pub(crate) fn emit(&self) {
        let Self {
            plugin,
            id,
            rule,
            revision,
            violations,
            filled,
            ..
        } = *self;
        let verdict = if self.is_admitted {
            Verdict::Admitted
        } else {
            Verdict::Refused
        };
        let verdict = verdict.name();
        DECISIONS.add(&[plugin, verdict], 1);
        if violations.is_empty() && filled.is_empty() {
            let event = DecidedByRules {
                plugin,
                id,
                verdict,
                rule,
                revision,
            };
            event.log();
        } else {
            let event = DecidedByPolicies {
                plugin,
                id,
                verdict,
                rule,
                revision,
                violations,
                filled,
            };
            event.log();
        }
    }
}

impl ChangedOtherwise<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self) {
        UNJUDGED_CHANGES.add(&[], 1);
        self.log();
    }
}

impl RecordLost<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self) {
        LOST_RECORDS.add(&[], 1);
        self.log();
    }
}

impl ProtectedIndexRefusal<'_> {
    /// Counts one, whether or not it is logged.
    pub(crate) fn count(reason: &str) {
        PROTECTED_INDEX_REFUSALS.add(&[reason], 1);
    }
}
