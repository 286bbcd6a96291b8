//! What the operator is told of updates that are not judged.

use std::fs;
use std::process::Command;

use super::{Cluster, Governed, POLICIES, job};
use crate::support::gateway::BINARY;

const NOTE: &str = "set `jobs.updates` to `judge`";

fn check(policies: &str, jobs: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("policies.yml"), policies).expect("a file");
    let config = folder.path().join("gateway.yml");
    let upstream = "upstream: { nodes: ['http://127.0.0.1:9200'] }";
    let text = format!("{upstream}\npolicies: {{ files: [policies.yml] }}\njobs: {{ {jobs} }}\n");
    fs::write(&config, text).expect("a file");
    let mut command = Command::new(BINARY);
    command.args(["check", "--config", config.to_str().expect("a path")]);
    let output = command.env("NO_COLOR", "1").output().expect("the command runs");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn check_says_what_is_left_open() {
    let audits = POLICIES.replace("enforcement: enforce", "enforcement: audit");
    for (policies, jobs, is_open) in [
        (POLICIES, "commit: forward", true),
        (POLICIES, "commit: both, updates: forward", true),
        (POLICIES, "commit: forward, updates: judge", false),
        (POLICIES, "commit: store", false),
        (&audits, "commit: forward", false),
    ] {
        let (code, said) = check(policies, jobs);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(said.contains(NOTE), is_open, "{jobs}: {said}");
    }
}

#[test]
fn the_start_says_it_too() {
    let cluster = Cluster::with("8.19.21", job());
    let governed = Governed::before(cluster.stand_in.url(), POLICIES, "commit: forward");
    governed.gateway.logged(&["updates of jobs are not judged", NOTE]);
}
