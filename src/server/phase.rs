//! The phases of a gateway's life, as its threads tell them to each other.

use tokio::sync::watch;

/// A phase. Each follows the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Connections are accepted and requests are answered.
    Serving,
    /// The same, but the gateway says that it is not ready any more, so that nobody new is sent to it.
    Leaving,
    /// No new connections; running requests may end.
    Draining,
    /// Whatever still runs is ended.
    Ending,
}

/// Tells the phase.
#[derive(Debug)]
pub(super) struct PhaseSetter(watch::Sender<Phase>);

/// Learns the phase.
#[derive(Debug, Clone)]
pub(super) struct PhaseWatch(watch::Receiver<Phase>);

/// A gateway that serves.
pub(super) fn serving() -> (PhaseSetter, PhaseWatch) {
    let (sender, receiver) = watch::channel(Phase::Serving);
    (PhaseSetter(sender), PhaseWatch(receiver))
}

impl PhaseSetter {
    pub(super) fn enter(&self, phase: Phase) {
        self.0.send_replace(phase);
    }
}

impl PhaseWatch {
    /// The phase now.
    pub(super) fn now(&self) -> Phase {
        *self.0.borrow()
    }

    /// Returns when this phase, or a later one, is reached.
    pub(super) async fn reached(&mut self, phase: Phase) {
        // Without anybody who could tell, the gateway is at its end.
        let _ = self.0.wait_for(|now| *now >= phase).await;
    }
}
