//! How much the bodies of claimed requests may take, of all workers together.

use std::num::NonZero;

use crate::config::Limits;
use crate::http::body_budget::BodyBudget;

/// Which part of the room for bodies there is besides, for the small ones that are read before it is known who sends them.
const EARLY_BODIES_PART: usize = 8;

/// How much there is of that at most, in bytes: a few thousand jobs.
const MAX_EARLY_BODIES: usize = 16 << 20;

/// Room for the bodies of claimed requests, of all workers together.
#[derive(Clone)]
pub(super) struct Budgets {
    pub(super) bodies: BodyBudget,
    /// Besides, for the small ones that are read before it is known who sends them.
    pub(super) early_bodies: BodyBudget,
}

impl Budgets {
    /// With so much room as the configuration says.
    pub(super) fn of(limits: &Limits) -> Self {
        let most_bodies = limits.bodies.0.map_or(usize::MAX, NonZero::get);
        Self {
            bodies: BodyBudget::new(most_bodies),
            early_bodies: BodyBudget::new((most_bodies / EARLY_BODIES_PART).min(MAX_EARLY_BODIES)),
        }
    }
}
