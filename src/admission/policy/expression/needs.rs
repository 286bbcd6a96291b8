//! What expressions need of their surroundings.

use super::Expression;
use super::patterns::Patterns;
use super::reads::Reads;

/// What some expressions need of their surroundings, put together once for all documents.
#[derive(Debug, Default)]
pub struct Needs {
    /// Their regular expressions.
    pub(super) patterns: Patterns,
    /// Which parts of a document they read.
    pub(super) reads: Reads,
}

impl Needs {
    /// What these expressions need.
    pub(in crate::admission::policy) fn of<'e>(expressions: impl Iterator<Item = &'e Expression>) -> Self {
        let mut needs = Self::default();
        for expression in expressions {
            needs.patterns.extend(expression.patterns.clone());
            needs.reads.add(expression.program.expression());
        }
        needs
    }
}
