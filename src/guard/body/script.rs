//! Whether a script may choose which index a document goes to.
//!
//! In Painless it can do so through the variable `ctx` only: by its member `_index`, or by handing `ctx` on to something
//! that may set any member. A script is judged by its words: each `ctx` has to be followed by the name of another member,
//! each `params` (in 7.x a way to `ctx`) by one, and nothing may ask for the `metadata()` of the document.

use crate::guard::reason::{Reason, Unjudged};
use crate::xcontent::json::{Node, Token};

/// Where a script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// In a copy, where the document is `ctx._source`.
    Reindex,
    /// In an ingest pipeline, where the document's fields are members of `ctx`.
    Ingest,
}

/// The members of `ctx` in a copy that say nothing of the index.
const OF_A_COPY: [&str; 7] = ["_source", "_id", "_version", "_routing", "_now", "_type", "op"];

/// Methods of `ctx` that read.
const READING: [&str; 4] = ["containsKey", "get", "getOrDefault", "size"];

/// Fails unless a script leaves the index alone for certain.
pub(super) fn judge(script: Node<'_>, context: Context) -> Result<(), Reason> {
    let refused = || Reason::from(Unjudged::Script);
    if script.token() == Token::String {
        let source = script.as_text().ok_or_else(refused)?;
        return if leaves_index(&source, context) {
            Ok(())
        } else {
            Err(refused())
        };
    }
    let mut is_judged = false;
    for member in script.members() {
        let text = member.value.as_text();
        match member.name.as_ref() {
            "source" => is_judged = text.is_some_and(|source| leaves_index(&source, context)),
            "lang" if text.as_deref() == Some("painless") => {}
            "params" | "options" | "tag" | "description" | "if" | "ignore_failure" | "on_failure" => {}
            _ => return Err(refused()),
        }
    }
    if is_judged { Ok(()) } else { Err(refused()) }
}

fn leaves_index(source: &str, context: Context) -> bool {
    let mut rest = source;
    while let Some(start) = rest.find(is_word) {
        let from = rest.get(start..).unwrap_or_default();
        let end = from.find(|character| !is_word(character)).unwrap_or(from.len());
        let (word, after) = from.split_at_checked(end).unwrap_or((from, ""));
        let is_harmless = match word {
            "ctx" => is_other_member(after, context),
            "params" => member(after).is_some_and(|(name, _)| !matches!(name, "ctx" | "_ctx")),
            "metadata" => !after.trim_start().starts_with('('),
            _ => true,
        };
        if !is_harmless {
            return false;
        }
        rest = after;
    }
    true
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Whether what follows `ctx` is a member that has nothing to do with the index.
fn is_other_member(after: &str, context: Context) -> bool {
    let Some((name, after)) = member(after) else {
        return false;
    };
    let is_call = after.trim_start().starts_with('(');
    match context {
        Context::Reindex => OF_A_COPY.contains(&name) && !is_call,
        Context::Ingest => name != "_index" && (!is_call || READING.contains(&name)),
    }
}

/// The name of a member, written `.name`, `?.name` or `['name']`, and what follows it.
fn member(after: &str) -> Option<(&str, &str)> {
    let dotted = after.strip_prefix("?.").or_else(|| after.strip_prefix('.'));
    if let Some(named) = dotted {
        let end = named.find(|character| !is_word(character)).unwrap_or(named.len());
        return named.split_at_checked(end).filter(|(name, _)| !name.is_empty());
    }
    let quoted = after.strip_prefix('[')?;
    let (quote, quoted) = ['\'', '"']
        .iter()
        .find_map(|quote| Some((*quote, quoted.strip_prefix(*quote)?)))?;
    let (name, after) = quoted.split_once(quote)?;
    let after = after.strip_prefix(']')?;
    (!name.contains('\\')).then_some((name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_change_the_document_leave_the_index_alone() {
        for source in [
            "",
            "ctx._source.a = 1",
            "ctx._source['a'] = params.b + params['c']",
            "if (ctx._source.x == null) { ctx.op = 'noop' } ctx._id = ctx._source.id;",
            "ctx['_source'].remove('a')",
            "def total = 0; for (x in ctx._source.xs) { total += x }",
        ] {
            assert!(leaves_index(source, Context::Reindex), "{source}");
        }
        for source in [
            "ctx.a = ctx.b?.c",
            "ctx['a.b'] = 1",
            "if (ctx.containsKey('a')) ctx.metadata = 1",
            "ctx?.a",
        ] {
            assert!(leaves_index(source, Context::Ingest), "{source}");
        }
    }

    #[test]
    fn every_way_to_the_index_is_seen() {
        for source in [
            "ctx._index = 'jobs'",
            "ctx['_index'] = 'jobs'",
            "ctx[\"_index\"] = 'jobs'",
            "ctx['_in' + 'dex'] = 'jobs'",
            "ctx['\\x5findex'] = 1",
            "ctx. _index = 1",
            "ctx /**/ ._index = 1",
            "ctx?._index = 1",
            "ctx.put('_in' + 'dex', 'jobs')",
            "ctx.putAll(params.all)",
            "ctx .putAll(params.all)",
            "def c = ctx; c._index = 1",
            "f(ctx)",
            "params.ctx._index = 1",
            "params['ctx']._index = 1",
            "params['c' + 'tx']._index = 1",
            "params.values()[0]._index = 1; f(params)",
            "metadata().index = 'jobs'",
            "metadata ().index = 'jobs'",
        ] {
            for context in [Context::Reindex, Context::Ingest] {
                assert!(!leaves_index(source, context), "{source}");
            }
        }
    }
}
