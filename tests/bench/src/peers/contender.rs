//! The proxies that are measured, and how each is started.

use std::env;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::process::Proxy;
use super::programs::Programs;
use super::settings::{self, Task};

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    /// The gateway, with the lane.
    Lane,
    /// The same once more, which shows how much of a difference is noise.
    LaneAgain,
    /// The gateway without the lane.
    Hyper,
    /// nginx.
    Nginx,
    /// `HAProxy`.
    Haproxy,
    /// `HAProxy` that splices bodies.
    HaproxySplice,
    /// Nobody: the load asks the upstream.
    Direct,
}

impl Contender {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 7] = [
        Self::Lane,
        Self::LaneAgain,
        Self::Hyper,
        Self::Nginx,
        Self::Haproxy,
        Self::HaproxySplice,
        Self::Direct,
    ];

    /// How tables call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lane => "gateway, lane",
            Self::LaneAgain => "gateway, lane (again)",
            Self::Hyper => "gateway, no lane",
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::HaproxySplice => "HAProxy, splice",
            Self::Direct => "direct",
        }
    }

    /// Whether its program is there.
    #[must_use]
    pub const fn is_there(self, programs: &Programs) -> bool {
        match self {
            Self::Lane | Self::LaneAgain | Self::Hyper | Self::Direct => true,
            Self::Nginx => programs.nginx.is_some(),
            Self::Haproxy | Self::HaproxySplice => programs.haproxy.is_some(),
        }
    }

    /// Starts it on these cores with what else its configuration says, in lines of its own. There is nothing to start for
    /// those who are not there.
    pub fn start(
        self,
        programs: &Programs,
        task: &Task<'_>,
        cores: &[usize],
        more: &str,
    ) -> anyhow::Result<Option<Proxy>> {
        let folder = tempfile::tempdir()?;
        let command = match self {
            Self::Lane | Self::LaneAgain => Some(gateway(programs, task, true, &folder, more)?),
            Self::Hyper => Some(gateway(programs, task, false, &folder, more)?),
            Self::Nginx => configured(
                programs.nginx.as_ref(),
                "-c",
                &settings::nginx(task, folder.path()),
                &folder,
            )?,
            Self::Haproxy => configured(
                programs.haproxy.as_ref(),
                "-f",
                &settings::haproxy(task, false),
                &folder,
            )?,
            Self::HaproxySplice => {
                configured(programs.haproxy.as_ref(), "-f", &settings::haproxy(task, true), &folder)?
            }
            Self::Direct => None,
        };
        let started = command.map(|command| Proxy::start(command, task.listen, cores, folder));
        started.transpose()
    }
}

/// The gateway, with its defaults: no access log, a worker for each core that it may use.
fn gateway(programs: &Programs, task: &Task<'_>, lane: bool, folder: &TempDir, more: &str) -> anyhow::Result<Command> {
    let file = folder.path().join("gateway.yml");
    fs::write(&file, more)?;
    let mut command = Command::new(&programs.gateway);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ANOMALY_GATEWAY_")) {
        command.env_remove(name);
    }
    let (listen, lane) = (task.listen.to_string(), lane.to_string());
    command.args(["serve", "--listen", &listen, "--lane", &lane]);
    for node in task.nodes {
        command.args(["--upstream", &format!("http://{node}")]);
    }
    if let Some(identity) = task.identity {
        command.arg("--tls-certificate").arg(&identity.certificate);
        command.arg("--tls-key").arg(&identity.key);
    }
    command.arg("--config").arg(file);
    Ok(command)
}

/// A program that reads a configuration from the file that an option names.
fn configured(
    program: Option<&PathBuf>,
    option: &str,
    configuration: &str,
    folder: &TempDir,
) -> anyhow::Result<Option<Command>> {
    let file = folder.path().join("configuration");
    fs::write(&file, configuration)?;
    let command = program.map(|program| {
        let mut command = Command::new(program);
        command.arg(option).arg(file);
        command
    });
    Ok(command)
}

/// A port that nobody listens at.
pub fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
