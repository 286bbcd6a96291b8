//! The oldest Rust that the project promises to build with (`rust-version` in `Cargo.toml`).

use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::cargo;

const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// Checks the gateway with that Rust, where rustup has it. Elsewhere clippy has looked for what is newer
/// (`incompatible_msrv`), and cargo's resolver has chosen dependencies that are not.
pub fn check() -> anyhow::Result<()> {
    let mut asking = of_oldest(&["--version"]);
    let is_here = asking.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !is_here.is_ok_and(|status| status.success()) {
        println!("== Rust {OLDEST} is not installed: clippy and cargo's resolver alone have checked that it is enough");
        return Ok(());
    }
    println!("\n== cargo +{OLDEST} check --package anomaly-gateway");
    let mut checking = of_oldest(&["check", "--locked", "--package", "anomaly-gateway", "--target-dir"]);
    let status = checking.arg(cargo::target().join("oldest-rust")).status();
    if !status.context("cargo cannot be started")?.success() {
        bail!("the gateway does not build with Rust {OLDEST}");
    }
    Ok(())
}

/// The cargo of that Rust, and not the one that runs this.
fn of_oldest(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command
        .arg(format!("+{OLDEST}"))
        .args(arguments)
        .current_dir(cargo::workspace())
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("RUSTUP_AUTO_INSTALL", "0")
        .stdin(Stdio::null());
    command
}
