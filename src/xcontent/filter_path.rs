//! `filter_path`: the part of an answer that a client wants to see (http.md §2.2).
//!
//! A comma list of paths whose segments may hold `*`, and in which `**` stands for one segment or more; a path with a
//! `-` before it is left out. Lists are passed through: a path names members only.

mod kept;
mod paths;
mod wildcards;

use super::java;
use super::version::Version;
use kept::{Mode, kept};
use paths::{DEEP, Paths};

/// Before this version an empty list or object goes where something may be left out of it (in 8.15.3, too).
const KEEPS_EMPTY: Version = Version::new(8, 16, 0);

/// A document on one line, less what `filter` does not ask for. What this costs is linear in the document, whatever the
/// filter is.
#[must_use]
pub fn filter(document: String, filter: &str, api: Version) -> String {
    let (mut included, mut excluded) = (Vec::new(), Vec::new());
    for path in paths(filter) {
        match path.strip_prefix('-') {
            Some("") => {}
            Some(path) => excluded.push(segments(excluded_path(path))),
            None => included.push(segments(path)),
        }
    }
    let apply = |document: &str, paths: &[Vec<String>], mode| {
        kept(document, Paths::of(paths), mode).unwrap_or_else(|| "{}".to_owned())
    };
    let mut document = document;
    if !included.is_empty() {
        document = apply(&document, &included, Mode::Include);
    }
    if !excluded.is_empty() {
        let keeps_empty = api >= KEEPS_EMPTY;
        document = apply(&document, &excluded, Mode::Exclude { keeps_empty });
    }
    document
}

/// Whether a filter leaves out what has no name, which Elasticsearch refuses before 8.0.
#[must_use]
pub fn excludes_nothing(filter: &str) -> bool {
    paths(filter).any(|path| path == "-")
}

fn paths(filter: &str) -> impl Iterator<Item = &str> {
    filter.split(',').map(str::trim).filter(|path| !path.is_empty())
}

/// What is after the `-` of a path that is left out.
fn excluded_path(path: &str) -> &str {
    java::trim(path)
}

/// The segments of a path. A dot after a backslash ends none. `**` stands for one segment or more, and so becomes `*` and,
/// where others follow, [`DEEP`], which stands for any number, also none.
fn segments(path: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    let mut characters = path.chars().peekable();
    while let Some(character) = characters.next() {
        let is_escape = character == '\\' && characters.next_if_eq(&'.').is_some();
        match segments.last_mut() {
            Some(segment) if is_escape => segment.push('.'),
            Some(segment) if character != '.' => segment.push(character),
            _ => segments.push(String::new()),
        }
    }
    let last = segments.len() - 1;
    let mut walked = Vec::with_capacity(segments.len());
    for (index, segment) in segments.into_iter().enumerate() {
        if segment == DEEP {
            walked.push("*".to_owned());
            walked.extend((index < last).then_some(segment));
        } else {
            walked.push(segment);
        }
    }
    walked
}

#[cfg(test)]
mod tests;
