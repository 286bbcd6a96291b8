//! The command: OpenSearch's own REST tests, twice direct and once through the gateway, and where the runs differ.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the person who runs it"
)]

mod gateway;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, thread, time::Instant};

use anyhow::{anyhow, ensure};
use clap::Parser;
use cluster::{Kind, Node};
use scenarios::{Apis, Comparison, Outcome, Published, Runner, Server, Suite, TestRun, Variation};

use gateway::Gateway;

/// Runs OpenSearch's REST tests twice against a node and once through the gateway, and compares every exchange.
#[derive(Debug, Parser)]
struct Arguments {
    /// The gateway's program.
    #[arg(long)]
    gateway: PathBuf,
    /// How requests are sent; may be repeated [default: each way by itself].
    #[arg(long = "variation", value_enum)]
    variations: Vec<Variation>,
    /// Only the files whose name has this in it.
    #[arg(long, default_value = "")]
    only: String,
    /// How many differences to show.
    #[arg(long, default_value_t = 20)]
    show: usize,
    /// Tell of every test that failed in the first direct run, and why.
    #[arg(long)]
    failures: bool,
}

fn main() -> ExitCode {
    match compare(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(70)
        }
    }
}

/// Compares in every way asked for, and returns whether nothing differs.
fn compare(arguments: &Arguments) -> anyhow::Result<bool> {
    let published = Published::fetch()?;
    let apis = Apis::read(&published.apis)?;
    let mut suites = Suite::all_in(&published.tests)?;
    suites.retain(|suite| suite.name.contains(&arguments.only));
    let count: usize = suites.iter().map(Suite::count).sum();
    ensure!(count > 0, "no file has {:?} in its name", arguments.only);
    let variations = match arguments.variations.as_slice() {
        [] => &Variation::EACH,
        chosen => chosen,
    };
    let mut is_equal = true;
    for variation in variations {
        println!("== {count} tests in {} files, {variation:?}", suites.len());
        let run = &|gateway| run(&suites, &apis, *variation, gateway);
        // Side by side, each on a node of its own.
        let (first, second, through) = thread::scope(|scope| {
            let start = |gateway| scope.spawn(move || run(gateway));
            let runs = [start(None), start(None), start(Some(&arguments.gateway))];
            let [first, second, through] = runs.map(|run| run.join().map_err(|_| anyhow!("a run has panicked"))?);
            Ok::<_, anyhow::Error>((first?, second?, through?))
        })?;
        for (name, runs) in [
            ("direct", &first),
            ("direct again", &second),
            ("through the gateway", &through),
        ] {
            println!("{}", summary(name, runs));
        }
        let comparison = Comparison::of([&first, &second], &through);
        println!("{comparison}");
        tell(arguments, &first, &comparison);
        is_equal &= comparison.is_equal();
    }
    Ok(is_equal)
}

/// Runs the tests on a node of their own, direct or through a gateway.
fn run(suites: &[Suite], apis: &Apis, variation: Variation, gateway: Option<&PathBuf>) -> anyhow::Result<Vec<TestRun>> {
    let started = Instant::now();
    let name = if gateway.is_some() {
        "through the gateway"
    } else {
        "direct"
    };
    let kind = Kind::default_for_this_machine()?;
    let repositories = tempfile::tempdir()?;
    // What the vendor's own instructions demand of a node.
    let node = Node::builder(kind)
        .setting("path.repo", repositories.path().display().to_string())
        .setting("node.attr.testattr", "test")
        .setting("repositories.url.allowed_urls", "http://snapshot.*")
        .start()?;
    let gateway = gateway.map(|program| Gateway::start(program, node.url())).transpose()?;
    let address: SocketAddr = format!("127.0.0.1:{}", node.port()).parse()?;
    let server = Server {
        address: gateway.as_ref().map_or(address, |gateway| gateway.address),
        node: address,
        version: kind.version().to_owned(),
        features: Vec::new(),
    };
    let mut runner = Runner::new(server, apis, variation);
    let mut runs = Vec::new();
    for (number, suite) in suites.iter().enumerate() {
        runs.extend(runner.run(suite)?);
        if number % 50 == 49 {
            eprintln!(
                "{name}: {} tests after {:.0} s",
                runs.len(),
                started.elapsed().as_secs_f64()
            );
        }
    }
    Ok(runs)
}

fn summary(name: &str, runs: &[TestRun]) -> String {
    let count = |wanted: fn(&Outcome) -> bool| runs.iter().filter(|run| wanted(&run.outcome)).count();
    let passed = count(|outcome| *outcome == Outcome::Passed);
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
    let exchanges: usize = runs.iter().map(TestRun::exchanges).sum();
    format!("{name}: {passed} passed, {failed} failed, {skipped} skipped, {exchanges} exchanges")
}

fn tell(arguments: &Arguments, direct: &[TestRun], comparison: &Comparison) {
    if arguments.failures {
        for run in direct.iter().filter(|run| matches!(run.outcome, Outcome::Failed(_))) {
            println!("{}: {}", run.name, run.outcome);
        }
    }
    for line in &comparison.unstable {
        println!("unstable: {line}");
    }
    for line in &comparison.outcomes {
        println!("differs: {line}");
    }
    for difference in comparison.differences.iter().take(arguments.show) {
        println!("differs: {difference}");
    }
}
