//! `anomaly-gateway check`: says all that is wrong with a configuration and its policies, without starting anything.

use std::env;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;

use super::serve_flags::typed;
use super::{Exit, console};
use crate::config::{self, Config, Problems, policies};
use crate::tls::IdentityFiles;

/// The flags of `check`.
#[derive(Debug, Args)]
pub(super) struct CheckFlags {
    /// The configuration file, in YAML
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Policy files, globs of them or folders, checked by themselves
    #[arg(value_name = "POLICIES")]
    policies: Vec<PathBuf>,
}

/// Checks.
pub(super) fn run(flags: &CheckFlags) -> Exit {
    let checks_config = flags.config.is_some() || flags.policies.is_empty();
    let config = checks_config.then(|| config::load(&typed(flags.config.as_ref()), env::vars_os()));
    let alone = (!flags.policies.is_empty()).then(|| policies::load_paths(&flags.policies));
    let mut count = 0;
    let found = [
        config.as_ref().and_then(problems_of),
        alone.as_ref().and_then(problems_of),
    ];
    for problems in found.into_iter().flatten() {
        console::say(&problems.render(console::in_colours()));
        count += problems.count();
    }
    if count > 0 {
        let noun = if count == 1 { "problem" } else { "problems" };
        console::say(&format!("\nanomaly-gateway: {count} {noun}"));
        return Exit::Findings;
    }
    let config = config.and_then(Result::ok);
    if let Some(note) = config.as_ref().and_then(Config::unjudged_updates) {
        console::say(&format!("note: {note}"));
    }
    for notice in config.iter().flat_map(notices) {
        console::say(&format!("anomaly-gateway: {notice}"));
    }
    let in_config = config.map_or(0, |config| config.policies.sets.active.policies().len());
    let alone = alone.and_then(Result::ok).map_or(0, |set| set.policies().len());
    let policies = in_config + alone;
    let noun = if policies == 1 { "policy" } else { "policies" };
    console::print(&format!("no problems; {policies} {noun}\n"));
    Exit::Fine
}

/// What is no mistake of the configuration, and will be one in practice: certificates that expire.
fn notices(config: &Config) -> Vec<String> {
    let own = config.tls.as_ref().map(|tls| &tls.identity);
    let shown = [config.upstream.tls.identity.as_ref(), config.access.identity.as_ref()];
    let identities = own.into_iter().chain(shown.into_iter().flatten());
    let now = SystemTime::now();
    let notice = |identity: &IdentityFiles| {
        let end = UNIX_EPOCH + Duration::from_secs(identity.not_after()?);
        let (file, at) = (identity.certificate.display(), humantime::format_rfc3339_seconds(end));
        match end.duration_since(now) {
            Err(_) => Some(format!("the certificate in {file} has expired at {at}")),
            Ok(left) if left <= config.warn_before.0 => Some(format!("the certificate in {file} expires at {at}")),
            Ok(_) => None,
        }
    };
    identities.filter_map(notice).collect()
}

fn problems_of<T>(read: &Result<T, Problems>) -> Option<&Problems> {
    read.as_ref().err()
}
