//! What one worker thread counts. Only its own thread writes into it, so that counting takes no lock and no locked
//! instruction; whoever asks for metrics reads it from elsewhere and adds the workers up.

use super::counter::{Counter, Histogram};
use super::pulse::Pulse;
use crate::telemetry::outcome::{HandshakeFailure, MethodClass, Outcome, StatusClass, Verdict};

/// The times of requests.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) total: Histogram,
    pub(super) own: Histogram,
    pub(super) node: Histogram,
}

/// The connections to one node. Those that are open, and those of them that are idle, are differences.
#[derive(Debug, Default)]
pub(super) struct NodeConnections {
    pub(super) opened: Counter,
    pub(super) closed: Counter,
    pub(super) failed: Counter,
    pub(super) reused: Counter,
    pub(super) put_aside: Counter,
    pub(super) taken_up: Counter,
}

/// The connections of clients.
#[derive(Debug, Default)]
pub(super) struct ClientConnections {
    pub(super) opened: Counter,
    pub(super) closed: Counter,
    /// By why TLS was not set up.
    pub(super) failed: [Counter; HandshakeFailure::ALL.len()],
}

/// All that a worker counts.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) begun: Counter,
    /// By outcome, status and method: see [`Block::request`].
    requests: Vec<Counter>,
    /// Of requests that nobody claims, and of claimed ones.
    pub(super) times: [Times; 2],
    pub(super) received: Counter,
    pub(super) sent: Counter,
    pub(super) retries: Counter,
    /// By verdict, each without and with a dry run.
    claimed: [Counter; 2 * Verdict::ALL.len()],
    pub(super) clients: ClientConnections,
    /// By the node's place in the configuration.
    pub(super) nodes: Vec<NodeConnections>,
    pub(super) pulse: Pulse,
}

impl Block {
    pub(super) fn new(nodes: usize) -> Self {
        let requests = Outcome::ALL.len() * StatusClass::ALL.len() * MethodClass::ALL.len();
        Self {
            begun: Counter::default(),
            requests: (0..requests).map(|_| Counter::default()).collect(),
            times: Default::default(),
            received: Counter::default(),
            sent: Counter::default(),
            retries: Counter::default(),
            claimed: Default::default(),
            clients: ClientConnections::default(),
            nodes: (0..nodes).map(|_| NodeConnections::default()).collect(),
            pulse: Pulse::new(),
        }
    }

    /// How many requests with these labels have ended.
    pub(super) fn request(&self, outcome: Outcome, status: StatusClass, method: MethodClass) -> Option<&Counter> {
        let row = outcome as usize * StatusClass::ALL.len() + status as usize;
        self.requests.get(row * MethodClass::ALL.len() + method as usize)
    }

    /// How many requests have ended.
    pub(super) fn ended(&self) -> u64 {
        self.requests.iter().map(Counter::get).sum()
    }

    /// How many claimed requests have ended with this verdict.
    pub(super) fn claimed(&self, verdict: Verdict, is_dry_run: bool) -> Option<&Counter> {
        self.claimed.get(verdict as usize * 2 + usize::from(is_dry_run))
    }

    /// The times of claimed requests, or of others.
    pub(super) const fn times(&self, is_claimed: bool) -> &Times {
        let [unclaimed, claimed] = &self.times;
        if is_claimed { claimed } else { unclaimed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_with_other_labels_are_counted_apart() {
        let block = Block::new(0);
        for outcome in Outcome::ALL {
            for status in StatusClass::ALL {
                for method in MethodClass::ALL {
                    let counter = block.request(outcome, status, method).expect("it is counted");
                    assert_eq!(counter.get(), 0);
                    counter.add(1);
                }
            }
        }
        assert_eq!(block.ended(), 300);
    }
}
