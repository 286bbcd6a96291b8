//! How late a worker thread gets to its work: a timer that is due ten times a second, and how late it fires.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::counter::Histogram;

/// How often the timer is due.
pub(super) const INTERVAL: Duration = Duration::from_millis(100);

/// What is due at no time.
const NEVER: u64 = u64::MAX;

/// What is known of a worker's timer.
#[derive(Debug)]
pub(super) struct Pulse {
    start: Instant,
    /// When the timer is due, in nanoseconds from the start.
    due: AtomicU64,
    /// How late it was.
    pub(super) lag: Histogram,
}

impl Pulse {
    /// A timer that is not due yet.
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            due: AtomicU64::new(NEVER),
            lag: Histogram::default(),
        }
    }

    /// The timer is due at that time.
    fn set(&self, due: Instant) {
        let due = nanos(due.saturating_duration_since(self.start));
        self.due.store(due, Ordering::Relaxed);
    }

    /// For how long the timer has been due.
    pub(super) fn overdue(&self) -> Duration {
        let now = nanos(self.start.elapsed());
        Duration::from_nanos(now.saturating_sub(self.due.load(Ordering::Relaxed)))
    }

    /// The worker has ended.
    pub(super) fn stop(&self) {
        self.due.store(NEVER, Ordering::Relaxed);
    }

    /// Measures for ever. To be run on the worker's own thread.
    pub(super) async fn measure(&self) {
        let mut due = Instant::now() + INTERVAL;
        loop {
            self.set(due);
            tokio::time::sleep_until(due.into()).await;
            let now = Instant::now();
            self.lag.observe(now.saturating_duration_since(due));
            due = now + INTERVAL;
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_thread_that_is_held_up_is_overdue_until_it_goes_on() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let pulse = Pulse::new();
        assert_eq!(pulse.overdue(), Duration::ZERO, "it has not begun");
        runtime.expect("a runtime").block_on(async {
            let work = async {
                tokio::task::yield_now().await;
                // The timer has been set, and nothing else runs on this thread.
                thread::sleep(3 * INTERVAL);
                let overdue = pulse.overdue();
                tokio::time::sleep(INTERVAL / 10).await;
                overdue
            };
            tokio::select! {
                biased;
                () = pulse.measure() => {}
                overdue = work => assert!(overdue >= INTERVAL, "{overdue:?}"),
            }
        });
        let late: u64 = pulse
            .lag
            .buckets
            .iter()
            .skip(9)
            .map(super::super::counter::Counter::get)
            .sum();
        assert!(late >= 1, "a tick was more than 50 ms late: {pulse:?}");
        pulse.stop();
        assert_eq!(pulse.overdue(), Duration::ZERO, "it has ended");
    }
}
