//! What a body of SMILE refers back to.

use super::{MAX_SHARED, Step};
use crate::xcontent::json::{FaultKind, Text};

/// Names or strings that can be referred back to.
pub(super) struct Shared<'b> {
    pub(super) seen: Option<Vec<Text<'b>>>,
}

impl<'b> Shared<'b> {
    pub(super) fn new(is_used: bool) -> Self {
        Self {
            seen: is_used.then(Vec::new),
        }
    }

    pub(super) fn add(&mut self, text: &Text<'b>) {
        if let Some(seen) = &mut self.seen {
            if seen.len() == MAX_SHARED {
                seen.clear();
            }
            seen.push(text.clone());
        }
    }

    pub(super) fn get(&self, index: usize) -> Step<Text<'b>> {
        let seen = self.seen.as_deref().unwrap_or_default();
        seen.get(index).cloned().ok_or_else(|| FaultKind::Unexpected {
            found: format!("reference {index}"),
            expected: "one to what was given before, in a body that has references",
        })
    }
}
