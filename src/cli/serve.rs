//! `anomaly-gateway serve`: loads the configuration and runs the gateway.

use std::env;

use anyhow::{Context as _, Result};

use super::{Exit, console};
use crate::config::{self, ServeFlags};
use crate::server::Configured;
use crate::{server, telemetry};

/// Runs until the gateway is told to stop.
pub(super) fn run(flags: &ServeFlags) -> Result<Exit> {
    let in_colours = console::in_colours();
    let (config, values) = match config::load_with_values(flags, env::vars_os()) {
        Ok(read) => read,
        Err(problems) => {
            console::say(&problems.render(in_colours));
            let count = problems.count();
            let noun = if count == 1 { "problem" } else { "problems" };
            console::say(&format!(
                "\nanomaly-gateway: not started, the configuration has {count} {noun}"
            ));
            return Ok(Exit::Usage);
        }
    };
    let telemetry = match telemetry::start(&config.log, in_colours) {
        Ok(telemetry) => telemetry,
        Err(error) => {
            console::error(&anyhow::Error::new(error).context("not started"));
            return Ok(Exit::Usage);
        }
    };
    let flags = flags.clone();
    let configured = Configured {
        config,
        values,
        read_again: Box::new(move || config::load_without_policies(&flags, env::vars_os())),
    };
    server::run(configured, telemetry).context("the gateway stopped")?;
    Ok(Exit::Fine)
}
