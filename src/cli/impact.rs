//! `anomaly-gateway impact`: says which of the jobs that a cluster has other policies would refuse.

use std::env;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::serve_flags::{typed, with_cluster};
use super::{Exit, console};
use crate::admission::policy::impact::{Impact, NewlyRefused, Threshold};
use crate::config::{self, ServeFlags, policies};
use crate::server;

/// The flags of `impact`.
#[derive(Debug, Args)]
pub(super) struct ImpactFlags {
    /// Policy files, globs of them or folders: the policies to try
    #[arg(long, value_name = "PATH", required = true)]
    policies: Vec<PathBuf>,
    /// The configuration file, for its cluster, its index and the policies that hold; without it none hold
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A node of the cluster; may be repeated
    #[arg(long, value_name = "URL")]
    upstream: Vec<String>,
    /// Who has to have signed the certificates of nodes, as `upstream.tls.ca`
    #[arg(long, value_name = "FILE")]
    upstream_tls_ca: Option<String>,
    /// The index that jobs are stored in
    #[arg(long, value_name = "INDEX")]
    jobs_index: Option<String>,
    /// The file with the value of `Authorization` to read the stored jobs with
    #[arg(long, value_name = "FILE")]
    authorization: Option<PathBuf>,
    /// More newly refused jobs than this, such as `5` or `2%`, make the command fail
    #[arg(long, value_name = "JOBS", default_value = "0")]
    fail_over: Threshold,
    /// How to write the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ReportFormat,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

impl ImpactFlags {
    /// The flags of `serve` that mean the same.
    fn typed(&self) -> ServeFlags {
        let typed = typed(self.config.as_ref());
        with_cluster(
            typed,
            &self.upstream,
            self.upstream_tls_ca.as_ref(),
            self.jobs_index.as_ref(),
        )
    }
}

/// Asks the cluster.
pub(super) fn run(flags: &ImpactFlags) -> Exit {
    let read = config::load(&flags.typed(), env::vars_os());
    let read = read.and_then(|config| Ok((config, policies::load_paths(&flags.policies)?)));
    let (mut config, after) = match read {
        Ok(read) => read,
        Err(problems) => {
            console::say(&problems.render(console::in_colours()));
            return Exit::Usage;
        }
    };
    let authorization = &mut config.policies.blast_radius.authorization;
    *authorization = flags.authorization.clone().or_else(|| authorization.take());
    let index = config.jobs.index.clone();
    let impact = match server::impact(config, &after) {
        Ok(impact) => impact,
        Err(error) => {
            console::error(&error.into());
            return Exit::Usage;
        }
    };
    if impact.jobs == 0 {
        console::say(&format!("anomaly-gateway: no job is stored in [{index}]"));
    }
    console::print(&match flags.format {
        ReportFormat::Text => text(&impact),
        ReportFormat::Json => format!("{:#}\n", as_json(&impact)),
    });
    if flags.fail_over.is_exceeded_by(&impact) {
        Exit::Findings
    } else {
        Exit::Fine
    }
}

fn text(impact: &Impact) -> String {
    let mut lines = Vec::new();
    for NewlyRefused { job_id, violations } in &impact.newly_refused {
        lines.push(format!("job [{job_id}]\n"));
        lines.extend(violations.iter().map(|violation| format!("  {}\n", violation.line())));
    }
    lines.push(format!("{impact}\n"));
    lines.concat()
}

fn as_json(impact: &Impact) -> Value {
    let refused = impact.newly_refused.iter().map(|refused| {
        let violations = refused.violations.iter().map(|violation| {
            json!({
                "policy": violation.policy,
                "pointer": violation.pointer,
                "value": violation.value,
                "limit": violation.limit,
                "text": violation.line(),
                "link": violation.link,
            })
        });
        json!({"job_id": refused.job_id, "violations": violations.collect::<Vec<_>>()})
    });
    json!({"jobs": impact.jobs, "newly_refused": refused.collect::<Vec<_>>()})
}
