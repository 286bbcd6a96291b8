//! The keys of the access log.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::form;
use super::key::Key;
use super::reader::Reader;
use super::setting::{Fault, Setting, one_of};
use crate::telemetry::access_log::redaction::DEFAULT_NAMES;
use crate::telemetry::access_log::{Format, Settings};

const FORMAT: Key = Key::new(
    "access_log.format",
    "How a line is written for each request: not at all (`off`), as `text`, or as `json` with ECS field names.",
)
.detail("What a line has is in [Access log](../operate/running.md#access-log).");
const FILE: Key = Key::new(
    "access_log.file",
    "The file that these lines are appended to; standard output with `none`.",
)
.detail("It is opened again on SIGUSR1, so that it can be renamed.");
const REDACT: Key = Key::new(
    "access_log.redact",
    "The query parameters whose values are not logged, in any case of letters.",
)
.detail("A list replaces the default.");

/// The word for standard output in place of a file.
const NO_FILE: &str = "none";

/// Reads them.
pub(super) fn access_log(keys: &mut Reader<'_>) -> Settings {
    let format = keys.one(FORMAT, OptionalFormat(None)).0;
    let file = keys.one(FILE, LogFile(None)).0;
    let default = DEFAULT_NAMES.map(|name| Parameter(name.to_owned()));
    let redact = keys.many(REDACT, default.to_vec());
    if format.is_none() && file.is_some() {
        let help = "set `access_log.format` to `text` or `json`, or leave the file out";
        keys.refuse_set(
            &[FILE],
            "nothing is written to it, as `access_log.format` is `off`",
            Some(help),
        );
    }
    Settings {
        format,
        file,
        redact: redact.into_iter().map(|parameter| parameter.0).collect(),
    }
}

/// How lines are written, if they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OptionalFormat(Option<Format>);

impl OptionalFormat {
    const ALL: [Self; 3] = [Self(None), Self(Some(Format::Text)), Self(Some(Format::Json))];
}

impl fmt::Display for OptionalFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            None => "off",
            Some(Format::Text) => "text",
            Some(Format::Json) => "json",
        })
    }
}

impl Setting for OptionalFormat {
    const EXPECTED: &'static str = "`off`, `text` or `json`";
    const PLACEHOLDER: &'static str = "FORMAT";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }
}

/// A file to write to, if there is one.
#[derive(Debug, Clone)]
struct LogFile(Option<PathBuf>);

impl fmt::Display for LogFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(file) => file.display().fmt(f),
            None => f.write_str(NO_FILE),
        }
    }
}

impl Setting for LogFile {
    const EXPECTED: &'static str = "a file, or `none`";
    const PLACEHOLDER: &'static str = "FILE";

    fn parse(text: &str) -> Result<Self, Fault> {
        Ok(Self((text != NO_FILE).then(|| PathBuf::from(text))))
    }

    fn written_in(self, folder: &Path) -> Self {
        Self(self.0.map(|file| folder.join(file)))
    }
}

/// The name of a query parameter.
#[derive(Debug, Clone)]
struct Parameter(String);

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Setting for Parameter {
    const EXPECTED: &'static str = "the name of a query parameter such as `api_key`";
    const PLACEHOLDER: &'static str = "NAME";

    fn parse(text: &str) -> Result<Self, Fault> {
        if text.contains(['=', '&', '?', ';']) {
            let help = "write the name alone, without what separates parameters";
            return Err(Fault::with_help(format!("expected {}", Self::EXPECTED), Some(help)));
        }
        Ok(Self(text.to_owned()))
    }

    fn form() -> Value {
        form::text("[^=&?;]+")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_read_as_they_are_shown() {
        for format in OptionalFormat::ALL {
            assert_eq!(OptionalFormat::parse(&format.to_string()).ok(), Some(format));
        }
        for text in ["JSON", "on", "ecs"] {
            assert!(OptionalFormat::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_parameter_is_a_name_alone() {
        assert_eq!(Parameter::parse("api_key").expect("a name").0, "api_key");
        for text in ["api_key=", "a&b", "?token"] {
            assert!(Parameter::parse(text).is_err(), "{text}");
        }
    }
}
