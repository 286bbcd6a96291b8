//! Runs cargo, in such a way that nothing it starts outlives this command.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

/// Runs `cargo` with these arguments and environment. Fails when cargo does.
///
/// The tests' processes read their standard input, whose other end only this process holds: however this process
/// ends, they see the end of it, and end themselves and the nodes they started.
pub fn run(arguments: &[&str], environment: &[(&str, &str)]) -> anyhow::Result<()> {
    finish(arguments, start(arguments, environment, Stdio::inherit())?, Vec::new())
}

/// Runs tests, shows what they print as it comes, and names in its error every one that failed.
pub fn test(arguments: &[&str]) -> anyhow::Result<()> {
    let mut started = start(arguments, &[], Stdio::piped())?;
    let mut failed = Vec::new();
    let output = started.child.stdout.take().context("cargo's output is not there")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("cargo's output cannot be read")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        failed.extend(failed_test(&line).map(str::to_owned));
    }
    finish(arguments, started, failed)
}

/// The name of a test of which a line of the test runner says that it failed.
fn failed_test(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

/// A run of cargo.
struct Started {
    child: Child,
    since: Instant,
}

fn start(arguments: &[&str], environment: &[(&str, &str)], output: Stdio) -> anyhow::Result<Started> {
    println!("\n== cargo {}", arguments.join(" "));
    let child = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .current_dir(workspace())
        .envs(environment.iter().copied())
        .env("XTASK_LIFELINE", "stdin")
        .stdin(Stdio::piped())
        .stdout(output)
        .spawn()
        .context("cargo cannot be started")?;
    let since = Instant::now();
    Ok(Started { child, since })
}

fn finish(arguments: &[&str], mut started: Started, failed: Vec<String>) -> anyhow::Result<()> {
    let lifeline = started.child.stdin.take();
    let status = started.child.wait().context("cargo cannot be waited for")?;
    drop(lifeline);
    if !status.success() {
        let named: String = failed.iter().map(|test| format!("\n    {test}")).collect();
        bail!("`cargo {}` failed{named}", arguments.join(" "));
    }
    println!("== done in {:.0} s", started.since.elapsed().as_secs_f64());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_test_is_known_by_its_line() {
        assert_eq!(failed_test("test a::b ... FAILED"), Some("a::b"));
        for line in [
            "test a::b ... ok",
            "test result: FAILED. 1 passed; 1 failed",
            "gateway: test",
        ] {
            assert_eq!(failed_test(line), None, "{line}");
        }
    }
}
