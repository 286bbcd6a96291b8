//! The checks and tests, in the order in which a mistake is found soonest.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::{cargo, dashboard, demo, dependencies, oldest_rust};

/// Everything that has to pass before a change is taken.
pub fn run() -> anyhow::Result<()> {
    let mut steps = Steps::default();
    steps.checks();
    steps.note(
        "tests",
        cargo::test(&["test", "--workspace", "--locked", "--no-fail-fast"]),
    );
    // The other command that README.md gives to people. The tests have built the gateway, and by itself it would be compiled
    // again, with fewer features of dependencies.
    steps.note("demo", demo::give(true));
    dashboard::remind();
    steps.finish()
}

/// What of that needs no JVM. Integration tests are left out by file: a file that uses real nodes is. What takes long and
/// seldom finds anything is left to the test command: the documentation of test crates, the oldest Rust, and advisories.
pub fn check() -> anyhow::Result<()> {
    let with_nodes =
        with_nodes(&cargo::workspace().join("tests/it")).context("the integration tests cannot be read")?;
    let mut integration = vec![
        "test",
        "--locked",
        "--no-fail-fast",
        // As the unit tests are: of another selection of packages cargo would turn on other features of dependencies, and
        // compile the gateway a second time.
        "--workspace",
        "--test",
        "it",
        "--",
        // Most of them wait, so that more than one for each core are done in two thirds of the time; ten are no faster.
        "--test-threads",
        "6",
    ];
    integration.extend(with_nodes.iter().flat_map(|module| ["--skip", module]));
    let mut steps = Steps::default();
    steps.format_and_lints();
    // Of the gateway alone: with the test crates its library would be checked once more for them.
    steps.documentation(&["--package", "anomaly-gateway", "--lib"]);
    steps.note("dependencies", dependencies::check_what_is_known_here());
    steps.note(
        "unit tests",
        cargo::test(&["test", "--locked", "--no-fail-fast", "--workspace", "--lib", "--bins"]),
    );
    steps.note("integration tests", cargo::test(&integration));
    steps.finish()
}

/// Steps, one after the other. What fails does not keep the rest from running; a list of it is at the end.
#[derive(Default)]
struct Steps {
    failed: Vec<String>,
}

impl Steps {
    /// Those that look at the code without running it.
    fn checks(&mut self) {
        self.format_and_lints();
        self.documentation(&["--workspace"]);
        self.note("dependencies", dependencies::check());
        self.note("oldest Rust", oldest_rust::check());
    }

    fn format_and_lints(&mut self) {
        let clippy = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ];
        self.note("format", cargo::run(&["fmt", "--all", "--check"], &[]));
        self.note("lints", cargo::run(&clippy, &[]));
    }

    fn documentation(&mut self, of: &[&str]) {
        let doc = [&["doc", "--no-deps", "--locked"], of].concat();
        self.note("documentation", cargo::run(&doc, &[("RUSTDOCFLAGS", "-D warnings")]));
    }

    fn note(&mut self, step: &str, outcome: anyhow::Result<()>) {
        if let Err(error) = outcome {
            println!("== {step}: {error:#}");
            self.failed.push(format!("{step}: {error:#}"));
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        if self.failed.is_empty() {
            return Ok(());
        }
        anyhow::bail!("these checks failed:\n  {}", self.failed.join("\n  "))
    }
}

/// Whether a source text of the integration tests uses the nodes that they share, or starts some of its own.
fn starts_nodes(text: &str) -> bool {
    ["node::", "use cluster::"].iter().any(|used| text.contains(used))
}

/// The modules below this folder that start real nodes, as the names of their tests begin.
fn with_nodes(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(with_nodes(&path)?.into_iter().map(|inner| format!("{name}::{inner}")));
        } else if name != "main" && starts_nodes(&fs::read_to_string(&path)?) {
            found.push(if name == "mod" {
                String::new()
            } else {
                format!("{name}::")
            });
        }
    }
    Ok(found)
}

/// The durability tests, longer than in the test command.
pub fn durability(rounds: u32) -> anyhow::Result<()> {
    let test = ["test", "--locked", "--test", "it", "--", "durability::", "--nocapture"];
    cargo::run(&test, &[("DURABILITY_ROUNDS", &rounds.to_string())])
}

/// The tests of upgrades, longer than in the test command, and with those that take nginx and HAProxy.
pub fn upgrade(requests: u64, hand_overs: u64) -> anyhow::Result<()> {
    let test = ["test", "--locked", "--test", "it", "--", "upgrade::"];
    let all = ["--include-ignored", "--nocapture", "--test-threads=1"];
    let [requests, hand_overs] = [requests, hand_overs].map(|number| number.to_string());
    cargo::run(
        &[test.as_slice(), &all].concat(),
        &[("UPGRADE_REQUESTS", &requests), ("UPGRADE_HAND_OVERS", &hand_overs)],
    )
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
    let gateway = released()?;
    let gateway = gateway.to_string_lossy();
    let run = ["run", "--release", "--locked", "--package", "soak", "--", command];
    cargo::run(&[run.as_slice(), &["--gateway", &gateway, option, value]].concat(), &[])
}

/// What forwarding costs this gateway, or the one that is released, and other proxies.
pub fn bench(gateway: Option<PathBuf>, arguments: &[String]) -> anyhow::Result<()> {
    let gateway = match gateway {
        Some(gateway) => gateway,
        None => released()?,
    };
    let gateway = fs::canonicalize(&gateway).with_context(|| format!("there is no {}", gateway.display()))?;
    let gateway = gateway.to_string_lossy();
    let mut run = vec![
        "run",
        "--release",
        "--locked",
        "--package",
        "bench",
        "--",
        "--gateway",
        &gateway,
    ];
    run.extend(arguments.iter().map(String::as_str));
    cargo::run(&run, &[])
}

/// Builds the gateway as it is released.
pub fn released() -> anyhow::Result<PathBuf> {
    let build = ["build", "--release", "--locked", "--package", "anomaly-gateway"];
    cargo::run(&build, &[])?;
    Ok(cargo::target().join("release/anomaly-gateway"))
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
