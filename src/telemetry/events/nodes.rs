//! Which nodes answer.

use std::fmt::Display;

use super::super::event::events;

events! {
    /// A node could not be reached. `reason` says what was seen, `answering` how many others are not known to be in the same
    /// state: with 0 the cluster is down. There is no other line of it until the node answers again.
    WARN "anomaly_gateway::upstream" "the node does not answer"
    NodeDown<'a> { %node: &'a dyn Display, %reason: &'a dyn Display, answering: usize } counted by NODE_UP;

    /// The node can be reached again. `unserved` is how many requests, and calls of the gateway's own, found no node to ask
    /// since the last such line.
    INFO "anomaly_gateway::upstream" "the node answers again"
    NodeBack<'a> { %node: &'a dyn Display, unserved: u64 } counted by NODE_UP;

    /// The last `answers` answers of a node were all 401. Look at the node's security, or at who asks.
    WARN "anomaly_gateway::upstream" "the node answers every request with 401: if the credentials are right, it may be blocking the gateway's address after failed logins"
    NodeUnauthorized<'a> { %node: &'a dyn Display, answers: u32 };

    /// An answer of the node was not 401.
    INFO "anomaly_gateway::upstream" "the node no longer answers every request with 401"
    NodeAuthorized<'a> { %node: &'a dyn Display };

    /// Probes have the wrong credentials. Correct the file that `upstream.probe_authorization` names.
    WARN "anomaly_gateway::upstream" "the node refuses the credentials of `upstream.probe_authorization`; it is only connected to until they change"
    ProbeRefused<'a> { node: Option<&'a str> };

    /// Probes have no credentials, and nodes are only connected to. Correct the file or the key.
    WARN "anomaly_gateway::upstream" "`upstream.probe_authorization` cannot be read"
    ProbeUnauthorized<'a> { %file: &'a dyn Display, %error: &'a dyn Display };
}
