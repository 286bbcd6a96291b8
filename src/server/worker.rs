//! A worker: one thread with a runtime, a listener, and its own connections to clients and nodes.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet, LocalSet, spawn_local};
use tokio::time::MissedTickBehavior;

use super::ServerError;
use super::client_stream::ClientLimits;
use super::connection::Connections;
use super::handshake::Handshake;
use super::listener::{BACKLOG, Sharing};
use super::peer::Peer;
use super::phase::{Phase, PhaseWatch};
use super::unfinished_heads::UnfinishedHeads;
use crate::cluster::Cluster;
use crate::http::forwarded::Forwarding;
use crate::lane::{Lane, Settings};
use crate::proxy::{Access, Proxy, Shared};
use crate::telemetry::events::life::{ConnectionPanicked, StillBusy};
use crate::telemetry::events::limits::NotAccepted;
use crate::telemetry::outcome::Reason;
use crate::telemetry::sampler::Sampler;
use crate::telemetry::traffic::WorkerCounters;
use crate::telemetry::turned_away::turned_away;
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
    /// Who else accepts connections where it listens.
    pub(super) sharing: Sharing,
    pub(super) nodes: Arc<Nodes>,
    pub(super) cluster: Cluster,
    pub(super) access: Access,
    /// What it counts.
    pub(super) counters: WorkerCounters,
    pub(super) shared: SharedByWorkers,
}

/// What all worker threads have in common.
#[derive(Clone)]
pub(super) struct SharedByWorkers {
    /// What their proxies share.
    pub(super) proxy: Shared,
    pub(super) connector: Connector,
    /// How long nodes may take.
    pub(super) timeouts: Timeouts,
    /// TLS, if clients are met with it.
    pub(super) tls: Option<Handshake>,
    /// How many bytes the head of a request may have.
    pub(super) head: usize,
    /// How long it may take.
    pub(super) head_timeout: Option<Duration>,
    /// How nodes are told the addresses of clients.
    pub(super) forwarding: Arc<Forwarding>,
    /// Whether plain requests pass as they are.
    pub(super) has_lane: bool,
    /// How many bytes the heads of a worker's connections may have that have not ended.
    pub(super) unfinished_heads: usize,
    /// Permits for connections.
    pub(super) connections: Arc<Semaphore>,
    pub(super) phase: PhaseWatch,
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
        let Self {
            listener,
            sharing,
            nodes,
            cluster,
            access,
            counters,
            shared,
        } = self;
        let traffic = counters.on_this_thread();
        let measured = Rc::clone(&traffic);
        spawn_local(async move { measured.measure_lag().await });
        let limits = ClientLimits {
            head: shared.head,
            head_timeout: shared.head_timeout,
            unfinished_heads: UnfinishedHeads::new(shared.unfinished_heads),
            // Nothing but a permit to have a request under way is held for an answer.
            answer_pace: shared.proxy.pace.filter(|_| shared.proxy.permits.is_some()),
        };
        let own_sockets = shared.connector.own_sockets().clone();
        let proxy = Proxy {
            upstream: Upstream::new(nodes, shared.connector, shared.timeouts, Rc::clone(&traffic)),
            cluster: Arc::new(cluster),
            access,
            shared: shared.proxy,
        };
        let proxy = Rc::new(proxy);
        let settings = Settings {
            longest_head: limits.head,
            answer_pace: limits.answer_pace,
            stripped: Arc::clone(&proxy.shared.stripped),
            forwarding: Arc::clone(&shared.forwarding),
        };
        let lane = shared
            .has_lane
            .then(|| Lane::new(Rc::clone(&proxy) as _, settings, Rc::clone(&traffic)));
        let connections = Rc::new(Connections {
            proxy,
            lane: lane.flatten(),
            tls: shared.tls,
            limits,
            own_sockets,
            forwarding: shared.forwarding,
            phase: shared.phase.clone(),
            traffic: Rc::clone(&traffic),
        });
        let listener = TcpListener::from_std(listener).map_err(ServerError::Start)?;
        let mut phase = shared.phase;
        let mut tidying = tokio::time::interval(TIDY_INTERVAL);
        tidying.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut clients = Clients {
            connections,
            permits: shared.connections,
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
                _ = tidying.tick() => clients.connections.close_idle(),
                () = phase.reached(Phase::Draining) => break,
            }
        }
        match sharing {
            Sharing::None | Sharing::Address => clients.take_the_last(listener),
            // They wait for whoever has the socket as well, or gets it next, and would be served for a moment here.
            Sharing::Socket => drop(listener),
        }
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
    connections: Rc<Connections>,
    /// Permits for connections, of all workers together.
    permits: Arc<Semaphore>,
    served: JoinSet<()>,
    /// Those who are told that there is no room for them.
    turned_away: JoinSet<()>,
}

impl Clients {
    /// Serves a client on a task of its own, if there is room for it.
    fn take(&mut self, stream: TcpStream, peer: SocketAddr) {
        let peer = Peer::of(&stream, peer);
        match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => {
                self.served
                    .spawn_local(Rc::clone(&self.connections).serve(stream, peer, permit));
            }
            Err(_) if self.turned_away.len() < MOST_TURNED_AWAY => {
                turned_away(Reason::Connections);
                self.turned_away
                    .spawn_local(Rc::clone(&self.connections).turn_away(stream, peer));
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
    static SAMPLER: Sampler = Sampler::new();
    if let Some(unsaid) = SAMPLER.take() {
        NotAccepted { error, unsaid }.log();
    }
    tokio::time::sleep(ACCEPT_PAUSE).await;
}
