//! The gateway's life: bind, start the workers, serve, drain, stop.

mod client_stream;
pub mod listener;
pub mod worker;

use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};

use crate::config::{Api, Config};
use crate::plugin::PluginError;
use crate::plugin::anomaly_job::AnomalyJobPlugin;
use crate::route::{RouteConflict, Table};
use crate::store::identity::IdentityCache;
use crate::store::{CallError, Cluster};
use worker::Worker;

/// How long running requests may take to end once the gateway is told to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);

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
    /// Usual cause: the process may open no more threads or files.
    #[error("cannot start a worker thread")]
    Start(#[source] io::Error),
    /// A fault of the gateway.
    #[error("a worker thread panicked")]
    WorkerPanicked,
    /// The calls' client could not be made.
    #[error(transparent)]
    Cluster(#[from] CallError),
    /// A fault of the gateway.
    #[error(transparent)]
    Routes(#[from] RouteConflict),
    /// A fault of the gateway.
    #[error(transparent)]
    Plugin(#[from] PluginError),
}

/// Runs a gateway until it is told to stop by SIGINT or SIGTERM.
///
/// One thread a core, each with a runtime, a listener and connections of its own: on the forward path nothing is
/// shared, so nothing is locked (design: thread per core).
pub fn run(config: Config) -> Result<(), ServerError> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let listeners = listener::bind(config.listen, cores)?;
    let address = listeners.address;
    let table = Arc::new(Table::new(vec![Arc::new(AnomalyJobPlugin::new(config.jobs.index)?)])?);
    let api = match config.jobs.api {
        Api::Auto => None,
        Api::Fixed(version) => Some(version),
    };
    let identities = Arc::new(IdentityCache::default());
    let (stop, stopping) = watch::channel(false);
    let ended = Arc::new(Notify::new());

    let mut workers = Vec::new();
    for (number, listener) in listeners.sockets.into_iter().enumerate() {
        let worker = Worker {
            listener,
            table: Arc::clone(&table),
            identities: Arc::clone(&identities),
            upstream: config.upstream.nodes.clone(),
            cluster: Cluster::new(config.upstream.nodes.clone())?,
            api,
            stopping: stopping.clone(),
        };
        let ended = ended.clone();
        let thread = thread::Builder::new().name(format!("worker-{number}"));
        let work = move || {
            let outcome = worker.run();
            ended.notify_one();
            outcome
        };
        workers.push(thread.spawn(work).map_err(ServerError::Start)?);
    }
    let nodes: Vec<_> = config.upstream.nodes.iter().map(ToString::to_string).collect();
    tracing::info!(%address, upstream = nodes.join(","), workers = cores, "listening");

    wait_to_stop(&ended).map_err(ServerError::Start)?;
    tracing::info!("stopping: no new connections; running requests may end");
    stop.send_replace(true);
    for worker in workers {
        worker.join().map_err(|_| ServerError::WorkerPanicked)??;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Waits for a signal, or for a worker that has ended because it could not go on.
fn wait_to_stop(ended: &Notify) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = ended.notified() => {}
        }
        Ok(())
    })
}
