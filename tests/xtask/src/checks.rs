//! The checks and tests, in the order in which a mistake is found soonest.

use anyhow::Context;

use crate::{cargo, demo, dependencies};

/// Everything that has to pass before a change is taken. What fails does not keep the rest from running; a list of it is
/// at the end.
pub fn run() -> anyhow::Result<()> {
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    let doc = ["doc", "--workspace", "--no-deps", "--locked"];
    let mut failed = Vec::new();
    let mut note = |step: &str, outcome: anyhow::Result<()>| {
        if let Err(error) = outcome {
            println!("== {step}: {error:#}");
            failed.push(format!("{step}: {error:#}"));
        }
    };
    note("format", cargo::run(&["fmt", "--all", "--check"], &[]));
    note("lints", cargo::run(&clippy, &[]));
    note("documentation", cargo::run(&doc, &[("RUSTDOCFLAGS", "-D warnings")]));
    note("dependencies", dependencies::check());
    note(
        "tests",
        cargo::test(&["test", "--workspace", "--locked", "--no-fail-fast"]),
    );
    // The other command that README.md gives to people.
    note("demo", demo::run(true));
    if failed.is_empty() {
        return Ok(());
    }
    anyhow::bail!("these checks failed:\n  {}", failed.join("\n  "))
}

/// The durability test, longer than in the test command.
pub fn durability(rounds: u32) -> anyhow::Result<()> {
    let test = [
        "test",
        "--locked",
        "--test",
        "it",
        "--",
        "--exact",
        "durability::a_stored_job_survives",
        "--nocapture",
    ];
    cargo::run(&test, &[("DURABILITY_ROUNDS", &rounds.to_string())])
}

/// The conformance suite, with more requests than in the test command and other ones.
pub fn conformance(all: bool, cases: usize, format: &str) -> anyhow::Result<()> {
    let cases = cases.to_string();
    let mut run = vec!["run", "--release", "--locked", "--package", "conformance", "--"];
    run.extend(["--seed", "2", "--cases", &cases, "--format", format]);
    if all {
        run.push("--all");
    }
    cargo::run(&run, &[])
}

/// A command of the soak, with one option, on the gateway as it is released.
pub fn soak(command: &str, option: &str, value: &str) -> anyhow::Result<()> {
    let build = ["build", "--release", "--locked", "--package", "anomaly-gateway"];
    cargo::run(&build, &[])?;
    let gateway = cargo::target().join("release/anomaly-gateway");
    let gateway = gateway.to_string_lossy();
    let run = ["run", "--release", "--locked", "--package", "soak", "--", command];
    cargo::run(&[run.as_slice(), &["--gateway", &gateway, option, value]].concat(), &[])
}

/// OpenSearch's own REST tests, direct and through the gateway, every exchange compared.
pub fn rest_suite(arguments: &[String]) -> anyhow::Result<()> {
    cargo::run(&["build", "--locked", "--package", "anomaly-gateway"], &[])?;
    let gateway = cargo::target().join("debug/anomaly-gateway");
    let gateway = gateway.to_str().context("the target folder's path is no text")?;
    let mut run = vec!["run", "--locked", "--package", "scenarios", "--", "--gateway", gateway];
    run.extend(arguments.iter().map(String::as_str));
    cargo::run(&run, &[])
}

/// Every kind of node, started once.
pub fn kinds() -> anyhow::Result<()> {
    let tests = ["test", "--locked", "--package", "cluster", "--test", "real_nodes"];
    let only_every_kind = ["--", "--ignored", "--test-threads=1", "--nocapture"];
    cargo::run(&[tests.as_slice(), &only_every_kind].concat(), &[])
}

/// Every official client, also those that compile for minutes.
pub fn clients() -> anyhow::Result<()> {
    let tests = ["test", "--locked", "--test", "clients"];
    cargo::run(
        &[tests.as_slice(), &["--", "--include-ignored", "--nocapture"]].concat(),
        &[],
    )
}
