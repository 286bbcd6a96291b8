//! `anomaly-gateway validate`: judges jobs as the gateway would, without a cluster.

mod input;
mod json;
mod junit;
mod report;
mod sarif;
mod text;

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use clap::{Args, ValueEnum};
use indicatif::{ParallelProgressIterator as _, ProgressBar, ProgressDrawTarget};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::check::typed;
use super::engine::{Engine, NEWEST, Submission};
use super::{Exit, console, schema};
use crate::admission::policy::PolicySet;
use crate::config::{self, Api, policies};
use crate::es::caller::User;
use crate::es::version::Version;
use report::{Judged, Report};

/// From this many files on a terminal shows how far the work is.
const WORTH_A_BAR: usize = 200;

/// The flags of `validate`.
#[derive(Debug, Args)]
pub(super) struct ValidateFlags {
    /// Files with the body of a job each, as JSON or YAML; `-` or none for standard input
    #[arg(value_name = "JOB")]
    jobs: Vec<PathBuf>,
    #[command(flatten)]
    rules: RuleFlags,
    /// The id of the job, for a single one; otherwise the `job_id` in the body, or the file's name without its ending
    #[arg(long, value_name = "ID")]
    job_id: Option<String>,
    /// What to print of each admitted job
    #[arg(long, value_name = "WHAT")]
    print: Option<Print>,
    /// What else than a refusal makes the command fail
    #[arg(long, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    /// How to write the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ReportFormat,
}

/// The flags that say by which rules jobs are judged.
#[derive(Debug, Args)]
pub(super) struct RuleFlags {
    /// The configuration file, for its policies and version
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Policy files, globs of them or folders, instead of the configuration's
    #[arg(long, value_name = "PATH")]
    policies: Vec<PathBuf>,
    /// The version of Elasticsearch to judge as; the configuration's, or the newest one
    #[arg(long, value_name = "VERSION", value_parser = schema::version)]
    api: Option<Version>,
    /// The name of the user who asks
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// A role of that user; may be repeated
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,
}

/// What to print of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Print {
    /// The document that would be stored
    Effective,
    /// What admission changes of what is sent
    Changes,
}

/// What makes the command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A warning, too
    Warn,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// JUnit's XML, for test reports of CI systems
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

impl RuleFlags {
    /// The engine that these flags describe, unless there are problems, which are told.
    pub(super) fn engine(&self) -> Result<Option<Engine>> {
        let config = match config::load(&typed(self.config.as_ref()), env::vars_os()) {
            Ok(config) => config,
            Err(problems) => {
                console::say(&problems.render(console::in_colours()));
                return Ok(None);
            }
        };
        let set: Arc<PolicySet> = if self.policies.is_empty() {
            config.policies.sets.active
        } else {
            match policies::load_paths(&self.policies) {
                Ok(set) => set,
                Err(problems) => {
                    console::say(&problems.render(console::in_colours()));
                    return Ok(None);
                }
            }
        };
        let of_config = match config.jobs.api {
            Api::Fixed(version) => version,
            Api::Auto => NEWEST,
        };
        Engine::new(set, self.api.unwrap_or(of_config)).map(Some)
    }

    /// Who asks.
    pub(super) fn user(&self) -> Option<User> {
        let is_known = self.user.is_some() || !self.role.is_empty();
        is_known.then(|| User {
            name: self.user.clone().unwrap_or_default(),
            roles: self.role.clone(),
            backend_roles: Vec::new(),
        })
    }
}

/// Reads a job from a file or standard input; otherwise the reason why not.
pub(super) fn read_submission(path: &Path, id: Option<&str>) -> Result<Submission, String> {
    input::read(path, id).map_err(|error| error.to_string())
}

/// Judges.
pub(super) fn run(flags: &ValidateFlags) -> Result<Exit> {
    let Some(engine) = flags.rules.engine()? else {
        return Ok(Exit::Usage);
    };
    if flags.job_id.is_some() && flags.jobs.len() > 1 {
        console::say("anomaly-gateway: --job-id is the id of a single job, and there are several files");
        return Ok(Exit::Usage);
    }
    let user = flags.rules.user();
    let jobs = if flags.jobs.is_empty() {
        vec![PathBuf::from(input::STANDARD_INPUT)]
    } else {
        flags.jobs.clone()
    };
    let bar = ProgressBar::with_draw_target(Some(jobs.len() as u64), ProgressDrawTarget::stderr());
    if jobs.len() < WORTH_A_BAR {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let judged: Vec<Judged> = jobs
        .par_iter()
        .progress_with(bar)
        .map(|path| {
            let read = input::read(path, flags.job_id.as_deref());
            Judged {
                name: path.display().to_string(),
                outcome: read.map(|mut submission| {
                    submission.user.clone_from(&user);
                    let outcome = engine.judge(&submission);
                    (submission.id, outcome)
                }),
            }
        })
        .collect();
    let report = Report {
        judged,
        print: flags.print,
        warnings_fail: flags.fail_on == Some(FailOn::Warn),
    };
    console::print(&match flags.format {
        ReportFormat::Text => text::written(&report),
        ReportFormat::Json => json::written(&report),
        ReportFormat::Junit => junit::written(&report)?,
        ReportFormat::Sarif => sarif::written(&report),
    });
    Ok(report.exit())
}
