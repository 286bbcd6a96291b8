//! The filter as it was at first: for each member it walks along every path. It is plain enough to be believed, and far too
//! slow for what clients may send.

use crate::xcontent::answer;
use crate::xcontent::filter_path::{KEEPS_EMPTY, excluded_path, paths, segments};
use crate::xcontent::json::{Document, Node, Token};
use crate::xcontent::version::Version;

/// A path that was asked for, less what of it has been walked. In it `**` stands for any number of segments, also none.
type Path<'p> = &'p [String];

/// What becomes of a member.
enum Match<'p> {
    /// A path ends here: all of the value is meant.
    Whole,
    /// Paths lead on into the value; none, and it is not meant at all.
    Inside(Vec<Path<'p>>),
}

/// A document on one line, less what `filter` does not ask for.
pub(super) fn filter(document: String, filter: &str, api: Version) -> String {
    let (mut included, mut excluded) = (Vec::new(), Vec::new());
    for path in paths(filter) {
        match path.strip_prefix('-') {
            Some("") => {}
            Some(path) => excluded.push(segments(excluded_path(path))),
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
