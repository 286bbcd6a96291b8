//! What became of requests: done, not done, recorded.

use std::fmt::Display;

use super::super::asked::Asked;
use super::super::event::events;
use super::super::families::{COMMITS, DECISIONS, LOST_RECORDS, PROTECTED_INDEX_REFUSALS, UNJUDGED_CHANGES};
use super::super::outcome::{CommitOutcome, Verdict};

events! {
    /// A request failed because of a fault of the gateway. Report it with the line.
    ERROR "anomaly_gateway::proxy" "a request failed"
    RequestFailed<'a> by asked { status: u16, %duration: &'a dyn Display, error: &'a str } counted by REQUESTS;

    /// The cluster refused a call that the gateway made with its own account. Check the credentials in
    /// `access.authorization` and their privileges. At most one line a second: `unsaid` is how many more there were since the
    /// last one.
    ERROR "anomaly_gateway::proxy" "the cluster refused the gateway's own account"
    AccountRefused<'a> by asked { refused_with: u16, target: &'a str, unsaid: u64 } counted by REQUESTS;

    /// A node, or a proxy before it, did not answer as it should. `error` says why, `status` which of 500, 502, 503 or 504 the
    /// client got. At most one line a second: `unsaid` is how many more there were since the last one. While no node can be
    /// reached there is no such line, but the one that says so.
    WARN "anomaly_gateway::proxy" "the cluster did not serve a request"
    NotServed<'a> by asked {
        status: u16,
        %duration: &'a dyn Display,
        node: Option<&'a str>,
        error: &'a str,
        unsaid: u64,
    }
    counted by REQUESTS;

    /// No node could be reached for a request. That they cannot be is logged once for each.
    DEBUG "anomaly_gateway::proxy" "no node could be reached"
    NoNode<'a> by asked { status: u16, %duration: &'a dyn Display, error: &'a str } counted by REQUESTS;

    /// A request was refused, and its client was told why.
    DEBUG "anomaly_gateway::proxy" "a request was refused"
    RequestRefused<'a> by asked { status: u16, %duration: &'a dyn Display, error: &'a str } counted by REQUESTS;

    /// A request was refused because it could write to the protected index; `reason` says what could. At most one line a
    /// second: `unsaid` is how many more there were since the last one.
    INFO "anomaly_gateway::proxy" "a request that could write to a protected index was refused"
    ProtectedIndexRefusal<'a> by asked { %reason: &'a dyn Display, unsaid: u64 }
    counted by PROTECTED_INDEX_REFUSALS;

    /// A claimed request was decided on, and a policy had a part in it.
    INFO "anomaly_gateway::proxy" "decided"
    DecidedByPolicies<'a> by asked {
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
    DecidedByRules<'a> by asked {
        plugin: &'a str,
        id: &'a str,
        verdict: &'a str,
        rule: Option<&'a str>,
        %revision: &'a dyn Display,
    }
    counted by DECISIONS;

    /// What was admitted is stored.
    INFO "anomaly_gateway::proxy" "committed"
    Committed<'a> by asked { plugin: &'a str, id: &'a str, %revision: &'a dyn Display, %duration: &'a dyn Display }
    counted by COMMITS;

    /// What was admitted was sent to the cluster, which answered with `status`.
    INFO "anomaly_gateway::proxy" "handed over"
    HandedOver<'a> by asked {
        plugin: &'a str,
        id: &'a str,
        %revision: &'a dyn Display,
        status: u16,
        %duration: &'a dyn Display,
    }
    counted by COMMITS;

    /// What was admitted is not stored, or nobody knows whether it is. `outcome` is that of the metric; `status` and `reason`
    /// are the cluster's, if it has answered, and `index` is what it was asked about. What to do is in [What happens, and what
    /// it looks like](../operate/events.md).
    WARN "anomaly_gateway::proxy" "admitted, but not done"
    NotCommitted<'a> by asked {
        plugin: &'a str,
        id: &'a str,
        %revision: &'a dyn Display,
        outcome: &'a str,
        status: Option<u16>,
        reason: &'a str,
        index: Option<&'a str>,
        %duration: &'a dyn Display,
    }
    counted by COMMITS;

    /// The same where the client can do something about it, or where another line has said it: the name is in use, others have
    /// changed the document, the cluster does not take it, or no node can be reached.
    DEBUG "anomaly_gateway::proxy" "admitted, but not done"
    NotCommittedAsUsual<'a> by asked { plugin: &'a str, id: &'a str, outcome: &'a str, reason: &'a str }
    counted by COMMITS;

    /// A document is not what was judged when it was changed, and policies that enforce forbid what it is: somebody else has
    /// changed it at the same moment, past this gateway. Change it again, and let all changes go through one gateway.
    ERROR "anomaly_gateway::proxy" "a changed document is not what was judged"
    ChangedOtherwise<'a> { plugin: &'a str, id: &'a str, violations: &'a str } counted by UNJUDGED_CHANGES;

    /// The cluster has changed a document, and it could not be looked at whether it is what was judged. `error` says why.
    WARN "anomaly_gateway::proxy" "a changed document could not be compared with what was judged"
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
    pub(crate) asked: &'a Asked,
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
            asked,
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
        let dry_run = dry_run(asked.is_dry_run == Some(true));
        DECISIONS.add(&[plugin, verdict, dry_run], 1);
        if violations.is_empty() && filled.is_empty() {
            let event = DecidedByRules {
                asked,
                plugin,
                id,
                verdict,
                rule,
                revision,
            };
            event.log();
        } else {
            let event = DecidedByPolicies {
                asked,
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

/// The value of the label `dry_run`.
pub(crate) const fn dry_run(is_dry_run: bool) -> &'static str {
    if is_dry_run { "true" } else { "false" }
}

impl Committed<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self) {
        COMMITS.add(&[self.plugin, CommitOutcome::Stored.name()], 1);
        self.log();
    }
}

impl HandedOver<'_> {
    /// Counts and logs it.
    pub(crate) fn emit(&self, outcome: CommitOutcome) {
        COMMITS.add(&[self.plugin, outcome.name()], 1);
        self.log();
    }
}

impl NotCommitted<'_> {
    /// Counts and logs it, aloud if the operator may have to do something.
    pub(crate) fn emit(&self, outcome: CommitOutcome) {
        COMMITS.add(&[self.plugin, outcome.name()], 1);
        if !matches!(
            outcome,
            CommitOutcome::Exists | CommitOutcome::Outdated | CommitOutcome::Refused | CommitOutcome::Unavailable
        ) {
            return self.log();
        }
        let event = NotCommittedAsUsual {
            asked: self.asked,
            plugin: self.plugin,
            id: self.id,
            outcome: self.outcome,
            reason: self.reason,
        };
        event.log();
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
