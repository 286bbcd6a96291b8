//! The oracle alone gives the answers that create-job.md documents, in every version: what judges has to be right.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use conformance::{Answer, Case, Oracle, Release};
use serde_json::{Value, json};

/// The example of create-job.md §5.1.
const EXAMPLE: &str =
    r#"{"analysis_config":{"detectors":[{"function":"nzc","by_field_name":"a"}]},"data_description":{}}"#;

/// One oracle a version for all tests here: most of what they take is its start. A static is not dropped, but the JVMs
/// end with this process as always.
static ORACLES: Mutex<BTreeMap<Release, Oracle>> = Mutex::new(BTreeMap::new());

fn ask(bodies: &[&str], check: impl Fn(Release, &[Answer])) {
    let cases: Vec<Case> = bodies.iter().map(|body| Case::new("a", *body)).collect();
    ask_cases(&cases, check);
}

fn ask_cases(cases: &[Case], check: impl Fn(Release, &[Answer])) {
    let mut oracles = ORACLES.lock().unwrap_or_else(PoisonError::into_inner);
    for release in Release::pinned() {
        let oracle = oracles
            .entry(release)
            .or_insert_with(|| Oracle::start(release).expect("an oracle"));
        check(release, &oracle.ask(cases).expect("answers"));
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The types of a chain, outermost first, and that of the root cause.
fn types(answer: &Answer) -> (Vec<String>, String) {
    let body = parsed(&answer.body);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let chain = std::iter::successors(Some(&body["error"]), |exception| exception.get("caused_by"));
    let chain = chain.map(|exception| text(&exception["type"])).collect();
    (chain, text(&body["error"]["root_cause"][0]["type"]))
}

#[test]
fn the_documented_example_has_the_documented_answer() {
    ask(&[EXAMPLE], |release, answers| {
        let [answer] = answers else {
            panic!("one answer, not {answers:?}")
        };
        assert_eq!(answer.status, 200, "{release}: {}", answer.body);
        let body = parsed(&answer.body);
        let detector = json!({
            "detector_description": "non_zero_count by a",
            "function": "non_zero_count",
            "by_field_name": "a",
            "detector_index": 0
        });
        assert_eq!(body["analysis_config"]["detectors"], json!([detector]), "{release}");
        assert_eq!(body["analysis_config"]["bucket_span"], "5m");
        assert_eq!(
            body["analysis_limits"],
            json!({"model_memory_limit": "1024mb", "categorization_examples_limit": 4})
        );
        assert_eq!(
            body["data_description"],
            json!({"time_field": "time", "time_format": "epoch_ms"})
        );
        let days = if release.version().major == 6 { 1 } else { 10 };
        assert_eq!(body["model_snapshot_retention_days"], days);
        assert_eq!(body["results_index_name"], "shared");
        assert_eq!(body["create_time"], 1_500_000_000_000_u64);

        let mut stored = body;
        stored["analysis_config"]["detectors"][0]
            .as_object_mut()
            .expect("a detector")
            .remove("detector_index");
        assert_eq!(
            parsed(answer.stored.as_deref().unwrap_or_default()),
            stored,
            "{release}"
        );
    });
}

/// A fault, the number of parse exceptions around the cause, and the type of the cause; `""` for none.
const WORKED_CHAINS: [(&str, usize, &str); 9] = [
    // An unknown function.
    (
        r#"{"analysis_config":{"detectors":[{"function":"x"}]}}"#,
        3,
        "illegal_argument_exception",
    ),
    // A detector's rule.
    (
        r#"{"analysis_config":{"detectors":[{"function":"sum"}]}}"#,
        2,
        "status_exception",
    ),
    // A time text before the detectors.
    (
        r#"{"analysis_config":{"bucket_span":"x","detectors":[{"function":"count"}]}}"#,
        4,
        "illegal_argument_exception",
    ),
    // The same after them.
    (
        r#"{"analysis_config":{"detectors":[{"function":"count"}],"bucket_span":"x"}}"#,
        2,
        "illegal_argument_exception",
    ),
    // A detector without function, with a by field.
    (
        r#"{"analysis_config":{"detectors":[{"by_field_name":"a"}]}}"#,
        3,
        "status_exception",
    ),
    // A range of the analysis config.
    (
        r#"{"analysis_config":{"detectors":[{"function":"count"}],"bucket_span":"0"}}"#,
        1,
        "illegal_argument_exception",
    ),
    // No detectors.
    (r#"{"analysis_config":{}}"#, 1, "illegal_argument_exception"),
    // A memory text.
    (
        r#"{"analysis_limits":{"model_memory_limit":"2048"}}"#,
        2,
        "parse_exception",
    ),
    // A check of the whole job.
    (r"{}", 0, "illegal_argument_exception"),
];

#[test]
fn the_worked_chains_are_as_documented() {
    let bodies = WORKED_CHAINS.map(|(body, _, _)| body);
    ask(&bodies, |release, answers| {
        for ((body, depth, cause), answer) in WORKED_CHAINS.into_iter().zip(answers) {
            let mut expected = vec!["x_content_parse_exception".to_owned(); depth];
            expected.push(cause.to_owned());
            let root = match cause {
                "illegal_argument_exception" if depth > 0 => "x_content_parse_exception",
                other => other,
            };
            let (chain, root_cause) = types(answer);
            assert_eq!(answer.status, 400, "{release} {body}");
            // A memory text has a number format exception below, in some versions.
            assert!(chain.starts_with(&expected), "{release} {body}: {chain:?}");
            assert_eq!(root_cause, root, "{release} {body}");
        }
    });
}

/// The envelopes come from the server's own REST layer.
#[test]
fn media_types_and_parameters_are_judged_by_the_server() {
    let mut plain = Case::new("a", EXAMPLE);
    plain.content_type = Some("text/plain".to_owned());
    let mut none = Case::new("a", EXAMPLE);
    none.content_type = None;
    let mut query = Case::new("a", EXAMPLE);
    query.query = "timeuot=1s".to_owned();
    ask_cases(&[plain, none, query], |release, answers| {
        let [plain, none, query] = answers else {
            panic!("three answers, not {answers:?}")
        };
        assert_eq!(
            (plain.status, plain.body.as_str()),
            (
                406,
                r#"{"error":"Content-Type header [text/plain] is not supported","status":406}"#
            ),
            "{release}"
        );
        assert_eq!(none.status, 406, "{release}");
        assert!(
            query.body.contains("did you mean [timeout]?"),
            "{release}: {}",
            query.body
        );
    });
}

#[test]
fn an_oracle_that_overflows_its_stack_answers_the_next_case() {
    let deep = format!(
        r#"{{"custom_settings":{{"a":{}{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    ask(&[&deep, EXAMPLE], |release, answers| {
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        let expected = if release.version().major < 8 { 0 } else { 400 };
        assert_eq!(statuses, [expected, 200], "{release}");
    });
}
