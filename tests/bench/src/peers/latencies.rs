//! How long answers took, and the percentiles of that.

use std::time::Duration;

/// The times that answers took.
#[derive(Debug, Clone, Default)]
pub struct Latencies {
    /// In nanoseconds.
    times: Vec<u64>,
}

impl Latencies {
    /// Adds the time of an answer.
    pub fn add(&mut self, time: Duration) {
        self.times.push(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Adds those of another connection.
    pub fn append(&mut self, mut other: Self) {
        self.times.append(&mut other.times);
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.times.len()
    }

    /// The least time within which so many per mille of the answers had come, in microseconds; none if there were no
    /// answers.
    pub fn percentile(&mut self, per_mille: usize) -> Option<f64> {
        let rank = (self.times.len() * per_mille).div_ceil(1000).max(1);
        if rank > self.times.len() {
            return None;
        }
        let (_, time, _) = self.times.select_nth_unstable(rank - 1);
        Some(*time as f64 / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: impl Iterator<Item = u64>) -> Latencies {
        let mut latencies = Latencies::default();
        times.for_each(|time| latencies.add(Duration::from_micros(time)));
        latencies
    }

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let mut thousand = of((1..=1000).rev());
        assert_eq!(thousand.percentile(500), Some(500.0));
        assert_eq!(thousand.percentile(990), Some(990.0));
        assert_eq!(thousand.percentile(999), Some(999.0));
        assert_eq!(thousand.percentile(1000), Some(1000.0));
        assert_eq!(thousand.percentile(0), Some(1.0));
    }

    #[test]
    fn of_few_times_a_high_percentile_is_the_longest() {
        let mut three = of([30, 10, 20].into_iter());
        assert_eq!(three.percentile(500), Some(20.0));
        assert_eq!(three.percentile(999), Some(30.0));
        assert_eq!(of([7].into_iter()).percentile(500), Some(7.0));
        assert_eq!(Latencies::default().percentile(500), None);
    }

    #[test]
    fn the_times_of_connections_are_taken_together() {
        let mut all = of(1..=50);
        all.append(of(51..=100));
        assert_eq!(all.count(), 100);
        assert_eq!(all.percentile(900), Some(90.0));
    }
}
