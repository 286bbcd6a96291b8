//! Runs cargo, in such a way that nothing it starts outlives this command.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

/// Runs `cargo` with these arguments and environment. Fails when cargo does.
///
/// The tests' processes read their standard input, whose other end only this process holds: however this process
/// ends, they see the end of it, and end themselves and the nodes they started.
pub fn run(arguments: &[&str], environment: &[(&str, &str)]) -> anyhow::Result<()> {
    println!("\n== cargo {}", arguments.join(" "));
    let started = Instant::now();
    let mut child = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .current_dir(workspace())
        .envs(environment.iter().copied())
        .env("XTASK_LIFELINE", "stdin")
        .stdin(Stdio::piped())
        .spawn()
        .context("cargo cannot be started")?;
    let lifeline = child.stdin.take();
    let status = child.wait().context("cargo cannot be waited for")?;
    drop(lifeline);
    if !status.success() {
        bail!("`cargo {}` failed", arguments.join(" "));
    }
    println!("== done in {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// The workspace's folder.
pub fn workspace() -> std::path::PathBuf {
    let member = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    member.ancestors().nth(2).unwrap_or(member).to_owned()
}

/// The folder that cargo builds into.
pub fn target() -> std::path::PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), Into::into)
}
