//! Ingest pipelines: a pipeline writes nothing by itself, but may send a document to another index than the one that it
//! was written to.
//!
//! It does so by setting the field `_index`. That is refused unless the value is a text that names another index, and so is
//! what may set fields that documents or templates choose.

use super::script::{self, Context};
use super::strings::filled_in;
use crate::guard::names::Search;
use crate::guard::reason::{Reason, Unjudged};
use crate::xcontent::json::{Node, Token};

/// The field that says which index a document goes to.
const INDEX: &str = "_index";

/// Members that are no fields of documents: conditions, which change nothing, and texts for people.
const NO_FIELDS: [&str; 5] = ["if", "description", "tag", "value", "_meta"];

/// Judges a pipeline.
pub(super) fn judge(root: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        for member in value.members() {
            judge_member(&member.name, member.value, &mut open, search)?;
        }
        for element in value.elements() {
            judge_field(element)?;
            open.push(element);
        }
    }
    Ok(())
}

fn judge_member<'n>(
    name: &str,
    value: Node<'n>,
    open: &mut Vec<Node<'n>>,
    search: &mut Search<'_>,
) -> Result<(), Reason> {
    if NO_FIELDS.contains(&name) {
        return Ok(());
    }
    let is_processor = value.token() == Token::Object;
    match name {
        "script" => {
            script::judge(value, Context::Ingest)?;
            open.extend(value.member("on_failure"));
            return Ok(());
        }
        "set" if is_processor && is_about_the_index(value) => {
            let index = value
                .member("value")
                .and_then(Node::as_text)
                .ok_or(Unjudged::Pipeline)?;
            search.list(&index)?;
            search.pattern(&filled_in(&index))?;
            open.extend(value.member("on_failure"));
            return Ok(());
        }
        "date_index_name" => {
            let prefix = value
                .member("index_name_prefix")
                .and_then(Node::as_text)
                .unwrap_or_default();
            search.pattern(&format!("{}*", filled_in(&prefix)))?;
        }
        "reroute" => match value.member("destination") {
            Some(destination) => super::names_in(destination, search)?,
            // The name of a data stream: its type, its dataset and its namespace.
            None => search.pattern("*-*-*")?,
        },
        // Its members may become those of the document.
        "json" if is_on(value.member("add_to_root")) => return Err(Unjudged::Pipeline.into()),
        "kv" if is_processor && value.member("target_field").or(value.member("include_keys")).is_none() => {
            return Err(Unjudged::Pipeline.into());
        }
        _ => {}
    }
    let is_field = name.contains("field");
    if is_field && value.as_text().is_some_and(|text| text.contains("{{")) {
        return Err(Unjudged::Pipeline.into());
    }
    if names_index(name) {
        return Err(Unjudged::Pipeline.into());
    }
    judge_field(value)?;
    open.push(value);
    Ok(())
}

/// Fails if a text names the field, by itself or in a pattern such as that of a dissection.
fn judge_field(value: Node<'_>) -> Result<(), Reason> {
    if value.as_text().is_some_and(|text| names_index(&text)) {
        return Err(Unjudged::Pipeline.into());
    }
    Ok(())
}

fn names_index(text: &str) -> bool {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split(|character| !is_word(character)).any(|word| word == INDEX)
}

fn is_about_the_index(set: Node<'_>) -> bool {
    set.member("field")
        .and_then(Node::as_text)
        .is_some_and(|field| field == INDEX)
}

fn is_on(switch: Option<Node<'_>>) -> bool {
    switch.is_some_and(|switch| super::text_of(switch).is_none_or(|text| text != "false"))
}
