//! Which nodes answer.

use std::fmt::Display;

use super::super::event::events;

events! {
    /// A node could not be reached. `reason` says what was seen, `others` how many nodes there are besides.
    WARN "anomaly_gateway::upstream" "the node does not answer"
    NodeDown<'a> { %node: &'a dyn Display, %reason: &'a dyn Display, others: usize } counted by NODE_UP;

    /// The node can be reached again.
    INFO "anomaly_gateway::upstream" "the node answers again"
    NodeBack<'a> { %node: &'a dyn Display } counted by NODE_UP;
}
