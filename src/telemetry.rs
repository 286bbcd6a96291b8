//! What the gateway says while it runs: log lines on standard error, as `log` of the configuration says, metrics for who
//! asks, and a line for each request in the access log.

pub mod access_log;
pub mod alerts;
pub mod asked;
pub mod dashboard;
pub mod event;
pub mod events;
pub mod exposition;
pub mod families;
pub mod family;
mod fields;
mod json_lines;
pub mod log_control;
pub mod log_filter;
pub mod metrics;
pub mod outcome;
pub mod page;
#[cfg(target_os = "linux")]
pub mod process;
#[cfg(test)]
mod promql;
pub mod request_record;
pub mod sampler;
pub mod traffic;
pub mod turned_away;
pub mod word;

use self::log_control::LogControl;
pub use self::log_control::{LogFormat, LogSettings};
use self::log_filter::FilterError;
use self::metrics::Metrics;

/// What logs and counts.
#[derive(Clone)]
pub struct Telemetry {
    /// What was counted.
    pub metrics: Metrics,
    /// What is logged.
    pub log: LogControl,
}

/// Starts logging and counting, once for the whole program.
pub fn start(settings: &LogSettings, in_colours: bool) -> Result<Telemetry, TelemetryError> {
    let log = LogControl::start(settings, in_colours)?;
    let metrics = Metrics::start().map_err(TelemetryError::NotCounting)?;
    Ok(Telemetry { metrics, log })
}

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// A fault of the gateway: the configuration refuses what is no filter.
    #[error("`log.level`: {0}")]
    NotAFilter(#[source] FilterError),
    /// Something in this program has started logging before.
    #[error("logging was started twice")]
    AlreadyStarted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something in this program counts already.
    #[error("metrics cannot be counted")]
    NotCounting(#[source] metrics_exporter_prometheus::BuildError),
}
