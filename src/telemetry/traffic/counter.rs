//! Figures that one thread adds to and others read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

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
}
