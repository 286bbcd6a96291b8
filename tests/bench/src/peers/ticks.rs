//! A clock that ticks thousands of times a second. The runtime's own timers have milliseconds.

use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::set_current_timer_slack;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How late the kernel may wake the clock, in nanoseconds. It would take 50,000 by itself, to wake less often.
const SLACK: u64 = 1;

/// The ticks of a thread of its own: when each was due, as soon as it is. There is one in every interval for so long.
#[must_use]
pub fn ticks(interval: Duration, time: Duration) -> UnboundedReceiver<Instant> {
    let (ticks, received) = unbounded_channel();
    thread::spawn(move || {
        // Without it the ticks are late, which the times that are measured from them show.
        let _ = set_current_timer_slack(std::num::NonZero::new(SLACK));
        let begun = Instant::now();
        let mut due = begun + interval;
        while due < begun + time {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if ticks.send(due).is_err() {
                break; // Nobody waits any more.
            }
            due += interval;
        }
    });
    received
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_tick_in_every_interval_and_none_before_it_is_due() {
        let begun = Instant::now();
        let mut ticks = ticks(Duration::from_micros(125), Duration::from_millis(20));
        let mut last = begun;
        let mut count = 0;
        while let Some(due) = ticks.blocking_recv() {
            assert!(due <= Instant::now() && due > last, "tick {count}");
            last = due;
            count += 1;
        }
        assert_eq!(
            count, 159,
            "160 intervals, the first tick after one and the last before the end"
        );
    }
}
