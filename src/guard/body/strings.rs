//! Every text in a body, for calls of which nothing more is known.

use crate::guard::names::Search;
use crate::guard::reason::{Reason, Unjudged};
use crate::xcontent::json::{Node, Token};

/// What opens and closes the part of a text that a template fills in.
const TEMPLATE: (&str, &str) = ("{{", "}}");

/// Fails if any name or text in a body could name the index, or has its name in it.
pub(super) fn judge(root: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    each(root, &mut |text| {
        search.text(text)?;
        if text.contains(TEMPLATE.0) {
            search.pattern(&filled_in(text))?;
        }
        Ok(())
    })
}

/// Fails if a statement may delete. Those that read pass.
pub(super) fn judge_statement(root: Node<'_>) -> Result<(), Reason> {
    each(root, &mut |text| {
        if text.to_ascii_lowercase().contains("delete") {
            return Err(Unjudged::Statement.into());
        }
        Ok(())
    })
}

/// A text with a wildcard for each part that a template fills in, `{{…}}` or `{{{…}}}`.
pub(super) fn filled_in(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(TEMPLATE.0) {
        read.push_str(before);
        read.push('*');
        rest = after
            .split_once(TEMPLATE.1)
            .map_or("", |(_, behind)| behind.trim_start_matches('}'));
    }
    read + rest
}

/// Shows every text in a value: names of members, and scalars as a parser gives them that asks for text.
pub(super) fn each(root: Node<'_>, see: &mut impl FnMut(&str) -> Result<(), Reason>) -> Result<(), Reason> {
    // Values nest a thousand levels deep.
    let mut containers = vec![root];
    while let Some(container) = containers.pop() {
        match container.token() {
            Token::Object => {
                for member in container.members() {
                    see(&member.name)?;
                    visit(member.value, &mut containers, see)?;
                }
            }
            Token::Array => {
                for element in container.elements() {
                    visit(element, &mut containers, see)?;
                }
            }
            _ => visit(container, &mut Vec::new(), see)?,
        }
    }
    Ok(())
}

fn visit<'n>(
    value: Node<'n>,
    containers: &mut Vec<Node<'n>>,
    see: &mut impl FnMut(&str) -> Result<(), Reason>,
) -> Result<(), Reason> {
    if matches!(value.token(), Token::Object | Token::Array) {
        containers.push(value);
        return Ok(());
    }
    super::text_of(value).map_or(Ok(()), |text| see(&text))
}
