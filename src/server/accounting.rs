//! Where requests and connections are counted and logged, for all workers: made at the start, and written to its end when the
//! gateway stops.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::ServerError;
use crate::config::Config;
use crate::telemetry::access_log::{AccessLog, AccessLogThread, NotOpened};
use crate::telemetry::traffic::Traffic;
use crate::upstream::Nodes;

/// What counts and logs.
pub(super) struct Accounting {
    pub(super) traffic: Traffic,
    access_log: Option<AccessLog>,
    writing: Option<AccessLogThread>,
}

impl Accounting {
    /// Opens the access log, if one is wanted.
    pub(super) fn start(config: &Config, nodes: &Nodes) -> Result<Self, NotOpened> {
        let (access_log, writing) = AccessLog::start(&config.access_log)?.unzip();
        let names = nodes.iter().map(|node| node.url.to_string());
        Ok(Self {
            traffic: Traffic::new(names, access_log.clone()),
            access_log,
            writing,
        })
    }

    /// What opens the access log again. To be called within a runtime.
    pub(super) fn reopening(&self) -> Result<Reopening, ServerError> {
        Ok(Reopening {
            access_log: self.access_log.clone(),
            told: signal(SignalKind::user_defined1()).map_err(ServerError::Start)?,
        })
    }

    /// Writes what is left.
    pub(super) fn finish(self) {
        if let Some(writing) = self.writing {
            writing.finish();
        }
    }
}

/// Opens the access log again when somebody has renamed its file and says so with SIGUSR1. Without an access log the signal
/// does nothing: it would end the process otherwise, and whoever rotates logs may send it anyway.
pub(super) struct Reopening {
    access_log: Option<AccessLog>,
    told: Signal,
}

impl Reopening {
    /// Does so for ever.
    pub(super) async fn keep(mut self) {
        while self.told.recv().await.is_some() {
            if let Some(log) = &self.access_log {
                log.reopen();
            }
        }
    }
}
