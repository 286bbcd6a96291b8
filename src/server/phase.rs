//! The phases of a gateway's life, as its threads tell them to each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
pub(super) struct PhaseSetter {
    phase: watch::Sender<Phase>,
    is_stopping: Arc<AtomicBool>,
}

/// Learns the phase.
#[derive(Debug, Clone)]
pub(super) struct PhaseWatch {
    phase: watch::Receiver<Phase>,
    /// Beside the phase, as it is asked for each request, and the phase has a lock.
    is_stopping: Arc<AtomicBool>,
}

/// A gateway that serves.
pub(super) fn serving() -> (PhaseSetter, PhaseWatch) {
    let (sender, receiver) = watch::channel(Phase::Serving);
    let is_stopping = Arc::<AtomicBool>::default();
    let setter = PhaseSetter {
        phase: sender,
        is_stopping: Arc::clone(&is_stopping),
    };
    let watch = PhaseWatch {
        phase: receiver,
        is_stopping,
    };
    (setter, watch)
}

impl PhaseSetter {
    pub(super) fn enter(&self, phase: Phase) {
        self.is_stopping.store(phase > Phase::Serving, Ordering::Relaxed);
        self.phase.send_replace(phase);
    }
}

impl PhaseWatch {
    /// The phase now.
    pub(super) fn now(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Whether the gateway was told to stop.
    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Returns when this phase, or a later one, is reached.
    pub(super) async fn reached(&mut self, phase: Phase) {
        // Without anybody who could tell, the gateway is at its end.
        let _ = self.phase.wait_for(|now| *now >= phase).await;
    }
}
