//! Every metric, as it is declared.
//!
//! Names follow `OpenMetrics`. A metric belongs to one of four lists, by where its value comes from.

use super::family::{Label, families};
use super::outcome::{
    Agreement, AuditDrop, CommitOutcome, HandshakeFailure, MethodClass, Outcome, Reason, StatusClass, Verdict,
};
use super::word::Word;

const CLAIMED: Label = Label::listed("claimed", || {
    words(&[
        ("false", "Nobody claims the request; it is forwarded."),
        ("true", "A plugin claims it."),
    ])
});
const DRY_RUN: Label = Label::listed("dry_run", || {
    words(&[("false", "It is to be done."), ("true", "It is only tried out.")])
});
const NODE: Label = Label::configured("node", "an address in `upstream.nodes`");
const PLUGIN: Label = Label::configured("plugin", "the name of a plugin");
const POLICY: Label = Label::configured("policy", "the name of a policy in use");
const WORKER: Label = Label::configured("worker", "the number of a worker thread, from 0");
const BUDGET: Label = Label::listed("budget", || {
    words(&[
        ("claimed", "What `limits.bodies` bounds."),
        ("early", "Small bodies that are read before it is known who sends them."),
    ])
});
const RELOAD: Label = Label::listed("outcome", || {
    words(&[
        (USED, "What was read is in use."),
        (REFUSED, "It cannot be used; what was in use stays."),
    ])
});
const SIDE: Label = Label::listed("side", || {
    words(&[
        ("tls", "What the gateway shows to clients, and whom it believes."),
        ("upstream.tls", "What it shows to nodes, and whom it believes."),
        ("access.authorization", "The credentials of the gateway's own account."),
        ("access.certificate", "The certificate of that account."),
    ])
});

/// Values of `outcome` where something was read again.
pub(super) const USED: &str = "used";
pub(super) const REFUSED: &str = "refused";

/// Values of `outcome` where stored documents were judged.
pub(super) const COMPLETED: &str = "completed";
pub(super) const FAILED: &str = "failed";

fn words(pairs: &[(&'static str, &'static str)]) -> Vec<Word> {
    let words = pairs.iter().map(|&(name, meaning)| Word { name, meaning });
    words.collect()
}

families! {
    /// What each worker thread counts for itself; `/metrics` has the sum.
    COUNTED_BY_WORKERS:

    /// Requests that have ended, also those that were refused, turned away or broken off.
    REQUESTS = Counter "anomaly_gateway_requests_total" in "requests" by [
        Label::listed("outcome", Outcome::words),
        Label::listed("status", StatusClass::words),
        Label::listed("method", MethodClass::words)
    ];
    /// Requests that have not ended.
    IN_FLIGHT = Gauge "anomaly_gateway_requests_in_flight" in "requests" by [];
    /// Claimed requests that have ended, by what was decided on them.
    CLAIMED_REQUESTS = Counter "anomaly_gateway_claimed_requests_total" in "requests" by [
        Label::listed("verdict", Verdict::words),
        DRY_RUN
    ];
    /// Bytes of the bodies of requests that have ended, as they came, without framing.
    RECEIVED = Counter "anomaly_gateway_request_body_bytes_total" in "bytes" by [];
    /// Bytes of the bodies of their answers, as they were sent, without framing.
    SENT = Counter "anomaly_gateway_response_body_bytes_total" in "bytes" by [];
    /// Times that a request was sent on another connection or to another node.
    RETRIES = Counter "anomaly_gateway_request_retries_total" in "retries" by [];
    /// From the head of a request to the last byte of its answer.
    TOTAL_TIME = Histogram "anomaly_gateway_request_duration_seconds" in "seconds" by [CLAIMED];
    /// The gateway's own part of the time to the head of the answer, connecting to a node included, without what nodes and
    /// the client took.
    OWN_TIME = Histogram "anomaly_gateway_request_own_duration_seconds" in "seconds" by [CLAIMED];
    /// From when a node had the whole request to the head of its answer; of claimed requests also the gateway's own calls.
    NODE_TIME = Histogram "anomaly_gateway_request_node_duration_seconds" in "seconds" by [CLAIMED];
    /// Connections of clients that were accepted.
    CLIENTS_OPENED = Counter "anomaly_gateway_client_connections_opened_total" in "connections" by [];
    /// Connections of clients on which TLS was not set up.
    CLIENTS_FAILED = Counter "anomaly_gateway_client_handshakes_failed_total" in "connections" by [
        Label::listed("reason", HandshakeFailure::words)
    ];
    /// Connections of clients that are open.
    CLIENTS = Gauge "anomaly_gateway_client_connections" in "connections" by [];
    /// Connections to nodes that were made. Those for the gateway's own calls are not counted.
    NODES_OPENED = Counter "anomaly_gateway_node_connections_opened_total" in "connections" by [NODE];
    /// Requests that were sent on a connection to a node that was open already.
    NODES_REUSED = Counter "anomaly_gateway_node_connections_reused_total" in "requests" by [NODE];
    /// Connections to nodes that could not be made.
    NODES_FAILED = Counter "anomaly_gateway_node_connections_failed_total" in "connections" by [NODE];
    /// Connections to nodes that are open.
    NODES = Gauge "anomaly_gateway_node_connections" in "connections" by [NODE, Label::listed("state", || words(&[
        ("active", "A request or its answer is on it."),
        ("idle", "It waits for a request."),
    ]))];
    /// How late a timer of a worker thread fired, ten times a second. Up to a millisecond is the timer's own.
    WORKER_LAG = Histogram "anomaly_gateway_worker_lag_seconds" in "seconds" by [];
    /// For how long a worker thread has not run its timer although it was due: more than 0 only while it is held up.
    WORKER_OVERDUE = Gauge "anomaly_gateway_worker_overdue_seconds" in "seconds" by [WORKER];
    /// Lines of the access log that could not be written.
    ACCESS_LOG_DROPPED = Counter "anomaly_gateway_access_log_dropped_total" in "lines" by [];
}

families! {
    /// What is looked up when `/metrics` is asked for.
    LOOKED_UP:

    /// Whether `/ready` is 200: 1 or 0.
    READY = Gauge "anomaly_gateway_ready" in "0 or 1" by [];
    /// Whether a node answered the last time: 1 or 0.
    NODE_UP = Gauge "anomaly_gateway_node_up" in "0 or 1" by [NODE];
    /// Whether the configuration file says something else than what holds, as it is wrong or a key needs a restart, as far as
    /// SIGHUP has shown: 1 or 0. `/ready` says what.
    CONFIGURATION_OUTDATED = Gauge "anomaly_gateway_configuration_outdated" in "0 or 1" by [];
    /// Whether the last change of policies is not in use: 1 or 0. `/ready` says why.
    POLICIES_OUTDATED = Gauge "anomaly_gateway_policies_outdated" in "0 or 1" by [];
    /// Whether the last change of a side's files is not in use: 1 or 0; there for each side that has files. `/ready` says why.
    CERTIFICATES_OUTDATED = Gauge "anomaly_gateway_certificates_outdated" in "0 or 1" by [SIDE];
    /// Documents that were stored already and violate a policy, as the last scan found that came to its end; there from then
    /// on, with `jobs.scan`.
    SCAN_VIOLATING = Gauge "anomaly_gateway_scan_violating_documents" in "documents" by [POLICY];
    /// Documents that this scan has looked at; there from then on.
    SCAN_DOCUMENTS = Gauge "anomaly_gateway_scan_documents" in "documents" by [];
    /// When this scan ended, in seconds since 1970; there from then on.
    SCAN_COMPLETED = Gauge "anomaly_gateway_scan_completed_seconds" in "seconds" by [];
    /// Bytes of the bodies of claimed requests that are held.
    BODY_BUDGET_USED = Gauge "anomaly_gateway_body_budget_used_bytes" in "bytes" by [BUDGET];
    /// How many of these bytes there may be.
    BODY_BUDGET_LIMIT = Gauge "anomaly_gateway_body_budget_limit_bytes" in "bytes" by [BUDGET];
    /// Decision events that wait to be written to `audit.index`.
    AUDIT_WAITING = Gauge "anomaly_gateway_audit_events_waiting" in "events" by [];
    /// When the certificate in use, or the first of its chain, expires, in seconds since 1970; there for each side that has
    /// a certificate.
    CERTIFICATE_NOT_AFTER = Gauge "anomaly_gateway_certificate_not_after_seconds" in "seconds" by [SIDE];
}

families! {
    /// What the system knows of the process, by the names that Prometheus's own clients use; looked up when `/metrics` is asked
    /// for, and left out where the system does not show it.
    PROCESS:

    /// Time that the process has spent on processors, in the system's part and in its own.
    CPU_TIME = Counter "process_cpu_seconds_total" in "seconds" by [];
    /// Memory of the process that is in RAM.
    RESIDENT_MEMORY = Gauge "process_resident_memory_bytes" in "bytes" by [];
    /// Files that the process has open; each connection is one.
    OPEN_FILES = Gauge "process_open_fds" in "files" by [];
    /// How many files it may have open.
    FILES_LIMIT = Gauge "process_max_fds" in "files" by [];
    /// When the process was started, in seconds since 1970.
    START_TIME = Gauge "process_start_time_seconds" in "seconds" by [];
}

families! {
    /// What is counted where it happens.
    RECORDED:

    /// Always 1, with the version of the gateway.
    BUILD = Gauge "anomaly_gateway_build_info" in "1" by [Label::configured("version", "the gateway's version")];
    /// Claimed requests that were decided on. What became of those that were admitted is in `anomaly_gateway_commits_total`.
    DECISIONS = Counter "anomaly_gateway_decisions_total" in "requests" by [PLUGIN, Label::listed("verdict", || {
        let decided = [Verdict::Admitted.name(), Verdict::Refused.name()];
        Verdict::words().into_iter().filter(|word| decided.contains(&word.name)).collect()
    }), DRY_RUN];
    /// Admitted requests that were to be done, by what became of them. Dry runs are none.
    COMMITS = Counter "anomaly_gateway_commits_total" in "requests" by [
        PLUGIN,
        Label::listed("outcome", CommitOutcome::words)
    ];
    /// Times that the index in which documents are stored was not there and was made.
    INDEX_CREATIONS = Counter "anomaly_gateway_index_creations_total" in "indices" by [Label::listed("again", || words(&[
        ("false", "This gateway has not seen it before."),
        ("true", "It has: somebody has deleted the index, with all that was in it."),
    ]))];
    /// Violations of policies; one request may have several.
    VIOLATIONS = Counter "anomaly_gateway_policy_violations_total" in "violations" by [
        POLICY,
        Label::listed("enforcement", || words(&[
            ("enforce", "The request was refused."),
            ("warn", "Its client was warned."),
            ("audit", "It is logged."),
        ])),
        DRY_RUN
    ];
    /// Times that a policy could not be evaluated.
    PROBLEMS = Counter "anomaly_gateway_policy_problems_total" in "evaluations" by [POLICY];
    /// Requests that neither auditing policies nor the shadow set has judged: too large, or too many at once.
    NOT_AUDITED = Counter "anomaly_gateway_audits_left_out_total" in "requests" by [];
    /// Requests that the shadow set has judged as well.
    SHADOW_DECISIONS = Counter "anomaly_gateway_shadow_decisions_total" in "requests" by [
        Label::listed("agreement", Agreement::words)
    ];
    /// Times that the configuration was reloaded.
    CONFIGURATION_RELOADS = Counter "anomaly_gateway_configuration_reloads_total" in "reloads" by [RELOAD];
    /// Times that the policies were read again.
    POLICY_RELOADS = Counter "anomaly_gateway_policy_reloads_total" in "reloads" by [RELOAD];
    /// Times that certificates, keys, authorities or credentials were read again.
    CERTIFICATE_RELOADS = Counter "anomaly_gateway_certificate_reloads_total" in "reloads" by [SIDE, RELOAD];
    /// Times that all stored documents were judged by the policies, with `jobs.scan`.
    SCANS = Counter "anomaly_gateway_scans_total" in "scans" by [Label::listed("outcome", || words(&[
        (COMPLETED, "What was found is shown."),
        (FAILED, "The documents could not be read; what was found before is shown."),
    ]))];
    /// What the cluster has created although no record of it could be kept.
    LOST_RECORDS = Counter "anomaly_gateway_lost_records_total" in "records" by [];
    /// Documents that were not what was judged after they were changed, and that policies forbid.
    UNJUDGED_CHANGES = Counter "anomaly_gateway_unjudged_changes_total" in "documents" by [];
    /// Decision events that were written to `audit.index`.
    AUDIT_WRITTEN = Counter "anomaly_gateway_audit_events_written_total" in "events" by [];
    /// Decision events that were left out of it.
    AUDIT_DROPPED = Counter "anomaly_gateway_audit_events_dropped_total" in "events" by [
        Label::listed("reason", AuditDrop::words)
    ];
    /// Clients that a limit has turned away, and requests that came back to the gateway itself.
    TURNED_AWAY = Counter "anomaly_gateway_turned_away_total" in "clients" by [Label::listed("reason", Reason::words)];
    /// Requests that were refused because they could write to the protected index.
    PROTECTED_INDEX_REFUSALS = Counter "anomaly_gateway_protected_index_refusals_total" in "requests" by [
        Label::listed("reason", || words(&[
            ("path", "The path could name the index."),
            ("query", "The query could."),
            ("body", "The body could."),
            ("unjudged", "What the request does cannot be judged."),
            ("names_unknown", "The aliases of the index are not known at the moment."),
        ]))
    ];
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static super::family::Family> {
    [COUNTED_BY_WORKERS, LOOKED_UP, RECORDED, PROCESS]
        .into_iter()
        .flatten()
        .copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::family::Kind;
    use super::*;

    #[test]
    fn names_are_distinct_and_say_what_they_count() {
        let mut names = BTreeSet::new();
        for family in all() {
            let name = family.name;
            assert!(names.insert(name), "{name} is declared twice");
            let prefix = if PROCESS.iter().any(|of_process| of_process.name == name) {
                "process_"
            } else {
                "anomaly_gateway_"
            };
            assert!(name.starts_with(prefix), "{name}");
            assert_eq!(name.ends_with("_total"), family.kind == Kind::Counter, "{name}");
            for unit in ["seconds", "bytes"] {
                assert_eq!(name.contains(&format!("_{unit}")), family.unit == unit, "{name}");
            }
            assert!(family.help.ends_with('.') && !family.help.contains('\\'), "{name}");
        }
    }
}
