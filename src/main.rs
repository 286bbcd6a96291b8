//! The way in: everything is in the library, beginning with [`anomaly_gateway::cli`].

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    anomaly_gateway::cli::run(env::args_os()).into()
}
