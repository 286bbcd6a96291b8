//! `anomaly-gateway validate`: judges jobs as the gateway would, without a cluster or together with the jobs of one.

mod against;
mod body;
mod documents;
mod found;
mod input;
mod jobs;
mod json;
mod junit;
mod names;
mod paths;
mod report;
mod sarif;
mod terraform;
mod text;
mod values;

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use clap::{Args, ValueEnum};
use indicatif::{ParallelProgressIterator as _, ProgressBar, ProgressDrawTarget};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::engine::{Engine, NEWEST, Submission};
use super::serve_flags::typed;
use super::{Exit, console, schema};
use crate::admission::policy::PolicySet;
use crate::config::{self, Api, Config, Problems, ServeFlags, policies};
use crate::es::user::User;
use crate::es::version::Version;
use crate::server::StoredJobsError;
use against::AgainstFlags;
use paths::Listed;
use report::{Judged, Report};

/// From this many files on a terminal shows how far the work is.
const WORTH_A_BAR: usize = 200;

/// The flags of `validate`.
#[derive(Debug, Args)]
pub(super) struct ValidateFlags {
    /// Files with jobs, as JSON or YAML, or folders of them; `-` or none for standard input
    #[arg(value_name = "JOB")]
    jobs: Vec<PathBuf>,
    #[command(flatten)]
    rules: RuleFlags,
    #[command(flatten)]
    against: AgainstFlags,
    /// The id of the job, for a single one; otherwise the `job_id` in the body, what is around it, or the file's name without
    /// its ending
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
    /// The engine that these flags describe, and whether somebody has said as which version it judges; unless there are
    /// problems, which are told.
    pub(super) fn engine(&self) -> Result<Option<(Engine, bool)>> {
        let Some((config, set)) = self.read(&typed(self.config.as_ref())) else {
            return Ok(None);
        };
        let api = self.api.or_else(|| fixed(&config));
        let engine = Engine::new(set, api.unwrap_or(NEWEST))?;
        Ok(Some((engine, api.is_some())))
    }

    /// The configuration, and the policies that are to be applied, unless there are problems, which are told.
    fn read(&self, typed: &ServeFlags) -> Option<(Config, Arc<PolicySet>)> {
        let told = |problems: Problems| {
            console::say(&problems.render(console::in_colours()));
        };
        let config = config::load(typed, env::vars_os()).map_err(told).ok()?;
        let set = if self.policies.is_empty() {
            Arc::clone(&config.policies.sets.active)
        } else {
            policies::load_paths(&self.policies).map_err(told).ok()?
        };
        Some((config, set))
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

/// Reads the one job that is meant from a file or standard input; otherwise the reason why not.
pub(super) fn read_submission(path: &Path, id: Option<&str>) -> Result<Submission, String> {
    let listed = Listed {
        path: path.to_owned(),
        in_folder: false,
    };
    input::read_one(&listed, id).map_err(|error| error.to_string())
}

/// Judges.
pub(super) fn run(flags: &ValidateFlags) -> Result<Exit> {
    let typed = flags.against.typed(typed(flags.rules.config.as_ref()));
    let Some((config, set)) = flags.rules.read(&typed) else {
        return Ok(Exit::Usage);
    };
    let of_rules = flags.rules.api.or_else(|| fixed(&config));
    let deployment = match flags.against.deployment(config) {
        Ok(deployment) => deployment,
        Err(error) => return Ok(unanswered(error)),
    };
    let api = match (of_rules, &deployment) {
        (Some(version), _) => version,
        (None, None) => NEWEST,
        (None, Some(deployment)) => match deployment.version() {
            Ok(version) => version,
            Err(error) => return Ok(unanswered(error)),
        },
    };
    let is_assumed = of_rules.is_none() && deployment.is_none() && flags.rules.config.is_some();
    let engine = Engine::new(set, api)?;
    let (mut judged, passed_over) = judge_all(flags, &engine);
    if flags.job_id.is_some() && judged.len() > 1 {
        console::say("anomaly-gateway: --job-id is the id of a single job, and there are several");
        return Ok(Exit::Usage);
    }
    if judged.is_empty() {
        console::say("anomaly-gateway: there is no job in these folders");
        return Ok(Exit::Usage);
    }
    if let Err(error) = against::compare(&mut judged, deployment.as_ref()) {
        return Ok(unanswered(error));
    }
    let report = Report {
        judged,
        passed_over,
        print: flags.print,
        warnings_fail: flags.fail_on == Some(FailOn::Warn),
        assumed: is_assumed.then_some(api),
    };
    console::print(&match flags.format {
        ReportFormat::Text => text::written(&report),
        ReportFormat::Json => json::written(&report),
        ReportFormat::Junit => junit::written(&report)?,
        ReportFormat::Sarif => sarif::written(&report),
    });
    Ok(report.exit())
}

fn unanswered(error: StoredJobsError) -> Exit {
    console::error(&error.into());
    Exit::Usage
}

/// The version that a configuration names.
const fn fixed(config: &Config) -> Option<Version> {
    match config.jobs.api {
        Api::Fixed(version) => Some(version),
        Api::Auto => None,
    }
}

/// What comes of the jobs of all files, each by itself; and how many files hold none.
fn judge_all(flags: &ValidateFlags, engine: &Engine) -> (Vec<Judged>, usize) {
    let user = flags.rules.user();
    let files = if flags.jobs.is_empty() {
        paths::listed(&[PathBuf::from(input::STANDARD_INPUT)])
    } else {
        paths::listed(&flags.jobs)
    };
    let bar = ProgressBar::with_draw_target(Some(files.len() as u64), ProgressDrawTarget::stderr());
    if files.len() < WORTH_A_BAR {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let of_file = |listed: &Listed| {
        let begun = Instant::now();
        let read = input::read(listed, flags.job_id.as_deref(), |mut submission| {
            submission.user.clone_from(&user);
            engine.judge(&submission)
        });
        let file = listed.path.display().to_string();
        // The jobs of a file are read and judged in one go.
        let took = begun.elapsed() / u32::try_from(read.len()).unwrap_or(u32::MAX).max(1);
        let judged = read.into_iter().map(|read| Judged {
            file: file.clone(),
            place: read.place,
            exists: read.exists,
            left_out: read.left_out,
            trailing: read.trailing,
            not_looked_up: None,
            outcome: read.outcome,
            took,
        });
        judged.collect::<Vec<_>>()
    };
    let judged: Vec<Vec<Judged>> = files.par_iter().progress_with(bar).map(of_file).collect();
    let passed_over = judged.iter().filter(|judged| judged.is_empty()).count();
    (judged.into_iter().flatten().collect(), passed_over)
}
