//! Which violations a document had before it was changed, and the change leaves as they were.
//!
//! Whoever changes the description of a document need not first repair what was wrong with it; whoever touches what is wrong
//! does. Where it is not certain that a change leaves alone what is wrong, it is taken to touch it.

use super::evaluation::at;
use super::{Policy, Violation};
use crate::xcontent::json::Node;

/// How the fault begins of an object that lacks a member.
const LACKS: &str = "lacks [";

impl Policy {
    /// Whether a violation of the policy is one of those that there were before, in a document that is now another, at a place
    /// that is the same in both.
    pub(in crate::admission) fn was_violated(
        &self,
        violation: &Violation,
        existing: &[Violation],
        [before, after]: [Node<'_>; 2],
    ) -> bool {
        let is_alike = |other: &&Violation| {
            let told = |violation: &Violation| (violation.policy.clone(), violation.pointer.clone());
            told(other) == told(violation) && other.fault == violation.fault && other.limit == violation.limit
        };
        existing.iter().any(|other| is_alike(&other)) && self.leaves_alone(violation, [before, after])
    }

    /// Whether what is wrong is the same in both documents.
    fn leaves_alone(&self, violation: &Violation, [before, after]: [Node<'_>; 2]) -> bool {
        // What is missing is missing, whatever else an object has.
        if violation.fault.starts_with(LACKS) && self.rule.is_none() {
            return true;
        }
        match (&self.rule, &self.schema) {
            (Some(rule), None) => rule.reads_alike(before, after),
            // Which of the two has found it, only its place tells, and of the whole document both may have.
            (Some(rule), Some(_)) if violation.pointer.is_empty() => {
                before.raw() == after.raw() || violation.fault.contains(rule.text()) && rule.reads_alike(before, after)
            }
            _ => {
                let [before, after] = [before, after].map(|document| at(document, &violation.pointer).map(Node::raw));
                before.is_some() && before == after
            }
        }
    }
}
