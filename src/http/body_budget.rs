//! How many bytes of bodies the gateway may hold, all requests together. It holds only what it reads itself; what is
//! forwarded streams through.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// There is no room for more of a body. Usual cause: many clients that send long bodies at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "data too large: with this one, the bodies that are being read would have {wanted} bytes, more than {limit}; repeat it later"
)]
pub struct NoRoom {
    /// How many bytes there would have been with what was asked for.
    pub wanted: usize,
    /// How many there may be.
    pub limit: usize,
}

/// So many bytes, shared by all threads.
#[derive(Debug, Clone)]
pub struct BodyBudget {
    held: Arc<AtomicUsize>,
    limit: usize,
}

impl BodyBudget {
    /// A budget of `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let held = Arc::default();
        Self { held, limit }
    }

    /// How many of its bytes are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// How many there are.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// A request's part of it: nothing yet.
    #[must_use]
    pub fn share(&self) -> BodyShare {
        let budget = self.clone();
        BodyShare { budget, held: 0 }
    }
}

/// What one request holds of a [`BodyBudget`], until it is dropped.
#[derive(Debug)]
pub struct BodyShare {
    budget: BodyBudget,
    held: usize,
}

impl BodyShare {
    /// Takes `bytes` more, or nothing at all. Nobody waits for room: those who wait would hold what they have, and could
    /// wait for each other.
    pub fn grow(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let limit = self.budget.limit;
        let grown = |held: usize| held.checked_add(bytes).filter(|held| *held <= limit);
        let taken = self
            .budget
            .held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown);
        let wanted = |held: usize| held.saturating_add(bytes);
        taken.map_err(|held| NoRoom {
            wanted: wanted(held),
            limit,
        })?;
        self.held += bytes;
        Ok(())
    }
}

impl Drop for BodyShare {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.held, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_take_no_more_than_there_is_and_give_all_of_it_back() {
        let budget = BodyBudget::new(10);
        let (mut first, mut second) = (budget.share(), budget.share());
        first.grow(6).expect("there is room");
        let refused = second.grow(5).expect_err("there is room for 4");
        assert_eq!(refused, NoRoom { wanted: 11, limit: 10 });
        second.grow(4).expect("a refusal has taken nothing");
        first.grow(0).expect("nothing is always there");
        drop(first);
        second.grow(6).expect("what the first one had");
        second.grow(usize::MAX).expect_err("no sum is beyond all numbers");
    }
}
