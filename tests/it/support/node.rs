//! Real nodes for the tests: one that they share, and ones of their own that they may kill.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use cluster::{Builder, Kind, Node};

/// The cluster that tests share. They keep apart by the ids they use.
pub fn shared_url() -> &'static str {
    cluster::shared_url().unwrap_or_else(|error| panic!("no cluster to test with: {error}"))
}

/// An id that no other test has used, in this run or in an earlier one on the same cluster.
pub fn fresh_id(name: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970")
        .as_millis();
    format!("{name}-{now:x}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A node of a kind, with data of its own.
pub fn start(kind: Kind) -> Node {
    started(&Node::builder(kind))
}

/// A node of the test's own, on this data, at any free port or at a given one.
pub fn start_on(data: &Path, port: Option<u16>) -> Node {
    let kind = Kind::default_for_this_machine().unwrap_or_else(|error| panic!("no node to test with: {error}"));
    started(&Node::builder(kind).data_dir(data).port(port.unwrap_or(0)))
}

/// A node with users and roles, over plain HTTP.
pub fn start_secured() -> Node {
    let kind = Kind::secured_for_this_machine().unwrap_or_else(|error| panic!("no node to test with: {error}"));
    started(&Node::builder(kind).without_tls())
}

/// A node with users and roles, in TLS.
pub fn start_in_tls() -> Node {
    let kind = Kind::secured_for_this_machine().unwrap_or_else(|error| panic!("no node to test with: {error}"));
    started(&Node::builder(kind))
}

/// Two nodes of one cluster with users and roles, in TLS.
pub fn start_two_in_tls() -> Node {
    let kind = Kind::secured_for_this_machine().unwrap_or_else(|error| panic!("no node to test with: {error}"));
    started(&Node::builder(kind).nodes(2))
}

fn started(node: &Builder) -> Node {
    node.start()
        .unwrap_or_else(|error| panic!("the node does not start: {error}"))
}
