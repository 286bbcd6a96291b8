//! What people have reported and published, in `cases/field-reports.yaml`: each body, id and parameter is answered as
//! Elasticsearch's own parser answers it. The product alone is held against the answers that are written down; where a
//! parser is at hand, it is asked again, and the two answers agree in every aspect.

use std::collections::BTreeMap;
use std::iter;

use anomaly_gateway::es::version::Version;
use conformance::{Answer, Case, Judge, Product, Release};
use serde::Deserialize;
use serde_json::Value;

use crate::cases::Part;

const REPORTS: &str = include_str!("../../cases/field-reports.yaml");

/// The versions whose answers are written down.
const VERSIONS: [&str; 7] = ["7.10.2", "7.17.28", "8.15.0", "8.16.0", "8.19.21", "9.0.0", "9.5.3"];

/// A report, or several of one thing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    #[serde(rename = "report")]
    name: String,
    #[serde(rename = "in")]
    part: Part,
    gives: Vec<Given>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    text: String,
    /// By the first version that gives it.
    answers: BTreeMap<String, String>,
}

impl Given {
    /// What this version answers, one of those that are written down.
    fn expected(&self, version: Version) -> &str {
        let since = |text: &str| text.parse::<Version>().expect("a version");
        let answers = self.answers.iter().map(|(version, answer)| (since(version), answer));
        let held = answers.filter(|(since, _)| *since <= version);
        held.max_by_key(|(since, _)| *since).expect("an answer").1
    }
}

fn reports() -> Vec<Report> {
    serde_saphyr::from_str(REPORTS).expect("the reports are YAML")
}

/// The requests of all reports.
pub(crate) fn requests() -> impl Iterator<Item = Case> {
    let requests = |Report { part, gives, .. }: Report| gives.into_iter().map(move |given| part.case(&given.text));
    reports().into_iter().flat_map(requests)
}

/// An answer as it is written down.
fn summary(answer: &Answer) -> String {
    if answer.status == 200 {
        return "200".to_owned();
    }
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let chain = iter::successors(Some(&body["error"]), |exception| exception.get("caused_by"));
    let types = chain.filter_map(|exception| exception["type"].as_str());
    let types: Vec<&str> = types.map(|name| name.trim_end_matches("_exception")).collect();
    match answer.status {
        400 => types.join(" "),
        status => format!("{status} {}", types.join(" ")),
    }
}

#[test]
fn reports_are_answered_as_it_is_written_down() {
    let reports = reports();
    let mut faults = Vec::new();
    let mut judged = 0;
    for version in VERSIONS {
        let version: Version = version.parse().expect("a version");
        let product = Product::new(version).expect("the product's schema");
        for Report { name, part, gives } in &reports {
            for given in gives {
                judged += 1;
                let found = summary(&product.ask(&part.case(&given.text)));
                let expected = given.expected(version);
                if found != expected {
                    faults.push(format!(
                        "{version} {name}\n  {}\n  expected {expected}, found {found}",
                        given.text
                    ));
                }
            }
        }
    }
    assert!(judged > 4_000, "only {judged} answers were judged");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn elasticsearchs_parser_answers_reports_alike() {
    let reports = reports();
    let mut faults = Vec::new();
    let mut judged = 0;
    for release in Release::pinned() {
        let mut judge = Judge::start(release).expect("an oracle");
        let is_written_down = VERSIONS.contains(&release.to_string().as_str());
        for Report { name, part, gives } in &reports {
            let cases: Vec<Case> = gives.iter().map(|given| part.case(&given.text)).collect();
            let answers = judge.judge(&cases).expect("answers");
            for (answer, given) in answers.iter().zip(gives).filter(|(answer, _)| answer.is_comparable) {
                judged += 1;
                let is_other = is_written_down && summary(&answer.theirs) != given.expected(release.profile());
                if is_other || !answer.differences.is_empty() {
                    faults.push(format!("{release} {name}: {is_other}\n{answer}"));
                }
            }
        }
    }
    assert!(judged > 2_000, "only {judged} answers were judged");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
