//! Idle connections to the nodes, kept per thread: nothing to lock.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::connection::NodeConnection;
use crate::telemetry::traffic::{IdleNodeConnection, WorkerTraffic};

struct Idle {
    connection: NodeConnection,
    since: Instant,
    _counted: IdleNodeConnection,
}

/// The idle connections to every node, by the node's place in the configuration.
pub struct Pool {
    idle: RefCell<Vec<Vec<Idle>>>,
    idle_limit: Duration,
    traffic: Rc<WorkerTraffic>,
}

impl Pool {
    /// An empty pool for so many nodes. Elasticsearch never closes an idle connection (http.md §2.7); the limit
    /// gives back what a burst has opened.
    #[must_use]
    pub fn new(nodes: usize, idle_limit: Duration, traffic: Rc<WorkerTraffic>) -> Self {
        Self {
            idle: RefCell::new((0..nodes).map(|_| Vec::new()).collect()),
            idle_limit,
            traffic,
        }
    }

    /// The connection to a node that was used last and can take a request now, which is `now`. The last one, so that the
    /// others grow old and are closed when fewer are needed.
    pub fn take(&self, node: usize, now: Instant) -> Option<NodeConnection> {
        let mut idle = self.idle.borrow_mut();
        let idle = idle.get_mut(node)?;
        let is_fresh = |idle: &Idle| now.saturating_duration_since(idle.since) < self.idle_limit;
        idle.retain(|idle| !idle.connection.is_closed() && is_fresh(idle));
        let ready = idle.iter().rposition(|idle| idle.connection.is_ready())?;
        Some(idle.remove(ready).connection)
    }

    /// Keeps a connection whose answer was read to its end. It may still be sending the rest of a request that was
    /// answered early; `take` leaves it alone until it is done.
    pub fn put(&self, node: usize, connection: NodeConnection) {
        if connection.is_closed() {
            return;
        }
        if let Some(idle) = self.idle.borrow_mut().get_mut(node) {
            let since = Instant::now();
            let counted = self.traffic.node_connection_idle(node);
            idle.push(Idle {
                connection,
                since,
                _counted: counted,
            });
        }
    }

    /// Closes the connections that have been idle for too long. No request does it on its way: after a burst there may
    /// be none for hours.
    pub fn close_idle(&self) {
        for idle in self.idle.borrow_mut().iter_mut() {
            idle.retain(|idle| !idle.connection.is_closed() && idle.since.elapsed() < self.idle_limit);
            if idle.is_empty() {
                idle.shrink_to_fit();
            }
        }
    }
}
