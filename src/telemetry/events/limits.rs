//! Limits that were reached.

use std::fmt::Display;

use super::super::event::events;

events! {
    /// Limits have turned clients away since the last such line, of which there is one a second at most. Raise the limit
    /// that has a count, or look at who asks so much.
    WARN "anomaly_gateway::proxy" "clients were turned away"
    ClientsTurnedAway {
        connections: u64,
        requests: u64,
        bodies: u64,
        heads: u64,
        loops: u64,
        head: u64,
        head_timeout: u64,
        body_timeout: u64,
    }
    counted by TURNED_AWAY;

    /// With clients TLS was not set up. `reason` is that of the metric, `error` and `client` are those of one of them. At most
    /// one line a second: `unsaid` is how many more there were since the last one. Clients that only connect are not logged.
    WARN "anomaly_gateway::server" "the TLS handshake with a client failed"
    HandshakeFailed<'a> { %client: &'a dyn Display, reason: &'a str, %error: &'a dyn Display, unsaid: u64 }
    counted by CLIENTS_FAILED;

    /// An address in `upstream.nodes` leads to the gateway itself. Correct it. There is one such line.
    ERROR "anomaly_gateway::proxy" "requests come back to the gateway: an address in `upstream.nodes` leads to itself"
    Loop {} counted by TURNED_AWAY;

    /// The limit on open files leaves room for fewer connections than `limits.connections`. Raise the one or lower the
    /// other.
    WARN "anomaly_gateway::server" "the limit on open files allows fewer connections than `limits.connections`"
    FewFiles { connections: usize };

    /// The system does not tell how many files may be open, and 1024 are assumed.
    WARN "anomaly_gateway::server" "the limit on open files is not known"
    FilesUnknown<'a> { %error: &'a dyn Display };

    /// A connection could not be accepted. Usually it is the limit on open files. At most one line a second: `unsaid` is how
    /// many more there were since the last one.
    WARN "anomaly_gateway::server" "a connection could not be accepted"
    NotAccepted<'a> { %error: &'a dyn Display, unsaid: u64 };
}
