//! `anomaly-gateway config`: says which value each key has, and where it was set.

use std::env;

use clap::{Args, ValueEnum};

use super::{Exit, console};
use crate::config::{self, ServeFlags};

/// The flags of `config`.
#[derive(Debug, Args)]
pub(super) struct ConfigFlags {
    #[command(flatten)]
    serve: ServeFlags,
    /// How to write the values
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ValuesFormat,
}

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ValuesFormat {
    /// For people, one a line
    Text,
    /// One JSON document, as `GET /config` of `admin.listen` answers
    Json,
}

/// Reads the configuration as `serve` would, and prints it.
pub(super) fn run(flags: &ConfigFlags) -> Exit {
    match config::load_with_values(&flags.serve, env::vars_os()) {
        Ok((_, values)) => {
            console::print(&match flags.format {
                ValuesFormat::Text => values.as_text(),
                ValuesFormat::Json => format!("{:#}\n", values.as_json()),
            });
            Exit::Fine
        }
        Err(problems) => {
            console::say(&problems.render(console::in_colours()));
            Exit::Usage
        }
    }
}
