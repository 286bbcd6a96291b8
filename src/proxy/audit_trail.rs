//! Decision events on their way to an index: a queue that a worker hands an event to, or where there is no room leaves it out,
//! and never waits; and that one thread empties.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::telemetry::events::audit;
use crate::telemetry::outcome::AuditDrop;

/// How many bytes wait at most, however few events that are. One takes two kilobytes, and some two hundred at worst.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// An event that is to be written.
#[derive(Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its id, which no other event of any gateway has and which needs no escaping.
    pub id: String,
    /// The document, JSON on one line.
    pub document: String,
}

impl AuditEvent {
    /// How many bytes it takes.
    fn length(&self) -> usize {
        self.id.len() + self.document.len()
    }
}

/// The queue. Copies are the same one.
#[derive(Debug, Clone)]
pub struct AuditTrail(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    /// How many events wait at most.
    most: usize,
    waiting: Mutex<Waiting>,
    /// Something was handed over, or the queue was closed.
    news: Notify,
    /// How many were left out that no line of the log has told of yet.
    unsaid: AtomicU64,
}

/// What waits. Each who has the lock has it for as long as it takes to move pointers.
#[derive(Debug, Default)]
struct Waiting {
    /// The oldest first; those that are being written are still here.
    events: VecDeque<Arc<AuditEvent>>,
    bytes: usize,
    is_closed: bool,
}

impl AuditTrail {
    /// An empty one, in which so many events may wait.
    #[must_use]
    pub fn holding(most: NonZero<usize>) -> Self {
        Self(Arc::new(Queue {
            most: most.get(),
            waiting: Mutex::default(),
            news: Notify::new(),
            unsaid: AtomicU64::new(0),
        }))
    }

    /// Hands an event over, or leaves it out and counts it where there is no room.
    pub(super) fn hand_over(&self, event: AuditEvent) {
        let event = Arc::new(event);
        let mut waiting = self.lock();
        let reason = if waiting.is_closed {
            AuditDrop::Stopped
        } else if waiting.events.len() >= self.0.most || waiting.bytes.saturating_add(event.length()) > MAX_BYTES {
            AuditDrop::Full
        } else {
            waiting.bytes += event.length();
            waiting.events.push_back(event);
            drop(waiting);
            self.0.news.notify_one();
            return;
        };
        drop(waiting);
        self.0.unsaid.fetch_add(1, Ordering::Relaxed);
        audit::dropped(reason, 1);
    }

    /// How many events wait, those that are being written among them.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().events.len()
    }

    /// How many were left out since this was asked the last time.
    #[must_use]
    pub fn take_unsaid(&self) -> u64 {
        self.0.unsaid.swap(0, Ordering::Relaxed)
    }

    /// Returns when something was handed over, or the queue closed, since this was last waited for. Only one may wait.
    pub async fn news(&self) {
        self.0.news.notified().await;
    }

    /// The oldest events, so many and so many bytes of them at most; one in any case, if there is one. They go on waiting.
    #[must_use]
    pub fn oldest(&self, most: usize, bytes: usize) -> Vec<Arc<AuditEvent>> {
        let waiting = self.lock();
        let mut sum = 0_usize;
        let fits = |(place, event): &(usize, &Arc<AuditEvent>)| {
            sum = sum.saturating_add(event.length());
            *place == 0 || sum <= bytes
        };
        let oldest = waiting.events.iter().enumerate().take(most).take_while(fits);
        oldest.map(|(_, event)| Arc::clone(event)).collect()
    }

    /// Lets the oldest events go, as many as there are words: those that are `true` for good, and the others to be tried again
    /// before all that came after them.
    pub fn settle(&self, are_done: &[bool]) {
        let mut waiting = self.lock();
        let count = are_done.len().min(waiting.events.len());
        let oldest: Vec<_> = waiting.events.drain(..count).zip(are_done).collect();
        let (done, again): (Vec<_>, Vec<_>) = oldest.into_iter().partition(|(_, is_done)| **is_done);
        waiting.bytes -= done.iter().map(|(event, _)| event.length()).sum::<usize>();
        for (event, _) in again.into_iter().rev() {
            waiting.events.push_front(event);
        }
    }

    /// Takes nothing more.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.0.news.notify_one();
    }

    /// Whether nothing more is taken.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn trail(most: usize) -> AuditTrail {
        AuditTrail::holding(NonZero::new(most).expect("more than nothing"))
    }

    fn event(id: &str, bytes: usize) -> AuditEvent {
        AuditEvent {
            id: id.to_owned(),
            document: "x".repeat(bytes),
        }
    }

    fn ids(events: &[Arc<AuditEvent>]) -> Vec<&str> {
        events.iter().map(|event| event.id.as_str()).collect()
    }

    /// Nobody empties the queue, and each event is handed over or left out all the same.
    #[test]
    fn where_there_is_no_room_an_event_is_left_out_and_nobody_waits() {
        let full = trail(3);
        for id in ["a", "b", "c", "d", "e"] {
            full.hand_over(event(id, 1));
        }
        assert_eq!(ids(&full.oldest(10, 1000)), ["a", "b", "c"]);
        assert_eq!((full.waiting(), full.take_unsaid(), full.take_unsaid()), (3, 2, 0));
        full.settle(&[true]);
        full.hand_over(event("f", 1));
        assert_eq!(ids(&full.oldest(10, 1000)), ["b", "c", "f"]);
    }

    #[test]
    fn few_events_that_are_long_fill_the_queue_as_well() {
        let long = trail(1000);
        for id in ["a", "b", "c"] {
            long.hand_over(event(id, MAX_BYTES / 2 - 100));
        }
        assert_eq!((long.waiting(), long.take_unsaid()), (2, 1));
        long.settle(&[true, true]);
        long.hand_over(event("d", MAX_BYTES / 2));
        assert_eq!((long.waiting(), long.take_unsaid()), (1, 0));
    }

    #[test]
    fn the_oldest_are_written_first_and_what_is_not_taken_comes_first_again() {
        let some = trail(10);
        for id in ["a", "b", "c", "d"] {
            some.hand_over(event(id, 9));
        }
        assert_eq!(ids(&some.oldest(2, 1000)), ["a", "b"]);
        assert_eq!(ids(&some.oldest(10, 30)), ["a", "b", "c"]);
        // One that is longer than a batch is written alone.
        assert_eq!(ids(&some.oldest(10, 3)), ["a"]);
        some.settle(&[false, true, false]);
        assert_eq!(ids(&some.oldest(10, 1000)), ["a", "c", "d"]);
        some.settle(&[true; 3]);
        assert_eq!((some.waiting(), some.lock().bytes), (0, 0));
        some.settle(&[true]);
    }

    #[test]
    fn a_closed_queue_takes_nothing_more() {
        let closed = trail(10);
        closed.hand_over(event("a", 1));
        closed.close();
        closed.hand_over(event("b", 1));
        assert_eq!((ids(&closed.oldest(10, 1000)), closed.take_unsaid()), (vec!["a"], 1));
    }

    #[tokio::test]
    async fn who_waits_hears_of_what_came_before_they_waited() {
        let some = trail(10);
        some.hand_over(event("a", 1));
        let patience = Duration::from_secs(60);
        tokio::time::timeout(patience, some.news())
            .await
            .expect("an event came");
        some.close();
        tokio::time::timeout(patience, some.news())
            .await
            .expect("it was closed");
    }
}
