//! What evaluating an expression may cost, found out without evaluating it.
//!
//! Every part of an expression costs a step; a loop costs what is inside of it once for each element that a list or map
//! of the document, or of the expression, may have; and what may look at all of a text costs more for a long document.
//! It is an upper bound, and far above the truth.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};

use super::tree::children;
use crate::es::json::{Member, Node};

/// How many steps an evaluation may take. A million take some hundred milliseconds at the very most.
const MOST_STEPS: u64 = 1_000_000;

/// How many bytes of a document a function looks at, or copies, in a step.
const BYTES_READ: u64 = 1024;
const BYTES_COPIED: u64 = 64;

/// Whether evaluating an expression over a document costs less than it may.
pub(super) fn is_affordable(expression: &IdedExpr, document: Node<'_>) -> bool {
    let mut longest = longest_literal(expression);
    longest_inside(document, &mut longest);
    let bytes = (document.end().saturating_sub(document.start())) as u64;
    let model = Model { longest, bytes };
    model.steps(expression) <= MOST_STEPS
}

/// How long the longest list or map of a document is.
fn longest_inside(node: Node<'_>, longest: &mut u64) {
    let (mut members, mut elements) = (0, 0);
    for Member { value, .. } in node.members() {
        members += 1;
        longest_inside(value, longest);
    }
    for element in node.elements() {
        elements += 1;
        longest_inside(element, longest);
    }
    *longest = (*longest).max(members).max(elements);
}

struct Model {
    longest: u64,
    bytes: u64,
}

impl Model {
    fn steps(&self, expression: &IdedExpr) -> u64 {
        let below = match &expression.expr {
            Expr::Comprehension(comprehension) => {
                let each = self
                    .steps(&comprehension.loop_cond)
                    .saturating_add(self.steps(&comprehension.loop_step));
                // A list that grows by an element is copied.
                let grows = matches!(comprehension.accu_init.expr, Expr::List(_));
                let each = if grows { each.saturating_add(self.longest) } else { each };
                let once = [
                    &comprehension.iter_range,
                    &comprehension.accu_init,
                    &comprehension.result,
                ];
                self.sum(once).saturating_add(each.saturating_mul(self.longest))
            }
            Expr::Call(call) => {
                let bytes_a_step = if call.func_name == operators::ADD {
                    BYTES_COPIED
                } else {
                    BYTES_READ
                };
                let arguments = call.target.as_deref().into_iter().chain(&call.args);
                self.sum(arguments).saturating_add(self.bytes / bytes_a_step)
            }
            _ => self.sum(children(expression)),
        };
        below.saturating_add(1)
    }

    fn sum<'e>(&self, expressions: impl IntoIterator<Item = &'e IdedExpr>) -> u64 {
        let steps = expressions.into_iter().map(|expression| self.steps(expression));
        steps.fold(0, u64::saturating_add)
    }
}

/// How long the longest list, map or text of an expression is.
fn longest_literal(expression: &IdedExpr) -> u64 {
    let own = match &expression.expr {
        Expr::List(list) => list.elements.len(),
        Expr::Map(map) => map.entries.len(),
        Expr::Literal(LiteralValue::String(text)) => text.len(),
        _ => 0,
    };
    let inside = children(expression).into_iter().map(longest_literal);
    inside.fold(own as u64, u64::max)
}
