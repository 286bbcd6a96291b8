//! `anomaly-gateway test`: runs the tests of policies.

mod case;
mod report;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::engine::{Engine, NEWEST};
use super::{Exit, console};
use crate::config::policies::{self, Case, Problems};
use case::Failure;
use report::{Ran, Run};

/// The flags of `test`.
#[derive(Debug, Args)]
pub(super) struct TestFlags {
    /// Folders with policies and their tests, in files `*_test.yml`; or such a file, with the policies beside it
    #[arg(value_name = "PATH", default_value = "policies")]
    paths: Vec<PathBuf>,
    /// Name the policies that no test violates; there must be none
    #[arg(long)]
    coverage: bool,
    /// How to write the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// JUnit's XML, for test reports of CI systems
    Junit,
}

/// Runs the tests.
pub(super) fn run(flags: &TestFlags) -> Result<Exit> {
    let mut run = Run::default();
    for path in &flags.paths {
        let files = match policies::load_cases(path) {
            Ok(files) => files,
            Err(problems) => return Ok(told(&problems)),
        };
        let mut violated = BTreeSet::new();
        let mut names = BTreeSet::new();
        for (file, cases) in files {
            let set = match policies::load_paths(&[judging(&file)]) {
                Ok(set) => set,
                Err(problems) => return Ok(told(&problems)),
            };
            names.extend(set.policies().iter().map(|policy| policy.name.clone()));
            let engine = Engine::new(set, NEWEST)?;
            for case in cases {
                run.ran
                    .push(ran(&engine, file.display().to_string(), case, &mut violated));
            }
        }
        if flags.coverage && path.is_dir() {
            match policies::load_paths(std::slice::from_ref(path)) {
                Ok(set) => names.extend(set.policies().iter().map(|policy| policy.name.clone())),
                Err(problems) => return Ok(told(&problems)),
            }
        }
        run.uncovered.extend(names.difference(&violated).cloned());
    }
    if run.ran.is_empty() {
        console::say("anomaly-gateway: there are no tests; they are in files `*_test.yml` next to the policies");
        return Ok(Exit::Usage);
    }
    run.asks_for_coverage = flags.coverage;
    console::print(&match flags.format {
        Format::Text => report::text(&run),
        Format::Json => report::json(&run),
        Format::Junit => report::junit(&run)?,
    });
    Ok(if run.is_fine() { Exit::Fine } else { Exit::Findings })
}

/// The policies that tests are of: those of the file that they are called after, or else all in their folder.
fn judging(tests: &Path) -> PathBuf {
    policies::tested_by(tests).unwrap_or_else(|| {
        let folder = tests.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.map_or_else(|| PathBuf::from("."), Path::to_owned)
    })
}

fn ran(engine: &Engine, file: String, case: Case, violated: &mut BTreeSet<String>) -> Ran {
    let outcome = engine.judge(&case::submission(&case));
    violated.extend(outcome.violations().map(|violation| violation.policy.clone()));
    let failures: Vec<Failure> = case::failures(&case.expected, &outcome);
    let api = case.api.unwrap_or(engine.api);
    Ran {
        file,
        case,
        api,
        failures,
    }
}

fn told(problems: &Problems) -> Exit {
    console::say(&problems.render(console::in_colours()));
    Exit::Usage
}
