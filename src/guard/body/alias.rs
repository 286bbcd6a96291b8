//! Aliases: one by the body of its own call, or many by a list of actions.

use crate::guard::names::Search;
use crate::guard::reason::{Reason, Unjudged};
use crate::xcontent::json::{Node, Token};

/// The member that holds a query, in which a text is no name of an index.
const FILTER: &str = "filter";

/// Members of an action that name nothing.
const NAMELESS: [&str; 8] = [
    FILTER,
    "routing",
    "index_routing",
    "search_routing",
    "is_write_index",
    "is_hidden",
    "must_exist",
    "indexRouting",
];

/// Judges the body of a call for one alias. Whatever its path says, a member `index` or `alias` at any depth counts.
pub(super) fn judge(root: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    outside_of_filters(root, &mut |_, value| super::names_in(value, search))
}

/// The same where the path names no index: without one in the body, all are meant.
pub(super) fn judge_unplaced(root: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    judge(root, search)?;
    let mut is_placed = false;
    outside_of_filters(root, &mut |name, value| {
        is_placed |= name == Some("index") && value.as_text().is_some();
        Ok(())
    })?;
    if is_placed {
        Ok(())
    } else {
        Err(Reason::in_body("_all"))
    }
}

/// Shows every scalar, with the name of the member that it is, but those in filters.
fn outside_of_filters(
    root: Node<'_>,
    see: &mut impl FnMut(Option<&str>, Node<'_>) -> Result<(), Reason>,
) -> Result<(), Reason> {
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        match value.token() {
            Token::Object => {
                for member in value.members() {
                    match member.value.token() {
                        Token::Object if member.name == FILTER => {}
                        Token::Object | Token::Array => open.push(member.value),
                        _ => see(Some(&member.name), member.value)?,
                    }
                }
            }
            Token::Array => open.extend(value.elements()),
            _ => see(None, value)?,
        }
    }
    Ok(())
}

/// Judges a list of actions. What is removed is removed from the index that is named, so there only the index counts.
pub(super) fn judge_actions(root: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    for member in root.members() {
        if member.name != "actions" {
            return Err(Unjudged::Ambiguous.into());
        }
        for action in member.value.elements() {
            for action in action.members() {
                match action.name.as_ref() {
                    "add" => judge_action(action.value, true, search)?,
                    "remove" | "remove_index" => judge_action(action.value, false, search)?,
                    _ => return Err(Unjudged::Ambiguous.into()),
                }
            }
        }
    }
    Ok(())
}

fn judge_action(action: Node<'_>, adds: bool, search: &mut Search<'_>) -> Result<(), Reason> {
    let mut is_placed = false;
    for member in action.members() {
        match member.name.as_ref() {
            "index" | "indices" => {
                is_placed = true;
                super::names_in(member.value, search)?;
            }
            "alias" | "aliases" if !adds => {}
            name if NAMELESS.contains(&name) => {}
            _ => super::names_in(member.value, search)?,
        }
    }
    if is_placed {
        Ok(())
    } else {
        Err(Reason::in_body("_all"))
    }
}
