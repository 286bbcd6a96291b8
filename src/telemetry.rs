//! What the gateway says while it runs: log lines on standard error, chosen by `ANOMALY_GATEWAY_LOG`, and metrics for who
//! asks.

mod fields;
pub mod metrics;

use std::env::{self, VarError};
use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use self::fields::SafeFields;
use self::metrics::Metrics;

/// The environment variable that says what is logged.
const VARIABLE: &str = "ANOMALY_GATEWAY_LOG";

/// What is logged unless the variable says otherwise.
const DEFAULT: &str = "info";

/// Starts logging and counting, once for the whole program.
pub fn start(in_colours: bool) -> Result<Metrics, TelemetryError> {
    let filter = match env::var(VARIABLE) {
        Ok(directives) => EnvFilter::builder()
            .parse(directives)
            .map_err(TelemetryError::NotAFilter)?,
        Err(VarError::NotPresent) => EnvFilter::new(DEFAULT),
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
    /// Usually a level that does not exist.
    #[error("{VARIABLE} is not a level such as `debug` or a list such as `info,anomaly_gateway::proxy=trace`")]
    NotAFilter(#[source] ParseError),
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
