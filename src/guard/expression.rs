//! What an index expression could name.
//!
//! Elasticsearch and OpenSearch resolve expressions in several steps, which differ between versions: lists, exclusions,
//! date math, wildcards, clusters (`a:b`), selectors (`a::data`), ranges (`a[b|c]`). Here each part of a list becomes the
//! patterns that it may come to, and it could name whatever one of them matches. Where the versions differ, it is read in
//! every way.

use std::borrow::Cow;
use std::collections::HashSet;

use super::pattern::{self, is_pattern};

/// The word for all indices.
const ALL: &str = "_all";

/// Characters that make more of a text than a name or a pattern of names.
const SPECIAL: [char; 10] = [':', '<', '>', '{', '}', '[', ']', '(', ')', '|'];

/// Every pattern that one part of a list may come to.
pub(super) fn readings(part: &str) -> Vec<Cow<'_, str>> {
    // No name has blanks; whether they are trimmed depends on the call.
    let part = part.trim_matches(|character| character <= ' ');
    let part = part.strip_prefix('+').unwrap_or(part);
    if part.is_empty() || part == ALL {
        return vec![Cow::Borrowed("*")];
    }
    let mut readings = vec![Cow::Borrowed(part)];
    if !part.contains(SPECIAL) {
        return readings;
    }
    for piece in pieces(part).chain([part]) {
        readings.push(Cow::Borrowed(piece));
        for read in [dated(piece), ranged(piece)].into_iter().flatten() {
            readings.extend(pieces(&read).map(|piece| Cow::Owned(piece.to_owned())));
            readings.push(Cow::Owned(read));
        }
    }
    readings
}

/// Whether a list could name one of these, if exclusions are looked at where every version looks at them: after a
/// wildcard, and not for what was named without one. Which of the names stands for the index in the list depends on the
/// call, so an exclusion counts when all of them are excluded.
pub(super) fn list_could_name(list: &str, names: &HashSet<String>) -> bool {
    let (mut is_in, mut is_named, mut has_wildcard) = (false, false, false);
    let mut excluded = HashSet::new();
    for (place, part) in list.split(',').enumerate() {
        let is_plain = !part.contains(SPECIAL);
        if let Some(rest) = part.strip_prefix('-') {
            // Before something is included, an exclusion may include all else.
            if place == 0 {
                return true;
            }
            if has_wildcard && is_plain && !rest.contains('?') && !rest.starts_with(['-', '+']) {
                excluded.extend(names.iter().filter(|name| pattern::matches(rest, name)));
                is_in &= is_named || excluded.len() < names.len();
            }
            continue;
        }
        let readings = readings(part);
        let is_name = |name: &String| readings.iter().any(|reading| pattern::matches(reading, name));
        if names.iter().any(is_name) {
            is_in = true;
            is_named |= !is_plain || !is_pattern(part);
            excluded.clear();
        }
        has_wildcard |= is_plain && part.contains('*');
    }
    is_in
}

/// What stands between colons: a cluster, an index, a selector. `_all` is all of them.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let pieces = text.split(':').filter(|piece| !piece.is_empty());
    pieces.map(|piece| if piece == ALL { "*" } else { piece })
}

/// Date math, `<static{math{format}}static>`, with a wildcard for what depends on the day: a format may hold any text.
fn dated(part: &str) -> Option<String> {
    let inside = part.strip_prefix('<')?;
    let inside = inside.strip_suffix('>').unwrap_or(inside);
    let mut read = String::with_capacity(inside.len());
    let (mut depth, mut is_escaped) = (0_usize, false);
    for character in inside.chars() {
        match character {
            _ if is_escaped => {
                is_escaped = false;
                if depth == 0 {
                    read.push(character);
                }
            }
            '\\' => is_escaped = true,
            '{' => {
                if depth == 0 {
                    read.push('*');
                }
                depth += 1;
            }
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => read.push(character),
            _ => {}
        }
    }
    Some(read)
}

/// A range, `start[from|to]`: all names with this start.
fn ranged(part: &str) -> Option<String> {
    part.contains('|').then(|| {
        let start = part.split(['[', '(', '|']).next().unwrap_or_default();
        format!("{start}*")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn could_name(list: &str) -> bool {
        list_could_name(list, &HashSet::from(["anomaly-detectors".to_owned()]))
    }

    #[test]
    fn every_form_of_the_name_is_seen() {
        for list in [
            "anomaly-detectors",
            "a,anomaly-detectors",
            " anomaly-detectors ",
            "anom*",
            "*",
            "_all",
            "",
            "a,",
            "a,_all",
            "*detectors,-other",
            "<anomaly-{now/d}>",
            "<anomaly-detectors>",
            "<{now{'anomaly-detectors'}}>",
            "<anomaly-{now/d{HH:mm|+12:00}}>",
            "<anomaly\\-detectors>",
            "<a*-{now}",
            "b,<anomaly-{now/d}>",
            "cluster:anomaly-detectors",
            "*:*",
            "_local:anom*",
            "anomaly-detectors::data",
            "anomaly-detectors::failures",
            "cluster:<anomaly-{now}>",
            "<cluster:anomaly-{now}>",
            "anomaly-[a|z]",
            "anomaly(-a|-z)",
            "+anomaly-detectors",
            "-other",
            "-anomaly-detectors",
        ] {
            assert!(could_name(list), "{list}");
        }
    }

    #[test]
    fn other_names_are_left_alone() {
        for list in [
            "other",
            "anomaly",
            "anomaly-detectors2",
            "Anomaly-Detectors",
            "other,another",
            "other*,b*",
            "<logs-{now/d}>",
            "<logs-{now/d{yyyy.MM.dd|+12:00}}>",
            "cluster:other",
            "other::data",
            "logs-[a|z]",
            "_search",
            "anomaly-detectors;x",
            "anomaly-detectors/x",
        ] {
            assert!(!could_name(list), "{list}");
        }
    }

    #[test]
    fn an_exclusion_counts_after_a_wildcard_and_in_its_order() {
        for (list, could) in [
            ("*,-anomaly-detectors", false),
            ("*,-anom*", false),
            ("a*,-anomaly-*", false),
            ("*,-other", true),
            ("*,-anomaly-detectors,anom*", true),
            ("*,-anomaly-detectors,anomaly-detectors", true),
            ("anomaly-detectors,*,-anomaly-detectors", true),
            ("anomaly-detectors,-anomaly-detectors", true),
            ("-anomaly-detectors,*", true),
            ("_all,-anomaly-detectors", true),
            ("*,-<anomaly-{now}>", true),
            ("*,-anomaly?detectors", true),
            ("<a{now}>,-anomaly-detectors", true),
            ("*,--anomaly-detectors", true),
            ("other,-x", false),
        ] {
            assert_eq!(could_name(list), could, "{list}");
        }
    }
    #[test]
    fn an_index_with_aliases_is_excluded_by_all_of_its_names() {
        let names = HashSet::from(["jobs".to_owned(), "detectors".to_owned()]);
        for (list, could) in [
            ("*,-jobs", true),
            ("d*,-detectors", true),
            ("*,-jobs,-detectors", false),
            ("*,-*", false),
            ("*,-jobs,-detectors,j*", true),
            ("*,-jobs,j*,-detectors", true),
            ("detectors,*,-jobs,-detectors", true),
        ] {
            assert_eq!(list_could_name(list, &names), could, "{list}");
        }
    }
}
