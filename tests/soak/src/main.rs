//! The program: a run, the measurement beside clients that misbehave, or a node of a run.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a run talks to the person who started it"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, io};

use clap::Parser;
use soak::abuse::hostile::{self, Size};
use soak::abuse::rows::{self, Row};
use soak::run::{self, Plan};
use soak::{abuse, node};

/// Puts the gateway before nodes that fail, or beside clients that misbehave.
#[derive(Debug, Parser)]
enum Command {
    /// Kills nodes, lets them stall and break their connections, and looks at every byte.
    Run {
        /// The gateway's program.
        #[arg(long)]
        gateway: PathBuf,
        /// For how long.
        #[arg(long, default_value_t = 30.0)]
        minutes: f64,
    },
    /// Measures what hostile requests cost, and a client's time alone and beside a thousand slow, a thousand idle and two
    /// hundred vanishing ones.
    Abuse {
        /// The gateway's program.
        #[arg(long)]
        gateway: PathBuf,
        /// Only the hostile requests whose names contain this, and nothing else.
        #[arg(long)]
        only: Option<String>,
        /// With short bodies, for a program that is not optimised.
        #[arg(long)]
        short: bool,
        /// How many times the client is measured alone and beside the others, in turn.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
    },
    /// Is a node: orders come on standard input, entries go to standard output.
    Node {
        /// Where it listens.
        #[arg(long)]
        port: u16,
    },
}

/// How long the pulse of a gateway is taken without a hostile request.
const ALONE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    match command() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Says whether all holds.
fn command() -> anyhow::Result<bool> {
    match Command::parse() {
        Command::Run { gateway, minutes } => {
            let plan = Plan {
                gateway,
                node: Some(env::current_exe()?),
                time: Duration::from_secs_f64(minutes * 60.0),
                pace: 1.0,
                gateways: 2,
                clients: 24,
            };
            let report = run::run(&plan)?;
            println!("\n{report}");
            Ok(report.verdict.holds())
        }
        Command::Abuse {
            gateway,
            only,
            short,
            rounds,
        } => {
            let node = env::current_exe()?;
            let mut hostile = hostile::all(if short { Size::Short } else { Size::Full });
            if let Some(part) = &only {
                hostile.retain(|hostile| hostile.name.contains(part.as_str()));
            }
            let plan = rows::Plan {
                gateway: &gateway,
                node: Some(&node),
                alone: ALONE,
                holds: Row::holds,
            };
            let table = rows::measure(plan, &hostile)?;
            println!("\n{table}");
            if only.is_some() {
                return Ok(table.holds());
            }
            let report = abuse::measure(&gateway, &node, rounds)?;
            println!("\n{report}");
            Ok(report.holds() && table.holds())
        }
        Command::Node { port } => node::serve(port, io::stdin(), io::stdout()).map(|()| true),
    }
}
