//! The gateway's process, and what Linux says of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use tempfile::TempDir;

/// How long a gateway may take to listen.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running gateway. It ends with this value.
pub struct Gateway {
    child: Child,
    /// Where clients connect.
    pub address: SocketAddr,
    /// How many worker threads it has.
    pub workers: usize,
    admin: Arc<OnceLock<SocketAddr>>,
    _folder: TempDir,
}

impl Gateway {
    /// Starts a gateway before these nodes with what else its configuration says, and with policies, both in YAML.
    pub fn start(program: &Path, nodes: &[String], settings: &str, policies: Option<&str>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let config = folder.path().join("gateway.yml");
        let mut settings = settings.to_owned();
        if let Some(policies) = policies {
            fs::write(folder.path().join("policies.yml"), policies)?;
            settings.push_str("policies: {files: [policies.yml]}\n");
        }
        fs::write(&config, settings)?;
        let upstream = nodes.iter().flat_map(|node| ["--upstream", node]);
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(upstream)
            .arg("--config")
            .arg(&config)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let log = BufReader::new(child.stderr.take().context("the gateway has no log")?);
        let (found, listening) = mpsc::channel();
        let admin = Arc::new(OnceLock::new());
        let found_admin = Arc::clone(&admin);
        thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                if let Some((_, after)) = line.split_once("listening address=")
                    && let Some(Ok(address)) = after.split_whitespace().next().map(str::parse)
                {
                    let workers = line
                        .split_once("workers=")
                        .and_then(|(_, after)| after.split_whitespace().next()?.parse().ok());
                    let _ = found.send((address, workers));
                } else if let Some((_, after)) = line.split_once("/metrics address=")
                    && let Ok(address) = after.trim().parse()
                {
                    let _ = found_admin.set(address);
                } else if line.contains("ERROR") || line.contains("panicked") {
                    eprintln!("gateway: {line}");
                }
            }
        });
        let (address, workers) = listening
            .recv_timeout(START_LIMIT)
            .context("the gateway does not listen")?;
        let workers = workers.context("the gateway does not say how many workers it has")?;
        Ok(Self {
            child,
            address,
            workers,
            admin,
            _folder: folder,
        })
    }

    /// Where those who run it ask, if its configuration says so. It is known before clients can connect.
    #[must_use]
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin.get().copied()
    }

    /// The process's number.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// How many files it has open, connections among them.
    pub fn open_files(&self) -> anyhow::Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }

    /// A figure of its memory in KiB, such as `VmRSS` or `VmHWM`.
    pub fn memory(&self, figure: &str) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let value = status
            .lines()
            .find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'));
        let number = value.and_then(|value| value.split_whitespace().next());
        number
            .context("no such figure")?
            .parse()
            .context("the figure is no number")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
