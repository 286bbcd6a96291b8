//! How the time of a request is divided: what nodes took, what the client took to send, and the rest, which is the gateway's
//! own.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// For whom a request waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// For a node that the request was forwarded to, and perhaps for the client that sends the rest of its body.
    Node,
    /// For an answer to a call of the gateway's own.
    Cluster,
    /// For bytes of the client.
    Client,
}

/// The time of a request.
#[derive(Debug)]
pub(super) struct Clock {
    begun: Instant,
    /// For whom is waited, and since when.
    waiting: Cell<Option<(Waiting, Instant)>>,
    body_is_coming: Cell<bool>,
    /// When the last byte of its body was given to a node.
    body_end: Cell<Option<Instant>>,
    node: Cell<Duration>,
    client: Cell<Duration>,
    /// From its head to the head of its answer.
    to_answer: Cell<Option<Duration>>,
}

/// The time of a request that has ended.
#[derive(Debug, Clone, Copy)]
pub(in crate::telemetry) struct Times {
    /// From its head to the last byte of its answer.
    pub(in crate::telemetry) total: Duration,
    /// The gateway's part of the time to the head of the answer.
    pub(in crate::telemetry) own: Duration,
    /// The nodes' part of it.
    pub(in crate::telemetry) node: Duration,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            begun: Instant::now(),
            waiting: Cell::default(),
            body_is_coming: Cell::default(),
            body_end: Cell::default(),
            node: Cell::default(),
            client: Cell::default(),
            to_answer: Cell::default(),
        }
    }

    /// How long ago it was started.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// A body follows that goes to a node as it comes.
    pub(super) fn body_follows(&self) {
        self.body_is_coming.set(true);
    }

    /// All of that body was given to a node.
    pub(super) fn body_was_sent(&self) {
        self.body_is_coming.set(false);
        self.body_end.set(Some(Instant::now()));
    }

    /// Waits from that time on.
    pub(super) fn wait(&self, waiting: Waiting, since: Instant) {
        self.waiting.set(Some((waiting, since)));
    }

    /// Waits until something is done.
    pub(super) async fn wait_for<F: Future>(&self, waiting: Waiting, work: F) -> F::Output {
        self.wait(waiting, Instant::now());
        let output = work.await;
        self.stop_waiting(Instant::now());
        output
    }

    /// The node that was waited for has begun its answer, or will not. A node that answers before it has all of the body has
    /// taken the time, not the client.
    pub(super) fn node_is_done(&self, is_answered: bool) {
        let now = Instant::now();
        if is_answered {
            self.body_is_coming.set(false);
        }
        self.stop_waiting(now);
        self.to_answer.set(Some(now.saturating_duration_since(self.begun)));
    }

    /// The head of the answer is there, if it was not before.
    pub(super) fn is_answered(&self) {
        if self.to_answer.get().is_none() {
            self.to_answer.set(Some(self.begun.elapsed()));
        }
    }

    /// Adds the time that was waited to whom it belongs. When the client leaves, this is all that ends a wait.
    fn stop_waiting(&self, now: Instant) {
        let Some((waiting, since)) = self.waiting.take() else {
            return;
        };
        let waited = now.saturating_duration_since(since);
        match waiting {
            Waiting::Cluster => grow(&self.node, waited),
            Waiting::Client => grow(&self.client, waited),
            Waiting::Node if self.body_is_coming.get() => grow(&self.client, waited),
            Waiting::Node => {
                let had = self.body_end.get().filter(|end| *end > since).unwrap_or(since);
                grow(&self.client, had.saturating_duration_since(since));
                grow(&self.node, now.saturating_duration_since(had));
            }
        }
    }

    /// The request has ended.
    pub(super) fn stop(&self) -> Times {
        let now = Instant::now();
        self.stop_waiting(now);
        let total = now.saturating_duration_since(self.begun);
        let others = self.node.get().saturating_add(self.client.get());
        Times {
            total,
            own: self.to_answer.get().unwrap_or(total).saturating_sub(others),
            node: self.node.get(),
        }
    }
}

fn grow(time: &Cell<Duration>, by: Duration) {
    time.set(time.get().saturating_add(by));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A clock that was started so long ago, and when that was.
    fn started(ago: Duration) -> (Clock, Instant) {
        let clock = Clock::start();
        let begun = clock
            .begun
            .checked_sub(ago)
            .expect("this machine has run for that long");
        (Clock { begun, ..clock }, begun)
    }

    #[test]
    fn a_nodes_time_begins_when_it_has_the_whole_request() {
        let (clock, begun) = started(10 * SECOND);
        clock.body_follows();
        clock.wait(Waiting::Node, begun + SECOND);
        clock.body_is_coming.set(false);
        clock.body_end.set(Some(begun + 7 * SECOND));
        clock.stop_waiting(begun + 9 * SECOND);
        assert_eq!((clock.client.get(), clock.node.get()), (6 * SECOND, 2 * SECOND));
        clock.to_answer.set(Some(9 * SECOND));
        let times = clock.stop();
        assert_eq!((times.own, times.node), (SECOND, 2 * SECOND));
        assert!(times.total >= 10 * SECOND);
    }

    #[test]
    fn while_a_body_is_coming_the_time_is_the_clients_unless_the_node_answers() {
        for (is_answered, client, node) in [(false, 2, 0), (true, 0, 2)] {
            let (clock, begun) = started(3 * SECOND);
            clock.body_follows();
            clock.wait(Waiting::Node, begun + SECOND);
            clock.node_is_done(is_answered);
            let (of_client, of_node) = (clock.client.get().as_secs(), clock.node.get().as_secs());
            assert_eq!((of_client, of_node), (client, node), "{is_answered}");
        }
    }

    #[test]
    fn a_wait_that_nothing_ends_ends_with_the_request() {
        let (clock, begun) = started(5 * SECOND);
        clock.wait(Waiting::Cluster, begun + SECOND);
        let times = clock.stop();
        assert_eq!((times.node.as_secs(), times.own.as_secs()), (4, 1));
    }
}
