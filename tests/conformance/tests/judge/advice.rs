//! Whoever is refused learns what to do: every refusal in the product's own words names a way out. What Elasticsearch,
//! Java or a reader of JSON says in fixed words stays as it is.

use std::collections::BTreeMap;
use std::iter;

use anomaly_gateway::es::version::Version;
use conformance::{Case, Product, is_prose};
use serde_json::Value;

use crate::{cases, field_reports};

/// How a clause that names a way out begins, after a semicolon or a colon.
const ADVICE: [&str; 11] = [
    "add ",
    "choose ",
    "did you mean ",
    "its values are ",
    "leave ",
    "let ",
    "lower ",
    "name ",
    "set ",
    "use ",
    "write ",
];

/// The same, as a part of a sentence.
const RULES: [&str; 5] = [
    "may only have",
    "must be ",
    "is made of ",
    "model needs ",
    "expected value but got",
];

/// The types of exceptions that the product words itself, without `_exception`.
const OWN: [&str; 9] = [
    "class_cast",
    "document_parsing",
    "illegal_argument",
    "illegal_state",
    "mapper_parsing",
    "parse",
    "resource_already_exists",
    "settings",
    "status",
];

/// What Java says of a number that is none.
const OF_JAVA: [&str; 3] = ["For input string", "empty String", "Value ["];

fn names_a_way_out(reason: &str) -> bool {
    let clauses = reason.match_indices(['.', ';', ':']).filter_map(|(at, mark)| {
        let rest = reason.get(at + mark.len()..)?;
        rest.strip_prefix(' ')
    });
    let mut clauses = clauses.filter(|clause| ADVICE.iter().any(|advice| clause.starts_with(advice)));
    clauses.next().is_some() || RULES.iter().any(|rule| reason.contains(rule))
}

/// The reasons of a refusal that are in the product's own words.
fn own_reasons(body: &Value) -> Vec<&str> {
    let chain = iter::successors(Some(&body["error"]), |exception| exception.get("caused_by"));
    let own = chain.filter(|exception| {
        let name = exception["type"].as_str().unwrap_or_default();
        OWN.contains(&name.trim_end_matches("_exception"))
    });
    let reasons = own.filter_map(|exception| exception["reason"].as_str());
    let is_free = |reason: &&str| is_prose(reason) && !OF_JAVA.iter().any(|start| reason.starts_with(start));
    reasons.filter(is_free).collect()
}

#[test]
fn every_refusal_names_a_way_out() {
    let mut silent: BTreeMap<String, String> = BTreeMap::new();
    let mut judged = 0;
    for version in cases::VERSIONS {
        let api: Version = version.parse().expect("a version");
        let product = Product::new(api).expect("the product's schema");
        let requests: Vec<Case> = cases::requests().chain(field_reports::requests()).collect();
        for case in requests {
            let answer = product.ask(&case);
            if answer.status == 200 {
                continue;
            }
            let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
            let reasons = own_reasons(&body);
            judged += usize::from(!reasons.is_empty());
            if !reasons.is_empty() && !reasons.iter().any(|reason| names_a_way_out(reason)) {
                let sent = String::from_utf8_lossy(&case.body).into_owned();
                silent
                    .entry(reasons.join(" <- "))
                    .or_insert(format!("{version}: {} {sent}", case.query));
            }
        }
    }
    assert!(judged > 2_000, "only {judged} refusals were judged");
    let silent: Vec<String> = silent
        .into_iter()
        .map(|(reason, sent)| format!("{reason}\n  {sent}"))
        .collect();
    assert!(
        silent.is_empty(),
        "{} refusals name none\n{}",
        silent.len(),
        silent.join("\n")
    );
}

#[test]
fn a_way_out_is_told_from_a_mere_fault() {
    for reason in [
        "[groups] is empty; leave it out",
        "the span is [1x]: use one such as [15m]",
        "[a] has to be text. did you mean [b]?",
    ] {
        assert!(names_a_way_out(reason), "{reason}");
    }
    for reason in [
        "the id [a] is in use: there is a job of that id",
        "[x] is not one character",
    ] {
        assert!(!names_a_way_out(reason), "{reason}");
    }
}
