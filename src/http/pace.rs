//! How slow a client may be while something of the gateway's is held for it: how long it may move no byte at all, and how
//! many it has to move a second.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// What is asked of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaceLimits {
    /// How long it may move no byte.
    pub timeout: Duration,
    /// How many bytes it has to move in a second on the average, after a first `timeout` that is free.
    pub rate: Option<NonZeroUsize>,
}

/// A client was too slow. Usual causes: its network is gone, it has stopped, or it wants to hold what others need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stalled {
    /// Nothing came, or went, for so long.
    #[error("no byte of it was transferred for {}", humantime::format_duration(*.0))]
    Silent(Duration),
    /// Less came, or went, than has to, in bytes a second.
    #[error("fewer than {0} bytes of it were transferred in a second")]
    Slow(NonZeroUsize),
}

/// Watches one client. Only the time counts in which the gateway waits for it.
#[derive(Debug)]
pub struct Pace {
    limits: PaceLimits,
    /// How many bytes it has moved.
    moved: u64,
    /// How long it was waited for until it moved the last of them.
    waited: Duration,
    /// Since when it is waited for.
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    /// A client that has moved nothing yet.
    #[must_use]
    pub const fn new(limits: PaceLimits) -> Self {
        Self {
            limits,
            moved: 0,
            waited: Duration::ZERO,
            since: None,
            timer: None,
        }
    }

    /// The client has moved so many bytes.
    pub fn moved(&mut self, bytes: usize) {
        self.moved = self.moved.saturating_add(bytes as u64);
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }

    /// Nothing moves now: waits for the moment from which on the client is too slow. Whoever calls this has also asked to
    /// be woken when something moves.
    pub fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<Stalled> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let (patience, stalled) = self.patience();
        let deadline = since + patience;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(stalled)
    }

    /// How long it is waited for the next byte, and what it means when none comes.
    fn patience(&self) -> (Duration, Stalled) {
        let PaceLimits { timeout, rate } = self.limits;
        let silent = (timeout, Stalled::Silent(timeout));
        let Some(rate) = rate else { return silent };
        let earned = Duration::from_millis(self.moved.saturating_mul(1000) / rate.get() as u64);
        let left = timeout.saturating_add(earned).saturating_sub(self.waited);
        if left < timeout {
            (left, Stalled::Slow(rate))
        } else {
            silent
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(30);

    /// Moves so many bytes after each pause until the client is too slow, and says when, and why, that was.
    async fn ends(rate: Option<usize>, bytes: usize, pause: Duration) -> Option<(Duration, Stalled)> {
        let rate = rate.and_then(NonZeroUsize::new);
        let mut pace = Pace::new(PaceLimits { timeout: TIMEOUT, rate });
        let begun = Instant::now();
        for _ in 0..1000 {
            tokio::select! {
                biased;
                stalled = poll_fn(|cx| pace.poll_stalled(cx)) => return Some((begun.elapsed(), stalled)),
                () = tokio::time::sleep(pause) => pace.moved(bytes),
            }
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_after_its_time() {
        let (after, stalled) = ends(Some(1024), 0, Duration::from_secs(3600)).await.expect("it ends");
        assert_eq!(stalled, Stalled::Silent(TIMEOUT));
        assert!(after >= TIMEOUT && after < TIMEOUT * 2, "{after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_in_each_pause_gains_no_time() {
        let (after, stalled) = ends(Some(1024), 1, TIMEOUT / 3).await.expect("it ends");
        assert!(matches!(stalled, Stalled::Slow(_)), "{stalled}");
        assert!(after >= TIMEOUT && after < TIMEOUT * 2, "{after:?}");
        assert_eq!(ends(None, 1, TIMEOUT / 3).await, None, "without a rate it goes on");
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_as_fast_as_asked_may_pause() {
        assert_eq!(ends(Some(1024), 29 * 1024, Duration::from_secs(29)).await, None);
        assert_eq!(ends(Some(1024), 2, Duration::from_millis(1)).await, None);
    }

    /// A node that takes its time is no fault of the client.
    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_waits_does_not_count() {
        let limits = PaceLimits {
            timeout: TIMEOUT,
            rate: NonZeroUsize::new(1024),
        };
        let mut pace = Pace::new(limits);
        for _ in 0..100 {
            pace.moved(1);
            tokio::time::sleep(TIMEOUT * 10).await;
        }
        let stalled = poll_fn(|cx| Poll::Ready(pace.poll_stalled(cx))).await;
        assert_eq!(stalled, Poll::Pending);
    }
}
