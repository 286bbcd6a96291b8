//! `filter_path`: the part of an answer that a client wants to see (contract http.md §2.2).
//!
//! A comma list of paths whose segments may hold `*`, and in which `**` stands for any number of segments; a path with
//! a `-` before it is left out. Lists are passed through: a path names members only.

use super::json::{Document, Node, Token};

/// A path that was asked for, less what of it has been walked.
type Path<'p> = Vec<&'p str>;

/// What becomes of a member.
enum Match<'p> {
    /// A path ends here: all of the value is meant.
    Whole,
    /// Paths lead on into the value; none, and it is not meant at all.
    Inside(Vec<Path<'p>>),
}

/// A document on one line, less what `filter` does not ask for.
#[must_use]
pub fn filter(document: String, filter: &str) -> String {
    let (mut included, mut excluded) = (Vec::new(), Vec::new());
    for path in filter.split(',').filter(|path| !path.is_empty()) {
        match path.strip_prefix('-') {
            Some(path) => excluded.push(path.split('.').collect()),
            None => included.push(path.split('.').collect()),
        }
    }
    let kept = if included.is_empty() {
        document
    } else {
        apply(&document, &included, include)
    };
    if excluded.is_empty() {
        kept
    } else {
        apply(&kept, &excluded, exclude)
    }
}

fn apply<'p>(document: &str, paths: &[Path<'p>], keep: fn(Node<'_>, &[Path<'p>], &mut String) -> bool) -> String {
    let read = Document::read(document.as_bytes());
    let mut kept = String::with_capacity(document.len());
    match read.root() {
        Some(root) if keep(root, paths, &mut kept) => kept,
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

/// Adds what of a value the paths do not lead to. A value that was empty before stays.
fn exclude(value: Node<'_>, paths: &[Path<'_>], out: &mut String) -> bool {
    let is_empty = value.members().next().is_none() && value.elements().next().is_none();
    if is_empty {
        return whole(value, out);
    }
    parts(value, out, |name, value, out| {
        match name.map(|name| walk(paths, name)) {
            None => exclude(value, paths, out),
            Some(Match::Whole) => false,
            Some(Match::Inside(paths)) if paths.is_empty() => whole(value, out),
            Some(Match::Inside(paths)) => exclude(value, &paths, out),
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
            out.push_str(&serde_json::Value::from(name).to_string());
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
fn step<'p>(path: &[&'p str], name: &str, inside: &mut Vec<Path<'p>>) -> bool {
    match path {
        ["**"] => true,
        ["**", rest @ ..] => {
            lead_on(path, inside);
            step(rest, name, inside)
        }
        [first, rest @ ..] if matches_wildcard(first, name) => match rest {
            [] | ["**"] => true,
            _ => {
                lead_on(rest, inside);
                false
            }
        },
        _ => false,
    }
}

/// Several `**` in a path would reach the same place in many ways.
fn lead_on<'p>(path: &[&'p str], inside: &mut Vec<Path<'p>>) {
    if !inside.iter().any(|known| known == path) {
        inside.push(path.to_vec());
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
mod tests {
    use super::*;

    const JOB: &str = concat!(
        r#"{"job_id":"j","groups":["x"],"analysis_config":{"bucket_span":"5m","detectors":[{"function":"count"},"#,
        r#"{"function":"sum","field_name":"f"}],"influencers":[]},"custom_settings":"#,
        r#"{"a":{"b":1,"c":2},"d":[{"e":1.0E10},{"f":2}],"g.h":3}}"#
    );

    /// What Elasticsearch 7.8.1 and 9.5.3 both said to the same filters on such a job.
    #[test]
    fn filters_as_elasticsearch_does() {
        for (paths, expected) in [
            ("job_id", r#"{"job_id":"j"}"#),
            ("job_id,", r#"{"job_id":"j"}"#),
            ("*_id", r#"{"job_id":"j"}"#),
            ("nothing", "{}"),
            ("a*b*c", "{}"),
            ("job_id,-job_id", "{}"),
            (
                "analysis_config.influencers",
                r#"{"analysis_config":{"influencers":[]}}"#,
            ),
            (
                "analysis_config.detectors.function",
                r#"{"analysis_config":{"detectors":[{"function":"count"},{"function":"sum"}]}}"#,
            ),
            (
                "**.function",
                r#"{"analysis_config":{"detectors":[{"function":"count"},{"function":"sum"}]}}"#,
            ),
            (
                "analysis_config.*.function",
                r#"{"analysis_config":{"detectors":[{"function":"count"},{"function":"sum"}]}}"#,
            ),
            ("custom_settings.a", r#"{"custom_settings":{"a":{"b":1,"c":2}}}"#),
            ("custom_settings.a.b.c", "{}"),
            ("custom_settings.g.h", "{}"),
            ("custom_settings.d.e", r#"{"custom_settings":{"d":[{"e":1.0E10}]}}"#),
            ("custom_settings.**.e", r#"{"custom_settings":{"d":[{"e":1.0E10}]}}"#),
            (
                "custom_settings.**",
                r#"{"custom_settings":{"a":{"b":1,"c":2},"d":[{"e":1.0E10},{"f":2}],"g.h":3}}"#,
            ),
            (
                "custom_settings,-custom_settings.a.b",
                r#"{"custom_settings":{"a":{"c":2},"d":[{"e":1.0E10},{"f":2}],"g.h":3}}"#,
            ),
            (
                "custom_settings,-custom_settings.d.e,-custom_settings.d.f",
                r#"{"custom_settings":{"a":{"b":1,"c":2},"g.h":3}}"#,
            ),
            (
                "-analysis_config.detectors.*,-custom*",
                r#"{"job_id":"j","groups":["x"],"analysis_config":{"bucket_span":"5m","influencers":[]}}"#,
            ),
        ] {
            assert_eq!(filter(JOB.to_owned(), paths), expected, "{paths}");
        }
        for all in ["", "*", "**"] {
            assert_eq!(filter(JOB.to_owned(), all), JOB, "{all}");
        }
    }
}
