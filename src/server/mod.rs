//! The gateway's life: bind, start the workers, serve, drain, stop.

mod admin;
mod certificates;
mod client_stream;
mod connection;
mod handshake;
mod impact;
pub mod listener;
mod peer;
mod phase;
mod policies;
mod reload;
mod signals;
pub mod worker;

use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::admission::policy::PolicySets;
use crate::config::{Api, Config, Shutdown};
use crate::http::body_budget::BodyBudget;
use crate::plugin::PluginError;
use crate::plugin::anomaly_job::AnomalyJobPlugin;
use crate::proxy::{Background, LostRecords, Samples};
use crate::route::{RouteConflict, Table};
use crate::store::Cluster;
use crate::store::identity::IdentityCache;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::turned_away;
use crate::tls::TlsError;
use crate::upstream::{Client, Connector, Nodes, ProbeMode, Timeouts, health};
use admin::{Admin, Shown};
use certificates::Certificates;
use handshake::Handshake;
use impact::StoredJobs;
pub use impact::{ImpactError, impact};
use phase::{Phase, PhaseSetter, PhaseWatch};
use policies::{PolicyKeeper, PolicyState};
use reload::Trigger;
use signals::Signals;
use worker::Worker;

/// Files that are open besides connections: standard streams, signals, the listener for those who run the gateway and its
/// connections, files that are read, and some to spare.
const OTHER_FILES: u64 = 48;

/// Files of each worker besides connections: its listener, what wakes it, and some to spare.
const FILES_PER_WORKER: u64 = 8;

/// How many clients a gateway serves at least; with fewer files than that takes it does not start.
const MIN_CONNECTIONS: u64 = 8;

/// How often it is looked for what can be closed and what is to be said.
const TIDY_INTERVAL: Duration = Duration::from_secs(1);

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
    /// Certificates cannot be used. Usual cause: they were changed after the configuration was read.
    #[error(transparent)]
    Tls(#[from] TlsError),
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
/// shared, so nothing is locked (design: thread per core). This thread looks after them.
pub fn run(config: Config, metrics: Metrics) -> Result<(), ServerError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ServerError::Start)?;
    let probing = config.upstream.probing.clone();
    // What no probe finds out, requests have to.
    let retry_after = (probing.mode == ProbeMode::Off).then_some(probing.interval);
    let nodes = Nodes::new(config.upstream.nodes.clone(), retry_after);
    let certificates = Certificates::load(&config)?;
    let connector =
        Connector::new(certificates.to_nodes, config.upstream.connect_timeout.0).naming(config.upstream.host.clone());
    let handshake = certificates.to_clients.map(|tls| Handshake {
        config: tls,
        limit: config.limits.handshake_timeout.0,
    });
    let (setter, phase) = phase::serving();
    let lost_records = LostRecords::default();
    let policy_state = PolicyState::default();
    let admin = match config.admin.listen.0 {
        Some(address) => {
            let shown = Shown {
                nodes: Arc::clone(&nodes),
                phase: phase.clone(),
                faults: certificates.faults,
                lost_records: lost_records.clone(),
                policies: policy_state.clone(),
                metrics,
            };
            Some(runtime.block_on(Admin::bind(address, shown))?)
        }
        None => None,
    };
    let mut signals = runtime
        .block_on(async { Signals::listen() })
        .map_err(ServerError::Start)?;
    let keeper = certificates.keeper;
    let trigger = runtime
        .block_on(async { Trigger::new(keeper.files()) })
        .map_err(ServerError::Start)?;
    let shutdown = config.shutdown.clone();
    let idle_timeout = config.upstream.idle_timeout.0;
    let probes = Client::new(connector.clone(), idle_timeout);
    let (policy_keeper, policies) = PolicyKeeper::new(
        config.policies.clone(),
        StoredJobs {
            plugin: AnomalyJobPlugin::new(config.jobs.index.clone())?,
            api: config.jobs.api,
            cluster: Cluster::new(Arc::clone(&nodes), probes.clone()),
            authorization: config.policies.blast_radius.authorization.clone(),
        },
        policy_state,
    );
    let watched = policy_keeper.watched();
    let policy_trigger = runtime
        .block_on(async { Trigger::new(watched.iter().map(PathBuf::as_path)) })
        .map_err(ServerError::Start)?;
    let shared = Shared { lost_records, policies };
    let mut workers = start(config, &nodes, &phase, &connector, handshake.as_ref(), &shared)?;
    let idle = probes.clone();
    let lasting = async {
        let answering = async {
            if let Some(admin) = admin {
                admin.serve().await;
            }
        };
        let tidying = async {
            let mut ticks = interval(TIDY_INTERVAL);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                turned_away::report();
                idle.close_idle();
            }
        };
        let certificates = keeper.keep(trigger);
        let policies = policy_keeper.keep(policy_trigger);
        tokio::join!(
            answering,
            health::watch(nodes, connector, probes, probing),
            certificates,
            policies,
            tidying
        );
        std::future::pending::<()>().await;
    };
    runtime.block_on(async {
        tokio::select! {
            () = live(&mut signals, &shutdown, &setter, &mut workers.ended) => {}
            () = lasting => {}
        }
    });
    // A name that is still being looked up, which nothing can end, does not hold up the end.
    runtime.shutdown_background();
    for worker in workers.threads {
        worker.join().map_err(|_| ServerError::WorkerPanicked)??;
    }
    turned_away::report();
    tracing::info!("stopped");
    Ok(())
}

/// The workers at work.
struct Workers {
    threads: Vec<JoinHandle<Result<(), ServerError>>>,
    /// Says when one has ended, and is closed when all have.
    ended: mpsc::UnboundedReceiver<()>,
}

/// What workers and those who look after them share.
struct Shared {
    lost_records: LostRecords,
    policies: watch::Receiver<PolicySets>,
}

/// Starts a worker for each core.
fn start(
    config: Config,
    nodes: &Arc<Nodes>,
    phase: &PhaseWatch,
    connector: &Connector,
    handshake: Option<&Handshake>,
    shared: &Shared,
) -> Result<Workers, ServerError> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let connections = most_connections(config.limits.connections.0.map(NonZero::get), cores)?;
    let listeners = listener::bind(config.listen, cores)?;
    let table = Arc::new(Table::new(vec![Arc::new(AnomalyJobPlugin::new(config.jobs.index)?)])?);
    let identities = Arc::new(IdentityCache::default());
    let places = Arc::new(Semaphore::new(connections));
    let requests = config.limits.requests.0;
    let requests = requests.map(|most| Arc::new(Semaphore::new(most.get().min(Semaphore::MAX_PERMITS))));
    let background = Background::start().map_err(ServerError::Start)?;
    let samples = Samples::default();
    let bodies = BodyBudget::new(config.limits.bodies.0.map_or(usize::MAX, NonZero::get));

    let forwarding = Arc::new(config.upstream.forwarding);
    let mut threads = Vec::new();
    let (end, ended) = mpsc::unbounded_channel();
    for (number, listener) in listeners.sockets.into_iter().enumerate() {
        let client = Client::new(connector.clone(), config.upstream.idle_timeout.0);
        let worker = Worker {
            listener,
            table: Arc::clone(&table),
            identities: Arc::clone(&identities),
            nodes: Arc::clone(nodes),
            connector: connector.clone(),
            timeouts: Timeouts {
                response: config.upstream.response_timeout.0,
                idle: config.upstream.idle_timeout.0,
            },
            cluster: Cluster::new(Arc::clone(nodes), client),
            commit_mode: config.jobs.commit,
            lost_records: shared.lost_records.clone(),
            api: match config.jobs.api {
                Api::Auto => None,
                Api::Fixed(version) => Some(version),
            },
            policies: shared.policies.clone(),
            allows_dry_runs: config.jobs.dry_run.0,
            background: background.clone(),
            samples: samples.clone(),
            tls: handshake.cloned(),
            head_timeout: config.limits.head_timeout.0,
            forwarding: Arc::clone(&forwarding),
            connections: Arc::clone(&places),
            requests: requests.clone(),
            bodies: bodies.clone(),
            phase: phase.clone(),
        };
        let end = end.clone();
        let work = move || {
            let outcome = worker.run();
            let _ = end.send(()); // Nobody listens any more once the gateway ends.
            outcome
        };
        let thread = thread::Builder::new().name(format!("worker-{number}"));
        threads.push(thread.spawn(work).map_err(ServerError::Start)?);
    }
    let upstream: Vec<_> = nodes.iter().map(|node| node.url.to_string()).collect();
    let address = listeners.address;
    tracing::info!(%address, upstream = upstream.join(","), workers = cores, connections, "listening");
    Ok(Workers { threads, ended })
}

/// How many connections clients may have: what is asked for, but no more than there are files for, of which each
/// connection may need another one to a node.
fn most_connections(limit: Option<usize>, workers: usize) -> Result<usize, ServerError> {
    let files = rlimit::increase_nofile_limit(rlimit::INFINITY).unwrap_or_else(|error| {
        tracing::warn!(%error, "how many files may be open is not known");
        1024
    });
    let possible = possible_connections(files, workers)?;
    let most = limit.map_or(possible, |limit| limit.min(possible));
    if limit.is_some_and(|limit| limit > most) {
        tracing::warn!(connections = most, "there are files for so many connections only");
    }
    Ok(most.min(Semaphore::MAX_PERMITS))
}

/// For how many connections there are files.
fn possible_connections(files: u64, workers: usize) -> Result<usize, ServerError> {
    let workers = u64::try_from(workers).unwrap_or(u64::MAX);
    let others = FILES_PER_WORKER.saturating_mul(workers).saturating_add(OTHER_FILES);
    let possible = files.saturating_sub(others) / 2;
    if possible < MIN_CONNECTIONS {
        let least = others.saturating_add(2 * MIN_CONNECTIONS);
        return Err(ServerError::TooFewFiles { files, least });
    }
    Ok(usize::try_from(possible).unwrap_or(usize::MAX))
}

/// Waits to be told to stop, then leads the workers to their end: a second signal makes each wait short.
async fn live(
    signals: &mut Signals,
    shutdown: &Shutdown,
    phase: &PhaseSetter,
    ended: &mut mpsc::UnboundedReceiver<()>,
) {
    tokio::select! {
        () = signals.next() => {
            tracing::info!("stopping: not ready any more");
            phase.enter(Phase::Leaving);
            tokio::select! {
                () = sleep(shutdown.delay.0) => {}
                () = signals.next() => {}
            }
        }
        // One that cannot go on has ended by itself.
        _ = ended.recv() => {}
    }
    tracing::info!("stopping: no new connections; running requests may end");
    phase.enter(Phase::Draining);
    let drained = async { while ended.recv().await.is_some() {} };
    tokio::select! {
        _ = timeout(shutdown.timeout.0, drained) => {}
        () = signals.next() => tracing::warn!("told to stop again: ending at once"),
    }
    phase.enter(Phase::Ending);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_could_serve_nobody_does_not_start() {
        for (files, workers, connections) in [
            (64, 2, None),
            (79, 2, None),
            (80, 2, Some(8)),
            (1024, 2, Some(480)),
            (1024, 128, None),
            (u64::MAX, 2, Some(usize::MAX / 2 - 32)),
        ] {
            let possible = possible_connections(files, workers).ok();
            assert_eq!(possible, connections, "{files} files, {workers} workers");
        }
        let told = possible_connections(64, 2).expect_err("too few").to_string();
        assert!(
            told.contains("may open 64 files") && told.contains("needs 80 or more"),
            "{told}"
        );
    }
}
