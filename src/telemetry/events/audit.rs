//! Decision events on their way to an index.

use std::fmt::Display;

use super::super::event::events;
use super::super::families::{AUDIT_DROPPED, AUDIT_WRITTEN};
use super::super::outcome::AuditDrop;

events! {
    /// Decision events cannot be written to `audit.index`: they wait, as many as there is room for, and are tried again until
    /// they are written. `error` says why: the cluster is down, or does not take them.
    WARN "anomaly_gateway::server" "decision events cannot be written to their index"
    AuditFails<'a> { %index: &'a dyn Display, error: &'a str } counted by AUDIT_WAITING, AUDIT_DROPPED;

    /// They are written again; `waiting` is how many of them wait for their turn.
    INFO "anomaly_gateway::server" "decision events are written to their index again"
    AuditWorks<'a> { %index: &'a dyn Display, waiting: usize } counted by AUDIT_WRITTEN;

    /// Decision events were left out, as too many wait (`audit.queue`), so many since the last such line. There is one a second at
    /// most. If the cluster is up, raise `audit.queue` or look at why it is slow.
    WARN "anomaly_gateway::server" "decision events were left out"
    AuditLeftOut { events: u64 } counted by AUDIT_DROPPED;

    /// The cluster does not take a decision event as it is, and it is left out. Look at the mapping of the index. At most one line
    /// a second: `unsaid` is how many more there were since the last one.
    WARN "anomaly_gateway::server" "the cluster refused a decision event"
    AuditRefused<'a> { %index: &'a dyn Display, id: &'a str, reason: &'a str, unsaid: u64 } counted by AUDIT_DROPPED;

    /// The gateway has stopped before these decision events were written, as the cluster did not take them in time.
    WARN "anomaly_gateway::server" "decision events were not written before the end"
    AuditUnfinished { events: usize } counted by AUDIT_DROPPED;
}

/// Events were written.
pub(crate) fn written(count: u64) {
    AUDIT_WRITTEN.add(&[], count);
}

/// Events were left out.
pub(crate) fn dropped(reason: AuditDrop, count: u64) {
    AUDIT_DROPPED.add(&[reason.name()], count);
}
