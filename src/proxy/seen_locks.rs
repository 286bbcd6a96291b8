//! The locks that other gateways hold, and since when this one has seen each unchanged: by its own clock alone, from the first time
//! that it saw the lock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::admission::DocumentVersion;
use crate::store::Reserved;

/// The field of a lock that has the time of its creation, by which locks of one version in indices of one name are told apart.
pub(super) const CREATED: &str = "create_time";

/// The locks of other gateways, and since when this one has seen each unchanged.
#[derive(Debug, Clone, Default)]
pub(super) struct SeenLocks(Arc<Mutex<HashMap<String, Seen>>>);

#[derive(Debug)]
struct Seen {
    version: DocumentVersion,
    created: Value,
    since: Instant,
}

/// How long a lock is remembered.
const MEMORY: Duration = Duration::from_secs(3600);

impl SeenLocks {
    /// For how long this very lock was there, as far as this gateway knows.
    pub(super) fn unchanged_for(&self, id: &str, found: &Reserved) -> Duration {
        let created = found.source.get(CREATED).cloned().unwrap_or_default();
        let now = Instant::now();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = seen.get(id)
            && seen.version == found.version
            && seen.created == created
        {
            return now - seen.since;
        }
        seen.retain(|_, seen| now - seen.since < MEMORY);
        let first = Seen {
            version: found.version,
            created,
            since: now,
        };
        seen.insert(id.to_owned(), first);
        Duration::ZERO
    }

    pub(super) fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::time::sleep;

    use super::*;

    fn lock(sequence: u64, created: i64) -> Reserved {
        Reserved {
            source: json!({CREATED: created}),
            version: DocumentVersion { sequence, term: 1 },
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lock_is_as_old_as_this_gateway_has_seen_it_unchanged() {
        let seen = SeenLocks::default();
        let second = Duration::from_secs(1);
        assert_eq!(seen.unchanged_for("a", &lock(1, 7)), Duration::ZERO);
        sleep(second).await;
        assert_eq!(seen.unchanged_for("b", &lock(1, 7)), Duration::ZERO);
        assert_eq!(seen.unchanged_for("a", &lock(1, 7)), second);
        sleep(second).await;
        assert_eq!(seen.unchanged_for("a", &lock(1, 7)), 2 * second);
        assert_eq!(
            seen.unchanged_for("a", &lock(2, 7)),
            Duration::ZERO,
            "it was written anew"
        );
        sleep(second).await;
        assert_eq!(
            seen.unchanged_for("a", &lock(2, 8)),
            Duration::ZERO,
            "it is another one, in an index that was made anew"
        );
        sleep(second).await;
        seen.forget("a");
        assert_eq!(seen.unchanged_for("a", &lock(2, 8)), Duration::ZERO);
        sleep(MEMORY).await;
        assert_eq!(seen.unchanged_for("c", &lock(1, 7)), Duration::ZERO);
        assert_eq!(
            seen.0.lock().expect("no test thread panicked").len(),
            1,
            "the others are forgotten"
        );
    }
}
