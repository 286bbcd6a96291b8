//! The command: runs targets with the engine that needs nothing but stable Rust, writes seeds, and repeats findings.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the person who runs it"
)]

use std::fs;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use fuzz::{TARGETS, Target, mutation, named};

/// Puts made-up and mutated bytes to whatever reads bytes of clients.
#[derive(Debug, Parser)]
enum Command {
    /// Runs a target on its seeds and on mutations of them.
    Run {
        /// Which one.
        #[arg(value_parser = target)]
        target: &'static Target,
        /// How many mutations a round.
        #[arg(long, default_value_t = 10_000)]
        executions: usize,
        /// How long rounds are made; only one where it is not given.
        #[arg(long)]
        minutes: Option<f64>,
        /// What mutations are made from: the same seed makes the same ones.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The folder that findings are written to.
        #[arg(long)]
        findings: PathBuf,
    },
    /// Writes a target's seeds and words as libFuzzer reads them.
    Seeds {
        /// Which one.
        #[arg(value_parser = target)]
        target: &'static Target,
        /// The folder of the seeds.
        corpus: PathBuf,
        /// The file of the words.
        dictionary: PathBuf,
    },
    /// Runs a target on the inputs in files.
    Repeat {
        /// Which one.
        #[arg(value_parser = target)]
        target: &'static Target,
        /// The files.
        inputs: Vec<PathBuf>,
    },
    /// Names the targets, one a line.
    Targets,
}

fn target(name: &str) -> Result<&'static Target, String> {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    named(name).ok_or_else(|| format!("the targets are {}", names.join(", ")))
}

fn main() -> ExitCode {
    let outcome = match Command::parse() {
        Command::Run {
            target,
            executions,
            minutes,
            seed,
            findings,
        } => run(target, executions, minutes, seed, &findings),
        Command::Seeds {
            target,
            corpus,
            dictionary,
        } => write_seeds(target, &corpus, &dictionary).map(|()| true),
        Command::Repeat { target, inputs } => repeat(target, &inputs),
        Command::Targets => {
            for target in TARGETS {
                println!("{}", target.name);
            }
            Ok(true)
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(70)
        }
    }
}

/// Runs rounds of mutations until the time is over; one round where none is given. False when something was found.
fn run(target: &Target, executions: usize, minutes: Option<f64>, seed: u64, findings: &Path) -> io::Result<bool> {
    let started = Instant::now();
    let time = Duration::try_from_secs_f64(minutes.unwrap_or_default() * 60.0).map_err(io::Error::other)?;
    let mut rounds = 0;
    loop {
        if let Err(finding) = mutation::run(target, executions, seed + rounds) {
            fs::create_dir_all(findings)?;
            let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(&finding.input);
            let file = findings.join(format!("{}-{hash:016x}", target.name));
            fs::write(&file, &finding.input)?;
            eprintln!("{}: something does not hold for {}", target.name, file.display());
            return Ok(false);
        }
        rounds += 1;
        if started.elapsed() >= time {
            break;
        }
    }
    let made = executions * usize::try_from(rounds).unwrap_or(usize::MAX);
    println!(
        "{}: {made} mutations in {:.1} s",
        target.name,
        started.elapsed().as_secs_f64()
    );
    Ok(true)
}

fn write_seeds(target: &Target, corpus: &Path, dictionary: &Path) -> io::Result<()> {
    fs::create_dir_all(corpus)?;
    for (number, seed) in (target.seeds)().iter().enumerate() {
        fs::write(corpus.join(format!("seed-{number:04}")), seed)?;
    }
    let quoted = |word: &&str| -> String {
        let bytes: Vec<String> = word.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("\"{}\"\n", bytes.concat())
    };
    fs::write(dictionary, target.words.iter().map(quoted).collect::<String>())
}

fn repeat(target: &Target, inputs: &[PathBuf]) -> io::Result<bool> {
    let mut all_hold = true;
    for file in inputs {
        let holds = mutation::execute(target, &fs::read(file)?).is_ok();
        println!("{}: {}", file.display(), if holds { "holds" } else { "does not hold" });
        all_hold &= holds;
    }
    Ok(all_hold)
}
