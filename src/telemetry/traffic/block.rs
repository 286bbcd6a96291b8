//! What one worker thread counts. Only its own thread writes into it, so that counting takes no lock and no locked
//! instruction; whoever asks for metrics reads it from elsewhere and adds the workers up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::pulse::Pulse;
use crate::telemetry::outcome::{MethodClass, Outcome, StatusClass, Verdict};

/// The upper bounds of a histogram's buckets, in nanoseconds, with the same in seconds as it is shown: from what the gateway
/// takes for a small request to what a search over a cluster takes.
pub(super) const BOUNDS: [(u64, &str); 16] = [
    (100_000, "0.0001"),
    (250_000, "0.00025"),
    (500_000, "0.0005"),
    (1_000_000, "0.001"),
    (2_500_000, "0.0025"),
    (5_000_000, "0.005"),
    (10_000_000, "0.01"),
    (25_000_000, "0.025"),
    (50_000_000, "0.05"),
    (100_000_000, "0.1"),
    (250_000_000, "0.25"),
    (500_000_000, "0.5"),
    (1_000_000_000, "1"),
    (5_000_000_000, "5"),
    (10_000_000_000, "10"),
    (60_000_000_000, "60"),
];

/// A figure that one thread adds to and others read.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    /// Adds to it. Nobody else does at the same time, so a load and a store do what a locked addition would.
    pub(super) fn add(&self, count: u64) {
        let sum = self.0.load(Ordering::Relaxed).wrapping_add(count);
        self.0.store(sum, Ordering::Relaxed);
    }

    /// What it has come to.
    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many times were how long.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// By bucket, each without those before it; the last one has no bound.
    pub(super) buckets: [Counter; BOUNDS.len() + 1],
    /// All of them together, in nanoseconds.
    pub(super) sum: Counter,
}

impl Histogram {
    pub(super) fn observe(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|(bound, _)| nanos <= *bound);
        if let Some(count) = self.buckets.get(bucket.unwrap_or(BOUNDS.len())) {
            count.add(1);
        }
        self.sum.add(nanos);
    }
}

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
    pub(super) failed: Counter,
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
    fn a_time_is_counted_in_the_first_bucket_that_holds_it() {
        let histogram = Histogram::default();
        for nanos in [0, 100_000, 100_001, 60_000_000_000, 60_000_000_001] {
            histogram.observe(Duration::from_nanos(nanos));
        }
        let counts: Vec<u64> = histogram.buckets.iter().map(Counter::get).collect();
        assert_eq!((counts[0], counts[1], counts[15], counts[16]), (2, 1, 1, 1));
        assert_eq!(histogram.sum.get(), 120_000_200_002);
    }

    #[test]
    fn bounds_are_shown_as_what_they_are() {
        for (nanos, shown) in BOUNDS {
            let seconds: f64 = shown.parse().expect("a number");
            assert_eq!(Duration::from_secs_f64(seconds), Duration::from_nanos(nanos), "{shown}");
        }
        assert!(BOUNDS.is_sorted_by_key(|(nanos, _)| *nanos));
    }

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
