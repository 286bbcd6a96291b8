//! The fields of a mapping, taken one after the other; what is not taken is not known.

use std::sync::Arc;

use super::format::Table;
use crate::config::document::{Content, Node};
use crate::config::problem::Problem;
use crate::config::scalar::ScalarKind;
use crate::config::suggestion::suggestion;

/// A mapping that is being read.
pub(super) struct Fields<'n> {
    node: &'n Arc<Node>,
    /// The keys that it may have.
    table: &'static Table,
    taken: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The fields of a mapping, whose names are texts that are all different.
    pub(super) fn of(node: &'n Arc<Node>, table: &'static Table, problems: &mut Vec<Problem>) -> Option<Self> {
        let Content::Mapping(entries) = &node.content else {
            let (what, found) = (table.what, node.found());
            problems.push(Problem::new(&node.place, format!("{what} is a mapping, not {found}")).label(found));
            return None;
        };
        for (place, (key, _)) in entries.iter().enumerate() {
            let first = entries.iter().take(place).find(|(other, _)| name(other) == name(key));
            if let (Some(name), Some((first, _))) = (name(key), first) {
                let problem = Problem::new(&key.place, format!("the key `{name}` is given twice"));
                problems.push(problem.label("given again").related(&first.place, "first given"));
            }
        }
        let taken = Vec::new();
        Some(Self { node, table, taken })
    }

    /// The value of a field; nothing when it is not there, or is null.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Arc<Node>> {
        debug_assert!(self.table.has(name), "`{name}` is not declared");
        self.taken.push(name);
        self.entries()
            .find(|(key, _)| self::name(key) == Some(name))
            .map(|(_, value)| Arc::clone(value))
            .filter(|value| !value.is_null())
    }

    /// A field that has to be there.
    pub(super) fn required(&mut self, name: &'static str, problems: &mut Vec<Problem>) -> Option<Arc<Node>> {
        let value = self.take(name);
        if value.is_none() {
            let message = format!("{} has a `{name}`, and this one has none", self.table.what);
            problems.push(Problem::new(&self.node.place, message));
        }
        value
    }

    /// A text.
    pub(super) fn text(&mut self, name: &'static str, problems: &mut Vec<Problem>) -> Option<String> {
        let value = self.take(name)?;
        text(&value, name, problems)
    }

    /// A list, or the one value that stands for a list of it.
    pub(super) fn list(&mut self, name: &'static str) -> Vec<Arc<Node>> {
        let Some(value) = self.take(name) else {
            return Vec::new();
        };
        match &value.content {
            Content::List(items) => items.clone(),
            _ => vec![value],
        }
    }

    /// A list of texts, each read by `parse`.
    pub(super) fn parsed<T, E: std::fmt::Display>(
        &mut self,
        name: &'static str,
        problems: &mut Vec<Problem>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let nodes = self.list(name);
        nodes
            .iter()
            .filter_map(|node| parsed(node, name, problems, &parse))
            .collect()
    }

    /// A text that `parse` reads.
    pub(super) fn one<T, E: std::fmt::Display>(
        &mut self,
        name: &'static str,
        problems: &mut Vec<Problem>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let node = self.take(name)?;
        parsed(&node, name, problems, &parse)
    }

    /// Reports the fields that nobody has asked for.
    pub(super) fn finish(self, problems: &mut Vec<Problem>) {
        let known = || self.table.keys.iter().map(|key| key.name);
        debug_assert!(
            known().all(|name| self.taken.contains(&name)),
            "a key is declared and not read"
        );
        for (key, _) in self.entries() {
            let Some(name) = name(key) else {
                let message = format!("a key is a word, not {}", key.found());
                problems.push(Problem::new(&key.place, message));
                continue;
            };
            if self.table.has(name) {
                continue;
            }
            let meant = suggestion(name, known());
            let help = meant.map_or_else(
                || {
                    let known: Vec<_> = known().map(|name| format!("`{name}`")).collect();
                    format!("known here: {}", known.join(", "))
                },
                |meant| format!("did you mean `{meant}`?"),
            );
            problems.push(Problem::new(&key.place, format!("unknown key `{name}`")).help(Some(help)));
        }
    }

    fn entries(&self) -> impl Iterator<Item = &'n (Arc<Node>, Arc<Node>)> + use<'n> {
        let entries = match &self.node.content {
            Content::Mapping(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter()
    }
}

/// The text of a key.
pub(super) fn name(key: &Node) -> Option<&str> {
    match &key.content {
        Content::Scalar(scalar) => Some(&scalar.text),
        _ => None,
    }
}

fn parsed<T, E: std::fmt::Display>(
    node: &Node,
    name: &str,
    problems: &mut Vec<Problem>,
    parse: &impl Fn(&str) -> Result<T, E>,
) -> Option<T> {
    let text = text(node, name, problems)?;
    parse(&text)
        .map_err(|error| problems.push(Problem::new(&node.place, format!("`{name}`: {error}"))))
        .ok()
}

/// The text of a value. A number or boolean is none, lest `no` or `1.10` become something else unnoticed.
pub(super) fn text(node: &Node, name: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let text = any_text(node, name, problems)?;
    if text.trim().is_empty() {
        problems.push(Problem::new(&node.place, format!("`{name}` is empty")));
        return None;
    }
    Some(text)
}

/// The text of a value, as [`text`], or an empty one.
pub(super) fn any_text(node: &Node, name: &str, problems: &mut Vec<Problem>) -> Option<String> {
    match &node.content {
        Content::Scalar(scalar) if scalar.kind == ScalarKind::Text => Some(scalar.text.clone()),
        _ => {
            let found = node.found();
            let message = format!("`{name}`: expected a text, found {found}");
            problems.push(Problem::new(&node.place, message).label(found));
            None
        }
    }
}
