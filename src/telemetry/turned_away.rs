//! Clients that a limit turns away: counted one by one, and logged once a second, as a crowd of them is what limits are for.

use std::sync::atomic::{AtomicU64, Ordering};

use super::events::limits::ClientsTurnedAway;
use super::families::TURNED_AWAY;
use super::outcome::Reason;

/// Those that were not logged yet, by reason.
static UNSAID: [AtomicU64; Reason::ALL.len()] = [const { AtomicU64::new(0) }; Reason::ALL.len()];

/// A client is turned away.
pub fn turned_away(reason: Reason) {
    TURNED_AWAY.add(&[reason.name()], 1);
    if let Some(unsaid) = UNSAID.get(reason as usize) {
        unsaid.fetch_add(1, Ordering::Relaxed);
    }
}

/// Logs how many there were since the last time, if there were any.
pub fn report() {
    let counts = UNSAID.each_ref().map(|unsaid| unsaid.swap(0, Ordering::Relaxed));
    if counts.iter().any(|count| *count > 0) {
        let [
            connections,
            requests,
            bodies,
            heads,
            loops,
            head,
            head_timeout,
            body_timeout,
        ] = counts;
        let event = ClientsTurnedAway {
            connections,
            requests,
            bodies,
            heads,
            loops,
            head,
            head_timeout,
            body_timeout,
        };
        event.log();
    }
}
