//! The gateway's process, for as long as the command needs it.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::Context;
use tempfile::NamedTempFile;

/// Runs a program until standard input ends, which it does with the process that holds the other end.
const GUARD: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
read -r _ <&3
kill $!
"#;

/// A gateway before one node; it ends with this value, and with this process however that ends.
pub(crate) struct Gateway {
    guard: Child,
    pub(crate) address: SocketAddr,
    _config: NamedTempFile,
}

impl Gateway {
    pub(crate) fn start(program: &Path, node: &str, configuration: &str) -> anyhow::Result<Self> {
        let mut config = NamedTempFile::with_suffix(".yml")?;
        config.write_all(configuration.as_bytes())?;
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "sh"])
            .arg(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--upstream", node, "--config"])
            .arg(config.path())
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let log = guard.stderr.take().context("the gateway has no log")?;
        let mut lines = BufReader::new(log).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let (_, after) = line.split_once("listening address=")?;
            after.split_whitespace().next()?.parse().ok()
        });
        let address = address.context("the gateway did not say where it listens")?;
        // Read on, so that it is never kept from writing.
        thread::spawn(move || lines.for_each(drop));
        Ok(Self {
            guard,
            address,
            _config: config,
        })
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // There is nobody to give an error to.
        let _ = self.guard.wait();
    }
}
