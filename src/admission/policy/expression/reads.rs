//! Which parts of a document an expression reads, so that no more of it has to be made the language's.
//!
//! What is inside of a value is got at by its name, as in `job.analysis_config`, or by an operator, a function or a loop.
//! Of these `size` reads how many elements there are, and for all others the whole of the value is taken to be read.

use std::collections::BTreeMap;

use cel::common::ast::{Expr, IdedExpr};

use super::DOCUMENT;
use super::tree::children;
use crate::xcontent::json::{Node, Token};

/// The function that tells how many elements there are.
const SIZE: &str = "size";

/// What is read of a value. The default is that it is there, and of what kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Reads {
    whole: bool,
    size: bool,
    members: BTreeMap<String, Self>,
}

/// What is read of an element that is only counted.
static NOTHING: Reads = Reads {
    whole: false,
    size: false,
    members: BTreeMap::new(),
};

/// How many elements, members or characters there are.
fn size(node: Node<'_>) -> usize {
    match node.token() {
        Token::Array => node.elements().count(),
        Token::Object => node.members().count(),
        _ => node.as_text().map_or(0, |text| text.chars().count()),
    }
}

impl Reads {
    /// Adds what an expression reads of the document.
    pub(super) fn add(&mut self, expression: &IdedExpr) {
        match &expression.expr {
            Expr::Call(call) if call.func_name == SIZE => {
                let mut arguments = call.target.as_deref().into_iter().chain(&call.args);
                if let (Some(only), None) = (arguments.next(), arguments.next())
                    && let Some(read) = self.at(only)
                {
                    read.size = true;
                    return;
                }
            }
            Expr::Ident(_) | Expr::Select(_) => {
                if let Some(read) = self.at(expression) {
                    let asks_whether_there = matches!(&expression.expr, Expr::Select(select) if select.test);
                    read.whole |= !asks_whether_there;
                    return;
                }
            }
            _ => {}
        }
        for part in children(expression) {
            self.add(part);
        }
    }

    /// What is read of the part of the document that names lead to, if that is what an expression is.
    fn at(&mut self, expression: &IdedExpr) -> Option<&mut Self> {
        match &expression.expr {
            Expr::Ident(name) if name == DOCUMENT => Some(self),
            Expr::Select(select) => {
                let outer = self.at(&select.operand)?;
                Some(outer.members.entry(select.field.clone()).or_default())
            }
            _ => None,
        }
    }

    /// Whether all that is read is the same in two values that were written in the same manner.
    pub(super) fn are_alike(&self, before: Node<'_>, after: Node<'_>) -> bool {
        let is_same_kind = before.token() == after.token();
        if self.whole || !is_same_kind {
            return is_same_kind && before.raw() == after.raw();
        }
        if self.size && size(before) != size(after) {
            return false;
        }
        let mut members = self.members.iter();
        members.all(|(name, reads)| match (before.member(name), after.member(name)) {
            (Some(before), Some(after)) => reads.are_alike(before, after),
            (before, after) => before.is_none() && after.is_none(),
        })
    }

    /// What is read of the member of this name, if anything is.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        match self.members.get(name) {
            Some(member) if !self.whole => Some(member),
            _ => self.element(),
        }
    }

    /// What is read of each element, if anything is.
    pub(super) fn element(&self) -> Option<&Self> {
        if self.whole {
            return Some(self);
        }
        self.size.then_some(&NOTHING)
    }
}
