//! Subcommands of cargo that this project uses, built into the target folder where they are not there yet.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::cargo;

/// The program, such as `cargo-deny`, of the version that is asked for.
pub fn installed(name: &str, wanted: &str) -> anyhow::Result<PathBuf> {
    let tools = cargo::target().join("tools");
    let program = tools.join("bin").join(name);
    let root = tools.to_str().context("the target folder's path is no text")?;
    // Not optimised: it runs for a second and is built for a minute.
    let install = [
        "install",
        name,
        "--locked",
        "--debug",
        "--version",
        wanted,
        "--root",
        root,
    ];
    let quiet = ["--quiet", "--no-track"];
    if version(&program, name).as_deref() != Some(wanted) {
        cargo::run(&[install.as_slice(), &quiet, &["--force"]].concat(), &[])?;
    }
    Ok(program)
}

/// The version that a program says it has. It is asked as cargo would, with its name first.
fn version(program: &Path, name: &str) -> Option<String> {
    let subcommand = name.strip_prefix("cargo-")?;
    let output = Command::new(program).args([subcommand, "--version"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().last().map(str::to_owned)
}
