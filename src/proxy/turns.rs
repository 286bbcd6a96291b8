//! Puts the changes of one document through this gateway in a queue: each is judged on the result of the one before.
//!
//! A cluster that keeps the documents itself has no write that is conditional on the version which was judged, so two changes
//! at once could each be fine by itself and break a policy together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Mutex as Queue, OwnedMutexGuard};
use tokio::time::timeout;

/// How long a change waits for those before it. Clients give up after 10 s (Python).
const PATIENCE: Duration = Duration::from_secs(8);

/// Whose turn it is, for each document that is being changed, on all threads.
#[derive(Debug, Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<Key, Weak<Queue<()>>>>>);

/// A document: the plugin of its changes, and its id.
type Key = (&'static str, String);

/// A turn, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    key: Key,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits until the changes before have ended; `None` if that takes too long.
    pub(super) async fn take(&self, plugin: &'static str, id: &str) -> Option<Turn> {
        let key = (plugin, id.to_owned());
        let queue = self.queue(&key);
        let guard = timeout(PATIENCE, queue.lock_owned()).await.ok();
        // One that gives up leaves nothing behind either.
        let turn = Turn {
            turns: self.clone(),
            key,
            guard,
        };
        turn.guard.is_some().then_some(turn)
    }

    fn queue(&self, key: &Key) -> Arc<Queue<()>> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(key).and_then(Weak::upgrade) {
            return queue;
        }
        let queue = Arc::new(Queue::new(()));
        queues.insert(key.clone(), Arc::downgrade(&queue));
        queue
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.guard = None;
        let mut queues = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        if queues.get(&self.key).is_some_and(|queue| queue.strong_count() == 0) {
            queues.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn one_change_of_a_document_waits_for_another() {
        let turns = Turns::default();
        let first = turns.take("p", "a").await.expect("a turn");
        let is_done = Cell::new(false);
        let second = async {
            let turn = turns.take("p", "a").await;
            assert!(is_done.get(), "the first one has not ended");
            turn
        };
        let (turn, ()) = tokio::join!(second, async {
            let other = turns.take("p", "b").await;
            assert!(other.is_some(), "another document has turns of its own");
            is_done.set(true);
            drop(first);
        });
        drop(turn);
        assert!(turns.0.lock().expect("no test thread panicked").is_empty());
    }

    #[test]
    fn nobody_waits_for_ever() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime");
        runtime.block_on(async {
            let turns = Turns::default();
            let first = turns.take("p", "a").await;
            assert!(turns.take("p", "a").await.is_none());
            drop(first);
            assert!(turns.take("p", "a").await.is_some());
        });
    }
}
