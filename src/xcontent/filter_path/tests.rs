//! What Elasticsearch leaves of an answer.

mod reference;

use std::time::Duration;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use super::*;
use crate::xcontent::answer;

const JOB: &str = concat!(
    r#"{"job_id":"j","groups":["x"],"analysis_config":{"bucket_span":"5m","detectors":[{"function":"count"},"#,
    r#"{"function":"sum","field_name":"f"}],"influencers":[]},"custom_settings":"#,
    r#"{"a":{"b":1,"c":2},"d":[{"e":1.0E10},{"f":2}],"g.h":3}}"#
);

const LATER: Version = Version::new(9, 5, 3);

/// As 6.8.23, 7.17.28 and 8.15.3 answer.
#[test]
fn what_is_empty_goes_before_8_16() {
    let paths = "-analysis_config.*.function,-custom_settings";
    let filtered = |api| filter(JOB.to_owned(), paths, api);
    assert!(!filtered(Version::BASE).contains("influencers"));
    assert!(filtered(LATER).contains("influencers"));
}

/// What Elasticsearch 7.8.1 and 9.5.3 both said to the same filters on such a job (to `-` only the latter).
#[test]
fn filters_as_elasticsearch_does() {
    for (paths, expected) in [
        ("job_id", r#"{"job_id":"j"}"#),
        ("job_id,", r#"{"job_id":"j"}"#),
        ("*_id", r#"{"job_id":"j"}"#),
        ("nothing", "{}"),
        (" job_id , nothing", r#"{"job_id":"j"}"#),
        ("job_id,- job_id", "{}"),
        ("job_id.**", "{}"),
        ("analysis_config.influencers.**", "{}"),
        ("custom_settings.**.a", "{}"),
        ("custom_settings.g\\.*", r#"{"custom_settings":{"g.h":3}}"#),
        ("**.bucket_span", r#"{"analysis_config":{"bucket_span":"5m"}}"#),
        ("**.job_id", "{}"),
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
        assert_eq!(filter(JOB.to_owned(), paths, LATER), expected, "{paths}");
    }
    assert_eq!(
        filter(r#"{"\uD835\uDCB3":1}"#.to_owned(), "*", LATER),
        r#"{"\uD835\uDCB3":1}"#
    );
    for all in ["", "*", "**", " ", "-"] {
        assert_eq!(filter(JOB.to_owned(), all, LATER), JOB, "{all}");
    }
}

/// Few names, so that paths lead somewhere.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a",
        "b",
        "ab",
        "aab",
        "",
        "a.b",
        "*",
        "\u{e9}",
        "\u{1F600}",
        "a\"\\",
    ])
    .prop_map(str::to_owned)
}

fn document() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!(1)),
        Just(json!("x,{")),
        Just(Value::Null),
        Just(json!({})),
        Just(json!([]))
    ];
    let value = scalar.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            btree_map(name(), inner, 0..5).prop_map(|members| members.into_iter().collect()),
        ]
    });
    value.prop_filter("answers are objects", Value::is_object)
}

fn path() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec![
        "a", "b", "ab", "*", "**", "a*", "*b", "*a*b*", "a**b", "", "a\\.b", "\u{e9}", "*\u{e9}", "***", "a\\",
    ]);
    let minus = prop::sample::select(vec!["", "", "", "-", " - "]);
    (minus, vec(segment, 0..5)).prop_map(|(minus, segments)| format!("{minus}{}", segments.join(".")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn filters_as_a_walk_along_every_path_does(document in document(), paths in vec(path(), 0..8)) {
        let document = answer::one_line(&document).expect("JSON");
        let paths = paths.join(",");
        for api in [Version::BASE, LATER] {
            let expected = reference::filter(document.clone(), &paths, api);
            prop_assert_eq!(filter(document.clone(), &paths, api), expected, "{} of {}", paths, document);
        }
    }
}

/// How long this thread has had a processor: unlike a clock, it does not run while another process has it.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a time since the thread began")
}

/// How long it takes to filter an object of so many members, each of which nests two more.
fn time(members: usize, paths: &str) -> Duration {
    let members = (0..members).map(|number| (format!("{number}aaaaaaaa"), json!({"aaaa": {"aaaa": 1}})));
    let document = Value::Object(members.collect()).to_string();
    let begun = cpu_time();
    let kept = filter(document.clone(), paths, LATER);
    assert!(kept.len() <= document.len());
    cpu_time().saturating_sub(begun)
}

/// Sixteen times as many paths, and as long a document, take about sixteen times as long each: not 256 times. A factor of
/// four is left for whatever else the machine does.
#[test]
fn neither_many_paths_nor_stars_take_more_than_linear_time() {
    let many = |count: usize, path: &dyn Fn(usize) -> String| (0..count).map(path).collect::<Vec<_>>().join(",");
    for path in [
        &(|number: usize| format!("**.a{number}")) as &dyn Fn(usize) -> String,
        &|number| format!("*a*a*{number}*a*b"),
        &|number| format!("**.*a{number}*.**.x"),
        &|number| format!("-**.a*a*{number}"),
        &|_| "a.*.**.a".to_owned(),
    ] {
        let few = many(64, path);
        let base = time(500, &few).max(Duration::from_millis(2));
        let more_paths = time(500, &many(16 * 64, path));
        assert!(
            more_paths < base * 16 * 4,
            "{few}: {base:?}, with 16 times the paths {more_paths:?}"
        );
        let longer = time(16 * 500, &few);
        assert!(longer < base * 16 * 4, "{few}: {base:?}, 16 times as long {longer:?}");
    }
}
