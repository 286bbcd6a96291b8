//! The command line: what was typed, and which subcommand does it.
//!
//! Errors arrive here as cause chains and leave as text on standard error and an [`Exit`].

mod check;
mod config;
mod console;
mod engine;
mod explain;
mod generated;
mod health;
mod impact;
mod places;
mod policy_tests;
mod schema;
mod serve;
mod serve_flags;
mod validate;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use rustls::pki_types::ServerName;

use crate::config::ServeFlags;

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// What was asked for was done.
    Fine,
    /// It was done, and what it looked for was found to be wrong.
    Findings,
    /// It was not done: the command line or the configuration is wrong.
    Usage,
    /// It could not be done.
    Internal,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            // EX_SOFTWARE of sysexits.h.
            Exit::Internal => 70,
        })
    }
}

/// A policy gateway in front of Elasticsearch and OpenSearch.
///
/// It answers create anomaly detection job by itself, storing jobs in the cluster, and forwards everything else to the
/// cluster unchanged.
#[derive(Debug, Parser)]
#[command(
    name = "anomaly-gateway",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_long_help = concat!(
    "Exit codes: 0 fine, 1 findings, 2 wrong usage or configuration, 70 internal error.\n\n",
    "Environment: NO_COLOR turns colours off; `serve --help` names the variables of the configuration.",
))]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway
    ///
    /// A flag beats its environment variable, which beats the configuration file.
    Serve(ServeFlags),
    /// Ask a running gateway whether it and its cluster answer
    ///
    /// Exits with 0 if the gateway answers within two seconds and not with 502, 503 or 504; with 1 and the reason otherwise.
    /// Meant for the health checks of containers. Sends `GET /`, which the cluster answers; or asks the listener of
    /// `admin.listen` with `--url http://127.0.0.1:9281/ready`, whose answer says whether a node of the cluster answers
    /// (unless `ready.require` is `gateway`), and with `/live` only whether the gateway does. Ask that listener where clients
    /// need a certificate, and before a cluster that counts failed logins: `GET /` has no credentials.
    Health(HealthFlags),
    /// Print what a version of the API accepts as the body of a job, as JSON Schema
    ///
    /// Plain JSON Schema 2020-12, for editors and other programs, also of what is stored, of the whole call, and of the
    /// gateway's own files. Asks no cluster and reads no configuration.
    Schema(schema::SchemaFlags),
    /// Say all that is wrong with a configuration and its policies
    ///
    /// Exits with 0 if nothing is wrong and with 1 otherwise. Starts nothing and asks no cluster.
    Check(check::CheckFlags),
    /// Print the value of each key of the configuration, and where it was set
    ///
    /// With the flags, variables and file with which `serve` would start: a file's name and line, a variable, a flag, or
    /// `default`. A running gateway shows the same by `GET /config` of `admin.listen`. Exits with 2 if something is wrong.
    Config(config::ConfigFlags),
    /// Judge jobs as the gateway would, without a cluster or together with the jobs of one
    ///
    /// By the same code as `serve`, and all jobs of a file: JSON values one after the other, NDJSON, documents of YAML, lists,
    /// exports of Kibana, answers of `GET _ml/anomaly_detectors`, dumps of `.ml-config` or of the gateway's index, modules of
    /// Kibana and of integrations, requests of a console, and what `terraform show -json` prints. In a folder, files that hold no
    /// job are passed over.
    ///
    /// Jobs as a server shows or keeps them are judged as if they were created anew: what a create does not take, such as
    /// `create_time` and `job_version`, is left out, and the report says so. Jobs of one run are judged as if they were created
    /// one after the other: an id that an earlier one has, or a group of it, is in use. What only a cluster knows, that is which
    /// names are in use there and which analyzers it can make, is asked for with `--against`.
    ///
    /// Exits with 0 if all jobs are admitted, with 1 if one is refused, and with 2 if a file cannot be judged or the cluster
    /// does not answer.
    Validate(validate::ValidateFlags),
    /// Run the tests of policies
    ///
    /// Exits with 0 if all pass, with 1 if one fails, and with 2 if policies or tests cannot be read.
    Test(policy_tests::TestFlags),
    /// Say of each policy whether it concerns a job, why, and what it finds
    Explain(explain::ExplainFlags),
    /// Say which of the jobs that a cluster has other policies would refuse
    ///
    /// Those that the policies of the configuration would refuse as well are not counted. Exits with 0 if no more jobs
    /// would be refused than `--fail-over` says, with 1 otherwise, and with 2 if policies or jobs cannot be read.
    Impact(impact::ImpactFlags),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write manual pages into a folder
    Man {
        /// The folder, which is made if it is not there
        folder: PathBuf,
    },
}

/// The flags of `health`.
#[derive(Debug, Args)]
struct HealthFlags {
    /// Where the gateway listens; `/ready` or `/live` may follow
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9280")]
    url: String,

    /// With https, the authorities that may have signed the gateway's certificate; the system's without it
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// With https, the name to find in the gateway's certificate, in place of the host of its URL
    #[arg(long, value_name = "NAME", value_parser = health::server_name)]
    server_name: Option<ServerName<'static>>,
}

/// Does what the arguments say. The first is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let command_line = match CommandLine::try_parse_from(arguments) {
        Ok(command_line) => command_line,
        Err(error) => return console::usage(&error),
    };
    let done = match command_line.command {
        Command::Serve(flags) => serve::run(&flags),
        Command::Health(flags) => health::run(flags),
        Command::Schema(flags) => schema::run(&flags),
        Command::Check(flags) => Ok(check::run(&flags)),
        Command::Config(flags) => Ok(config::run(&flags)),
        Command::Validate(flags) => validate::run(&flags),
        Command::Test(flags) => policy_tests::run(&flags),
        Command::Explain(flags) => explain::run(&flags),
        Command::Impact(flags) => Ok(impact::run(&flags)),
        Command::Completions { shell } => Ok(generated::completions(shell)),
        Command::Man { folder } => generated::man(&folder),
    };
    done.unwrap_or_else(|error| {
        console::error(&error);
        Exit::Internal
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn flags_are_kept_as_typed() {
        let arguments = "anomaly-gateway serve --upstream a --upstream b --listen c --config d";
        let command_line = CommandLine::try_parse_from(arguments.split(' ')).unwrap();
        let Command::Serve(flags) = command_line.command else {
            panic!("another subcommand")
        };
        let expected = ServeFlags::default()
            .with("listen", "c")
            .with("upstream", "a")
            .with("upstream", "b")
            .config("d");
        assert_eq!(flags, expected);
    }
}
