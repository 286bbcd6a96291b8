//! A document that is being judged, and what judging it by many policies shares.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use serde_json::Value;

use super::Policy;
use super::expression::{Needs, Surroundings};
use super::measure::{MOST_LEVELS, MOST_STEPS_OF_ALL, MOST_STEPS_OF_ONE, Measure};
use super::schema::Fault;
use crate::xcontent::json::Node;

/// Why a policy was not evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unjudged {
    /// Usual cause: settings that somebody has put whole documents into.
    #[error("the document nests more than {MOST_LEVELS} levels")]
    TooDeep,
    /// Usual cause: loops in loops over a document with long lists.
    #[error("it could take more than {MOST_STEPS_OF_ONE} steps for a document of this size")]
    TooCostly,
    /// Usual cause: very many policies over a large document.
    #[error("all policies together could take more than {MOST_STEPS_OF_ALL} steps for a document of this size")]
    Spent,
    /// The expression has no answer.
    #[error(transparent)]
    Expression(#[from] super::expression::EvaluationError),
}

/// A document that is being judged.
pub(super) struct Examined<'d> {
    document: Node<'d>,
    measure: Measure,
    needs: &'d Arc<Needs>,
    surroundings: OnceCell<Surroundings<'d>>,
    steps: Cell<u64>,
}

impl<'d> Examined<'d> {
    /// A document for policies whose expressions need this.
    pub(super) fn new(document: Node<'d>, needs: &'d Arc<Needs>) -> Self {
        Self {
            document,
            measure: Measure::of(document),
            needs,
            surroundings: OnceCell::new(),
            steps: Cell::new(0),
        }
    }

    /// The document.
    pub(super) const fn document(&self) -> Node<'d> {
        self.document
    }

    /// What the document does not keep of a policy.
    pub(super) fn faults(&self, policy: &Policy) -> Result<Vec<Fault>, Unjudged> {
        self.spend(policy)?;
        let mut faults = policy
            .schema
            .as_ref()
            .map(|schema| schema.faults(self.document))
            .unwrap_or_default();
        if let Some(rule) = &policy.rule {
            let surroundings = self
                .surroundings
                .get_or_init(|| Surroundings::of(self.document, self.needs));
            if !rule.holds(surroundings)? {
                // Whoever has written a message wants people to read that.
                faults.push(match policy.message {
                    None => Fault {
                        pointer: String::new(),
                        limit: rule.text().into(),
                        text: format!("does not keep `{}`", rule.text()),
                    },
                    Some(_) => Fault {
                        pointer: String::new(),
                        limit: Value::Null,
                        text: "does not keep its rule".to_owned(),
                    },
                });
            }
        }
        Ok(faults)
    }

    /// Counts what a policy may cost, if that is not too much.
    fn spend(&self, policy: &Policy) -> Result<(), Unjudged> {
        let steps = policy.steps(&self.measure).ok_or(Unjudged::TooDeep)?;
        if steps > MOST_STEPS_OF_ONE {
            return Err(Unjudged::TooCostly);
        }
        let spent = self.steps.get().saturating_add(steps);
        if spent > MOST_STEPS_OF_ALL {
            return Err(Unjudged::Spent);
        }
        self.steps.set(spent);
        Ok(())
    }
}
