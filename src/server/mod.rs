//! The process: threads, sockets, signals, what is read again, and the listener for those who run the gateway.

mod account;
mod accounting;
mod admin;
mod admin_listener;
mod audit;
mod budgets;
mod capacity;
mod certificates;
mod client_stream;
mod configuration;
mod connection;
mod dashboard;
mod deployment;
mod endpoint;
mod expiry;
mod gateway;
mod handed_sockets;
mod handshake;
mod impact;
mod index_names;
mod json_answer;
pub mod listener;
mod log_level;
mod operator_pages;
mod other_site;
mod peer;
mod phase;
mod plugins;
mod policies;
mod product;
mod reload;
mod scan;
mod scan_report;
mod scrape;
mod service_manager;
mod signals;
mod stored_jobs;
mod try_out;
mod unfinished_heads;
pub mod worker;
mod worker_threads;

use std::io;
use std::net::SocketAddr;

use crate::plugin::PluginError;
use crate::proxy::NoRandomness;
use crate::route::RouteConflict;
use crate::telemetry::Telemetry;
use crate::telemetry::access_log::NotOpened;
pub use certificates::FileError;
pub use configuration::{Configured, ReadAgain};
pub use deployment::Deployment;
use gateway::Gateway;
pub use handed_sockets::HandOverError;
pub use impact::impact;
pub use stored_jobs::StoredJobsError;

/// Why a gateway does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Usual cause: another process has the port.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// A socket that the service manager hands over cannot be used.
    #[error(transparent)]
    HandOver(#[from] HandOverError),
    /// Usual cause: the process may open no more threads or files.
    #[error("cannot start a worker thread")]
    Start(#[source] io::Error),
    /// Usual cause: a low limit of the shell, or of the unit that starts the gateway.
    #[error(
        "this process may open {files} files, and the gateway needs {least} or more: raise the limit (`ulimit -n` in a \
         shell, `LimitNOFILE` in a unit of systemd)"
    )]
    TooFewFiles {
        /// How many it may open.
        files: u64,
        /// With how many it starts.
        least: u64,
    },
    /// A fault of the gateway.
    #[error("a worker thread panicked")]
    WorkerPanicked,
    /// Certificates, or the credentials of the gateway's own account, cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// Usual cause: the folder is not there, or belongs to somebody else.
    #[error(transparent)]
    AccessLog(#[from] NotOpened),
    /// A fault of the operating system.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The gateway's own account would store jobs for nobody.
    #[error(
        "`access.mode` is `service`, and OpenSearch knows no privilege to create jobs: set `access.roles` to the roles \
         whose users may"
    )]
    NoRoles,
    /// Jobs would be kept twice, and those of the cluster could not be reached.
    #[error(
        "`jobs.serve` is `all`, which is for clusters without machine learning, and this one is Elasticsearch: set it to \
         `create`, and the calls about jobs reach the cluster's own"
    )]
    HasMachineLearning,
    /// A fault of the gateway.
    #[error(transparent)]
    Routes(#[from] RouteConflict),
    /// A fault of the gateway.
    #[error(transparent)]
    Plugin(#[from] PluginError),
}

/// Runs a gateway until it is told to stop by SIGINT or SIGTERM.
pub fn run(configured: Configured, telemetry: Telemetry) -> Result<(), ServerError> {
    Gateway::build(configured, telemetry)?.run()
}
