//! What a body writes to, where it is the body that says it.

mod alias;
mod bulk;
mod create;
mod pipeline;
mod reindex;
mod restore;
mod script;
mod strings;

use std::borrow::Cow;

use super::names::Search;
use super::reason::{Reason, Unjudged};
use crate::xcontent::json::{Document, Node};

pub(super) use bulk::Bulk;

/// Whose body it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// Operations on documents, a line each, most with a document on the next line.
    Bulk,
    /// A copy from index to index.
    Reindex,
    /// Aliases to add and remove, and indices to remove.
    AliasActions,
    /// One alias, for an index in the path unless the body names another.
    Alias,
    /// One alias, for the index that the body names.
    UnplacedAlias,
    /// An index, with its aliases.
    CreateIndex,
    /// A template, or a part of one: for which indices it is, and the aliases of those.
    Template,
    /// An ingest pipeline, which may choose where documents go.
    Pipeline,
    /// What is brought back from a snapshot, and under which names.
    Restore,
    /// A statement of SQL.
    Statement,
    /// That of a call of which nothing is known: whatever is in it may be a name.
    Strings,
}

impl BodyKind {
    /// The body of the same call where neither its path nor its query has an index.
    pub(super) const fn without_an_index(self) -> Self {
        match self {
            Self::Alias => Self::UnplacedAlias,
            other => other,
        }
    }
}

/// Judges a body that is there as a whole.
pub(super) fn judge(kind: BodyKind, body: &[u8], search: &mut Search<'_>) -> Result<(), Reason> {
    let document = Document::read(body);
    if document.fault().is_some() {
        return Err(Unjudged::Syntax.into());
    }
    // Some readers go on behind the first value (the alias API does), others stop there.
    if document.is_followed() {
        return Err(Unjudged::Ambiguous.into());
    }
    let Some(root) = document.root() else {
        return judge_nothing(kind);
    };
    match kind {
        BodyKind::Reindex => reindex::judge(root, search),
        BodyKind::AliasActions => alias::judge_actions(root, search),
        BodyKind::Alias => alias::judge(root, search),
        BodyKind::UnplacedAlias => alias::judge_unplaced(root, search),
        BodyKind::CreateIndex => create::judge_index(root, search),
        BodyKind::Template => create::judge_template(root, search),
        BodyKind::Pipeline => pipeline::judge(root, search),
        BodyKind::Restore => restore::judge(root, search),
        BodyKind::Statement => strings::judge_statement(root),
        BodyKind::Bulk | BodyKind::Strings => strings::judge(root, search),
    }
}

/// Judges a body that is empty.
fn judge_nothing(kind: BodyKind) -> Result<(), Reason> {
    match kind {
        BodyKind::Restore => Err(Unjudged::Restore.into()),
        BodyKind::UnplacedAlias => Err(Reason::in_body("_all")),
        _ => Ok(()),
    }
}

/// The text of a scalar as a parser gives it that asks for text, whatever the scalar is.
fn text_of(node: Node<'_>) -> Option<Cow<'_, str>> {
    if let Some(text) = node.as_text() {
        return Some(text);
    }
    let is_scalar = node.as_number().is_some() || node.as_boolean().is_some();
    is_scalar.then(|| Cow::Borrowed(node.raw()))
}

/// Fails if a value could name the index: a name, a list of names in a text, or a list of texts.
fn names_in(node: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    let mut is_first = true;
    strings::each(node, &mut |text| {
        // After the first, a minus sign leaves out what is named; that it is in the list at all is for the others to say.
        let named = if is_first {
            text
        } else {
            text.strip_prefix('-').unwrap_or(text)
        };
        is_first = false;
        search.list(named)
    })
}
