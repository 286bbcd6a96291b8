//! The gateway's life: bind, start the workers, serve, drain, stop.

mod account;
mod admin;
mod admin_listener;
mod certificates;
mod client_stream;
mod connection;
mod handshake;
mod impact;
mod index_names;
pub mod listener;
mod peer;
mod phase;
mod policies;
mod reload;
mod signals;
mod unfinished_heads;
pub mod worker;

use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use http::header::HeaderName;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{sleep, timeout};

use crate::admission::policy::PolicySets;
use crate::config::{Api, Config, Shutdown};
use crate::http::body_budget::BodyBudget;
use crate::http::pace::PaceLimits;
use crate::plugin::PluginError;
use crate::plugin::anomaly_job::AnomalyJobPlugin;
use crate::proxy::{Background, LostRecords, NoRandomness, Offload, Protection, Samples};
use crate::route::{RouteConflict, Table};
use crate::store::Cluster;
use crate::store::identity::IdentityCache;
use crate::telemetry::metrics::Metrics;
use crate::upstream::{Client, Connector, Nodes, Timeouts, health};
use account::AccessParts;
use admin::Shown;
use certificates::Certificates;
pub use certificates::FileError;
use handshake::Handshake;
use impact::StoredJobs;
pub use impact::{ImpactError, impact};
use phase::{Phase, PhaseSetter, PhaseWatch};
use policies::{PolicyKeeper, PolicyState};
use reload::Trigger;
use signals::Signals;
use worker::Worker;

/// Files that are open besides connections: standard streams, signals, the listener for those who run the gateway, files
/// that are read, and some to spare.
const OTHER_FILES: u64 = 48;

/// Files of each worker besides connections: its listener, what wakes it, and some to spare.
const FILES_PER_WORKER: u64 = 8;

/// How many clients a gateway serves at least; with fewer files than that takes it does not start.
const MIN_CONNECTIONS: u64 = 8;

/// Which part of the room for bodies there is besides, for the small ones that are read before it is known who sends them.
const EARLY_BODIES_PART: usize = 8;

/// How much there is of that at most, in bytes: some thousand jobs.
const MAX_EARLY_BODIES: usize = 16 << 20;

/// How many bytes a head has at most where the operator sets no limit: hyper's own.
const LONGEST_HEAD: usize = 400 * 1024;

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
    /// Certificates, or the credentials of the gateway's own account, cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// A fault of the operating system.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The gateway's own account would store jobs for nobody.
    #[error(
        "`access.mode` is `service`, and OpenSearch knows no privilege to create jobs: set `access.roles` to the roles \
         whose users may"
    )]
    NoRoles,
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
    let nodes = Nodes::new(config.upstream.nodes.clone());
    let certificates = Certificates::load(&config)?;
    let connector = Connector::new(certificates.to_nodes, config.upstream.connect_timeout.0);
    let handshake = certificates.to_clients.map(|tls| Handshake {
        config: tls,
        limit: config.limits.handshake_timeout.0,
    });
    let (setter, phase) = phase::serving();
    let lost_records = LostRecords::default();
    let policy_state = PolicyState::default();
    if let Some(address) = config.admin.listen.0 {
        let shown = Shown {
            nodes: Arc::clone(&nodes),
            phase: phase.clone(),
            faults: certificates.faults,
            lost_records: lost_records.clone(),
            policies: policy_state.clone(),
            metrics,
        };
        admin_listener::start(address, shown, phase.clone())?;
    }
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
    let account = certificates.account;
    let protecting = index_names::protect(
        &config,
        account.clone(),
        Cluster::new(Arc::clone(&nodes), probes.clone()),
    );
    let (name_keeper, protection) = runtime.block_on(protecting).unzip();
    let access = AccessParts::new(account, &config.access)?;
    runtime.block_on(access.check(&nodes, &connector, idle_timeout))?;
    let shared = Shared {
        lost_records,
        policies,
        access,
        protection,
    };
    let mut workers = start(config, &nodes, &phase, &connector, handshake.as_ref(), &shared)?;
    let lasting = async {
        let certificates = keeper.keep(trigger);
        let policies = policy_keeper.keep(policy_trigger);
        let names = index_names::keep(name_keeper);
        tokio::join!(health::watch(nodes, probes), certificates, policies, names);
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
    access: AccessParts,
    protection: Option<Protection>,
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
    let for_admin = config.admin.listen.0.map_or(0, |_| admin_listener::MAX_CONNECTIONS);
    let connections = most_connections(config.limits.connections.0.map(NonZero::get), cores, for_admin)?;
    let listeners = listener::bind(config.listen, cores)?;
    let table = Arc::new(Table::new(vec![Arc::new(AnomalyJobPlugin::new(config.jobs.index)?)])?);
    let identities = Arc::new(IdentityCache::default());
    let places = Arc::new(Semaphore::new(connections));
    let requests = config.limits.requests.0;
    let requests = requests.map(|most| Arc::new(Semaphore::new(most.get().min(Semaphore::MAX_PERMITS))));
    let stripped: Arc<[HeaderName]> = config
        .upstream
        .strip_headers
        .into_iter()
        .map(|header| header.0)
        .collect();
    let background = Background::start().map_err(ServerError::Start)?;
    let samples = Samples::default();
    let offload = Offload::default();
    let limits = &config.limits;
    let most_bodies = limits.bodies.0.map_or(usize::MAX, NonZero::get);
    let bodies = BodyBudget::new(most_bodies);
    let early_bodies = BodyBudget::new((most_bodies / EARLY_BODIES_PART).min(MAX_EARLY_BODIES));
    let head = limits.head.0.map_or(LONGEST_HEAD, NonZero::get);
    let unfinished_heads = (limits.heads.0.map_or(usize::MAX, NonZero::get) / cores).max(head);
    let pace = limits.body_timeout.0.map(|timeout| PaceLimits {
        timeout,
        rate: limits.body_rate.0,
    });

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
            access: shared.access.access(nodes, connector, config.upstream.idle_timeout.0),
            stripped: Arc::clone(&stripped),
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
            protection: shared.protection.clone(),
            tls: handshake.cloned(),
            head,
            head_timeout: config.limits.head_timeout.0,
            unfinished_heads,
            pace,
            connections: Arc::clone(&places),
            requests: requests.clone(),
            offload: offload.clone(),
            bodies: bodies.clone(),
            early_bodies: early_bodies.clone(),
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
    let upstream: Vec<_> = nodes.iter().map(|(url, _)| url.to_string()).collect();
    let address = listeners.address;
    tracing::info!(%address, upstream = upstream.join(","), workers = cores, connections, "listening");
    Ok(Workers { threads, ended })
}

/// How many connections clients may have: what is asked for, but no more than there are files for, of which each
/// connection may need another one to a node.
fn most_connections(limit: Option<usize>, workers: usize, for_admin: usize) -> Result<usize, ServerError> {
    let files = rlimit::increase_nofile_limit(rlimit::INFINITY).unwrap_or_else(|error| {
        tracing::warn!(%error, "how many files may be open is not known");
        1024
    });
    let possible = possible_connections(files, workers, for_admin)?;
    let most = limit.map_or(possible, |limit| limit.min(possible));
    if limit.is_some_and(|limit| limit > most) {
        tracing::warn!(connections = most, "there are files for so many connections only");
    }
    Ok(most.min(Semaphore::MAX_PERMITS))
}

/// For how many connections of clients there are files, with so many to spare for those who run the gateway.
fn possible_connections(files: u64, workers: usize, for_admin: usize) -> Result<usize, ServerError> {
    let [workers, for_admin] = [workers, for_admin].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
    let others = FILES_PER_WORKER.saturating_mul(workers);
    let others = others.saturating_add(OTHER_FILES).saturating_add(for_admin);
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
        for (files, workers, for_admin, connections) in [
            (64, 2, 0, None),
            (79, 2, 0, None),
            (80, 2, 0, Some(8)),
            (143, 2, 64, None),
            (144, 2, 64, Some(8)),
            (1024, 2, 0, Some(480)),
            (1024, 2, 64, Some(448)),
            (1024, 128, 0, None),
            (u64::MAX, 2, 0, Some(usize::MAX / 2 - 32)),
        ] {
            let possible = possible_connections(files, workers, for_admin).ok();
            assert_eq!(
                possible, connections,
                "{files} files, {workers} workers, {for_admin} more"
            );
        }
        let told = possible_connections(64, 2, 0).expect_err("too few").to_string();
        assert!(
            told.contains("may open 64 files") && told.contains("needs 80 or more"),
            "{told}"
        );
    }
}
