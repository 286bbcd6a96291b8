//! Requests and connections, counted by each worker thread for itself and added up for whoever asks for metrics.

mod block;
mod counter;
mod pulse;
mod shown;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::block::{Block, NodeConnections};
use super::access_log::AccessLog;
use super::outcome::{HandshakeFailure, StatusClass};
use super::request_record::finished::Finished;

/// What all workers count.
#[derive(Debug, Clone)]
pub struct Traffic(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The names of the nodes, in the order of the configuration.
    nodes: Vec<Arc<str>>,
    access_log: Option<AccessLog>,
    blocks: Mutex<Vec<Arc<Block>>>,
}

/// What one worker will count, until its thread runs.
#[derive(Debug)]
pub struct WorkerCounters {
    block: Arc<Block>,
    traffic: Traffic,
}

/// What one worker counts, for its thread alone.
#[derive(Debug)]
pub struct WorkerTraffic {
    block: Arc<Block>,
    traffic: Traffic,
    is_stopping: Cell<bool>,
}

impl Traffic {
    /// With these nodes, and the log of requests if there is one.
    #[must_use]
    pub fn new(nodes: impl IntoIterator<Item = String>, access_log: Option<AccessLog>) -> Self {
        Self(Arc::new(Shared {
            nodes: nodes.into_iter().map(Arc::from).collect(),
            access_log,
            blocks: Mutex::default(),
        }))
    }

    /// What one more worker will count. Its series are there from now on, in the order of the workers.
    #[must_use]
    pub fn counters(&self) -> WorkerCounters {
        let block = Arc::new(Block::new(self.0.nodes.len()));
        let mut blocks = self.0.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.push(Arc::clone(&block));
        WorkerCounters {
            block,
            traffic: self.clone(),
        }
    }

    /// For how long the worker that is held up the longest has not got to its work.
    #[must_use]
    pub fn longest_overdue(&self) -> Duration {
        let overdue = self.blocks().iter().map(|block| block.pulse.overdue()).max();
        overdue.unwrap_or_default()
    }

    fn blocks(&self) -> Vec<Arc<Block>> {
        let blocks = self.0.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.clone()
    }
}

impl WorkerCounters {
    /// What the calling thread counts from now on. `Rc`, so that no other thread can count there.
    #[must_use]
    pub fn on_this_thread(self) -> Rc<WorkerTraffic> {
        Rc::new(WorkerTraffic {
            block: self.block,
            traffic: self.traffic,
            is_stopping: Cell::new(false),
        })
    }
}

impl WorkerTraffic {
    /// The log of requests, if there is one.
    pub(super) fn access_log(&self) -> Option<&AccessLog> {
        self.traffic.0.access_log.as_ref()
    }

    /// The name of a node.
    pub(super) fn node(&self, place: usize) -> Option<&Arc<str>> {
        self.traffic.0.nodes.get(place)
    }

    /// The worker stops: requests that end from now on have ended because of that.
    pub fn stop(&self) {
        self.is_stopping.set(true);
    }

    /// Whether it does.
    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.get()
    }

    /// Measures for ever how late the calling thread gets to its work.
    pub async fn measure_lag(&self) {
        self.block.pulse.measure().await;
    }

    /// The head of a request was read.
    pub(super) fn request_began(&self) {
        self.block.begun.add(1);
    }

    /// A request was sent once more, or to another node.
    pub(super) fn request_retried(&self) {
        self.block.retries.add(1);
    }

    /// A request has ended.
    pub(super) fn request_ended(&self, finished: &Finished) {
        let block = &self.block;
        let status = StatusClass::of(finished.status);
        if let Some(counter) = block.request(finished.outcome, status, finished.method) {
            counter.add(1);
        }
        let times = block.times(finished.claim.is_some());
        times.total.observe(finished.times.total);
        times.own.observe(finished.times.own);
        times.node.observe(finished.times.node);
        block.received.add(finished.received);
        block.sent.add(finished.sent);
        if let Some(claim) = &finished.claim
            && let Some(counter) = block.claimed(claim.verdict, claim.is_dry_run)
        {
            counter.add(1);
        }
    }

    /// A client has connected. The connection is open until what this returns is dropped.
    #[must_use]
    pub fn client_connected(self: &Rc<Self>) -> ClientConnection {
        self.block.clients.opened.add(1);
        ClientConnection(Rc::clone(self))
    }

    /// A client did not come to speak TLS.
    pub fn handshake_failed(&self, failure: HandshakeFailure) {
        if let Some(counter) = self.block.clients.failed.get(failure as usize) {
            counter.add(1);
        }
    }

    fn count_at(&self, node: usize, count: impl FnOnce(&NodeConnections)) {
        if let Some(connections) = self.block.nodes.get(node) {
            count(connections);
        }
    }

    /// A connection to a node was made. It is open until what this returns is dropped.
    #[must_use]
    pub fn node_connected(self: &Rc<Self>, node: usize) -> OpenNodeConnection {
        self.count_at(node, |connections| connections.opened.add(1));
        OpenNodeConnection(Rc::clone(self), node)
    }

    /// No connection to a node could be made.
    pub fn node_connection_failed(&self, node: usize) {
        self.count_at(node, |connections| connections.failed.add(1));
    }

    /// A request is sent on a connection that another one was sent on before.
    pub fn node_connection_reused(&self, node: usize) {
        self.count_at(node, |connections| connections.reused.add(1));
    }

    /// A connection to a node waits for a request, until what this returns is dropped.
    #[must_use]
    pub fn node_connection_idle(self: &Rc<Self>, node: usize) -> IdleNodeConnection {
        self.count_at(node, |connections| connections.put_aside.add(1));
        IdleNodeConnection(Rc::clone(self), node)
    }
}

impl Drop for WorkerTraffic {
    fn drop(&mut self) {
        self.block.pulse.stop();
    }
}

/// A client's connection, counted as open.
#[derive(Debug)]
pub struct ClientConnection(Rc<WorkerTraffic>);

impl Drop for ClientConnection {
    fn drop(&mut self) {
        self.0.block.clients.closed.add(1);
    }
}

/// A connection to a node, counted as open.
#[derive(Debug)]
pub struct OpenNodeConnection(Rc<WorkerTraffic>, usize);

impl Drop for OpenNodeConnection {
    fn drop(&mut self) {
        self.0.count_at(self.1, |connections| connections.closed.add(1));
    }
}

/// A connection to a node, counted as idle.
#[derive(Debug)]
pub struct IdleNodeConnection(Rc<WorkerTraffic>, usize);

impl Drop for IdleNodeConnection {
    fn drop(&mut self) {
        self.0.count_at(self.1, |connections| connections.taken_up.add(1));
    }
}
