//! The last decisions, in memory, for those who run the gateway, and the ids by which clients and they speak of one.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{HeaderName, HeaderValue};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::NoRandomness;
use super::audit_trail::AuditTrail;
use super::audited::Audited;
use super::kept_decision::KeptDecision;

/// The field of an answer that has the id.
pub(super) const DECISION: HeaderName = HeaderName::from_static("x-anomaly-gateway-decision");

/// What follows from a decision for the rest of its request.
#[derive(Debug, Default)]
pub(super) struct Noted {
    /// Its id, if clients are told.
    pub(super) told: Option<HeaderValue>,
    /// What becomes of it is to be written to an index, if anything is. In a box, as it goes through all phases.
    pub(super) audited: Option<Box<Audited>>,
}

/// The last decisions.
#[derive(Debug, Clone)]
pub struct Decisions(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    /// How many there are at most.
    most: usize,
    /// Whether clients are told the id.
    is_told: bool,
    /// Where those go that are to be written to an index, if any are.
    trail: Option<AuditTrail>,
    process: String,
    next: AtomicU64,
    /// The oldest first. Claimed requests alone come here, and each for as long as it takes to move a pointer.
    last: Mutex<VecDeque<Arc<KeptDecision>>>,
}

impl Decisions {
    /// None so far, of which so many are kept. Clients may be told the id of each, and each may go into an audit trail.
    pub fn keeping(most: usize, is_told: bool, trail: Option<AuditTrail>) -> Result<Self, NoRandomness> {
        // What tells the decisions of one process from those of another.
        let mut bytes = [0_u8; 8];
        SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
        let process = format!("{:016x}", u64::from_be_bytes(bytes));
        Ok(Self(Arc::new(Kept {
            most,
            is_told,
            trail,
            process,
            next: AtomicU64::new(1),
            last: Mutex::default(),
        })))
    }

    /// Keeps a decision, if any are. It is one on a document that is there (`is_change`), or on a new one.
    pub(super) fn keep(&self, is_change: bool, decision: impl FnOnce(String) -> KeptDecision) -> Noted {
        let Kept {
            most,
            is_told,
            trail,
            process,
            next,
            last,
        } = &*self.0;
        if *most == 0 && !is_told && trail.is_none() {
            return Noted::default();
        }
        let id = format!("{process}-{}", next.fetch_add(1, Ordering::Relaxed));
        let told = is_told.then(|| HeaderValue::from_str(&id).ok()).flatten();
        if *most == 0 && trail.is_none() {
            return Noted { told, audited: None };
        }
        // Made before the lock is taken.
        let decision = Arc::new(decision(id));
        if *most > 0 {
            let decision = Arc::clone(&decision);
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let gone = (last.len() >= *most).then(|| last.pop_front());
            last.push_back(decision);
            drop(last);
            drop(gone);
        }
        let audited = trail
            .clone()
            .map(|trail| Box::new(Audited::new(trail, decision, is_change)));
        Noted { told, audited }
    }

    /// How many are kept at most.
    #[must_use]
    pub fn most(&self) -> usize {
        self.0.most
    }

    /// How many wait to be written to an index.
    #[must_use]
    pub fn unwritten(&self) -> usize {
        self.0.trail.as_ref().map_or(0, AuditTrail::waiting)
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
        let decisions = Decisions::keeping(2, false, None).expect("random numbers");
        for _ in 0..3 {
            assert_eq!(decisions.keep(false, KeptDecision::nothing).told, None);
        }
        let kept = decisions.list();
        let ids: Vec<&str> = kept.iter().map(|decision| decision.id()).collect();
        let process = ids[0].strip_suffix("-3").expect("the third one");
        assert_eq!(ids[1], format!("{process}-2"));
        assert!(decisions.get(ids[1]).is_some() && decisions.get(&format!("{process}-1")).is_none());

        let told = Decisions::keeping(0, true, None).expect("random numbers");
        let id = told.keep(false, KeptDecision::nothing).told.expect("an id");
        assert!(id.to_str().expect("a text").ends_with("-1") && told.list().is_empty());
    }

    #[test]
    fn each_goes_into_the_audit_trail_also_where_none_is_kept() {
        let trail = AuditTrail::holding(std::num::NonZero::<usize>::MIN);
        let decisions = Decisions::keeping(0, false, Some(trail.clone())).expect("random numbers");
        let noted = decisions.keep(false, KeptDecision::nothing);
        assert_eq!((noted.told.is_none(), trail.waiting()), (true, 0));
        drop(noted);
        assert_eq!((decisions.unwritten(), decisions.list().len()), (1, 0));
    }
}
