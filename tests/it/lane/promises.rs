//! What is promised of forwarded requests holds where they pass as they came: the same tests, with the lane in use.

use std::process::Command;

/// Tests of what is forwarded. None of them starts a real node.
const HOLD: [&str; 8] = [
    "forward::",
    "answers::",
    "silent_ends::",
    "limits::",
    "loops::",
    "nodes::",
    "access_log::forwarded::",
    "stalled_bodies::",
];

/// Others that have such a name within theirs.
const OTHERS: [&str; 5] = [
    "commit_modes::",
    "long_answers::",
    "field_reports::",
    "job_reports::",
    "bypass::",
];

#[test]
fn what_holds_of_hypers_way_holds_of_the_lane() {
    let mut tests = Command::new(std::env::current_exe().expect("this file"));
    tests.args(HOLD).env("ANOMALY_GATEWAY_LANE", "true");
    tests.args(OTHERS.iter().flat_map(|other| ["--skip", other]));
    let run = tests.args(["--test-threads", "4"]).output().expect("this file starts");
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{told}\n{}", String::from_utf8_lossy(&run.stderr));
    let passed = told
        .lines()
        .filter(|line| line.starts_with("test ") && line.ends_with(" ... ok"));
    let passed = passed.count();
    assert!(passed > 50, "only {passed} tests have run");
}
