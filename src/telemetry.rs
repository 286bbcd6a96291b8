//! What the gateway says while it runs: log lines on standard error, chosen by `ANOMALY_GATEWAY_LOG`, metrics for who
//! asks, and a line for each request in the access log.

pub mod access_log;
pub mod asked;
pub mod event;
pub mod events;
pub mod exposition;
pub mod families;
pub mod family;
mod fields;
pub mod log_filter;
pub mod metrics;
pub mod outcome;
pub mod page;
pub mod request_record;
pub mod sampler;
pub mod traffic;
pub mod turned_away;
pub mod word;

use std::env::{self, VarError};
use std::io;

use self::fields::SafeFields;
use self::log_filter::{FilterError, VARIABLE};
use self::metrics::Metrics;

/// Starts logging and counting, once for the whole program.
pub fn start(in_colours: bool) -> Result<Metrics, TelemetryError> {
    let filter = match env::var(VARIABLE) {
        Ok(text) => log_filter::parse(&text).map_err(TelemetryError::NotAFilter)?,
        Err(VarError::NotPresent) => log_filter::default_filter(),
        Err(VarError::NotUnicode(_)) => return Err(TelemetryError::NotUnicode),
    };
    tracing_subscriber::fmt()
        .compact()
        .fmt_fields(SafeFields)
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(in_colours)
        .try_init()
        .map_err(TelemetryError::AlreadyStarted)?;
    Metrics::start().map_err(TelemetryError::NotCounting)
}

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The variable has changed since the configuration was read, which refuses what is no filter.
    #[error("{VARIABLE}: {0}")]
    NotAFilter(#[source] FilterError),
    /// The variable holds bytes that are no text.
    #[error("{VARIABLE} is not UTF-8")]
    NotUnicode,
    /// Something in this program has started logging before.
    #[error("logging was started twice")]
    AlreadyStarted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something in this program counts already.
    #[error("metrics cannot be counted")]
    NotCounting(#[source] metrics_exporter_prometheus::BuildError),
}
