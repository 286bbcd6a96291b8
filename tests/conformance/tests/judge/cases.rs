//! The cases of create-job.md, and some of http.md, rule by rule, in `cases/*.yaml`: what the pages say, what the
//! product answers and what Elasticsearch's own parser answers are the same.

use anomaly_gateway::es::version::Version;
use conformance::{Answer, Case};
use serde::Deserialize;
use serde_json::Value;

/// The files, by the sections of those pages that they cover.
const FILES: [(&str, &str); 8] = [
    ("2-parsing", include_str!("../../cases/2-parsing.yaml")),
    ("2.2-job", include_str!("../../cases/2.2-job.yaml")),
    ("2.3-analysis", include_str!("../../cases/2.3-analysis.yaml")),
    (
        "2.4-limits-data-plot",
        include_str!("../../cases/2.4-limits-data-plot.yaml"),
    ),
    ("2.7-detectors", include_str!("../../cases/2.7-detectors.yaml")),
    ("7.2-versions", include_str!("../../cases/7.2-versions.yaml")),
    (
        "jobs-api-5-datafeed",
        include_str!("../../cases/jobs-api-5-datafeed.yaml"),
    ),
    (
        "http-2.2-parameters",
        include_str!("../../cases/http-2.2-parameters.yaml"),
    ),
];

/// The versions at which something changes, those whose parser is not judged by default too.
pub(crate) const VERSIONS: [&str; 20] = [
    "7.0.0", "7.2.0", "7.8.1", "7.9.3", "7.10.2", "7.12.0", "7.13.2", "7.14.2", "7.15.1", "7.17.28", "8.0.0", "8.1.0",
    "8.10.0", "8.13.4", "8.15.0", "8.16.0", "8.19.21", "9.0.0", "9.2.8", "9.5.3",
];

/// A documented rule with requests that show it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(rename = "rule")]
    name: String,
    /// What of a request the texts below are.
    #[serde(rename = "in")]
    part: Part,
    /// The first version that has the rule, and the first one that no longer has it.
    since: Option<String>,
    until: Option<String>,
    /// Texts that are accepted.
    #[serde(default)]
    takes: Vec<String>,
    /// Texts that are accepted, and what the answer then has at `at`, as JSON: `absent` for nothing, null for anything.
    #[serde(default)]
    gives: Vec<(String, Option<String>)>,
    at: Option<String>,
    /// Texts that are refused, by a chain of exceptions of these types (without `_exception`), the root cause of that
    /// type, and reasons of which each of these is part of one.
    #[serde(default)]
    refuses: Vec<String>,
    #[serde(default)]
    with: Vec<String>,
    root: Option<String>,
    #[serde(default)]
    names: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    /// The id in the path.
    Id,
    Query,
    /// The whole body.
    Body,
    /// Members beside the analysis and the data's description.
    Job,
    /// Members of the analysis beside the detectors.
    Analysis,
    /// The same, of an analysis that categorizes.
    Categorization,
    /// The list of detectors.
    Detectors,
    /// The one detector.
    Detector,
    /// The data's description.
    Data,
    /// Members of a datafeed beside its indices, of a job with buckets of 15 minutes and a count of documents.
    Datafeed,
}

/// What is to come of a request.
#[derive(Debug, Clone, Copy)]
enum Expected<'r> {
    Accepted,
    Given(&'r str, &'r str),
    Refused,
}

impl Rule {
    /// Whether a version has the rule.
    fn holds_in(&self, version: Version) -> bool {
        let bound = |text: &Option<String>| text.as_ref().map(|text| text.parse::<Version>().expect("a version"));
        bound(&self.since).is_none_or(|since| since <= version)
            && bound(&self.until).is_none_or(|until| version < until)
    }

    /// Its requests and what is to come of each.
    fn cases(&self) -> Vec<(Case, Expected<'_>)> {
        let accepted = self.takes.iter().map(|text| (text, Expected::Accepted));
        let answered = self.gives.iter().map(|(text, expected)| match (&self.at, expected) {
            (Some(at), Some(value)) => (text, Expected::Given(at, value)),
            _ => (text, Expected::Accepted),
        });
        let refused = self.refuses.iter().map(|text| (text, Expected::Refused));
        let all = accepted.chain(answered).chain(refused);
        all.map(|(text, expected)| (self.part.case(text), expected)).collect()
    }

    /// What is wrong with an answer, if anything is.
    fn fault(&self, answer: &Answer, expected: Expected<'_>) -> Option<String> {
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        match expected {
            Expected::Refused => self.fault_of_refusal(answer, &body),
            _ if answer.status != 200 => Some(format!("status {}", answer.status)),
            Expected::Accepted => None,
            Expected::Given(at, "absent") => body.pointer(at).map(|value| format!("{at} is {value}")),
            Expected::Given(at, value) => {
                let expected: Value = serde_json::from_str(value).expect("the case's own JSON");
                let found = body.pointer(at);
                (found != Some(&expected)).then(|| format!("{at} is {found:?}"))
            }
        }
    }

    fn fault_of_refusal(&self, answer: &Answer, body: &Value) -> Option<String> {
        if answer.status != 400 {
            return Some(format!("status {}", answer.status));
        }
        let chain: Vec<&Value> =
            std::iter::successors(Some(&body["error"]), |exception| exception.get("caused_by")).collect();
        let full = |word: &String| format!("{word}_exception");
        let types: Vec<&str> = chain
            .iter()
            .filter_map(|exception| exception["type"].as_str())
            .collect();
        let expected: Vec<String> = self.with.iter().map(full).collect();
        if !expected.is_empty() && types != expected {
            return Some(format!("the types are {types:?}"));
        }
        let root = body.pointer("/error/root_cause/0/type").and_then(Value::as_str);
        if self.root.as_ref().is_some_and(|expected| root != Some(&full(expected))) {
            return Some(format!("the root cause is {root:?}"));
        }
        let reasons: Vec<&str> = chain
            .iter()
            .filter_map(|exception| exception["reason"].as_str())
            .collect();
        let lacking = self
            .names
            .iter()
            .find(|name| !reasons.iter().any(|reason| reason.contains(*name)));
        lacking.map(|name| format!("no reason has {name:?}"))
    }
}

impl Part {
    pub(crate) fn case(self, text: &str) -> Case {
        let body = |detectors: &str, analysis: &str, data: &str, job: &str| {
            let beside = |members: &str| {
                if members.is_empty() {
                    String::new()
                } else {
                    format!(",{members}")
                }
            };
            let (analysis, job) = (beside(analysis), beside(job));
            format!(r#"{{"analysis_config":{{"detectors":{detectors}{analysis}}},"data_description":{data}{job}}}"#)
        };
        let count = r#"[{"function":"count"}]"#;
        let by_category = r#"[{"function":"count","by_field_name":"mlcategory"}]"#;
        let smallest = body(count, "", "{}", "");
        match self {
            Self::Id => Case::new(text, smallest),
            Self::Query => Case {
                query: text.to_owned(),
                ..Case::new("j", smallest)
            },
            Self::Body => Case::new("j", text),
            Self::Job => Case::new("j", body(count, "", "{}", text)),
            Self::Analysis => Case::new("j", body(count, text, "{}", "")),
            Self::Categorization => {
                let analysis = format!(r#""categorization_field_name":"m",{text}"#);
                Case::new("j", body(by_category, &analysis, "{}", ""))
            }
            Self::Detectors => Case::new("j", body(text, "", "{}", "")),
            Self::Detector => Case::new("j", body(&format!("[{text}]"), "", "{}", "")),
            Self::Data => Case::new("j", body(count, "", text, "")),
            Self::Datafeed => {
                let analysis = r#""bucket_span":"15m","summary_count_field_name":"n""#;
                let datafeed = format!(r#""datafeed_config":{{"indices":["a"],{text}}}"#);
                Case::new("j", body(count, analysis, "{}", &datafeed))
            }
        }
    }
}

/// Every rule, with the file it is in.
fn rules() -> Vec<(&'static str, Rule)> {
    let read = |(name, text): (&'static str, &str)| {
        let rules: Vec<Rule> = serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        rules.into_iter().map(move |rule| (name, rule))
    };
    FILES.into_iter().flat_map(read).collect()
}

/// The requests of all rules.
pub(crate) fn requests() -> impl Iterator<Item = Case> {
    let requests = |(_, rule): (&str, Rule)| rule.cases().into_iter().map(|(case, _)| case).collect::<Vec<_>>();
    rules().into_iter().flat_map(requests)
}

mod product_alone {
    //! The product in every version at which something changes.

    use conformance::Product;

    use super::{VERSIONS, Version, rules};

    #[test]
    fn the_product_answers_as_the_reference_says_in_every_version() {
        let rules = rules();
        let mut faults = Vec::new();
        let mut judged = 0;
        for version in VERSIONS {
            let api: Version = version.parse().expect("a version");
            let product = Product::new(api).expect("the product's schema");
            for (file, rule) in rules.iter().filter(|(_, rule)| rule.holds_in(api)) {
                for (case, expected) in rule.cases() {
                    judged += 1;
                    let answer = product.ask(&case);
                    if let Some(fault) = rule.fault(&answer, expected) {
                        let (name, body) = (&rule.name, String::from_utf8_lossy(&case.body).into_owned());
                        faults.push(format!(
                            "{version} {file}: {name}: {fault}\n  {body}\n  {}",
                            answer.body
                        ));
                    }
                }
            }
        }
        assert!(judged > 2_000, "only {judged} answers were judged");
        assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    }
}

mod beside_elasticsearch {
    //! Elasticsearch's own parser in the versions that judge by default: it says what the reference says, and the two
    //! answers agree in every aspect.

    use conformance::{Judge, Release};

    use super::rules;

    #[test]
    fn elasticsearchs_parser_says_what_the_reference_says() {
        let rules = rules();
        let mut faults = Vec::new();
        let mut judged = 0;
        for release in Release::pinned() {
            let mut judge = Judge::start(release).expect("an oracle");
            for (file, rule) in rules.iter().filter(|(_, rule)| rule.holds_in(release.profile())) {
                let (cases, expected): (Vec<_>, Vec<_>) = rule.cases().into_iter().unzip();
                let answers = judge.judge(&cases).expect("answers");
                for (answer, expected) in answers.iter().zip(expected).filter(|(answer, _)| answer.is_comparable) {
                    judged += 1;
                    let differs = !answer.differences.is_empty();
                    let fault = rule.fault(&answer.theirs, expected);
                    if differs || fault.is_some() {
                        faults.push(format!("{release} {file}: {}: {fault:?}\n{answer}", rule.name));
                    }
                }
            }
        }
        assert!(judged > 2_000, "only {judged} answers were judged");
        assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    }
}
