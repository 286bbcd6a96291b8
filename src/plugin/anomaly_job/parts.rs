//! Parts of a request that have no rules of their own: from a value that the schema has accepted to its typed form.

use std::borrow::Cow;

use crate::admission::hash_order;
use crate::xcontent::json::{Member, Node, Token};

use super::job::{Analyzer, Blocked, DataDescription, FilterRef, ModelPlotConfig};
use super::texts::{Text, Texts};
use super::values;

/// The objects of a list, or the one that stands without a list. A scalar before an object is passed over.
pub(super) fn objects(value: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let alone = (value.token() == Token::Object).then_some(value);
    alone
        .into_iter()
        .chain(value.elements().filter(|element| element.token() == Token::Object))
}

/// A value of an enumeration whose case does not matter, in the case that answers show.
pub(super) fn lower_case(value: Node<'_>) -> Text<'_> {
    in_lower_case(value.as_text().unwrap_or_default())
}

fn in_lower_case(text: Text<'_>) -> Text<'_> {
    let is_in_it = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if text.bytes().all(is_in_it) {
        return text;
    }
    // By way of the upper case, as some letters have none of their own: Elasticsearch compares upper case.
    Cow::Owned(text.to_uppercase().to_lowercase())
}

/// As [`lower_case`], without the blanks around the value, of which Java takes every control character for one.
pub(super) fn trimmed_lower_case(value: Node<'_>) -> Text<'_> {
    let is_blank = |character: char| character <= ' ';
    in_lower_case(match value.as_text().unwrap_or_default() {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(is_blank)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(is_blank).to_owned()),
    })
}

/// Whether a list of an enumeration's values has one, given in upper case.
pub(super) fn has_value(list: Node<'_>, value: &str) -> bool {
    Texts::of(list)
        .iter()
        .flatten()
        .any(|text| text.eq_ignore_ascii_case(value) || (!text.is_ascii() && text.to_uppercase() == value))
}

pub(super) fn scope(value: Node<'_>) -> Vec<(Text<'_>, FilterRef<'_>)> {
    hash_order::members(value)
        .into_iter()
        .map(|Member { name, value, .. }| (name, filter_ref(value)))
        .collect()
}

fn filter_ref(object: Node<'_>) -> FilterRef<'_> {
    FilterRef {
        filter_id: object.member("filter_id").and_then(printed).unwrap_or_default(),
        filter_type: object
            .member("filter_type")
            .map_or(Cow::Borrowed("include"), lower_case),
    }
}

/// A text, or bytes as JSON has them.
fn printed(value: Node<'_>) -> Option<Text<'_>> {
    value.as_text().or_else(|| value.as_base64().map(Cow::Borrowed))
}

pub(super) fn analyzer(value: Node<'_>) -> Analyzer<'_> {
    value.as_text().map_or(Analyzer::Custom(value), Analyzer::Name)
}

pub(super) fn data_description(object: Node<'_>) -> DataDescription<'_> {
    let mut description = DataDescription::default();
    for Member { name, value, .. } in object.members() {
        match name.as_ref() {
            "format" => description.is_delimited = matches!(lower_case(value).as_ref(), "delimited" | "delineated"),
            "time_field" => description.time_field = value.as_text(),
            "time_format" => description.time_format = value.as_text(),
            "field_delimiter" => description.field_delimiter = value.as_text(),
            "quote_character" => description.quote_character = value.as_text(),
            _ => {}
        }
    }
    description
}

pub(super) fn model_plot_config(object: Node<'_>) -> ModelPlotConfig<'_> {
    ModelPlotConfig {
        enabled: object.member("enabled").is_some_and(values::boolean),
        terms: object.member("terms").and_then(Node::as_text),
        annotations_enabled: object.member("annotations_enabled").map(values::boolean),
    }
}

pub(super) fn blocked(object: Node<'_>) -> Blocked {
    Blocked {
        reason: object.member("reason").map(lower_case).unwrap_or_default().into_owned(),
        task_id: object
            .member("task_id")
            .filter(|task| task.token() == Token::String)
            .and_then(|task| values::task_id(task).ok()),
    }
}
