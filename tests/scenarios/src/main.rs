//! The command: OpenSearch's own REST tests, twice direct and once through the gateway, and where the runs differ; or
//! Elasticsearch's tests of jobs, before OpenSearch with a gateway that serves jobs.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the person who runs it"
)]

mod gateway;
mod jobs;
mod runs;

use std::{path::PathBuf, process::ExitCode};

use anyhow::ensure;
use clap::Parser;
use scenarios::{Apis, Comparison, Outcome, Published, Suite, TestRun, Variation};

use runs::{Plan, Runs};

/// How often the tests in which a body differs are run again, at most. A node's own counts, times and the order of its
/// sets may happen to be alike in two runs and not in a third; what the gateway does to a body it does each time.
const AGAIN: usize = 8;

/// Runs OpenSearch's REST tests twice against a node and once through the gateway, and compares every exchange. With
/// `--jobs`, runs Elasticsearch's tests of jobs through a gateway that serves jobs, before OpenSearch 3 and 2.
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
    /// Run these tests of jobs: a folder such as `x-pack/plugin/src/yamlRestTest/resources/rest-api-spec/test/ml` of
    /// Elasticsearch's source.
    #[arg(long, conflicts_with_all = ["variations", "failures", "show"])]
    jobs: Option<PathBuf>,
    /// The version that jobs are served as, but for tests of what later versions do otherwise.
    #[arg(long, default_value = "9.5", requires = "jobs")]
    api: String,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(70)
        }
    }
}

/// Returns whether everything was as it has to be.
fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    match &arguments.jobs {
        None => compare(arguments),
        Some(folder) => {
            let plan = jobs::Plan {
                folder,
                only: &arguments.only,
                api: &arguments.api,
                gateway: &arguments.gateway,
            };
            plan.run()
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
        let plan = Plan {
            suites: &suites,
            apis: &apis,
            variation: *variation,
            gateway: &arguments.gateway,
        };
        let runs = Runs::side_by_side(plan)?;
        for summary in runs.summaries() {
            println!("{summary}");
        }
        let comparison = runs.comparison();
        println!("{comparison}");
        tell(arguments, &runs.direct[0], &comparison);
        if comparison.is_equal() {
            continue;
        }
        let comparison = confirmed(comparison, plan)?;
        println!("== after another look\n{comparison}");
        tell(arguments, &[], &comparison);
        is_equal &= comparison.is_equal();
    }
    Ok(is_equal)
}

/// Runs the tests again in which a body differs, and leaves those that differ each time.
fn confirmed(mut comparison: Comparison, plan: Plan<'_>) -> anyhow::Result<Comparison> {
    for _ in 0..AGAIN {
        let doubtful = comparison.doubtful();
        let suites: Vec<Suite> = plan.suites.iter().filter_map(|suite| suite.only(&doubtful)).collect();
        if suites.is_empty() {
            break;
        }
        eprintln!("{} tests in which a body differs are run again", doubtful.len());
        let again = Plan {
            suites: &suites,
            ..plan
        };
        comparison.confirm(&Runs::in_turn(again)?.comparison());
    }
    Ok(comparison)
}

fn tell(arguments: &Arguments, direct: &[TestRun], comparison: &Comparison) {
    if arguments.failures {
        let failed = direct.iter().filter(|run| matches!(run.outcome, Outcome::Failed(_)));
        failed.for_each(|run| println!("{}: {}", run.name, run.outcome));
    }
    comparison.unstable.iter().for_each(|line| println!("unstable: {line}"));
    comparison.outcomes.iter().for_each(|line| println!("differs: {line}"));
    for difference in comparison.differences.iter().take(arguments.show) {
        println!("differs: {difference}");
    }
    for difference in comparison.passing.iter().take(arguments.show) {
        println!("differed once: {difference}");
    }
}
