//! The project's own commands, run as `cargo xtask <command>`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the person who runs it"
)]

mod cargo;
mod checks;
mod dashboard;
mod demo;
mod dependencies;
mod dist;
mod fuzz;
mod installation;
mod oldest_rust;
mod schemas;
mod tools;
mod tour;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    /// Starts a real node and the gateway before it, and shows the main job at work.
    Demo {
        /// Leave after the tour; fail if any step was not as expected.
        #[arg(long)]
        once: bool,
    },
    /// Runs the checks and tests that start no JVM: format, lints, docs, unit tests, and the integration tests before
    /// scripted upstreams. For while a change is being made.
    Check,
    /// Runs every check and test: format, lints, docs, unit and integration tests on real nodes.
    Test,
    /// Kills the gateway and its node at once after each job created, and looks for every job afterwards.
    Durability {
        /// How many times.
        #[arg(long, default_value_t = 200)]
        rounds: u32,
    },
    /// Puts 100,000 generated requests a version to admission and to Elasticsearch's own job parser, and compares.
    Conformance {
        /// With every version whose parser is published, not only those of the test command.
        #[arg(long)]
        all: bool,
        /// How many requests a version.
        #[arg(long, default_value_t = 100_000)]
        cases: usize,
        /// What the bodies are written in: json, yaml, cbor or smile.
        #[arg(long, default_value = "json")]
        format: String,
    },
    /// Puts generated jobs to the printed schemas, by two validators, and to Elasticsearch's own job parser, and compares.
    Schema {
        /// How many jobs a version that Elasticsearch takes.
        #[arg(long, default_value_t = 100_000)]
        cases: usize,
        /// Write the schemas that are published, and the page of rules, instead.
        #[arg(long)]
        publish: bool,
    },
    /// Puts made-up bytes to whatever reads bytes of clients, guided by coverage where there is a C++ compiler.
    Fuzz {
        /// Only this target.
        #[arg(long)]
        target: Option<String>,
        /// How long each target.
        #[arg(long, default_value_t = 20.0)]
        minutes: f64,
    },
    /// Kills nodes, lets them stall and break their connections, and looks at every byte and every write.
    Soak {
        /// For how long.
        #[arg(long, default_value_t = 30.0)]
        minutes: f64,
    },
    /// Has one gateway after the other take over while clients ask all the time, with the same listening socket, with sockets
    /// of their own, and behind nginx and HAProxy, which have to be installed; and looks for every answer.
    Upgrade {
        /// How many requests at least.
        #[arg(long, default_value_t = 100_000)]
        requests: u64,
        /// How many gateways take over at least.
        #[arg(long, default_value_t = 20)]
        hand_overs: u64,
    },
    /// Looks at the dashboard in a headless Chromium, which has to be installed with its driver.
    Dashboard {
        /// Put a picture of it into the documentation.
        #[arg(long)]
        publish: bool,
    },
    /// Measures what hostile requests cost, and a client's time alone and beside a thousand slow, a thousand idle and two
    /// hundred vanishing ones.
    Abuse {
        /// How many times the client is measured alone and beside the others, in turn.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
    },
    /// Measures what forwarding costs the gateway, and nginx and HAProxy in its place, in interleaved rounds on a machine that
    /// does nothing else.
    Bench {
        /// The gateway's program; without it, the one that is released is built.
        #[arg(long)]
        gateway: Option<PathBuf>,
        /// How much is measured, such as `--only small --rounds 3 --seconds 1`; `-- --help` tells more.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Runs OpenSearch's own REST tests twice against a node and once through the gateway, and compares every exchange.
    RestSuite {
        /// What to run and show, such as `--variation gzip` or `--only search/`; `-- --help` tells more.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Runs every official client directly and through the gateway, also those that compile for minutes, and compares.
    Clients,
    /// Starts every kind of node there is, one after the other. Downloads those not used before.
    Kinds,
    /// Makes what is released, in `target/dist`: an archive, a package for Debian, the bill of materials, and their checksums; and
    /// installs the package on a copy of this machine, and removes it again. That takes root.
    Dist,
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Demo { once } => demo::run(once),
        Command::Check => checks::check(),
        Command::Test => checks::run(),
        Command::Durability { rounds } => checks::durability(rounds),
        Command::Conformance { all, cases, format } => checks::conformance(all, cases, &format),
        Command::Schema { publish: true, .. } => schemas::publish(),
        Command::Schema { cases, .. } => schemas::compare(cases),
        Command::Fuzz { target, minutes } => fuzz::run(target.as_deref(), minutes),
        Command::Soak { minutes } => checks::soak("run", "--minutes", &minutes.to_string()),
        Command::Upgrade { requests, hand_overs } => checks::upgrade(requests, hand_overs),
        Command::Dashboard { publish } => dashboard::run(publish),
        Command::Abuse { rounds } => checks::soak("abuse", "--rounds", &rounds.to_string()),
        Command::Bench { gateway, arguments } => checks::bench(gateway, &arguments),
        Command::RestSuite { arguments } => checks::rest_suite(&arguments),
        Command::Clients => checks::clients(),
        Command::Kinds => checks::kinds(),
        Command::Dist => dist::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
