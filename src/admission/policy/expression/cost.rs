//! What evaluating an expression may cost, found out without evaluating it.
//!
//! Every part of an expression costs a step. A loop costs what is inside of it once for each element that the list or map
//! may have which it goes through; and what copies or compares a value costs what the value weighs. How large the value of
//! each part may become follows from the document's measure and from what makes values larger: lists that are written
//! or made by `map`, and `+`, which can double a text at every step of a nest of loops. It is an upper bound, and far
//! above the truth.

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

use super::super::measure::{BYTES_IN_A_STEP, Measure};
use super::tree::children;
use super::{DOCUMENT, MATCHES};

/// Functions that look at their arguments and say yes, no or how many.
const PREDICATES: [&str; 15] = [
    MATCHES,
    "contains",
    "endsWith",
    "size",
    "startsWith",
    operators::EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::IN,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::LOGICAL_AND,
    operators::LOGICAL_NOT,
    operators::LOGICAL_OR,
    operators::NOT_EQUALS,
];

/// Those that look at no more than a bit of them.
const CHEAP: [&str; 5] = [
    "size",
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_NOT,
    operators::LOGICAL_OR,
];

/// How large a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extent {
    /// What copying it takes, in steps.
    weight: u64,
    /// How many elements the longest list or map in it has.
    longest: u64,
    /// How many bytes the longest text in it has.
    text: u64,
}

/// A number or truth value, also as a text.
const SCALAR: Extent = Extent {
    weight: 2,
    longest: 0,
    text: 32,
};

impl Extent {
    /// A value that is made of these.
    fn all_of(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(SCALAR, |all, part| Self {
            weight: all.weight.saturating_add(part.weight),
            longest: all.longest.max(part.longest),
            text: all.text.max(part.text),
        })
    }
}

/// What evaluating an expression over a document of this measure may cost, in steps.
pub(super) fn steps(expression: &IdedExpr, document: &Measure) -> u64 {
    let document = Extent {
        weight: document.weight,
        longest: document.longest,
        text: document.longest_text,
    };
    let mut costs = Costs {
        steps: 0,
        bound: vec![(DOCUMENT, document)],
    };
    costs.add(expression, 1);
    costs.steps
}

struct Costs<'e> {
    steps: u64,
    /// The names that are known, and how large what they stand for may be; the innermost last.
    bound: Vec<(&'e str, Extent)>,
}

impl<'e> Costs<'e> {
    /// Counts evaluating an expression so many times, and gives how large its value may be.
    fn add(&mut self, expression: &'e IdedExpr, times: u64) -> Extent {
        self.count(1, times);
        match &expression.expr {
            Expr::Ident(name) => {
                let mut bound = self.bound.iter().rev();
                bound
                    .find(|(known, _)| known == name)
                    .map_or(SCALAR, |(_, extent)| *extent)
            }
            Expr::Literal(literal) => {
                let bytes = match literal {
                    LiteralValue::String(text) => text.len() as u64,
                    LiteralValue::Bytes(bytes) => bytes.len() as u64,
                    _ => 0,
                };
                Extent {
                    weight: SCALAR.weight + bytes / BYTES_IN_A_STEP,
                    longest: 0,
                    text: SCALAR.text.max(bytes),
                }
            }
            Expr::Call(call) => {
                let arguments = call.target.as_deref().into_iter().chain(&call.args);
                let arguments: Vec<Extent> = arguments.map(|argument| self.add(argument, times)).collect();
                self.call(&call.func_name, &arguments, times)
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, times),
            Expr::Select(select) => self.add(&select.operand, times),
            Expr::List(_) | Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                let parts: Vec<Extent> = children(expression)
                    .into_iter()
                    .map(|part| self.add(part, times))
                    .collect();
                let all = Extent::all_of(parts.iter().copied());
                self.count(all.weight, times);
                Extent {
                    longest: all.longest.max(parts.len() as u64),
                    ..all
                }
            }
        }
    }

    fn call(&mut self, name: &str, arguments: &[Extent], times: u64) -> Extent {
        let all = Extent::all_of(arguments.iter().copied());
        let sum = |of: fn(&Extent) -> u64| arguments.iter().map(of).fold(0, u64::saturating_add);
        if name == MATCHES {
            // A pattern is followed byte by byte.
            self.count(all.text, times);
        } else if !CHEAP.contains(&name) {
            self.count(all.weight, times);
        }
        if PREDICATES.contains(&name) {
            return SCALAR;
        }
        if name == operators::ADD {
            return Extent {
                longest: sum(|argument| argument.longest),
                text: sum(|argument| argument.text),
                ..all
            };
        }
        all
    }

    /// Counts a loop. All loops are made by macros: they answer with a truth value, a count, or a list to which each
    /// round adds an element at most.
    fn comprehension(&mut self, comprehension: &'e ComprehensionExpr, times: u64) -> Extent {
        let range = self.add(&comprehension.iter_range, times);
        let start = self.add(&comprehension.accu_init, times);
        let rounds = times.saturating_mul(range.longest);
        // Each element is copied to become the variable of the loop.
        self.count(range.weight, rounds);
        let known = self.bound.len();
        self.bound.push((&comprehension.iter_var, range));
        self.bound
            .extend(comprehension.iter_var2.as_deref().map(|name| (name, range)));
        self.bound.push((&comprehension.accu_var, start));
        self.add(&comprehension.loop_cond, rounds);
        let round = self.add(&comprehension.loop_step, rounds);
        let makes_list = matches!(comprehension.accu_init.expr, Expr::List(_));
        let made = if makes_list {
            Extent {
                weight: round.weight.saturating_mul(range.longest).saturating_add(start.weight),
                longest: round.longest.max(range.longest),
                text: round.text,
            }
        } else {
            round
        };
        if let Some((_, accumulated)) = self.bound.last_mut() {
            *accumulated = made;
        }
        let result = self.add(&comprehension.result, times);
        self.bound.truncate(known);
        result
    }

    fn count(&mut self, steps: u64, times: u64) {
        self.steps = self.steps.saturating_add(steps.saturating_mul(times));
    }
}
