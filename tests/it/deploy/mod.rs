//! What `deploy/` has for those who install the gateway: whether it goes together, and whether the gateway takes it.

mod containers;
mod package;
mod systemd;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::support::gateway::BINARY;

fn deployed(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(path)
}

/// What a key has in a configuration, as the gateway reads it.
fn configured(config: &Path, key: &str) -> String {
    configured_by(Command::new(BINARY).args(["config", "--config"]).arg(config), key)
}

/// The same of what this command prints.
fn configured_by(command: &mut Command, key: &str) -> String {
    let output = command.output().expect("the gateway's binary starts");
    let printed = String::from_utf8(output.stdout).expect("text");
    let line = printed.lines().find_map(|line| line.strip_prefix(&format!("{key}:")));
    let line = line.unwrap_or_else(|| panic!("no {key} in {printed}: {}", String::from_utf8_lossy(&output.stderr)));
    line.split_whitespace().next().unwrap_or_default().to_owned()
}

fn seconds(text: &str) -> Duration {
    let number = text.strip_suffix('s').unwrap_or(text);
    Duration::from_secs(number.parse().unwrap_or_else(|_| panic!("no seconds: {text}")))
}

/// How long a gateway with this configuration may take to stop.
fn stopping(config: &Path) -> Duration {
    stopping_by(|key| configured(config, key))
}

/// The same where keys have these values.
fn stopping_by(mut value: impl FnMut(&str) -> String) -> Duration {
    let times = ["shutdown.delay", "shutdown.timeout"].map(|key| seconds(&value(key)));
    times.iter().sum()
}
