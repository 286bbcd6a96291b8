//! Idle connections to the nodes on which bytes pass as they come, kept per thread: nothing to lock, and nobody waits on
//! one that is idle.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead as _, ReadBuf};

use crate::telemetry::traffic::{IdleNodeConnection, OpenNodeConnection, WorkerTraffic};
use crate::upstream::node_stream::NodeStream;

/// A connection to a node that takes one request after the other.
pub(super) struct NodeConnection {
    pub(super) stream: NodeStream,
    _counted: OpenNodeConnection,
}

impl NodeConnection {
    /// A connection that was made just now.
    pub(super) const fn new(stream: NodeStream, counted: OpenNodeConnection) -> Self {
        Self {
            stream,
            _counted: counted,
        }
    }

    /// Whether the node has said nothing since its last answer. To end the connection is to say something. This asks what
    /// the runtime has seen, and costs no system call.
    fn is_quiet(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        let mut byte = [0];
        let mut byte = ReadBuf::new(&mut byte);
        Pin::new(&mut self.stream)
            .poll_read(&mut context, &mut byte)
            .is_pending()
    }
}

struct Idle {
    connection: NodeConnection,
    since: Instant,
    _counted: IdleNodeConnection,
}

/// The idle connections to every node, by the node's place in the configuration.
pub(super) struct Pool {
    idle: RefCell<Vec<Vec<Idle>>>,
    idle_limit: Duration,
    traffic: Rc<WorkerTraffic>,
}

impl Pool {
    /// An empty pool for so many nodes. What no request has used for `idle_limit` is closed.
    pub(super) fn new(nodes: usize, idle_limit: Duration, traffic: Rc<WorkerTraffic>) -> Self {
        Self {
            idle: RefCell::new((0..nodes).map(|_| Vec::new()).collect()),
            idle_limit,
            traffic,
        }
    }

    /// The connection to a node that was used last and can take a request now, which is `now`. The last one, so that the
    /// others grow old and are closed when fewer are needed.
    pub(super) fn take(&self, node: usize, now: Instant) -> Option<NodeConnection> {
        let mut idle = self.idle.borrow_mut();
        let idle = idle.get_mut(node)?;
        while let Some(mut last) = idle.pop() {
            let is_fresh = now.saturating_duration_since(last.since) < self.idle_limit;
            if is_fresh && last.connection.is_quiet() {
                return Some(last.connection);
            }
        }
        None
    }

    /// Keeps a connection on which a request was answered to the end.
    pub(super) fn put(&self, node: usize, connection: NodeConnection) {
        if let Some(idle) = self.idle.borrow_mut().get_mut(node) {
            let counted = self.traffic.node_connection_idle(node);
            idle.push(Idle {
                connection,
                since: Instant::now(),
                _counted: counted,
            });
        }
    }

    /// Closes the connections that have been idle for too long, or that their node has closed.
    pub(super) fn close_idle(&self) {
        for idle in self.idle.borrow_mut().iter_mut() {
            idle.retain_mut(|idle| idle.since.elapsed() < self.idle_limit && idle.connection.is_quiet());
            if idle.is_empty() {
                idle.shrink_to_fit();
            }
        }
    }
}
