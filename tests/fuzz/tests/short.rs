//! A little of every target with every test run: its seeds, and the same mutations of them each time.

#![allow(clippy::panic, reason = "a test says what is wrong by panicking")]

use std::process::Command;

/// Each target has a process of its own, so that what it allocates can be counted.
fn holds(target: &str, executions: u32) {
    let run = Command::new(env!("CARGO_BIN_EXE_fuzz"))
        .args(["run", target, "--executions", &executions.to_string(), "--findings"])
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap_or_else(|error| panic!("the command cannot be started: {error}"));
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{target}: {told}");
}

macro_rules! short_runs {
    ($($target:ident: $executions:expr),+ $(,)?) => {
        $(#[test] fn $target() { holds(stringify!($target), $executions); })+

        #[test]
        fn every_target_has_a_short_run() {
            let run: Vec<&str> = vec![$(stringify!($target)),+];
            let all: Vec<&str> = fuzz::TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(run, all);
        }
    };
}

// As many as take some seconds in a build without optimisation.
short_runs! {
    json: 5_000,
    admission: 300,
    updates: 300,
    formats: 3_000,
    route: 20_000,
    request_line: 20_000,
    request_stream: 5_000,
    lane: 5_000,
    media_type: 20_000,
    parameters: 20_000,
    filter_path: 5_000,
    units: 500,
    content_coding: 2_000,
}
