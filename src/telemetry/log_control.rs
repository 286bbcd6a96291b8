//! What is logged, and how it is changed while the program runs.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::EnvFilter;

use super::TelemetryError;
use super::fields::SafeFields;
use super::json_lines::JsonLines;
use super::log_filter::{self, FilterError};

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line, with the names of the Elastic Common Schema.
    Json,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// A level for everything, levels for parts of the program, or both.
    pub level: String,
    /// How lines are written.
    pub format: LogFormat,
}

/// Changes what is logged.
#[derive(Clone)]
pub struct LogControl(Arc<Control>);

struct Control {
    exchange: Box<dyn Fn(EnvFilter) + Send + Sync>,
    level: Mutex<String>,
}

impl LogControl {
    /// Starts logging, once for the whole program.
    pub(super) fn start(settings: &LogSettings, in_colours: bool) -> Result<Self, TelemetryError> {
        let filter = log_filter::parse(&settings.level).map_err(TelemetryError::NotAFilter)?;
        // Once nobody writes lines any more there is nobody to miss a change.
        let exchange: Box<dyn Fn(EnvFilter) + Send + Sync> = match settings.format {
            LogFormat::Text => {
                let builder = tracing_subscriber::fmt()
                    .compact()
                    .fmt_fields(SafeFields)
                    .with_writer(io::stderr)
                    .with_ansi(in_colours)
                    .with_env_filter(filter)
                    .with_filter_reloading();
                let handle = builder.reload_handle();
                builder.try_init().map_err(TelemetryError::AlreadyStarted)?;
                Box::new(move |filter| drop(handle.reload(filter)))
            }
            LogFormat::Json => {
                let builder = tracing_subscriber::fmt()
                    .with_ansi(false)
                    .event_format(JsonLines)
                    .with_writer(io::stderr)
                    .with_env_filter(filter)
                    .with_filter_reloading();
                let handle = builder.reload_handle();
                builder.try_init().map_err(TelemetryError::AlreadyStarted)?;
                Box::new(move |filter| drop(handle.reload(filter)))
            }
        };
        Ok(Self(Arc::new(Control {
            exchange,
            level: Mutex::new(settings.level.clone()),
        })))
    }

    /// What is logged, as it was written.
    #[must_use]
    pub fn level(&self) -> String {
        self.0.level.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Logs this from now on.
    pub fn set_level(&self, text: &str) -> Result<(), FilterError> {
        let filter = log_filter::parse(text)?;
        let mut level = self.0.level.lock().unwrap_or_else(PoisonError::into_inner);
        (self.0.exchange)(filter);
        text.clone_into(&mut level);
        Ok(())
    }
}
