//! Opens the access log again when somebody has renamed its file and says so with SIGUSR1.

use tokio::signal::unix::{SignalKind, signal};

use crate::telemetry::access_log::AccessLog;

/// Does so for ever. Without an access log the signal does nothing: it would end the process otherwise, and whoever rotates
/// logs may send it anyway.
pub(super) async fn reopen_when_told(log: Option<AccessLog>) {
    let mut told = match signal(SignalKind::user_defined1()) {
        Ok(told) => told,
        Err(error) => {
            tracing::warn!(%error, "SIGUSR1 cannot be listened to: the access log is not opened again");
            return;
        }
    };
    while told.recv().await.is_some() {
        if let Some(log) = &log {
            log.reopen();
        }
    }
}
