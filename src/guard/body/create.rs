//! Indices that are made, now or from a template later: a name that leads to the protected index, or takes its place, may
//! be among their aliases, and a template may be for it.

use crate::guard::names::Search;
use crate::guard::reason::Reason;
use crate::xcontent::json::{Node, Token};

const ALIASES: &str = "aliases";

/// Judges the body of a call that makes an index.
pub(super) fn judge_index(root: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    aliases(root, search)
}

/// Judges a template, of either kind, or a component of one.
pub(super) fn judge_template(root: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    aliases(root, search)?;
    if let Some(patterns) = root.member("index_patterns") {
        super::names_in(patterns, search)?;
    }
    match root.member("template") {
        // What an index gets that is made from it.
        Some(template) if template.token() == Token::Object => aliases(template, search),
        // Until 7.0, its pattern.
        Some(pattern) => super::names_in(pattern, search),
        None => Ok(()),
    }
}

/// The aliases of an index are the names of members. In a template `{index}` stands for the name of the index.
fn aliases(node: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    let Some(aliases) = node.member(ALIASES) else {
        return Ok(());
    };
    if aliases.token() != Token::Object {
        return super::names_in(aliases, search);
    }
    for alias in aliases.members() {
        search.list(&alias.name)?;
        if alias.name.contains("{index}") {
            search.pattern(&alias.name.replace("{index}", "*"))?;
        }
    }
    Ok(())
}
