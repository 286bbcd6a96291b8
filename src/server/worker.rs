//! A worker: one thread with a runtime, a listener, and its own connections to clients and nodes.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderName;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinSet, LocalSet, spawn_local};
use tokio::time::MissedTickBehavior;

use super::ServerError;
use super::client_stream::ClientLimits;
use super::connection::Connections;
use super::handshake::Handshake;
use super::listener::BACKLOG;
use super::peer::Peer;
use super::phase::{Phase, PhaseWatch};
use super::unfinished_heads::UnfinishedHeads;
use crate::admission::policy::PolicySets;
use crate::es::version::Version;
use crate::http::body_budget::BodyBudget;
use crate::http::forwarded::Forwarding;
use crate::http::pace::PaceLimits;
use crate::proxy::{Access, Background, CommitMode, LostRecords, Offload, PermitCache, Protection, Proxy, Samples};
use crate::route::Table;
use crate::store::Cluster;
use crate::store::identity::IdentityCache;
use crate::telemetry::events::life::{ConnectionPanicked, StillBusy};
use crate::telemetry::events::limits::NotAccepted;
use crate::telemetry::traffic::WorkerCounters;
use crate::telemetry::turned_away::{Reason, turned_away};
use crate::upstream::{Connector, Nodes, Timeouts, Upstream};

/// How long to wait after a connection could not be accepted, so that running out of files does not spin the core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// How often it is seen to that connections which nobody uses are closed.
const TIDY_INTERVAL: Duration = Duration::from_secs(1);

/// How many clients at a time are told that there is no room for them; more are dropped without a word.
const MOST_TURNED_AWAY: usize = 64;

/// What a worker thread is given.
pub(super) struct Worker {
    pub(super) listener: std::net::TcpListener,
    pub(super) table: Arc<Table>,
    pub(super) identities: Arc<IdentityCache>,
    pub(super) nodes: Arc<Nodes>,
    pub(super) connector: Connector,
    /// How long nodes may take.
    pub(super) timeouts: Timeouts,
    pub(super) cluster: Cluster,
    pub(super) access: Access,
    pub(super) stripped: Arc<[HeaderName]>,
    pub(super) commit_mode: CommitMode,
    pub(super) lost_records: LostRecords,
    pub(super) api: Option<Version>,
    pub(super) allows_dry_runs: bool,
    pub(super) policies: watch::Receiver<PolicySets>,
    pub(super) background: Background,
    pub(super) samples: Samples,
    pub(super) protection: Option<Protection>,
    /// TLS, if clients are met with it.
    pub(super) tls: Option<Handshake>,
    /// How many bytes the head of a request may have.
    pub(super) head: usize,
    /// How long it may take.
    pub(super) head_timeout: Option<Duration>,
    /// How nodes are told the addresses of clients.
    pub(super) forwarding: Arc<Forwarding>,
    /// How many bytes the heads of this worker's connections may have that have not ended.
    pub(super) unfinished_heads: usize,
    /// How slow a client may be while something is held for it.
    pub(super) pace: Option<PaceLimits>,
    /// Places for connections, of all workers together.
    pub(super) connections: Arc<Semaphore>,
    /// Places for requests under way, likewise; as many as come when `None`.
    pub(super) requests: Option<Arc<Semaphore>>,
    /// Whom the cluster has known a moment ago, likewise.
    pub(super) known_callers: PermitCache<()>,
    /// Where work is done that takes time, likewise.
    pub(super) offload: Offload,
    /// Room for the bodies of claimed requests, likewise.
    pub(super) bodies: BodyBudget,
    /// Room for those of callers who may be unknown to the cluster, likewise.
    pub(super) early_bodies: BodyBudget,
    pub(super) phase: PhaseWatch,
    /// Where connections and requests are counted.
    pub(super) traffic: WorkerCounters,
}

impl Worker {
    /// Serves until told to stop, then until the last connection has ended or the gateway ends.
    pub(super) fn run(self) -> Result<(), ServerError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ServerError::Start)?;
        let outcome = LocalSet::new().block_on(&runtime, self.serve());
        // A name that is still being looked up, which nothing can end, does not hold up the end.
        runtime.shutdown_background();
        outcome
    }

    async fn serve(self) -> Result<(), ServerError> {
        let own_sockets = self.connector.own_sockets().clone();
        let traffic = self.traffic.on_this_thread();
        let measured = Rc::clone(&traffic);
        spawn_local(async move { measured.measure_lag().await });
        let limits = ClientLimits {
            head: self.head,
            head_timeout: self.head_timeout,
            unfinished_heads: UnfinishedHeads::new(self.unfinished_heads),
            // Nothing but a place among the requests under way is held for an answer.
            answer_pace: self.pace.filter(|_| self.requests.is_some()),
        };
        let proxy = Proxy {
            table: self.table,
            api: self.api,
            upstream: Upstream::new(self.nodes, self.connector, self.timeouts, Rc::clone(&traffic)),
            cluster: Arc::new(self.cluster),
            access: self.access,
            stripped: self.stripped,
            commit_mode: self.commit_mode,
            lost_records: self.lost_records,
            identities: self.identities,
            policies: self.policies,
            allows_dry_runs: self.allows_dry_runs,
            background: self.background,
            samples: self.samples,
            protection: self.protection,
            places: self.requests,
            offload: self.offload,
            bodies: self.bodies,
            early_bodies: self.early_bodies,
            pace: self.pace,
            known_callers: self.known_callers,
        };
        let connections = Connections {
            proxy: Rc::new(proxy),
            tls: self.tls,
            limits,
            own_sockets,
            forwarding: self.forwarding,
            phase: self.phase.clone(),
            traffic: Rc::clone(&traffic),
        };
        let listener = TcpListener::from_std(self.listener).map_err(ServerError::Start)?;
        let mut phase = self.phase;
        let mut tidying = tokio::time::interval(TIDY_INTERVAL);
        tidying.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut clients = Clients {
            connections,
            places: self.connections,
            served: JoinSet::new(),
            turned_away: JoinSet::new(),
        };
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => clients.take(stream, peer),
                    Err(error) => pause_after(&error).await,
                },
                Some(ended) = clients.served.join_next() => report_a_panic(ended),
                Some(ended) = clients.turned_away.join_next() => report_a_panic(ended),
                _ = tidying.tick() => clients.connections.proxy.close_idle(),
                () = phase.reached(Phase::Draining) => break,
            }
        }
        clients.take_the_last(listener);
        let mut served = clients.served;
        tokio::select! {
            () = async { while served.join_next().await.is_some() {} } => {}
            () = phase.reached(Phase::Ending) => {
                StillBusy { connections: served.len() }.log();
                traffic.stop();
            }
        }
        Ok(())
    }
}

/// The clients of a worker.
struct Clients {
    connections: Connections,
    /// Places for connections, of all workers together.
    places: Arc<Semaphore>,
    served: JoinSet<()>,
    /// Those who are told that there is no room for them.
    turned_away: JoinSet<()>,
}

impl Clients {
    /// Serves a client on a task of its own, if there is room for it.
    fn take(&mut self, stream: TcpStream, peer: SocketAddr) {
        let peer = Peer::of(&stream, peer);
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => {
                self.served
                    .spawn_local(self.connections.clone().serve(stream, peer, place));
            }
            Err(_) if self.turned_away.len() < MOST_TURNED_AWAY => {
                turned_away(Reason::Connections);
                self.turned_away
                    .spawn_local(self.connections.clone().turn_away(stream, peer));
            }
            Err(_) => {
                turned_away(Reason::Connections);
                drop(stream);
            }
        }
    }

    /// Closes a listener. Those whom the system has accepted already are served: they would be reset.
    fn take_the_last(&mut self, listener: TcpListener) {
        let Ok(listener) = listener.into_std() else { return };
        // No more than there can have been: a crowd that goes on coming is not waited for.
        let waiting = std::iter::from_fn(|| listener.accept().ok()).take(BACKLOG.unsigned_abs() as usize);
        for (stream, peer) in waiting {
            let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
            if let Ok(stream) = stream {
                self.take(stream, peer);
            }
        }
    }
}

fn report_a_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        ConnectionPanicked { error: &error }.log();
    }
}

/// Waits after a connection could not be accepted.
pub(super) async fn pause_after(error: &io::Error) {
    NotAccepted { error }.log();
    tokio::time::sleep(ACCEPT_PAUSE).await;
}
