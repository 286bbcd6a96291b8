//! The keys of the log.

use std::fmt;

use serde_json::Value;

use super::form;
use super::key::Key;
use super::reader::Reader;
use super::setting::{Fault, Setting, one_of};
use super::suggestion::suggestion;
use crate::telemetry::log_filter::{self, FilterError};
use crate::telemetry::{LogFormat, LogSettings};

const LEVEL: Key = Key::new(
    "log.level",
    "What is logged: a level (`error`, `warn`, `info`, `debug`, `trace`, `off`), levels for parts of the program, or both, as in `info,anomaly_gateway::proxy=debug`.",
)
.detail("It is read again on SIGHUP, and can be changed with `PUT /log-level` on `admin.listen`.")
.named("log");
const FORMAT: Key = Key::new(
    "log.format",
    "How a line of the log is written: as `text`, or as `json` with ECS field names.",
)
.named("log-format");

/// What is logged by default.
const DEFAULT: &str = "info";

/// Reads them.
pub(super) fn log(keys: &mut Reader<'_>) -> LogSettings {
    LogSettings {
        level: keys.one(LEVEL, Level(DEFAULT.to_owned())).0,
        format: keys.one(FORMAT, LogFormat::Text),
    }
}

/// The log filter as it was written, once it is known to be valid.
struct Level(String);

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Setting for Level {
    const EXPECTED: &'static str = "a level such as `info`";
    const PLACEHOLDER: &'static str = "LEVEL";

    fn parse(text: &str) -> Result<Self, Fault> {
        match log_filter::parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(Fault::with_help(&error.fault, Some(&what_was_meant(&error))).at(error.span)),
        }
    }
}

/// What the operator may have meant by something that is not a level.
#[must_use]
pub fn what_was_meant(error: &FilterError) -> String {
    let meant = error.fault.unknown().and_then(|(word, known)| {
        let meant = suggestion(word, known.iter().map(String::as_str))?;
        Some(format!("did you mean `{meant}`?"))
    });
    meant.unwrap_or_else(|| log_filter::FORM.to_owned())
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

impl Setting for LogFormat {
    const EXPECTED: &'static str = "`text` or `json`";
    const PLACEHOLDER: &'static str = "FORMAT";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, [Self::Text, Self::Json])
    }

    fn form() -> Value {
        form::words([Self::Text, Self::Json])
    }
}
