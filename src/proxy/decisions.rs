//! The last decisions, in memory, for those who run the gateway, and the ids by which clients and they speak of one.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{HeaderName, HeaderValue};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::NoRandomness;
use super::kept_decision::KeptDecision;

/// The field of an answer that has the id.
pub(super) const DECISION: HeaderName = HeaderName::from_static("x-anomaly-gateway-decision");

/// The last decisions.
#[derive(Debug, Clone)]
pub struct Decisions(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    /// How many there are at most.
    most: usize,
    /// Whether clients are told the id.
    is_told: bool,
    process: String,
    next: AtomicU64,
    /// The oldest first. Claimed requests alone come here, and each for as long as it takes to move a pointer.
    last: Mutex<VecDeque<Arc<KeptDecision>>>,
}

impl Decisions {
    /// None so far, of which so many are kept. Clients may be told the id of each.
    pub fn keeping(most: usize, is_told: bool) -> Result<Self, NoRandomness> {
        // What tells the decisions of one process from those of another.
        let mut bytes = [0_u8; 8];
        SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
        let process = format!("{:016x}", u64::from_be_bytes(bytes));
        Ok(Self(Arc::new(Kept {
            most,
            is_told,
            process,
            next: AtomicU64::new(1),
            last: Mutex::default(),
        })))
    }

    /// Keeps a decision, if any are, and gives its id, if clients are told.
    pub(super) fn keep(&self, decision: impl FnOnce(String) -> KeptDecision) -> Option<HeaderValue> {
        let Kept {
            most,
            is_told,
            process,
            next,
            last,
        } = &*self.0;
        if *most == 0 && !is_told {
            return None;
        }
        let id = format!("{process}-{}", next.fetch_add(1, Ordering::Relaxed));
        let told = is_told.then(|| HeaderValue::from_str(&id).ok()).flatten();
        if *most > 0 {
            // Made before the lock is taken.
            let decision = Arc::new(decision(id));
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let gone = (last.len() >= *most).then(|| last.pop_front());
            last.push_back(decision);
            drop(last);
            drop(gone);
        }
        told
    }

    /// How many are kept at most.
    #[must_use]
    pub fn most(&self) -> usize {
        self.0.most
    }

    /// Those that are kept, the last one first.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<KeptDecision>> {
        let last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().rev().cloned().collect()
    }

    /// The one with this id, if it is kept.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<KeptDecision>> {
        let last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().find(|decision| decision.id() == id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_kept_and_clients_are_told_ids_if_they_are_to_be() {
        let decisions = Decisions::keeping(2, false).expect("random numbers");
        for _ in 0..3 {
            assert_eq!(decisions.keep(KeptDecision::nothing), None);
        }
        let kept = decisions.list();
        let ids: Vec<&str> = kept.iter().map(|decision| decision.id()).collect();
        let process = ids[0].strip_suffix("-3").expect("the third one");
        assert_eq!(ids[1], format!("{process}-2"));
        assert!(decisions.get(ids[1]).is_some() && decisions.get(&format!("{process}-1")).is_none());

        let told = Decisions::keeping(0, true).expect("random numbers");
        let id = told.keep(KeptDecision::nothing).expect("an id");
        assert!(id.to_str().expect("a text").ends_with("-1") && told.list().is_empty());
    }
}
