//! The regular expressions in expressions. They are compiled once, and so bounded: the language's own `matches` would
//! compile them for every text, and those that a document has, too.

use std::collections::HashMap;

use cel::common::ast::{Expr, IdedExpr, LiteralValue};
use regex::{Regex, RegexBuilder};

use super::super::MOST_PATTERN_BYTES;
use super::tree::children;
use super::{ExpressionError, MATCHES};

/// Patterns, by how they are written.
pub(super) type Patterns = HashMap<String, Regex>;

/// Compiles the patterns of an expression.
pub(super) fn patterns(expression: &IdedExpr, found: &mut Patterns) -> Result<(), ExpressionError> {
    if let Expr::Call(call) = &expression.expr
        && call.func_name == MATCHES
    {
        let Some(Expr::Literal(LiteralValue::String(pattern))) = call.args.last().map(|argument| &argument.expr) else {
            return Err(ExpressionError::UnwrittenPattern);
        };
        let regex = RegexBuilder::new(pattern.inner())
            .size_limit(MOST_PATTERN_BYTES)
            .build();
        let regex = regex.map_err(|error| ExpressionError::Pattern(super::one_line(&error.to_string())))?;
        found.insert(pattern.inner().to_owned(), regex);
    }
    children(expression)
        .into_iter()
        .try_for_each(|part| patterns(part, found))
}
