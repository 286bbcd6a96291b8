//! A copy from index to index: it may read the protected one, and must not write to it.

use super::script::{self, Context};
use crate::guard::names::Search;
use crate::guard::reason::{Reason, Unjudged};
use crate::xcontent::json::Node;

/// Judges the body of a copy.
pub(super) fn judge(root: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    for member in root.members() {
        match member.name.as_ref() {
            "source" | "conflicts" | "max_docs" | "size" | "slices" => {}
            "dest" => judge_destination(member.value, search)?,
            "script" => script::judge(member.value, Context::Reindex)?,
            _ => return Err(Unjudged::Ambiguous.into()),
        }
    }
    Ok(())
}

fn judge_destination(destination: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    for member in destination.members() {
        if member.name == "index" {
            super::names_in(member.value, search)?;
        }
    }
    Ok(())
}
