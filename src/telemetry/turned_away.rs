//! Clients that a limit turns away: counted one by one, and logged once a second, as a crowd of them is what limits are for.

use std::sync::atomic::{AtomicU64, Ordering};

use super::metrics;

/// Why a client is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// `limits.connections`.
    Connections,
    /// `limits.requests`.
    Requests,
    /// `limits.bodies`.
    Bodies,
    /// `limits.heads`.
    Heads,
    /// The gateway has come back to itself.
    Loop,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Connections, Self::Requests, Self::Bodies, Self::Heads, Self::Loop];

    /// Its name in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Requests => "requests",
            Self::Bodies => "bodies",
            Self::Heads => "heads",
            Self::Loop => "loop",
        }
    }

    const fn unsaid(self) -> &'static AtomicU64 {
        static UNSAID: [AtomicU64; 5] = [const { AtomicU64::new(0) }; 5];
        let [connections, requests, bodies, heads, loops] = &UNSAID;
        match self {
            Self::Connections => connections,
            Self::Requests => requests,
            Self::Bodies => bodies,
            Self::Heads => heads,
            Self::Loop => loops,
        }
    }
}

/// A client is turned away.
pub fn turned_away(reason: Reason) {
    metrics::turned_away(reason);
    reason.unsaid().fetch_add(1, Ordering::Relaxed);
}

/// Logs how many there were since the last time, if there were any.
pub fn report() {
    let counts = Reason::ALL.map(|reason| reason.unsaid().swap(0, Ordering::Relaxed));
    if counts.iter().sum::<u64>() > 0 {
        let [connections, requests, bodies, heads, loops] = counts;
        tracing::warn!(connections, requests, bodies, heads, loops, "clients were turned away");
    }
}
