//! The gateway's life: bind, start the workers, serve, drain, stop.

mod account;
mod accounting;
mod admin;
mod admin_listener;
mod capacity;
mod certificates;
mod client_stream;
mod connection;
mod deployment;
mod handshake;
mod impact;
mod index_names;
pub mod listener;
mod peer;
mod phase;
mod policies;
mod reload;
mod scrape;
mod signals;
mod stored_jobs;
mod unfinished_heads;
pub mod worker;
mod worker_threads;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::config::{Config, Shutdown};
use crate::plugin::PluginError;
use crate::plugin::anomaly_job::AnomalyJobPlugin;
use crate::proxy::{LostRecords, NoRandomness};
use crate::route::RouteConflict;
use crate::store::Cluster;
use crate::telemetry::access_log::NotOpened;
use crate::telemetry::events::life::{Draining, EndingAtOnce, NotReady, Stopped};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::turned_away;
use crate::upstream::{Client, Connector, Nodes, ProbeMode, health};
use account::AccessParts;
use accounting::Accounting;
use admin::Shown;
use certificates::Certificates;
pub use certificates::FileError;
pub use deployment::Deployment;
use handshake::Handshake;
pub use impact::impact;
use phase::{Phase, PhaseSetter};
use policies::{PolicyKeeper, PolicyState};
use reload::Trigger;
use signals::Signals;
use stored_jobs::StoredJobs;
pub use stored_jobs::StoredJobsError;
use worker_threads::{Budgets, Shared};

/// How often it is logged how many clients were turned away.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

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
    let accounting = Accounting::start(&config, &nodes)?;
    let budgets = Budgets::of(&config.limits);
    if let Some(address) = config.admin.listen.0 {
        let shown = Shown {
            nodes: Arc::clone(&nodes),
            phase: phase.clone(),
            faults: certificates.faults,
            expiries: certificates.expiries,
            lost_records: lost_records.clone(),
            policies: policy_state.clone(),
            metrics,
            traffic: accounting.traffic.clone(),
            budgets: budgets.clone(),
        };
        admin_listener::start(address, shown, phase.clone())?;
    }
    let mut signals = runtime
        .block_on(async { Signals::listen() })
        .map_err(ServerError::Start)?;
    let reopening = runtime.block_on(async { accounting.reopening() })?;
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
        budgets,
        traffic: accounting.traffic.clone(),
    };
    let mut workers = worker_threads::start(config, &nodes, &phase, &connector, handshake.as_ref(), &shared)?;
    let lasting = async {
        let certificates = keeper.keep(trigger);
        let policies = policy_keeper.keep(policy_trigger);
        let names = index_names::keep(name_keeper);
        let probing = health::watch(nodes, connector, probes, probing);
        let reopening = reopening.keep();
        tokio::join!(probing, certificates, policies, names, report_turned_away(), reopening);
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
    accounting.finish();
    Stopped {}.log();
    Ok(())
}

/// Logs for ever how many clients were turned away.
async fn report_turned_away() {
    let mut ticks = interval(REPORT_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        turned_away::report();
    }
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
            NotReady {}.log();
            phase.enter(Phase::Leaving);
            tokio::select! {
                () = sleep(shutdown.delay.0) => {}
                () = signals.next() => {}
            }
        }
        // One that cannot go on has ended by itself.
        _ = ended.recv() => {}
    }
    Draining {}.log();
    phase.enter(Phase::Draining);
    let drained = async { while ended.recv().await.is_some() {} };
    tokio::select! {
        _ = timeout(shutdown.timeout.0, drained) => {}
        () = signals.next() => EndingAtOnce {}.log(),
    }
    phase.enter(Phase::Ending);
}
