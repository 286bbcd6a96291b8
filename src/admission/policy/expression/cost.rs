//! What evaluating an expression may cost, found out without evaluating it.
//!
//! Every part of an expression costs a step. A loop costs what is inside of it once for each element that the list or map
//! may have which it goes through; and what copies or compares a value costs what the value weighs. How large the value of
//! each part may become follows from the document's measure and from what makes values larger: lists that are written
//! or made by `map`, and `+`, which can double a text at every step of a nest of loops. It is an upper bound, and far
//! above the truth.

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

use super::super::measure::{BYTES_IN_A_STEP, Extent, Level, Measure};
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

/// A number or truth value, also as a text.
const SCALAR: Extent = Extent {
    weight: 2,
    longest: 0,
    text: 32,
};

/// What is known of the value of a part.
#[derive(Debug, Clone, Copy)]
struct Bound {
    extent: Extent,
    /// On which level of the document it is, when it is a part of it.
    level: Option<usize>,
}

impl From<Extent> for Bound {
    fn from(extent: Extent) -> Self {
        Self { extent, level: None }
    }
}

/// The parts that a value is made of, taken together.
#[derive(Debug, Clone, Copy)]
struct Parts {
    /// The extent of a list of them.
    all: Extent,
    count: u64,
    /// How many elements they have together, and how many bytes, if they are put one behind the other.
    joined: (u64, u64),
}

impl Parts {
    const NONE: Self = Self {
        all: SCALAR,
        count: 0,
        joined: (0, 0),
    };

    fn and(self, part: Extent) -> Self {
        Self {
            all: Extent {
                weight: self.all.weight.saturating_add(part.weight),
                ..self.all.or(part)
            },
            count: self.count + 1,
            joined: (
                self.joined.0.saturating_add(part.longest),
                self.joined.1.saturating_add(part.text),
            ),
        }
    }
}

/// What evaluating an expression over a document of this measure may cost, in steps.
pub(super) fn steps(expression: &IdedExpr, document: &Measure) -> u64 {
    let mut costs = Costs {
        steps: 0,
        levels: document.levels.as_deref().unwrap_or_default(),
        bound: Vec::new(),
    };
    costs.bound.push((DOCUMENT, costs.on_level(0)));
    costs.add(expression, 1);
    costs.steps
}

struct Costs<'e> {
    steps: u64,
    levels: &'e [Level],
    /// The names that are known, and how large what they stand for may be; the innermost last.
    bound: Vec<(&'e str, Bound)>,
}

impl<'e> Costs<'e> {
    /// Counts evaluating an expression so many times, and gives how large its value may be.
    fn add(&mut self, expression: &'e IdedExpr, times: u64) -> Bound {
        self.count(1, times);
        match &expression.expr {
            Expr::Ident(name) => {
                let mut bound = self.bound.iter().rev();
                bound
                    .find(|(known, _)| known == name)
                    .map_or(SCALAR.into(), |(_, bound)| *bound)
            }
            Expr::Literal(literal) => {
                let bytes = match literal {
                    LiteralValue::String(text) => text.len() as u64,
                    LiteralValue::Bytes(bytes) => bytes.len() as u64,
                    _ => 0,
                };
                let extent = Extent {
                    weight: SCALAR.weight + bytes / BYTES_IN_A_STEP,
                    longest: 0,
                    text: SCALAR.text.max(bytes),
                };
                extent.into()
            }
            Expr::Call(call) => {
                let arguments = call.target.as_deref().into_iter().chain(&call.args);
                let arguments = self.add_all(arguments, times);
                self.call(&call.func_name, arguments, times).into()
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, times),
            Expr::Select(select) => {
                let operand = self.add(&select.operand, times);
                self.inside(operand)
            }
            Expr::List(_) | Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                let parts = self.add_all(children(expression), times);
                self.count(parts.all.weight, times);
                let extent = Extent {
                    longest: parts.all.longest.max(parts.count),
                    ..parts.all
                };
                extent.into()
            }
        }
    }

    fn add_all(&mut self, expressions: impl IntoIterator<Item = &'e IdedExpr>, times: u64) -> Parts {
        let expressions = expressions.into_iter();
        expressions.fold(Parts::NONE, |parts, part| parts.and(self.add(part, times).extent))
    }

    /// A value on a level of the document: there may be none.
    fn on_level(&self, level: usize) -> Bound {
        let there = self.levels.get(level).map_or(SCALAR, |level| level.extent);
        Bound {
            extent: there.or(SCALAR),
            level: Some(level),
        }
    }

    /// A value that is in another: what is in a part of the document is a level deeper.
    fn inside(&self, bound: Bound) -> Bound {
        bound.level.map_or(bound, |level| self.on_level(level + 1))
    }

    fn call(&mut self, name: &str, Parts { all, joined, .. }: Parts, times: u64) -> Extent {
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
                longest: joined.0,
                text: joined.1,
                ..all
            };
        }
        all
    }

    /// Counts a loop. All loops are made by macros: they answer with a truth value, a count, or a list to which each
    /// round adds an element at most.
    fn comprehension(&mut self, comprehension: &'e ComprehensionExpr, times: u64) -> Bound {
        let range = self.add(&comprehension.iter_range, times);
        let start = self.add(&comprehension.accu_init, times);
        let element = self.inside(range);
        let range = range.extent;
        let rounds = times.saturating_mul(range.longest);
        // Each element is copied to become the variable of the loop: all of them once.
        self.count(range.weight, times);
        let known = self.bound.len();
        self.bound.push((&comprehension.iter_var, element));
        self.bound
            .extend(comprehension.iter_var2.as_deref().map(|name| (name, element)));
        self.bound.push((&comprehension.accu_var, start));
        self.add(&comprehension.loop_cond, rounds);
        let round = self.add(&comprehension.loop_step, rounds);
        let makes_list = matches!(comprehension.accu_init.expr, Expr::List(_));
        let made = if makes_list {
            let (round, start) = (round.extent, start.extent);
            let extent = Extent {
                weight: round.weight.saturating_mul(range.longest).saturating_add(start.weight),
                longest: round.longest.max(range.longest),
                text: round.text,
            };
            extent.into()
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
