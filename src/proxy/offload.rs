//! Where work runs whose time grows with a body or a document: on the worker while it is short, on another thread where it
//! would hold up the worker's other clients. This is the one place that decides it.
//!
//! How much of it runs at a time is bounded, for all workers together: more threads than cores would only take time from
//! the workers, and what waits its turn holds no more than its body. What is long has places of its own, so that what is
//! short never waits for all that is long.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use tokio::sync::Semaphore;

/// Work on so many bytes takes tens of microseconds mostly, for which handing it over does not pay off, and a few
/// milliseconds at most, whatever the bytes are. Jobs have a few thousand.
pub(super) const SHORTEST: usize = 16 * 1024;

/// From so many bytes on work is long.
pub(super) const LONG: usize = 1024 * 1024;

/// The places for work that is handed over.
#[derive(Debug, Clone)]
pub struct Offload {
    short: Arc<Semaphore>,
    long: Arc<Semaphore>,
}

/// The work panicked. Its place is free again, and nothing else is hurt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the gateway panicked while it worked on the request")]
pub(super) struct Panicked;

impl Default for Offload {
    /// As much at a time as there are cores, and half as much of what is long.
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            short: Arc::new(Semaphore::new(cores)),
            long: Arc::new(Semaphore::new(cores.div_ceil(2))),
        }
    }
}

impl Offload {
    /// Does work on so many bytes. Once begun it goes on to its end, and holds what it was given as long, whether
    /// anybody still waits for it or not.
    pub(super) async fn run<T, W>(&self, bytes: usize, work: W) -> Result<T, Panicked>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        if bytes <= SHORTEST {
            return catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked);
        }
        self.hand_over(bytes, work).await
    }

    /// Does work on so many bytes that would hold up a worker however few they are.
    pub(super) async fn hand_over<T, W>(&self, bytes: usize, work: W) -> Result<T, Panicked>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let places = if bytes < LONG { &self.short } else { &self.long };
        // Nobody closes them.
        let place = Arc::clone(places).acquire_owned().await.map_err(|_| Panicked)?;
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        working.await.map_err(|_| Panicked)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn short_work_stays_on_the_thread_and_longer_work_leaves_it() {
        let offload = Offload::default();
        let here = thread::current().id();
        let on = |bytes| {
            let offload = offload.clone();
            async move { offload.run(bytes, || thread::current().id()).await.expect("done") }
        };
        assert_eq!(on(SHORTEST).await, here);
        assert_ne!(on(SHORTEST + 1).await, here);
        assert_ne!(on(LONG).await, here);
    }

    #[tokio::test]
    async fn work_that_panics_gives_its_place_back() {
        let offload = Offload::default();
        for bytes in [0, LONG - 1, LONG] {
            for _ in 0..100 {
                let done = offload.run(bytes, || panic!("this panics on purpose")).await;
                assert_eq!(done, Err::<(), _>(Panicked));
            }
        }
    }

    /// However much that is long is under way, something short is done; and what nobody waits for any more keeps its place
    /// until it is done.
    #[tokio::test]
    async fn short_work_does_not_wait_for_long_work() {
        let offload = Offload::default();
        let places = offload.long.available_permits();
        let (end, ends) = mpsc::channel::<()>();
        let ends = Arc::new(std::sync::Mutex::new(ends));
        for _ in 0..places {
            let ends = Arc::clone(&ends);
            let work = move || ends.lock().map(|ends| ends.recv()).is_ok();
            let waiting = offload.run(LONG, work);
            tokio::time::timeout(Duration::from_millis(1), waiting)
                .await
                .expect_err("it does not end");
        }
        assert_eq!(offload.long.available_permits(), 0);
        assert_eq!(offload.run(LONG - 1, || 1).await, Ok(1));
        drop(end);
        assert_eq!(offload.run(LONG, || 2).await, Ok(2));
    }
}
