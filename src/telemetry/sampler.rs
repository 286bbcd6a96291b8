//! Which of many like events is logged: one a second at most. All of them are counted elsewhere.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How far apart two lines are, in milliseconds.
const INTERVAL: u64 = 1000;

/// Decides which events of a kind are logged.
#[derive(Debug, Default)]
pub struct Sampler {
    start: OnceLock<Instant>,
    /// When the next one is logged, in milliseconds from the start.
    next: AtomicU64,
    unsaid: AtomicU64,
}

impl Sampler {
    /// One that has not seen anything.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            start: OnceLock::new(),
            next: AtomicU64::new(0),
            unsaid: AtomicU64::new(0),
        }
    }

    /// How many were not logged since the last one that was, if this one is to be.
    pub fn take(&self) -> Option<u64> {
        self.take_at(self.start.get_or_init(Instant::now).elapsed())
    }

    fn take_at(&self, elapsed: Duration) -> Option<u64> {
        let now = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let due = |next: u64| (now >= next).then_some(now.saturating_add(INTERVAL));
        if self
            .next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, due)
            .is_ok()
        {
            return Some(self.unsaid.swap(0, Ordering::Relaxed));
        }
        self.unsaid.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_a_second_is_logged_and_the_others_are_counted() {
        let sampler = Sampler::new();
        let taken = [0, 1, 999, 1000, 1001, 5000].map(|now| sampler.take_at(Duration::from_millis(now)));
        assert_eq!(taken, [Some(0), None, None, Some(2), None, Some(1)]);
    }
}
