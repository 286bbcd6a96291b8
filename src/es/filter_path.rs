//! `filter_path`: the part of an answer that a client wants to see (contract http.md §2.2).
//!
//! A comma list of paths whose segments may hold `*`, and in which `**` stands for one segment or more; a path with a
//! `-` before it is left out. Lists are passed through: a path names members only.

use super::answer;
use super::java;
use super::json::{Document, Node, Token};
use super::version::Version;

/// A path that was asked for, less what of it has been walked. In it `**` stands for any number of segments, also none.
type Path<'p> = &'p [String];

/// What becomes of a member.
enum Match<'p> {
    /// A path ends here: all of the value is meant.
    Whole,
    /// Paths lead on into the value; none, and it is not meant at all.
    Inside(Vec<Path<'p>>),
}

/// Before this version an empty list or object goes where something may be left out of it (in 8.15.3, too).
const KEEPS_EMPTY: Version = Version::new(8, 16, 0);

/// A document on one line, less what `filter` does not ask for.
#[must_use]
pub fn filter(document: String, filter: &str, api: Version) -> String {
    let (mut included, mut excluded) = (Vec::new(), Vec::new());
    for path in paths(filter) {
        match path.strip_prefix('-') {
            Some("") => {}
            Some(path) => excluded.push(segments(java::trim(path))),
            None => included.push(segments(path)),
        }
    }
    let kept = if included.is_empty() {
        document
    } else {
        apply(&document, &included, &|value, paths, out| include(value, paths, out))
    };
    if excluded.is_empty() {
        kept
    } else {
        let keeps_empty = api >= KEEPS_EMPTY;
        apply(&kept, &excluded, &|value, paths, out| {
            exclude(value, paths, keeps_empty, out)
        })
    }
}

/// Whether a filter leaves out what has no name, which Elasticsearch refuses before 8.0.
#[must_use]
pub fn excludes_nothing(filter: &str) -> bool {
    paths(filter).any(|path| path == "-")
}

fn paths(filter: &str) -> impl Iterator<Item = &str> {
    filter.split(',').map(str::trim).filter(|path| !path.is_empty())
}

/// The segments of a path. A dot after a backslash ends none.
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
        if segment == "**" {
            walked.push("*".to_owned());
            walked.extend((index < last).then_some(segment));
        } else {
            walked.push(segment);
        }
    }
    walked
}

fn apply(document: &str, paths: &[Vec<String>], keep: &dyn Fn(Node<'_>, &[Path<'_>], &mut String) -> bool) -> String {
    let read = Document::read(document.as_bytes());
    let paths: Vec<Path<'_>> = paths.iter().map(Vec::as_slice).collect();
    let mut kept = String::with_capacity(document.len());
    match read.root() {
        Some(root) if keep(root, &paths, &mut kept) => kept,
        _ => "{}".to_owned(),
    }
}

/// Adds what of a value the paths lead to, and says whether there is any.
fn include(value: Node<'_>, paths: &[Path<'_>], out: &mut String) -> bool {
    parts(value, out, |name, value, out| {
        match name.map(|name| walk(paths, name)) {
            None => include(value, paths, out),
            Some(Match::Whole) => whole(value, out),
            Some(Match::Inside(paths)) => !paths.is_empty() && include(value, &paths, out),
        }
    })
}

/// Adds what of a value the paths do not lead to.
fn exclude(value: Node<'_>, paths: &[Path<'_>], keeps_empty: bool, out: &mut String) -> bool {
    let is_empty = value.members().next().is_none() && value.elements().next().is_none();
    if is_empty {
        let may_hold_more = matches!(value.token(), Token::Object | Token::Array);
        return (keeps_empty || !may_hold_more) && whole(value, out);
    }
    parts(value, out, |name, value, out| {
        match name.map(|name| walk(paths, name)) {
            None => exclude(value, paths, keeps_empty, out),
            Some(Match::Whole) => false,
            Some(Match::Inside(paths)) if paths.is_empty() => whole(value, out),
            Some(Match::Inside(paths)) => exclude(value, &paths, keeps_empty, out),
        }
    })
}

fn whole(value: Node<'_>, out: &mut String) -> bool {
    out.push_str(value.raw());
    true
}

/// Puts an object or list together from what is kept of its members or elements; nothing when none is.
fn parts(value: Node<'_>, out: &mut String, keep: impl Fn(Option<&str>, Node<'_>, &mut String) -> bool) -> bool {
    let start = out.len();
    let mut is_first = true;
    let mut part = |name: Option<&str>, value: Node<'_>, out: &mut String| {
        let before = out.len();
        out.push_str(if is_first { "" } else { "," });
        if let Some(name) = name {
            out.push_str(&answer::one_line(&name).unwrap_or_default());
            out.push(':');
        }
        if keep(name, value, out) {
            is_first = false;
        } else {
            out.truncate(before);
        }
    };
    match value.token() {
        Token::Object => {
            out.push('{');
            value
                .members()
                .for_each(|member| part(Some(&member.name), member.value, out));
            out.push('}');
        }
        Token::Array => {
            out.push('[');
            value.elements().for_each(|element| part(None, element, out));
            out.push(']');
        }
        _ => return false,
    }
    if is_first {
        out.truncate(start);
    }
    !is_first
}

/// One step along every path.
fn walk<'p>(paths: &[Path<'p>], name: &str) -> Match<'p> {
    let mut inside = Vec::new();
    for path in paths {
        if step(path, name, &mut inside) {
            return Match::Whole;
        }
    }
    Match::Inside(inside)
}

/// Whether the path ends at the name; if it leads on, what is left of it is added to `inside`.
fn step<'p>(path: Path<'p>, name: &str, inside: &mut Vec<Path<'p>>) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return false;
    };
    if first == "**" {
        lead_on(path, inside);
        return step(rest, name, inside);
    }
    let matches = matches_wildcard(first, name);
    if matches && !rest.is_empty() {
        lead_on(rest, inside);
    }
    matches && rest.is_empty()
}

/// Several `**` in a path would reach the same place in many ways.
fn lead_on<'p>(path: Path<'p>, inside: &mut Vec<Path<'p>>) {
    if !inside.contains(&path) {
        inside.push(path);
    }
}

/// Whether a name fits a segment in which each `*` stands for any characters.
fn matches_wildcard(segment: &str, name: &str) -> bool {
    let mut parts = segment.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            match rest.split_once(middle) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests;
