//! Puts the changes of one document in a queue: each is judged on the result of the one before.
//!
//! A cluster that keeps the documents itself has no write that is conditional on the version which was judged, so two changes
//! at once could each be fine by itself and break a policy together. Within this gateway a turn is a lock in memory; among all
//! gateways of the cluster it is one in their index (`change_lock.rs`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Queue, OwnedMutexGuard};
use tokio::time::{Instant, timeout_at};

use super::change_lock::ChangeLock;
use super::seen_locks::SeenLocks;

/// Whose turn it is, for each document that is being changed, on all threads.
#[derive(Debug, Clone, Default)]
pub struct Turns {
    queues: Arc<Mutex<HashMap<String, Weak<Queue<()>>>>>,
    /// The locks of other gateways.
    pub(super) seen: SeenLocks,
}

/// A turn, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    id: String,
    guard: Option<OwnedMutexGuard<()>>,
    /// Its lock among all gateways, where the cluster itself makes the change.
    pub(super) lock: Option<ChangeLock>,
}

impl Turns {
    /// Waits until the changes before have ended; `None` if that takes too long.
    pub(super) async fn take(&self, id: &str, deadline: Instant) -> Option<Turn> {
        let queue = self.queue(id);
        let guard = timeout_at(deadline, queue.lock_owned()).await.ok();
        // One that gives up leaves nothing behind either.
        let turn = Turn {
            turns: self.clone(),
            id: id.to_owned(),
            guard,
            lock: None,
        };
        turn.guard.is_some().then_some(turn)
    }

    fn queue(&self, id: &str) -> Arc<Queue<()>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(id).and_then(Weak::upgrade) {
            return queue;
        }
        let queue = Arc::new(Queue::new(()));
        queues.insert(id.to_owned(), Arc::downgrade(&queue));
        queue
    }
}

impl Turn {
    /// Whether no other gateway can have the turn while a request is sent now.
    pub(super) fn is_sole(&self) -> bool {
        self.lock.as_ref().is_none_or(ChangeLock::is_held)
    }

    /// Lets other gateways have their turn, and returns when they can.
    pub(super) async fn release(&self) {
        if let Some(lock) = &self.lock {
            lock.release().await;
        }
    }

    /// The cluster may still be at work on the change: other gateways wait as for one that was ended.
    pub(super) fn leave(&self) {
        if let Some(lock) = &self.lock {
            lock.leave();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.guard = None;
        let mut queues = self.turns.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if queues.get(&self.id).is_some_and(|queue| queue.strong_count() == 0) {
            queues.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(8)
    }

    #[tokio::test]
    async fn one_change_of_a_document_waits_for_another() {
        let turns = Turns::default();
        let first = turns.take("a", soon()).await.expect("a turn");
        let is_done = Cell::new(false);
        let second = async {
            let turn = turns.take("a", soon()).await;
            assert!(is_done.get(), "the first one has not ended");
            turn
        };
        let (turn, ()) = tokio::join!(second, async {
            let other = turns.take("b", soon()).await;
            assert!(other.is_some(), "another document has turns of its own");
            is_done.set(true);
            drop(first);
        });
        drop(turn);
        assert!(turns.queues.lock().expect("no test thread panicked").is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let turns = Turns::default();
        let first = turns.take("a", soon()).await;
        assert!(turns.take("a", soon()).await.is_none());
        drop(first);
        assert!(turns.take("a", soon()).await.is_some());
    }
}
