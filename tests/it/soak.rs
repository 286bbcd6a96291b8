//! A short soak: each thing that can happen to nodes happens, and no byte, write or connection is lost. `cargo xtask soak`
//! takes longer, with nodes that are processes.

use std::path::PathBuf;
use std::time::Duration;

use soak::run::{Plan, run};

#[test]
fn nodes_that_are_killed_and_break_connections_cost_no_byte_no_write_and_no_connection() {
    let plan = Plan {
        gateway: PathBuf::from(env!("CARGO_BIN_EXE_anomaly-gateway")),
        node: None,
        time: Duration::from_secs(8),
        pace: 0.3,
        gateways: 1,
        clients: 16,
    };
    let report = run(&plan).expect("everything starts and ends");
    assert!(report.verdict.holds(), "{report}");
    assert!(report.verdict.done > 0, "{report}");
    assert!(
        report.verdict.failed.keys().any(|told| told.starts_with("503")),
        "all nodes were away for a while: {report}"
    );
}
