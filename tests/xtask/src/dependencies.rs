//! What the project is made of, judged by cargo-deny with `deny.toml`: licences, sources, duplicate versions, and known
//! vulnerabilities where the advisory database can be had.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::{cargo, tools};

/// The version that the checks are run with; a later one may know more checks.
const VERSION: &str = "0.20.2";

/// Judges the dependencies. cargo-deny is built into the target folder when it is not there yet, which takes about a minute.
pub fn check() -> anyhow::Result<()> {
    check_what_is_known_here()?;
    let program = tools::installed("cargo-deny", VERSION)?;
    // The database is a git repository elsewhere, which not every machine can reach.
    let fetched = Command::new(&program)
        .args(["fetch", "db"])
        .current_dir(cargo::workspace())
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("cargo-deny cannot be started")?;
    if fetched.success() {
        return run(&program, &["check", "--disable-fetch", "advisories"]);
    }
    println!("== advisories were not checked: the advisory database cannot be reached from here");
    Ok(())
}

/// The same without vulnerabilities, so that nothing is asked of another machine.
pub fn check_what_is_known_here() -> anyhow::Result<()> {
    run(
        &tools::installed("cargo-deny", VERSION)?,
        &["check", "bans", "licenses", "sources"],
    )
}

fn run(program: &PathBuf, arguments: &[&str]) -> anyhow::Result<()> {
    println!("\n== cargo-deny {}", arguments.join(" "));
    let status = Command::new(program)
        .args(["--log-level", "error"])
        .args(arguments)
        .current_dir(cargo::workspace())
        .status()
        .context("cargo-deny cannot be started")?;
    anyhow::ensure!(status.success(), "`cargo-deny {}` failed", arguments.join(" "));
    Ok(())
}
