//! The guard beside a reference model: a cluster with a few indices and aliases, and what an expression names there, as the
//! resolver of OpenSearch 3 finds it.

use std::time::Instant;

use http::Method;
use proptest::prelude::*;

use super::{TERMS, target};
use crate::guard::{IndexGuard, Verdict};

const INDICES: [&str; 4] = ["jobs", "job", "logs-1", "other"];
const ALIASES: [(&str, &str); 3] = [("detectors", "jobs"), ("logs", "logs-1"), ("jo-alias", "jobs")];

fn is_match(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name
            .strip_prefix(start)
            .is_some_and(|tail| (0..=tail.len()).any(|at| tail.get(at..).is_some_and(|tail| is_match(rest, tail)))),
    }
}

fn index_of(name: &str) -> Option<&'static str> {
    let alias = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map(|(_, index)| *index);
    alias.or_else(|| INDICES.into_iter().find(|index| *index == name))
}

/// The names of a list: indices, and aliases that were named without a wildcard.
fn resolve(list: &str) -> Vec<String> {
    let parts: Vec<&str> = list.split(',').collect();
    if matches!(parts.as_slice(), ["_all" | "*" | ""]) {
        return INDICES.map(str::to_owned).to_vec();
    }
    let mut result: Vec<String> = Vec::new();
    let mut wildcard_seen = false;
    for part in parts {
        let excludes = wildcard_seen && part.starts_with('-');
        let expression = if excludes { &part[1..] } else { part };
        if !expression.contains('*') {
            if excludes {
                result.retain(|name| name != expression);
            } else {
                result.push(expression.to_owned());
            }
            continue;
        }
        let names = INDICES.into_iter().chain(ALIASES.iter().map(|(alias, _)| *alias));
        for index in names.filter(|name| is_match(expression, name)).filter_map(index_of) {
            if excludes {
                result.retain(|name| name != index);
            } else {
                result.push(index.to_owned());
            }
        }
        wildcard_seen = true;
    }
    result
}

/// Whether one of them leads to the index `jobs`.
fn reaches_jobs(list: &str) -> bool {
    resolve(list).iter().any(|name| index_of(name) == Some("jobs"))
}

fn part() -> impl Strategy<Value = String> {
    let names = prop_oneof![
        Just("jobs"),
        Just("job"),
        Just("detectors"),
        Just("jo-alias"),
        Just("logs"),
        Just("logs-1"),
        Just("other"),
        Just("nothing"),
        Just("_all"),
        Just("*"),
        Just("j*"),
        Just("*s"),
        Just("*o*"),
        Just("jo*s"),
        Just("l*"),
        Just("d*"),
        Just("x*"),
    ];
    (any::<bool>(), names).prop_map(|(excluded, name)| if excluded { format!("-{name}") } else { name.to_owned() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// Whatever names the index in the model could name it for the guard, in every spelling.
    #[test]
    fn what_names_the_index_is_never_let_through(
        parts in proptest::collection::vec(part(), 1..6),
        encoded in proptest::collection::vec(any::<bool>(), 60),
        slashes in 0..3_usize,
    ) {
        let list = parts.join(",");
        let guard = IndexGuard::new("jobs", TERMS)
            .knowing(["detectors".to_owned(), "jo-alias".to_owned()], Instant::now());
        let spelled: String = list.bytes().zip(encoded.iter().cycle()).map(|(byte, is_encoded)| {
            if *is_encoded { format!("%{byte:02x}") } else { char::from(byte).to_string() }
        }).collect();
        let path = format!("/{spelled}{}", "/".repeat(slashes));
        let verdict = guard.judge(&Method::DELETE, &target(&path));
        if reaches_jobs(&list) {
            prop_assert!(matches!(verdict, Verdict::Refuse(_)), "{}", path);
        }
        // And no list without a wildcard, an exclusion and a name of the index is refused.
        let is_other = |part: &String| matches!(part.as_str(), "job" | "logs" | "logs-1" | "other" | "nothing" | "l*" | "x*");
        if parts.iter().all(is_other) {
            prop_assert_eq!(verdict, Verdict::Pass, "{}", path);
        }
    }
}
