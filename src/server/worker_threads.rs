//! Starts a worker thread for each core, with what each of them has to itself and what all of them share.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http::header::HeaderName;
use tokio::sync::{Semaphore, mpsc, watch};

use super::account::AccessParts;
use super::handshake::Handshake;
use super::phase::PhaseWatch;
use super::worker::Worker;
use super::{ServerError, admin_listener, capacity, listener};
use crate::admission::policy::PolicySets;
use crate::config::{Api, Config, Limits};
use crate::http::body_budget::BodyBudget;
use crate::http::pace::PaceLimits;
use crate::plugin::Plugin as _;
use crate::plugin::anomaly_job::AnomalyJobPlugin;
use crate::proxy::{Background, LostRecords, Offload, PermitCache, Protection, Samples};
use crate::route::Table;
use crate::store::Cluster;
use crate::store::identity::IdentityCache;
use crate::telemetry::events::life::Listening;
use crate::telemetry::metrics;
use crate::telemetry::traffic::Traffic;
use crate::upstream::{Client, Connector, Nodes, Timeouts};

/// Which part of the room for bodies there is besides, for the small ones that are read before it is known who sends them.
const EARLY_BODIES_PART: usize = 8;

/// How much there is of that at most, in bytes: some thousand jobs.
const MAX_EARLY_BODIES: usize = 16 << 20;

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

/// What workers and those who look after them share.
pub(super) struct Shared {
    pub(super) lost_records: LostRecords,
    pub(super) policies: watch::Receiver<PolicySets>,
    pub(super) access: AccessParts,
    pub(super) protection: Option<Protection>,
    /// Room for bodies.
    pub(super) budgets: Budgets,
    /// Where connections and requests are counted.
    pub(super) traffic: Traffic,
}

/// Room for the bodies of claimed requests, of all workers together.
#[derive(Clone)]
pub(super) struct Budgets {
    pub(super) bodies: BodyBudget,
    /// Besides, for the small ones that are read before it is known who sends them.
    pub(super) early_bodies: BodyBudget,
}

impl Budgets {
    /// With so much room as the configuration says.
    pub(super) fn of(limits: &Limits) -> Self {
        let most_bodies = limits.bodies.0.map_or(usize::MAX, NonZero::get);
        Self {
            bodies: BodyBudget::new(most_bodies),
            early_bodies: BodyBudget::new((most_bodies / EARLY_BODIES_PART).min(MAX_EARLY_BODIES)),
        }
    }
}

/// Starts a worker for each core.
pub(super) fn start(
    config: Config,
    nodes: &Arc<Nodes>,
    phase: &PhaseWatch,
    connector: &Connector,
    handshake: Option<&Handshake>,
    shared: &Shared,
) -> Result<Workers, ServerError> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let for_admin = config.admin.listen.0.map_or(0, |_| admin_listener::MAX_CONNECTIONS);
    let connections = capacity::most_connections(config.limits.connections.0.map(NonZero::get), cores, for_admin)?;
    let listeners = listener::bind(config.listen, cores)?;
    let plugin = AnomalyJobPlugin::new(config.jobs.index)?;
    metrics::count_decisions_of(plugin.name());
    let table = Arc::new(Table::new(vec![Arc::new(plugin)])?);
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
    let known_callers = PermitCache::new(KNOWN_FOR)?;
    let background = Background::start().map_err(ServerError::Start)?;
    let samples = Samples::default();
    let offload = Offload::default();
    let limits = &config.limits;
    let head = limits.head.0.map_or(LONGEST_HEAD, NonZero::get);
    let unfinished_heads = (limits.heads.0.map_or(usize::MAX, NonZero::get) / cores).max(head);
    let pace = limits.body_timeout.0.map(|timeout| PaceLimits {
        timeout,
        rate: limits.body_rate.0,
    });

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
            forwarding: Arc::clone(&forwarding),
            unfinished_heads,
            pace,
            connections: Arc::clone(&places),
            requests: requests.clone(),
            known_callers: known_callers.clone(),
            offload: offload.clone(),
            bodies: shared.budgets.bodies.clone(),
            early_bodies: shared.budgets.early_bodies.clone(),
            phase: phase.clone(),
            traffic: shared.traffic.counters(),
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
