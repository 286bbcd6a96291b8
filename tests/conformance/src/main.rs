//! The command: generated requests, put to the product and to Elasticsearch's own job parser, and where they differ.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to the person who runs it"
)]

use std::process::ExitCode;

use anomaly_gateway::xcontent::format::Format;
use clap::Parser;
use conformance::{Plan, Release, measure, run, run_updates, table_of_parsers};

/// Puts generated requests to the product and to Elasticsearch's own job parser, and compares the answers.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Arguments {
    /// The versions of Elasticsearch to compare with, joined by commas [default: those of the test command].
    #[arg(long, value_delimiter = ',', conflicts_with = "all")]
    versions: Vec<Release>,
    /// Compare with every version whose job parser is published.
    #[arg(long)]
    all: bool,
    /// What the bodies are written in: json, yaml, cbor or smile.
    #[arg(long, default_value = "json", value_parser = format)]
    format: Format,
    /// How many requests a version.
    #[arg(long, default_value_t = 3000)]
    cases: usize,
    /// What the requests are made from: the same seed makes the same ones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many of a hundred bodies are damaged [default: 10, in other formats than JSON 15].
    #[arg(long)]
    damaged: Option<u32>,
    /// Print the fields that the parsers of these versions declare instead, as `data/parsers.txt` has them.
    #[arg(long)]
    parsers: bool,
    /// Put bodies to the printed schemas instead, by validators that have nothing to do with the product: `--cases` are
    /// those that Elasticsearch takes.
    #[arg(long)]
    schema: bool,
    /// Put updates to both instead, each of a job that Elasticsearch has created.
    #[arg(long, conflicts_with_all = ["parsers", "schema"])]
    updates: bool,
    /// How many differences to show, minimised.
    #[arg(long, default_value_t = 5)]
    show: usize,
}

fn format(name: &str) -> Result<Format, String> {
    Format::named(name).ok_or_else(|| format!("{name} is no format"))
}

fn main() -> ExitCode {
    match compare(&Arguments::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(disagreements) => {
            eprintln!("{disagreements} requests are answered otherwise than by Elasticsearch");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(70)
        }
    }
}

/// Compares, and returns how many requests are answered differently without a known reason.
fn compare(arguments: &Arguments) -> anyhow::Result<usize> {
    let releases = match &arguments.versions {
        _ if arguments.all => Release::all(),
        named if named.is_empty() => Release::pinned(),
        named => named.clone(),
    };
    if arguments.parsers {
        print!("{}", table_of_parsers(&releases)?);
        return Ok(0);
    }
    if arguments.schema {
        return compare_schemas(&releases, arguments);
    }
    let plan = Plan {
        format: arguments.format,
        cases: arguments.cases,
        seed: arguments.seed,
        damaged: arguments.damaged,
        show: arguments.show,
    };
    let mut disagreements = 0;
    for release in releases {
        let outcome = if arguments.updates {
            run_updates(release, plan)?
        } else {
            run(release, plan)?
        };
        disagreements += outcome.agreement.disagreements();
        println!(
            "== Elasticsearch {release}, the product as {}, seed {}, {:.1} s",
            release.profile(),
            plan.seed,
            outcome.took.as_secs_f64()
        );
        println!("{}", outcome.agreement);
        for judged in &outcome.shown {
            println!("{judged}");
        }
    }
    Ok(disagreements)
}

/// The least part of the refused bodies that a schema has to refuse.
const LEAST_COMPLETENESS: f64 = 0.8;

/// Compares the printed schemas, and returns how many bodies they refuse wrongly, with the rules that they neither say nor
/// list.
fn compare_schemas(releases: &[Release], arguments: &Arguments) -> anyhow::Result<usize> {
    let mut wrong = 0;
    for release in releases {
        let measured = measure(*release, arguments.cases, arguments.seed)?;
        print!("{measured}");
        wrong += measured.unsound + measured.wrongly_stored.len() + measured.unlisted().count();
        wrong += usize::from(measured.completeness() < LEAST_COMPLETENESS);
    }
    Ok(wrong)
}
