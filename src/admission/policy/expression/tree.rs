//! An expression as a tree.

use cel::common::ast::{EntryExpr, Expr, IdedEntryExpr, IdedExpr};

/// The expressions directly inside of one.
pub(super) fn children<'e>(expression: &'e IdedExpr) -> Vec<&'e IdedExpr> {
    let of_entries = |entries: &'e [IdedEntryExpr]| entries.iter().flat_map(|entry| of_entry(&entry.expr)).collect();
    match &expression.expr {
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Vec::new(),
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Comprehension(inner) => vec![
            &inner.iter_range,
            &inner.accu_init,
            &inner.loop_cond,
            &inner.loop_step,
            &inner.result,
        ],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => of_entries(&map.entries),
        Expr::Struct(inner) => of_entries(&inner.entries),
        Expr::Select(select) => vec![&select.operand],
    }
}

/// Whether an expression nests deeper than so many levels. Looks no deeper than that.
pub(super) fn is_deeper_than(levels: usize, expression: &IdedExpr) -> bool {
    let below = |inner: &IdedExpr| levels == 0 || is_deeper_than(levels - 1, inner);
    children(expression).into_iter().any(below)
}

fn of_entry(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
        EntryExpr::StructField(field) => vec![&field.value],
    }
}
