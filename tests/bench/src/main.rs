//! The program: what forwarding costs the gateway and other proxies, in interleaved rounds.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a run talks to the person who started it"
)]

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    match linux::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("error: only Linux says how long a process has worked and lets it be kept to a core");
    ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::path::PathBuf;
    use std::time::Duration;

    use anyhow::{Context, ensure};
    use bench::peers::growth::Growth;
    use bench::peers::machine;
    use bench::peers::measure::Measure;
    use bench::peers::programs::Programs;
    use bench::peers::rounds::{Plan, Range};
    use clap::{Parser, ValueEnum as _};

    /// Measures what forwarding costs the gateway and other proxies, in interleaved rounds.
    #[derive(Debug, Parser)]
    struct Arguments {
        /// The gateway's program.
        #[arg(long)]
        gateway: PathBuf,
        /// How many rounds.
        #[arg(long, default_value_t = 9)]
        rounds: usize,
        /// How long each figure is taken in each round, in seconds.
        #[arg(long, default_value_t = 3.0)]
        seconds: f64,
        /// Only these. Nothing is written then but to the terminal, unless --output says where to.
        #[arg(long, value_enum)]
        only: Vec<Measure>,
        /// How cost grows with all of these, or with those that follow, instead of how it compares.
        #[arg(long, value_enum, num_args = 0.., conflicts_with = "only")]
        growth: Option<Vec<Growth>>,
        /// Where the tables are written; with everything measured tests/bench/RESULTS.md, or GROWTH.md.
        #[arg(long)]
        output: Option<PathBuf>,
    }

    /// Where the tables go of a run of everything.
    const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md");

    /// Where those go that show how cost grows.
    const GROWTH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/GROWTH.md");

    /// How the tables are to be read.
    const READING: &str = "Each figure is the median of the rounds, with the two values between which half of the rounds are. In each round \
every program was started anew and measured by itself, in an order that changes from round to round; ratios are taken round \
by round. *gateway, lane (again)* is the same program with the same configuration: how far its ratio and the spread of it are \
from 1 is noise. CPU is user and system time of all of a proxy's processes.

All are asked for the same in HTTP/1.1 by the same clients, on connections that stay open but where a title says \
otherwise, before the same upstream. Each has one worker but where a title says otherwise, keeps its connections to the \
upstream, and writes no access log. nginx streams requests and answers in buffers of 64 KiB (with its own small ones large \
answers cost it five times as much); the others have their defaults. TLS is 1.3 with AES-128-GCM, X25519 and a certificate \
on P-256 for all. Requests and connections a second are better when there are more; \
of all else less is better. *cores busy* tells whether their number was bounded by the proxy or by the load.
";

    /// The same for those that show how cost grows.
    const READING_GROWTH: &str = "All is of the gateway with the lane, with one worker but where a table says otherwise. Each figure is the median of the \
rounds, with the two values between which half of the rounds are; in each round the gateway was started anew for each.
";

    pub(super) fn run() -> anyhow::Result<()> {
        let arguments = Arguments::parse();
        ensure!(arguments.rounds > 0, "--rounds has to be 1 or more");
        let time = Duration::try_from_secs_f64(arguments.seconds).context("--seconds is no time")?;
        let programs = Programs::find(arguments.gateway.clone());
        let missing = programs.missing();
        let range = Range::new(Plan {
            rounds: arguments.rounds,
            time,
            programs,
        })?;
        let mut text = Text::default();
        let (whole, file) = match arguments.growth {
            Some(chosen) => (grow(&range, &chosen, &mut text)?, GROWTH),
            None => (compare(&range, &arguments.only, &missing, &mut text)?, RESULTS),
        };
        if let Some(file) = arguments.output.or(whole.then(|| PathBuf::from(file))) {
            fs::write(&file, text.0).with_context(|| format!("{} cannot be written", file.display()))?;
        }
        Ok(())
    }

    /// Measures the contenders beside each other. Says whether that was everything.
    fn compare(range: &Range, only: &[Measure], missing: &[String], text: &mut Text) -> anyhow::Result<bool> {
        text.add(&format!("# What forwarding costs\n\n{}\n{READING}", conditions(range)?));
        for missing in missing {
            text.add(&format!("\n{missing}.\n"));
        }
        let whole = only.is_empty();
        for measure in if whole { Measure::value_variants() } else { only } {
            let section = range.measure(*measure);
            text.add(&format!("\n{}\n{}", section.medians(), section.ratios()));
        }
        Ok(whole)
    }

    /// Measures how the gateway's cost grows. Says whether that was everything.
    fn grow(range: &Range, chosen: &[Growth], text: &mut Text) -> anyhow::Result<bool> {
        text.add(&format!("# How cost grows\n\n{}\n{READING_GROWTH}", conditions(range)?));
        let whole = chosen.is_empty();
        for growth in if whole { Growth::value_variants() } else { chosen } {
            text.add(&format!("\n{}\n{}\n", growth.measure(range).medians(), growth.bound()));
        }
        Ok(whole)
    }

    /// What is written in the end. It is printed as it comes.
    #[derive(Default)]
    struct Text(String);

    impl Text {
        fn add(&mut self, text: &str) {
            print!("{text}");
            self.0.push_str(text);
        }
    }

    /// The machine, the cores, the versions and the command.
    fn conditions(range: &Range) -> anyhow::Result<String> {
        let plan = range.plan();
        let (rounds, seconds) = (plan.rounds, plan.time.as_secs_f64());
        let conditions = format!(
            "Measured by `cargo xtask bench` with `--rounds {rounds} --seconds {seconds}` on {}: {}; with two workers {}.\n\n",
            machine::description(),
            range.cores(1)?,
            range.cores(2)?,
        );
        let versions = plan.programs.versions();
        Ok(conditions + "- " + &versions.join("\n- ") + "\n")
    }
}
