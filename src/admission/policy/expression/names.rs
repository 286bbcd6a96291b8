//! The names that an expression asks its surroundings for.

use cel::common::ast::{Expr, IdedExpr};

use super::tree::children;

/// The first name that is neither `given` nor made by the expression itself, such as the variable of a loop.
pub(super) fn unknown<'e>(expression: &'e IdedExpr, given: &'static str) -> Option<&'e str> {
    let mut bound = vec![given];
    find(expression, &mut bound)
}

fn find<'e>(expression: &'e IdedExpr, bound: &mut Vec<&'e str>) -> Option<&'e str> {
    match &expression.expr {
        Expr::Ident(name) => (!bound.contains(&name.as_str())).then_some(name),
        Expr::Comprehension(inner) => {
            let outside = [&inner.iter_range, &inner.accu_init];
            if let Some(name) = outside.into_iter().find_map(|part| find(part, bound)) {
                return Some(name);
            }
            let before = bound.len();
            bound.push(&inner.iter_var);
            bound.extend(inner.iter_var2.as_deref());
            bound.push(&inner.accu_var);
            let inside = [&inner.loop_cond, &inner.loop_step, &inner.result];
            let found = inside.into_iter().find_map(|part| find(part, bound));
            bound.truncate(before);
            found
        }
        _ => children(expression).into_iter().find_map(|part| find(part, bound)),
    }
}
