//! Starts a worker thread for each core, with what each of them has to itself and what all of them share.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};

use super::account::AccessParts;
use super::budgets::Budgets;
use super::handed_sockets::HandedSocket;
use super::handshake::Handshake;
use super::phase::PhaseWatch;
use super::worker::{SharedByWorkers, Worker};
use super::{ServerError, admin_listener, capacity, listener};
use crate::admission::policy::PolicySets;
use crate::cluster::Cluster;
use crate::cluster::identity::IdentityCache;
use crate::config::{Api, Config};
use crate::http::pace::PaceLimits;
use crate::proxy::{Background, Decisions, LostRecords, Offload, PermitCache, Protection, Samples, Shared, Turns};
use crate::route::Table;
use crate::telemetry::events::life::{Listening, UpdatesNotJudged};
use crate::telemetry::traffic::Traffic;
use crate::upstream::{Connector, Nodes, OwnCalls, Timeouts};

/// How many bytes a head has at most where the operator sets no limit: hyper's own.
const LONGEST_HEAD: usize = 400 * 1024;

/// How long a caller is taken for known who was known to the cluster.
const KNOWN_FOR: Duration = Duration::from_secs(10);

/// The workers at work.
pub(super) struct Workers {
    pub(super) threads: Vec<JoinHandle<Result<(), ServerError>>>,
    /// Says when one has ended, and is closed when all have.
    pub(super) ended: mpsc::UnboundedReceiver<()>,
}

/// What is made before the workers, and used by others as well.
pub(super) struct MadeBefore {
    /// The socket in the place of those that the workers would make.
    pub(super) handed: Option<HandedSocket>,
    /// Which plugin claims what.
    pub(super) table: Arc<Table>,
    /// What the cluster has said of itself.
    pub(super) identities: Arc<IdentityCache>,
    pub(super) nodes: Arc<Nodes>,
    pub(super) connector: Connector,
    pub(super) handshake: Option<Handshake>,
    pub(super) access: AccessParts,
    pub(super) phase: PhaseWatch,
    pub(super) lost_records: LostRecords,
    pub(super) decisions: Decisions,
    pub(super) policies: watch::Receiver<PolicySets>,
    pub(super) protection: Option<Protection>,
    /// Room for bodies.
    pub(super) budgets: Budgets,
    /// Where connections and requests are counted.
    pub(super) traffic: Traffic,
}

/// Starts a worker for each core.
pub(super) fn start(config: Config, mut made: MadeBefore) -> Result<Workers, ServerError> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let for_admin = config.admin.listen.0.map_or(0, |_| admin_listener::MAX_CONNECTIONS);
    let connections = capacity::most_connections(config.limits.connections.0.map(NonZero::get), cores, for_admin)?;
    let listeners = listener::open(config.listen, made.handed.take(), cores, config.reuse_port.0)?;
    let idle_timeout = config.upstream.idle_timeout.0;
    if let Some(note) = config.unjudged_updates() {
        UpdatesNotJudged { note }.log();
    }
    let (nodes, access, traffic) = (Arc::clone(&made.nodes), made.access.clone(), made.traffic.clone());
    let shared = shared(config, made, cores, connections)?;
    let mut threads = Vec::new();
    let (end, ended) = mpsc::unbounded_channel();
    for (number, listener) in listeners.sockets.into_iter().enumerate() {
        let calls = OwnCalls::new(shared.connector.clone(), idle_timeout);
        let worker = Worker {
            listener,
            sharing: listeners.sharing,
            nodes: Arc::clone(&nodes),
            cluster: Cluster::new(Arc::clone(&nodes), calls),
            access: access.access(&nodes, &shared.connector, idle_timeout),
            counters: traffic.counters(),
            shared: shared.clone(),
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
    let event = Listening {
        address: &listeners.address,
        upstream: &upstream.join(","),
        workers: cores,
        connections,
    };
    event.log();
    Ok(Workers { threads, ended })
}

/// What the workers have in common.
fn shared(config: Config, made: MadeBefore, cores: usize, connections: usize) -> Result<SharedByWorkers, ServerError> {
    let limits = &config.limits;
    let head = limits.head.0.map_or(LONGEST_HEAD, NonZero::get);
    let stripped = config.upstream.strip_headers.into_iter().map(|header| header.0);
    let permits = |most: NonZero<usize>| Arc::new(Semaphore::new(most.get().min(Semaphore::MAX_PERMITS)));
    let proxy = Shared {
        table: made.table,
        api: match config.jobs.api {
            Api::Auto => None,
            Api::Fixed(version) => Some(version),
        },
        stripped: stripped.collect(),
        commit_mode: config.jobs.commit,
        allows_dry_runs: config.jobs.dry_run.0,
        policies: made.policies,
        protection: made.protection,
        identities: made.identities,
        known_callers: PermitCache::new(KNOWN_FOR)?,
        permits: limits.requests.0.map(permits),
        bodies: made.budgets.bodies,
        early_bodies: made.budgets.early_bodies,
        pace: limits.body_timeout.0.map(|timeout| PaceLimits {
            timeout,
            rate: limits.body_rate.0,
        }),
        offload: Offload::default(),
        background: Background::start().map_err(ServerError::Start)?,
        samples: Samples::default(),
        decisions: made.decisions,
        lost_records: made.lost_records,
        turns: Turns::default(),
    };
    Ok(SharedByWorkers {
        proxy,
        connector: made.connector,
        timeouts: Timeouts {
            response: config.upstream.response_timeout.0,
            idle: config.upstream.idle_timeout.0,
        },
        tls: made.handshake,
        head,
        head_timeout: limits.head_timeout.0,
        forwarding: Arc::new(config.upstream.forwarding),
        has_lane: config.lane.0,
        unfinished_heads: (limits.heads.0.map_or(usize::MAX, NonZero::get) / cores).max(head),
        connections: Arc::new(Semaphore::new(connections)),
        phase: made.phase,
    })
}
