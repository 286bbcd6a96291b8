//! Reads keys one after the other: from the file, the environment and the flags, collecting what is wrong on the way.
//!
//! The code that asks for a key is also the only place that declares it. What was asked for makes the list of known
//! keys, so a key cannot be read without being known, documented and suggested to those who mistype it.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::{Content, Node};
use super::key::{Key, KeyReference};
use super::problem::Problem;
use super::setting::{Fault, Setting};
use super::source::{Origin, Place};
use super::values::{ValueOrigin, Values};

/// Values that an environment variable or a flag gives to a key.
#[derive(Debug)]
pub(super) struct Given {
    /// The key's place in the file.
    pub(super) path: &'static str,
    /// Where the values are. A variable has one; a flag has as many as it was repeated.
    pub(super) places: Vec<Place>,
}

/// Hands out the values of keys.
#[derive(Debug, Default)]
pub(super) struct Reader<'a> {
    file: Option<&'a Arc<Node>>,
    given: &'a [Given],
    /// Where the file is.
    folder: PathBuf,
    problems: Vec<Problem>,
    reference: Vec<KeyReference>,
    values: Values,
}

impl<'a> Reader<'a> {
    /// Reads from these. Of what is given for the same key, the later beats the earlier, and all of it beats the file.
    pub(super) fn new(file: Option<&'a Arc<Node>>, folder: &Path, given: &'a [Given]) -> Self {
        Self {
            file,
            given,
            folder: folder.to_owned(),
            ..Self::default()
        }
    }

    /// The value of a key that has one.
    ///
    /// A wrong value is a problem even where another beats it, so that a file does not become wrong on the day on which
    /// a flag is left out. With a problem the configuration is not used, so then the default stands in.
    pub(super) fn one<T: Setting>(&mut self, key: Key, default: T) -> T {
        self.describe::<T>(key, default.to_string(), false);
        let mut value = self.in_file(key).and_then(|node| self.one_in_file(key, node));
        for place in self.given_for(key).flat_map(|given| &given.places) {
            value = self.parse(key, place, place.text()).or(value);
        }
        let value = value.unwrap_or(default);
        self.note(key, value.to_string());
        value
    }

    /// The values of a key that has at least one.
    pub(super) fn many<T: Setting>(&mut self, key: Key, default: Vec<T>) -> Vec<T> {
        self.describe::<T>(key, joined(&default), true);
        let mut values = self.in_file(key).and_then(|node| self.many_in_file(key, node));
        for given in self.given_for(key) {
            let parts: Vec<Place> = given.places.iter().flat_map(parts).collect();
            let read: Vec<T> = parts
                .iter()
                .filter_map(|place| self.parse(key, place, place.text()))
                .collect();
            values = Some(read);
        }
        let values = values.unwrap_or(default);
        self.note(key, joined(&values));
        values
    }

    /// What is wrong with a key though its value is fine by itself: beside other keys, or in the file that it names. It is
    /// told where the first of these keys that is set was set.
    pub(super) fn refuse_set(&mut self, keys: &[Key], message: &str, help: Option<&str>) {
        let set = keys.iter().find_map(|key| Some((key, self.place_of(*key)?)));
        if let Some((key, place)) = set {
            let message = format!("`{}`: {message}", key.path);
            self.problems.push(Problem::new(&place, message).help(help));
        }
    }

    fn note(&mut self, key: Key, value: String) {
        let origin = ValueOrigin::of(self.place_of(key).as_ref());
        self.values.note(key.path, value, origin);
    }

    /// Where the value that holds was written.
    fn place_of(&self, key: Key) -> Option<Place> {
        let given = self.given_for(key).flat_map(|given| &given.places).last();
        given.or_else(|| self.in_file(key).map(|node| &node.place)).cloned()
    }

    /// What went wrong, all the keys that were asked for, and their values.
    pub(super) fn finish(self) -> (Vec<Problem>, Vec<KeyReference>, Values) {
        (self.problems, self.reference, self.values)
    }

    fn describe<T: Setting>(&mut self, key: Key, default: String, is_list: bool) {
        self.reference.push(KeyReference {
            path: key.path,
            name: key.name,
            meaning: key.meaning,
            detail: key.detail,
            expected: T::EXPECTED,
            placeholder: T::PLACEHOLDER,
            form: T::form(),
            default,
            is_special: key.is_special,
            is_list,
        });
    }

    /// The key's value in the file. Sections that are no mappings are the key check's problem.
    fn in_file(&self, key: Key) -> Option<&'a Arc<Node>> {
        key.path.split('.').try_fold(self.file?, |section, name| {
            let Content::Mapping(entries) = &section.content else {
                return None;
            };
            let is_asked_for = |node: &Node| matches!(&node.content, Content::Scalar(scalar) if scalar.text == name);
            entries
                .iter()
                .find(|(key, _)| is_asked_for(key))
                .map(|(_, value)| value)
        })
    }

    fn given_for(&self, key: Key) -> impl Iterator<Item = &'a Given> + use<'a> {
        self.given.iter().filter(move |given| given.path == key.path)
    }

    fn one_in_file<T: Setting>(&mut self, key: Key, node: &Node) -> Option<T> {
        match &node.content {
            Content::Scalar(scalar) if T::accepts(scalar.kind) => {
                let value: Option<T> = self.parse(key, &node.place, &scalar.text);
                value.map(|value| value.written_in(&self.folder))
            }
            _ => {
                self.refuse::<T>(key, node, "");
                None
            }
        }
    }

    fn many_in_file<T: Setting>(&mut self, key: Key, node: &Node) -> Option<Vec<T>> {
        match &node.content {
            Content::List(items) if items.is_empty() => {
                let message = format!("`{}`: the list is empty", key.path);
                let help = "leave the key out for its default";
                self.problems.push(Problem::new(&node.place, message).help(Some(help)));
                None
            }
            Content::List(items) => Some(items.iter().filter_map(|item| self.one_in_file(key, item)).collect()),
            Content::Scalar(scalar) if T::accepts(scalar.kind) => self.one_in_file(key, node).map(|value| vec![value]),
            Content::Scalar(_) | Content::Mapping(_) => {
                self.refuse::<T>(key, node, ", or a list of such");
                None
            }
        }
    }

    /// A value of the wrong kind.
    fn refuse<T: Setting>(&mut self, key: Key, node: &Node, or_else: &str) {
        let found = node.found();
        let message = format!("`{}`: expected {}{or_else}, found {found}", key.path, T::EXPECTED);
        self.problems.push(Problem::new(&node.place, message).label(found));
    }

    fn parse<T: Setting>(&mut self, key: Key, place: &Place, text: &str) -> Option<T> {
        let read = if text.trim().is_empty() {
            let message = format!("the value is empty; expected {}", T::EXPECTED);
            Err(Fault::new(message))
        } else {
            T::parse(text)
        };
        read.map_err(|fault| {
            let message = format!("`{}`: {}", key.path, fault.message);
            // In a file the text may be written otherwise than it is read, with quotes and escapes.
            let span = fault.span.filter(|_| place.text() == text);
            let start = place.span.start;
            let place = span.map_or_else(
                || place.clone(),
                |span| Place::new(&place.source, start + span.start..start + span.end),
            );
            self.problems.push(Problem::new(&place, message).help(fault.help));
        })
        .ok()
    }
}

/// The values in one text of a list: as many as its commas part. In the file a list is one.
fn parts(place: &Place) -> Vec<Place> {
    if matches!(place.source.origin, Origin::File(_)) {
        return vec![place.clone()];
    }
    let mut start = place.span.start;
    let mut parts = Vec::new();
    for part in place.text().split(',') {
        let leading = part.len() - part.trim_start().len();
        let trimmed_start = start + leading;
        parts.push(Place::new(
            &place.source,
            trimmed_start..trimmed_start + part.trim().len(),
        ));
        start += part.len() + ",".len();
    }
    parts
}

/// Values as a reference shows them.
fn joined(values: &[impl Display]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
